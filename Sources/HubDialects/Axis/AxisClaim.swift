import HubEnvelope
import HubJSON
public import HubModel

/// The headers of a request as they came, read but not yet believed.
///
/// Only `systemID` can be seen before `verified(secret:now:skew:)`: it is needed to find the secret.
public struct AxisClaim: Sendable {
    /// Who the sender says it is.
    public let systemID: String
    private let headers: AxisHeaders
    private let signedText: [UInt8]
    private let code: [UInt8]

    /// Reads the headers.
    ///
    /// Every header of the axis that is sent must be among the signed ones, with the same value, and nothing may be
    /// signed that is not sent; otherwise someone between could add, drop or exchange one.
    ///
    /// - Parameter lookup: All values of the header with this name, in any case of letters.
    /// - Throws: `api.header_repeated` for a header that occurs twice; `access.unauthenticated` when the signature or
    ///   what it needs is missing or does not agree with the headers; `api.request_malformed` for a value that
    ///   cannot be read.
    public init(_ lookup: (String) -> [String]) throws(HubError) {
        var values: [AxisHeaderName: String] = [:]
        for name in AxisHeaderName.allCases {
            if let value = try Self.single(name.wire, lookup) { values[name] = value }
        }
        let signedNames = try Self.single(AxisHeaderName.signedNames, lookup)
        let signedText = try Self.single(AxisHeaderName.signedText, lookup)
        let code = try Self.single(AxisHeaderName.code, lookup)
        _ = try Self.single(AxisHeaderName.version, lookup)
        guard let signedNames, let signedText, let code = code.flatMap(Hex.bytes), code.count == 32 else {
            throw Self.unauthenticated("The headers of the document axis are not signed.")
        }
        self.signedText = Array(signedText.utf8)
        self.code = code
        try Self.compare(values, names: signedNames, signed: self.signedText)
        self.headers = try Self.headers(from: values)
        self.systemID = self.headers.systemID
    }

    /// The headers, once it is certain that whoever holds the secret wrote them, and lately.
    ///
    /// - Parameters:
    ///   - secret: `nil` when the system is not known; the answer and its time are those of a wrong code.
    ///   - skew: How far the sender's clock may be off, before or after.
    /// - Throws: `access.unauthenticated`.
    public func verified(secret: [UInt8]?, now: Timestamp, skew: Duration) throws(HubError) -> AxisHeaders {
        let expected = HMACSHA256.code(self.signedText, key: secret ?? Self.nobody)
        guard HMACSHA256.isEqual(expected, self.code), secret != nil else {
            throw Self.unauthenticated(
                "The system is not known, or its headers were signed with another secret.")
        }
        let distance = now.since(self.headers.timestamp)
        guard distance <= skew, distance >= .zero - skew else {
            throw Self.unauthenticated("The clocks of the sender and of this machine are too far apart.")
                .adding(ErrorDetail("now", now), ErrorDetail("timestamp", self.headers.timestamp))
        }
        return self.headers
    }

    private static let nobody = [UInt8](repeating: 0, count: 32)

    private static func single(_ name: String, _ lookup: (String) -> [String]) throws(HubError) -> String? {
        let values = lookup(name)
        guard values.count <= 1 else {
            throw HubError(
                .apiHeaderRepeated, "A header of the document axis occurs more than once.",
                details: [ErrorDetail("header", name)]
            )
        }
        return values.first
    }

    private static func compare(
        _ values: [AxisHeaderName: String], names: String, signed text: [UInt8]
    ) throws(HubError) {
        guard let object = (try? JSONDocument.parse(text))?.value.object else {
            throw Self.unauthenticated("The signed text of the headers is not a JSON object.")
        }
        var signed: [AxisHeaderName: String] = [:]
        for (key, value) in object.members {
            // What is signed beyond the headers known here binds nobody and is left alone.
            guard let name = AxisHeaderName(signedName: key) else { continue }
            guard let value = value.string, signed.updateValue(value, forKey: name) == nil else {
                throw Self.unauthenticated("The signed text of the headers names one twice or is not a text.")
            }
        }
        var listed: Set<AxisHeaderName> = []
        for key in names.split(separator: ";") {
            guard let name = AxisHeaderName(signedName: String(key)) else { continue }
            guard listed.insert(name).inserted else {
                throw Self.unauthenticated("The list of signed headers names one twice.")
            }
        }
        guard listed == Set(signed.keys) else {
            throw Self.unauthenticated("The list of signed headers does not fit what is signed.")
        }
        for name in AxisHeaderName.allCases where !Self.areSame(values[name], signed[name]) {
            throw Self.unauthenticated("A header differs from what is signed.")
                .adding(ErrorDetail("header", name.wire))
        }
    }

    /// By bytes: texts that only look alike are not what was signed.
    private static func areSame(_ left: String?, _ right: String?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.utf8.elementsEqual(right.utf8)
    }

    private static func headers(from values: [AxisHeaderName: String]) throws(HubError) -> AxisHeaders {
        guard let systemID = values[.systemID], !systemID.isEmpty, let stamp = values[.timestamp] else {
            throw Self.unauthenticated("The system or the time of the request is missing.")
        }
        return AxisHeaders(
            systemID: systemID,
            timestamp: try Self.read(.timestamp, stamp, AxisStamp.moment),
            from: values[.from],
            to: (values[.to] ?? "").split(separator: AxisHeaders.separator).map(String.init),
            serviceType: values[.serviceType] ?? AxisHeaders.eDoc,
            messageType: try values[.messageType].map { text throws(HubError) in
                try Self.read(.messageType, text, AxisMessageType.init(named:))
            },
            docID: values[.docID],
            status: try values[.status].map { text throws(HubError) in
                try Self.read(.status, text, AxisTransportStatus.init(rawValue:))
            },
            fileHash: try values[.fileHash].map { text throws(HubError) in
                try Self.read(.fileHash, text, Digest.init(hex:))
            }
        )
    }

    private static func read<Value>(
        _ name: AxisHeaderName, _ text: String, _ parse: (String) -> Value?
    ) throws(HubError) -> Value {
        guard let value = parse(text) else {
            throw HubError(
                .apiRequestMalformed, "A header of the document axis cannot be read.",
                details: [ErrorDetail("header", name.wire)]
            )
        }
        return value
    }

    private static func unauthenticated(_ summary: StaticString) -> HubError {
        HubError(.accessUnauthenticated, summary)
    }
}

extension AxisHeaders {
    /// Checks that the body is the one that was signed for.
    ///
    /// - Throws: `envelope.hash_mismatch` when the digest is missing or is another's.
    public func check(body: [UInt8]) throws(HubError) {
        try self.check(digest: SHA256.hash(body))
    }

    /// The same for a body whose digest is known.
    public func check(digest: Digest) throws(HubError) {
        guard let fileHash, fileHash == digest else {
            throw HubError(
                .envelopeHashMismatch, "The body is not the one whose digest the headers give.",
                details: self.fileHash == nil ? [ErrorDetail("header", AxisHeaderName.fileHash.wire)] : []
            )
        }
    }
}
