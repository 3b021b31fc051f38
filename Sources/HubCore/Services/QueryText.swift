internal import HubJSON
package import HubModel

/// The address of a call with its parameters in it (RFC 3986 sections 3.3 and 3.4).
package enum QueryText {
    /// - Parameter path: A parameter whose name stands in braces in it goes there: `/dmdc/Category/{ma}`.
    /// - Returns: The path, and the other parameters as `?name=value&…`; values from the request, percent-encoded.
    /// - Throws: `service.failed` when a value would leave the part of the path in which it stands, or has no text for it.
    package static func address(
        _ path: String, _ parameters: [QueryParameter], of request: ServiceRequest
    ) throws(HubError) -> String {
        guard case .json(let request) = request else {
            guard parameters.isEmpty else {
                throw HubError(.serviceFailed, "A request in XML has no parameters for an address.")
            }
            return path
        }
        var path = path
        var query = ""
        for parameter in parameters {
            let value: String =
                switch request.value(at: parameter.pointer) {
                case .string(let text): text
                case .number(let number): number.text
                case .bool(let flag): flag ? "true" : "false"
                default: ""
                }
            let slot = "{\(parameter.name)}"
            guard path.contains(slot) else {
                query += (query.isEmpty ? "?" : "&") + parameter.name + "=" + Self.escaped(value)
                continue
            }
            // Encoded dots would climb as well as plain ones.
            guard !["", ".", ".."].contains(value) else {
                throw HubError(
                    .serviceFailed, "A value of the request cannot stand in a path.",
                    details: [ErrorDetail("pointer", parameter.pointer)]
                )
            }
            path = path.replacing(slot, with: Self.escaped(value))
        }
        return path + query
    }

    /// Everything but unreserved characters (RFC 3986 section 2.3).
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: String(UnicodeScalar(byte))
            default: "%" + Hex.text([byte]).uppercased()
            }
        }.joined()
    }
}
