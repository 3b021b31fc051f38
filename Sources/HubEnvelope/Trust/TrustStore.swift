public import HubModel

/// The roots that are trusted for one purpose, what leads to them, and what their issuers say of revoked
/// certificates.
///
/// A value that never changes: to take up a new CRL, make a new store and put it where the old one was. Safe
/// from any number of tasks at once.
public struct TrustStore: Sendable {
    public let purpose: TrustPurpose
    public let settings: TrustSettings
    public let anchors: [Certificate]
    /// Authorities that senders may leave out, and what issuers say of revoked certificates.
    public let intermediateCertificates: [Certificate]
    public let lists: [RevocationList]
    private let handle: StoreHandle
    private let cache: TrustCache

    /// How many certificates are remembered as valid unless another number is given.
    public static let usualCacheCapacity = 4096

    /// Makes a store.
    ///
    /// - Parameters:
    ///   - anchors: root certificates, each issued to itself. Without any, nothing is trusted.
    ///   - intermediates: authorities that senders may leave out of what they send.
    ///   - lists: CRLs of any age; which one counts is decided for each certificate and moment.
    ///   - responses: OCSP responses, likewise.
    ///   - cacheCapacity: how many certificates are remembered as valid; what was asked for least lately
    ///     goes.
    /// - Throws: `configuration.invalid` for an anchor that is no root, `envelope.key_unusable` for a
    ///   certificate that is not readable, `envelope.crypto_failed`.
    public init(
        purpose: TrustPurpose, anchors: [Certificate], intermediates: [Certificate] = [],
        lists: [RevocationList] = [], responses: [StatusResponse] = [],
        settings: TrustSettings = TrustSettings(), cacheCapacity: Int = TrustStore.usualCacheCapacity
    ) throws(HubError) {
        var roots: [SharedCertificate] = []
        for anchor in anchors {
            let root = try SharedCertificate(der: anchor.der)
            guard root.isSelfIssued, root.isAuthority else {
                throw HubError(
                    .configurationInvalid,
                    "A root must be an authority that issued its own certificate; others are intermediates.",
                    details: [ErrorDetail("certificate", anchor.subject)]
                )
            }
            roots.append(root)
        }
        self.purpose = purpose
        self.settings = settings
        self.anchors = anchors
        self.intermediateCertificates = intermediates
        self.lists = lists
        self.cache = TrustCache(capacity: cacheCapacity)
        self.handle = try StoreHandle(
            anchors: roots, intermediates: Self.shared(intermediates), lists: lists.map(\.handle),
            responses: responses.map(\.handle)
        )
    }

    /// Whether a certificate was good for the purpose of this store at a moment.
    ///
    /// Checks what RFC 5280, 6 asks: signatures, validity, authorities and their limits, name constraints,
    /// key usage, strength, critical extensions, revocation. `docs/trust.md` lists it. Host names of TLS are
    /// not compared here; whoever holds the connection does that.
    ///
    /// - Parameters:
    ///   - extra: certificates that came along. They help to find a chain and are not trusted by themselves.
    ///   - moment: when the signature was made or the connection opened.
    ///   - isMomentProven: whether someone other than the signer vouches for the moment, such as a
    ///     timestamp or the journal. Only then does a signature outlive its key falling into other hands.
    /// - Throws: `envelope.crypto_failed` if there is no memory.
    public func verify(
        _ certificate: Certificate, chain extra: [Certificate] = [], at moment: Timestamp,
        isMomentProven: Bool = false
    ) throws(HubError) -> TrustVerdict {
        try self.verify(
            SharedCertificate(der: certificate.der), digest: SHA256.hash(certificate.der),
            chain: { () throws(HubError) in try Self.shared(extra) }, at: moment,
            isMomentProven: isMomentProven
        )
    }

    /// The same for certificates that the library has in its hands already.
    func verify(
        _ certificate: @autoclosure () throws(HubError) -> SharedCertificate, digest: Digest,
        chain extra: () throws(HubError) -> [SharedCertificate], at moment: Timestamp, isMomentProven: Bool
    ) throws(HubError) -> TrustVerdict {
        let key = TrustCache.Key(certificate: digest, purpose: self.purpose, isMomentProven: isMomentProven)
        if let entry = self.cache.entry(key, at: moment) {
            return .valid(until: entry.until, chain: entry.chain)
        }
        let question = ChainQuestion(
            purpose: self.purpose, settings: self.settings, moment: moment, isMomentProven: isMomentProven
        )
        switch try self.handle.judge(certificate(), chain: extra(), question) {
        case .refused(let refusal): return .refused(refusal)
        case .valid(let from, let until, let chain):
            let names = chain.map(\.subject)
            self.cache.remember(TrustCache.Entry(from: from, until: until, chain: names), for: key)
            return .valid(until: until, chain: names)
        }
    }

    /// How many certificates are remembered as valid now.
    public var cachedCertificates: Int { self.cache.count }

    var roots: [SharedCertificate] { self.handle.anchors }

    var intermediates: [SharedCertificate] { self.handle.intermediates }

    private static func shared(_ certificates: [Certificate]) throws(HubError) -> [SharedCertificate] {
        var shared: [SharedCertificate] = []
        for certificate in certificates { shared.append(try SharedCertificate(der: certificate.der)) }
        return shared
    }
}
