public import HubModel

/// A secret that two parties hold: either of them can make what the other checks.
///
/// A type of its own, so that a public key can never be taken for one (and everybody could sign), nor a secret be
/// registered as a key. It proves nothing to a third party, so no hub takes one at its intake: only whoever asks
/// `JWS.verify` with a `VerificationKey` uses it.
public final class SharedSecret: Sendable {
    /// The fewest bytes: as many as the hash has, below which the secret is the weakest part (RFC 7518, 3.2).
    public static let shortest = 32
    /// The most bytes; what is longer than a block of the hash is hashed down anyway.
    public static let longest = 1024

    private let bytes: [UInt8]
    /// How the secret is named without being told: its code over a fixed text.
    ///
    /// That tells no more than any signature made with it. The text has no full stop, so no JWS has this code for a
    /// signature.
    public let fingerprint: Digest

    /// - Parameter bytes: 32 to 1024 random bytes; a password is none.
    /// - Throws: `envelope.key_unusable` for fewer or more.
    public init(_ bytes: [UInt8]) throws(HubError) {
        guard (Self.shortest...Self.longest).contains(bytes.count) else {
            throw HubError(
                .envelopeKeyUnusable, "A shared secret has between 32 and 1024 bytes.",
                details: [ErrorDetail("bytes", bytes.count)]
            )
        }
        self.bytes = bytes
        let code = HMACSHA256.code(Array("fingerprint of a shared secret".utf8), key: bytes)
        self.fingerprint = Digest(bytes: code) ?? .zero
    }

    /// The code of a message: HMAC with SHA-256, thirty-two bytes.
    func code(of pieces: [[UInt8]]) -> [UInt8] {
        HMACSHA256.code(Array(pieces.joined()), key: self.bytes)
    }

    /// Whether this is the code of the message, in a time that does not tell where it differs.
    func verifies(_ code: [UInt8], ofPieces pieces: [[UInt8]]) -> Bool {
        HMACSHA256.isEqual(self.code(of: pieces), code)
    }
}

extension SharedSecret: CustomStringConvertible, CustomReflectable {
    /// The fingerprint; the bytes never come out.
    public var description: String { "SharedSecret(\(self.fingerprint))" }

    public var customMirror: Mirror { Mirror(self, children: ["fingerprint": self.fingerprint.description]) }
}
