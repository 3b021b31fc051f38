import HubEnvelope
import HubJSON
public import HubModel

extension AxisHeaders {
    /// The headers of a request: each value, the names and the JSON that are signed, the code, and the client's name.
    ///
    /// - Parameter secret: The key of the HMAC that this system shares with the platform.
    /// - Throws: `api.request_malformed` when a value cannot stand in a header: anything but visible ASCII, or a
    ///   receiver with a `;` in it. Sent as it is, such a value would break the request or its signature.
    public func signed(with secret: [UInt8]) throws(HubError) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        var object = JSONObject()
        for name in AxisHeaderName.allCases {
            guard let value = self.value(of: name) else { continue }
            guard Self.canBeSent(value) else {
                throw HubError(
                    .apiRequestMalformed, "A value cannot stand in a header of the document axis.",
                    details: [ErrorDetail("header", name.wire)]
                )
            }
            headers.append((name.wire, value))
            object[name.rawValue] = .string(value)
        }
        guard self.to.allSatisfy({ !$0.isEmpty && !$0.contains(Self.separator) }) else {
            throw HubError(.apiRequestMalformed, "A receiver's code is empty or holds a semicolon.")
        }
        let text = JSONValue.object(object).serialised()
        headers.append((AxisHeaderName.signedNames, object.keys.joined(separator: ";")))
        headers.append((AxisHeaderName.signedText, String(decoding: text, as: UTF8.self)))
        headers.append((AxisHeaderName.code, Hex.text(HMACSHA256.code(text, key: secret))))
        headers.append((AxisHeaderName.version, AxisClient.version))
        return headers
    }

    private static func canBeSent(_ value: String) -> Bool {
        !value.isEmpty && value.utf8.count <= 4096 && value.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
