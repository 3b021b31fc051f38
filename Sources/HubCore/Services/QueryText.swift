internal import HubJSON
package import HubModel

/// The parameters of a call as a query (RFC 3986 section 3.4).
package enum QueryText {
    /// - Returns: `?name=value&…` with values from the request, percent-encoded; empty for no parameters.
    package static func text(_ parameters: [QueryParameter], of request: ServiceRequest) -> String {
        guard case .json(let request) = request else { return "" }
        var text = ""
        for parameter in parameters {
            let value: String =
                switch request.value(at: parameter.pointer) {
                case .string(let text): text
                case .number(let number): number.text
                case .bool(let flag): flag ? "true" : "false"
                default: ""
                }
            text += (text.isEmpty ? "?" : "&") + parameter.name + "=" + Self.escaped(value)
        }
        return text
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
