public import HubModel

/// A body in two parts: an entity of MIME, and a CMS signature over its bytes (RFC 1847, RFC 8551, 3.5.3).
///
/// What is accepted is narrower than the standards: two parts and no more, the headers below and no others, each
/// once. Text before the first part, which mail programs write for people, is left out of account: nothing signs it.
public struct MultipartSigned: Sendable {
    /// The first part with its headers, as it was signed.
    public let entity: [UInt8]
    /// The content of the first part.
    public let content: [UInt8]
    /// What the first part says that it is.
    public let contentType: MIMEType
    /// The detached CMS signature in DER.
    public let signature: [UInt8]

    private static let maxHeaderBytes = 4 << 10
    private static let maxPreambleBytes = 1 << 10
    private static let headers: Set<String> = [
        "content-type", "content-transfer-encoding", "content-disposition", "content-id", "mime-version",
    ]

    /// Takes a body apart.
    ///
    /// - Parameter type: the media type that came with it, with `boundary` and `protocol`.
    /// - Throws: `envelope.signature_malformed`, saying what is wrong.
    public init(_ body: [UInt8], type: MIMEType) throws(HubError) {
        guard type.parameters["protocol"]?.lowercased() == "application/pkcs7-signature" else {
            throw Self.fault("the parameter protocol is not application/pkcs7-signature")
        }
        guard let boundary = type.parameters["boundary"], (1...70).contains(boundary.utf8.count) else {
            throw Self.fault("there is no boundary of 1 to 70 characters")
        }
        let parts = try Self.parts(of: body, at: Array(boundary.utf8))
        guard parts.count == 2 else { throw Self.fault("there are \(parts.count) parts instead of two") }
        let first = try Part(parts[0])
        let second = try Part(parts[1])
        guard let inner = first.type else { throw Self.fault("the first part has no content type") }
        guard second.type?.name == "application/pkcs7-signature" else {
            throw Self.fault("the second part is not application/pkcs7-signature")
        }
        self.entity = Array(parts[0])
        self.content = try first.content()
        self.contentType = inner
        self.signature = try second.content()
    }

    private static func fault(_ reason: String) -> HubError {
        HubError(
            .envelopeSignatureMalformed, "The body is not multipart/signed of the accepted form.",
            details: [ErrorDetail("reason", reason)]
        )
    }

    /// The bytes between delimiters. The line end before a delimiter belongs to it.
    private static func parts(of body: [UInt8], at boundary: [UInt8]) throws(HubError) -> [ArraySlice<UInt8>] {
        let delimiter = [0x2D, 0x2D] + boundary
        var parts: [ArraySlice<UInt8>] = []
        var start: Int?
        var line = 0
        while line < body.count {
            let end = body[line...].firstIndex(of: 0x0A).map { $0 + 1 } ?? body.count
            if body[line..<end].starts(with: delimiter) {
                let tail = body[(line + delimiter.count)..<end].drop { $0 == 0x2D }
                let isLast = body[line..<end].dropFirst(delimiter.count).starts(with: [0x2D, 0x2D])
                guard tail.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }),
                    isLast || tail.startIndex == line + delimiter.count
                else { throw Self.fault("a boundary is followed by something") }
                if let start {
                    let stop = Self.withoutLineEnd(body, before: line)
                    guard start <= stop else { throw Self.fault("a part is empty") }
                    parts.append(body[start..<stop])
                } else if line > Self.maxPreambleBytes {
                    throw Self.fault("there is too much before the first part")
                }
                if isLast {
                    guard body[end...].allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x0A }) else {
                        throw Self.fault("something follows the last part")
                    }
                    return parts
                }
                guard parts.count < 2 else { throw Self.fault("there are more than two parts") }
                start = end
            }
            line = end
        }
        throw Self.fault("the last boundary is missing")
    }

    private static func withoutLineEnd(_ body: [UInt8], before line: Int) -> Int {
        guard line > 0 else { return line }
        return line >= 2 && body[line - 2] == 0x0D ? line - 2 : line - 1
    }

    /// One part: headers, an empty line, content.
    private struct Part {
        let type: MIMEType?
        private let encoding: String
        private let bytes: ArraySlice<UInt8>

        init(_ part: ArraySlice<UInt8>) throws(HubError) {
            var headers: [String: String] = [:]
            var line = part.startIndex
            while true {
                guard line - part.startIndex <= MultipartSigned.maxHeaderBytes,
                    let end = part[line...].firstIndex(of: 0x0A)
                else { throw MultipartSigned.fault("the headers of a part do not end") }
                var text = part[line..<end]
                if text.last == 0x0D { text = text.dropLast() }
                line = end + 1
                if text.isEmpty { break }
                guard let field = String(validating: text, as: UTF8.self), let colon = field.firstIndex(of: ":"),
                    field.first != " ", field.first != "\t", !text.contains(where: { $0 < 0x20 && $0 != 0x09 })
                else { throw MultipartSigned.fault("a header of a part is not a name, a colon and a value on one line") }
                let name = field[..<colon].lowercased()
                guard MultipartSigned.headers.contains(name),
                    headers.updateValue(String(field[field.index(after: colon)...]).trimmingSpaces(), forKey: name) == nil
                else { throw MultipartSigned.fault("a part has an unknown header, or one twice: \(name.prefix(bytes: 40))") }
            }
            self.encoding = headers["content-transfer-encoding"]?.lowercased() ?? "binary"
            self.bytes = part[line...]
            guard let text = headers["content-type"] else {
                self.type = nil
                return
            }
            guard let type = MIMEType(text) else { throw MultipartSigned.fault("a content type cannot be read") }
            self.type = type
        }

        func content() throws(HubError) -> [UInt8] {
            switch self.encoding {
            case "binary", "8bit", "7bit": return Array(self.bytes)
            case "base64":
                let characters = self.bytes.filter { $0 != 0x0D && $0 != 0x0A }
                guard let text = String(validating: characters, as: UTF8.self), let content = Base64.bytes(text) else {
                    throw MultipartSigned.fault("a part is not Base64")
                }
                return content
            default: throw MultipartSigned.fault("a part has an unknown transfer encoding")
            }
        }
    }
}
