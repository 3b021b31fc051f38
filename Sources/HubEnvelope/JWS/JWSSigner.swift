import HubJSON
import HubModel

/// Who signs a JWS, and what the header of this signature says.
public struct JWSSigner: Sendable {
    /// What the header calls the key.
    public enum KeyID: Hashable, Sendable {
        /// Its fingerprint in hexadecimal, by which a hub finds it.
        case fingerprint
        case text(String)
        /// Nothing: who checks knows the key.
        case unnamed
    }

    /// A member of the header that may stand outside the signature, in the JSON serialisations.
    public enum Member: String, CaseIterable, Sendable {
        case algorithm = "alg"
        case keyID = "kid"
        case type = "typ"
    }

    private enum Key {
        case signing(SigningKey)
        case secret(SharedSecret)
    }

    private let key: Key
    private let algorithm: JWSAlgorithm
    private let keyID: String?
    private let type: String?
    let unprotected: Set<Member>

    /// Signs with a private key.
    ///
    /// - Parameters:
    ///   - algorithm: the key's usual one unless another of its kind is named.
    ///   - type: the header's `typ`; none if `nil`.
    ///   - unprotected: what stands beside the signature and not under it, so that anybody can change it.
    public init(
        _ key: SigningKey, algorithm: SignatureAlgorithm? = nil, keyID: KeyID = .fingerprint,
        type: String? = nil, unprotected: Set<Member> = []
    ) {
        self.key = .signing(key)
        self.algorithm = .signature(algorithm ?? key.kind.usualAlgorithm)
        self.keyID = Self.text(keyID, key.publicKey.fingerprint)
        self.type = type
        self.unprotected = unprotected
    }

    /// Signs with a secret that is shared with the checker (`HS256`).
    ///
    /// - Parameters: as above.
    public init(
        _ secret: SharedSecret, keyID: KeyID = .fingerprint, type: String? = nil,
        unprotected: Set<Member> = []
    ) {
        self.key = .secret(secret)
        self.algorithm = .hmacSHA256
        self.keyID = Self.text(keyID, secret.fingerprint)
        self.type = type
        self.unprotected = unprotected
    }

    private static func text(_ keyID: KeyID, _ fingerprint: Digest) -> String? {
        switch keyID {
        case .fingerprint: fingerprint.description
        case .text(let text): text
        case .unnamed: nil
        }
    }

    /// The members of both headers, in the order in which everybody writes them.
    func headers(isEncoded: Bool) -> (protected: JSONObject, unprotected: JSONObject) {
        var protected = JSONObject()
        var unprotected = JSONObject()
        let members: [(Member, String?)] = [
            (.algorithm, self.algorithm.name), (.keyID, self.keyID), (.type, self.type),
        ]
        for case (let member, let text?) in members {
            if self.unprotected.contains(member) {
                unprotected[member.rawValue] = .string(text)
            } else {
                protected[member.rawValue] = .string(text)
            }
        }
        if !isEncoded {
            protected["b64"] = false
            protected["crit"] = ["b64"]
        }
        return (protected, unprotected)
    }

    /// - Throws: `envelope.key_unusable` if the algorithm does not suit the key, `envelope.crypto_failed`.
    func sign(_ pieces: [[UInt8]]) throws(HubError) -> [UInt8] {
        switch (self.key, self.algorithm) {
        case (.signing(let key), .signature(let algorithm)): try key.sign(pieces: pieces, with: algorithm)
        case (.secret(let secret), _): secret.code(of: pieces)
        case (.signing, .hmacSHA256):
            // No initialiser puts these two together.
            throw HubError(.envelopeKeyUnusable, "A private key does not sign as a shared secret.")
        }
    }
}
