public import HubModel

/// A timestamp authority (RFC 3161) for tests and for a hub that has no other: it says when it saw a digest.
///
/// Answers requests over SHA-256, SHA-384 and SHA-512 under one policy, to the millisecond, with an accuracy
/// of one second. Safe from any number of tasks at once.
public struct TimestampAuthority: Sendable {
    public let certificate: Certificate
    /// The policy it follows, as dotted decimals.
    public let policy: String
    private let key: SigningKey
    private let handle: SharedCertificate
    private let chain: [SharedCertificate]
    private let serial: @Sendable () -> [UInt8]
    private let clock: @Sendable () -> Timestamp

    /// No request is longer.
    public static let maxRequestBytes = 16 << 10

    /// A policy for tests: a UUID as an object identifier, so it belongs to nobody else.
    public static let testPolicy = "2.25.207519388425671994201884236637126410983"

    /// Makes an authority.
    ///
    /// - Parameters:
    ///   - chain: what leads from its certificate to a root, sent along with each token.
    ///   - serial: the number of the next token, big-endian and never twice; random if it is left out.
    ///   - clock: what time it is.
    /// - Throws: `trust.purpose` if the certificate is not for timestamping alone, `envelope.key_unusable`
    ///   if it is not that of the key or the key is Ed25519, which tokens cannot be signed with here.
    public init(
        certificate: Certificate, key: SigningKey, chain: [Certificate] = [],
        policy: String = TimestampAuthority.testPolicy,
        serial: @escaping @Sendable () -> [UInt8] = { [0x40] + SecureRandom.bytes(15) },
        clock: @escaping @Sendable () -> Timestamp
    ) throws(HubError) {
        let handle = try SharedCertificate(der: certificate.der)
        let details = [ErrorDetail("certificate", certificate.subject)]
        guard certificate.spki == key.publicKey.der, key.kind != .ed25519 else {
            throw HubError(
                .envelopeKeyUnusable, "The key cannot sign timestamps with this certificate.",
                details: details)
        }
        guard handle.extendedKeyUsage == [ObjectName.timestamping], handle.isExtendedKeyUsageCritical else {
            throw HubError(.trustPurpose, "The certificate is not for timestamping alone.", details: details)
        }
        var shared: [SharedCertificate] = []
        for certificate in chain { shared.append(try SharedCertificate(der: certificate.der)) }
        self.certificate = certificate
        self.policy = policy
        self.key = key
        self.handle = handle
        self.chain = shared
        self.serial = serial
        self.clock = clock
    }

    /// Answers a request.
    ///
    /// A request that is not readable, too long, over another hash function or for another policy gets an
    /// answer too: a refusal in the form of RFC 3161.
    ///
    /// - Returns: the answer, of the type `application/timestamp-reply`.
    /// - Throws: `envelope.crypto_failed` if there is no memory or the policy is no object identifier.
    public func respond(to request: [UInt8]) throws(HubError) -> [UInt8] {
        let source = TimestampSource(serial: self.serial(), time: self.clock())
        return try TimestampResponseDraft.make(
            request.count <= Self.maxRequestBytes ? request : [], signer: self.handle, chain: self.chain,
            key: self.key.handle, policy: self.policy, source: source
        )
    }
}

/// What a token gets that is in no request.
///
/// The library asks for it by a pointer, so it is an object.
final class TimestampSource {
    let serial: [UInt8]
    let time: Timestamp

    init(serial: [UInt8], time: Timestamp) {
        self.serial = serial
        self.time = time
    }
}
