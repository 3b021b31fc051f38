import HubEnvelope
import HubModel
import Testing

/// A timestamp authority below the lab's, a store that trusts it, and something to stamp.
struct TimestampLab {
    static let digest = SHA256.hash(Array("khối 42".utf8))
    /// What the authority's clock says: with milliseconds, and a zero at the end that must not be written.
    static let time = TrustLab.now.advanced(by: .milliseconds(120))

    let lab: TrustLab
    let certificate: Certificate
    let authority: TimestampAuthority
    let store: TrustStore

    init(
        key kind: KeyKind = .p256, time: Timestamp = TimestampLab.time,
        settings: TrustSettings = TrustLab.settings(),
        lists: [RevocationList] = []
    ) throws {
        self.lab = try TrustLab.shared.get()
        self.certificate = try self.lab.authority.issue(
            .timestamping, to: CertificateName("TSA thử"), key: TestKeys.key(kind).publicKey,
            validity: TrustLab.validity)
        self.authority = try TimestampAuthority(
            certificate: self.certificate, key: TestKeys.key(kind), chain: [self.lab.authority.certificate],
            serial: { [0x01, 0x02, 0x03] }, clock: { time })
        self.store = try TrustStore(
            purpose: .timestamping, anchors: [self.lab.root.certificate], lists: lists, settings: settings)
    }

    static let shared = Result { try TimestampLab() }

    /// A token over the digest, with the nonce it was asked for.
    func token(policy: String? = nil) throws -> (der: [UInt8], nonce: [UInt8]) {
        let request = try TimestampRequest.make(digest: Self.digest, policy: policy)
        return (try TimestampResponse.token(from: self.authority.respond(to: request.der)), request.nonce)
    }

    func verify(
        _ token: [UInt8], digest: Digest = TimestampLab.digest, nonce: [UInt8]? = nil,
        demands: TimestampToken.Demands = .init(), now: Timestamp = TrustLab.now + 10
    ) throws -> TimestampVerdict {
        try TimestampToken.verify(
            token, digest: digest, nonce: nonce, trust: self.store, demands: demands, now: now)
    }
}
