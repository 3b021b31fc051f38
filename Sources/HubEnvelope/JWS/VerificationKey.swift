import HubModel

/// What a JWS is checked with: a public key, or a secret that the checker shares with the signer.
///
/// The algorithm belongs to the key: `HS256` goes with a secret and with nothing else, and every other algorithm with
/// a public key of its kind. A signature cannot make the one pass for the other.
public enum VerificationKey: Sendable {
    case publicKey(PublicKey)
    case secret(SharedSecret)

    /// What names the key in a report.
    var fingerprint: Digest {
        switch self {
        case .publicKey(let key): key.fingerprint
        case .secret(let secret): secret.fingerprint
        }
    }

    func suits(_ algorithm: JWSAlgorithm) -> Bool {
        switch (self, algorithm) {
        case (.publicKey(let key), .signature(let algorithm)): algorithm.suits(key.kind)
        case (.secret, .hmacSHA256): true
        case (.publicKey, .hmacSHA256), (.secret, .signature): false
        }
    }

    /// - Returns: `false` also for an algorithm that is not of this key.
    /// - Throws: `envelope.crypto_failed` if the library could not answer.
    func verifies(
        _ signature: [UInt8], ofPieces pieces: [[UInt8]], with algorithm: JWSAlgorithm, rest: SignedRest? = nil
    ) throws(HubError) -> Bool {
        switch (self, algorithm) {
        case (.publicKey(let key), .signature(let algorithm)):
            try key.verifies(signature, ofPieces: pieces, with: algorithm, rest: rest)
        case (.secret(let secret), .hmacSHA256):
            // Nobody checks what is not held with a secret; it would verify over a part.
            rest == nil && secret.verifies(signature, ofPieces: pieces)
        case (.publicKey, .hmacSHA256), (.secret, .signature):
            false
        }
    }
}
