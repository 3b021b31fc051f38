import HubEnvelope
import HubModel
import Testing

/// A chain with one thing wrong, made with the authority code or, where that refuses, elsewhere.
struct WrongChain: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let reason: TrustRefusal.Reason
    let code: ErrorCode
    var purpose = TrustPurpose.signing
    let make: @Sendable () throws -> (leaf: Certificate, chain: [Certificate], root: Certificate)

    init(
        _ name: String, _ reason: TrustRefusal.Reason, _ code: ErrorCode,
        for purpose: TrustPurpose = .signing,
        make: @escaping @Sendable () throws -> (leaf: Certificate, chain: [Certificate], root: Certificate)
    ) {
        self.testDescription = name
        self.reason = reason
        self.code = code
        self.purpose = purpose
        self.make = make
    }
}

@Suite("A trust store refuses")
struct TrustConstraintTests {
    @Test("a chain with", arguments: Self.cases)
    func refused(wrong: WrongChain) throws {
        let (leaf, chain, root) = try wrong.make()
        let store = try TrustStore(purpose: wrong.purpose, anchors: [root], settings: TrustLab.settings())
        let refusal = try store.verify(leaf, chain: chain, at: TrustLab.now).refusal
        #expect(refusal?.reason == wrong.reason && refusal?.code == wrong.code)
        #expect(refusal?.certificate.isEmpty == false)
    }

    static let cases: [WrongChain] = Self.authorities + Self.usages + Self.names + Self.weak

    private static let authorities = [
        WrongChain("an issuer that is no authority", .notAuthority, .trustConstraint) {
            var profile = CertificateProfile.signing
            profile.keyUsage += [.keyCertSign]
            return try Self.chain(below: profile)
        },
        WrongChain("an authority whose key may not sign certificates", .notAuthority, .trustConstraint) {
            var profile = CertificateProfile.authority()
            profile.keyUsage = [.listSign]
            return try Self.chain(below: profile)
        },
        WrongChain("more authorities than one of them allows", .pathTooLong, .trustConstraint) {
            let root = try CertificateAuthority.root(
                "r", key: TestKeys.key(.p256), validity: TrustLab.validity)
            let first = try root.intermediate("1", key: TestKeys.key(.p384), validity: TrustLab.validity)
            let second = try first.intermediate("2", key: TestKeys.key(.rsa2048), validity: TrustLab.validity)
            return try Self.issued(by: second)
        },
        WrongChain("more authorities than the store allows", .pathTooLong, .trustConstraint) {
            var last = try CertificateAuthority.root(
                "r", key: TestKeys.key(.p256), validity: TrustLab.validity)
            for number in 1...8 {
                last = try last.intermediate(
                    "\(number)", key: TestKeys.key(.p256), validity: TrustLab.validity, profile: .authority())
            }
            return try Self.issued(by: last)
        },
        WrongChain("a critical extension that nobody knows", .criticalExtension, .trustConstraint) {
            var profile = CertificateProfile.signing
            profile.additional = [.init("2.25.1", isCritical: true, value: [0x05, 0x00])]
            return try Self.issued(by: TrustLab.shared.get().authority, profile)
        },
        WrongChain(
            "an authority with a critical extension that nobody knows", .criticalExtension, .trustConstraint
        ) {
            var profile = CertificateProfile.authority()
            profile.additional = [.init("2.25.1", isCritical: true, value: [0x05, 0x00])]
            return try Self.issued(by: TrustLab(profile).authority)
        },
        WrongChain("an extension that occurs twice", .chainUnknown, .trustChainUnknown) {
            var profile = CertificateProfile.signing
            let usage: [UInt8] = [0x03, 0x02, 0x06, 0xC0]
            profile.additional = [.init("2.5.29.15", isCritical: true, value: usage)]
            return try Self.issued(by: TrustLab.shared.get().authority, profile)
        },
    ]

    private static let usages = [
        WrongChain("a signer whose key may only encrypt", .purpose, .trustPurpose) {
            var profile = CertificateProfile.signing
            profile.keyUsage = [.keyEncipherment]
            return try Self.issued(by: TrustLab.shared.get().authority, profile)
        },
        WrongChain("a signer that is for TLS only", .purpose, .trustPurpose) {
            try Self.issued(by: TrustLab.shared.get().authority, .tlsServer([.dns("a.test")]))
        },
        WrongChain("an authority that is for TLS only, for documents", .purpose, .trustPurpose) {
            var profile = CertificateProfile.authority()
            profile.extendedKeyUsage = ["1.3.6.1.5.5.7.3.1"]
            return try Self.issued(by: TrustLab(profile).authority)
        },
        WrongChain("a timestamper whose usage is not critical", .purpose, .trustPurpose, for: .timestamping) {
            var profile = CertificateProfile.timestamping
            profile.isExtendedKeyUsageCritical = false
            return try Self.issued(by: TrustLab.shared.get().authority, profile)
        },
        WrongChain("a timestamper that may also sign code", .purpose, .trustPurpose, for: .timestamping) {
            var profile = CertificateProfile.timestamping
            profile.extendedKeyUsage += ["1.3.6.1.5.5.7.3.3"]
            return try Self.issued(by: TrustLab.shared.get().authority, profile)
        },
        WrongChain(
            "a timestamper that may also do something unknown", .purpose, .trustPurpose, for: .timestamping
        ) {
            var profile = CertificateProfile.timestamping
            profile.extendedKeyUsage += ["2.25.7"]
            return try Self.issued(by: TrustLab.shared.get().authority, profile)
        },
        WrongChain("a timestamper whose key may encrypt", .purpose, .trustPurpose, for: .timestamping) {
            var profile = CertificateProfile.timestamping
            profile.keyUsage += [.keyEncipherment]
            return try Self.issued(by: TrustLab.shared.get().authority, profile)
        },
        WrongChain("a server that is a client", .purpose, .trustPurpose, for: .tlsServer) {
            try Self.issued(by: TrustLab.shared.get().authority, .tlsClient)
        },
    ]

    private static let names = [
        WrongChain(
            "a name outside what the authority may", .nameConstraint, .trustConstraint, for: .tlsServer
        ) {
            var profile = CertificateProfile.authority()
            profile.permittedDomains = ["phutho.gov.vn"]
            return try Self.issued(by: TrustLab(profile).authority, .tlsServer([.dns("lgsp.hanoi.gov.vn")]))
        },
        WrongChain("a name that the authority may not", .nameConstraint, .trustConstraint, for: .tlsServer) {
            var profile = CertificateProfile.authority()
            profile.excludedDomains = ["secret.phutho.gov.vn"]
            return try Self.issued(
                by: TrustLab(profile).authority, .tlsServer([.dns("a.secret.phutho.gov.vn")]))
        },
    ]

    private static let weak = [
        WrongChain("RSA with 1024 bits", .weakKey, .trustWeak) {
            try Self.weak(WeakChain.rsa1024Leaf)
        },
        WrongChain("an authority with RSA of 1024 bits", .weakKey, .trustWeak) {
            try Self.weak(WeakChain.leafOfRSA1024, [WeakChain.rsa1024Authority])
        },
        WrongChain("a signature with SHA-1", .weakAlgorithm, .trustWeak) {
            try Self.weak(WeakChain.sha1Leaf)
        },
        WrongChain("a signature with MD5", .weakAlgorithm, .trustWeak) { try Self.weak(WeakChain.md5Leaf) },
    ]

    @Test("none of these without its fault")
    func counterparts() throws {
        var limited = CertificateProfile.authority()
        limited.permittedDomains = ["phutho.gov.vn"]
        let within = try Self.issued(
            by: TrustLab(limited).authority, .tlsServer([.dns("lgsp.phutho.gov.vn")]))
        let server = try TrustStore(
            purpose: .tlsServer, anchors: [within.root], settings: TrustLab.settings())
        #expect(try server.verify(within.leaf, chain: within.chain, at: TrustLab.now).isValid)

        var open = CertificateProfile()
        open.additional = [.init("2.25.1", isCritical: false, value: [0x05, 0x00])]
        for profile in [open, .signing] {
            let chain = try Self.issued(by: TrustLab.shared.get().authority, profile)
            let store = try TrustStore(
                purpose: .signing, anchors: [chain.root], settings: TrustLab.settings())
            #expect(try store.verify(chain.leaf, chain: chain.chain, at: TrustLab.now).isValid)
        }
        let strong = try Self.weak(WeakChain.strongLeaf)
        let store = try TrustStore(purpose: .signing, anchors: [strong.root], settings: TrustLab.settings())
        #expect(try store.verify(strong.leaf, at: TrustLab.now).isValid)
    }

    private static func issued(
        by authority: CertificateAuthority, _ profile: CertificateProfile = .signing
    ) throws -> (leaf: Certificate, chain: [Certificate], root: Certificate) {
        let leaf = try authority.issue(
            profile, to: CertificateName("người dùng"), key: TestKeys.key(.p256).publicKey,
            validity: TrustLab.validity)
        return (leaf, [authority.certificate] + authority.parents, try #require(authority.parents.last))
    }

    /// A certificate from one that should not issue any: the code refuses to be that authority, so the leaf
    /// is issued by a proper one of the same name and key.
    private static func chain(
        below profile: CertificateProfile
    ) throws -> (leaf: Certificate, chain: [Certificate], root: Certificate) {
        let root = try CertificateAuthority.root("r", key: TestKeys.key(.p384), validity: TrustLab.validity)
        let proper = try root.intermediate("giữa", key: TestKeys.key(.rsa2048), validity: TrustLab.validity)
        let wrong = try root.issue(
            profile, to: CertificateName("giữa", organisation: CertificateAuthority.testOrganisation),
            key: TestKeys.key(.rsa2048).publicKey, validity: TrustLab.validity)
        let issued = try Self.issued(by: proper)
        return (issued.leaf, [wrong], root.certificate)
    }

    private static func weak(
        _ leaf: String, _ chain: [String] = []
    ) throws -> (leaf: Certificate, chain: [Certificate], root: Certificate) {
        (
            try WeakChain.certificate(leaf), try chain.map(WeakChain.certificate),
            try WeakChain.certificate(WeakChain.root)
        )
    }
}
