public import HubModel

/// What a timestamp authority is asked for: to say when it saw a digest (RFC 3161, 2.4.1).
public struct TimestampRequest: Hashable, Sendable {
    /// The request, for a POST with the type `application/timestamp-query`.
    public let der: [UInt8]
    public let digest: Digest
    /// A number that must come back, so that an old answer is not taken for a new one; big-endian.
    public let nonce: [UInt8]

    /// Asks for a timestamp over a SHA-256 digest, with the certificate of the authority in it.
    ///
    /// - Parameters:
    ///   - nonce: at most 20 bytes, the first not zero; eight that nobody can guess if `nil`.
    ///   - policy: the policy the authority is to follow, as dotted decimals; its own choice if `nil`.
    /// - Throws: `envelope.crypto_failed` if the nonce or the policy is none.
    public static func make(
        digest: Digest, nonce: [UInt8]? = nil, policy: String? = nil
    ) throws(HubError) -> TimestampRequest {
        var number = nonce ?? SecureRandom.bytes(8)
        // A number has no zeros in front, and the answer is compared with what is kept here.
        if nonce == nil { number[0] |= 0x40 }
        guard let first = number.first, first != 0, number.count <= 20 else {
            throw HubError(.envelopeCryptoFailed, "The nonce is not a number of 1 to 20 bytes.")
        }
        let der = try TimestampRequestDraft.make(digest: digest, nonce: number, policy: policy)
        return TimestampRequest(der: der, digest: digest, nonce: number)
    }
}

/// What a timestamp authority answers (RFC 3161, 2.4.2).
public enum TimestampResponse {
    /// The token in an answer.
    ///
    /// That is what is kept; the rest says only that there is one.
    ///
    /// Nothing is verified yet: see `TimestampToken`.
    ///
    /// - Throws: `timestamp.unavailable` with `status` and `failure` if the authority refused,
    ///   `timestamp.invalid` if the answer is not readable.
    public static func token(from der: [UInt8]) throws(HubError) -> [UInt8] {
        try TimestampResponseHandle.token(from: der)
    }
}
