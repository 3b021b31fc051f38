import HubEnvelope
import HubModel
import Testing

@Suite("A trust store")
struct TrustTests {
    @Test(
        "finds a certificate good for what it was made for, and for nothing else",
        arguments: TrustPurpose.allCases)
    func purposes(purpose: TrustPurpose) throws {
        let lab = try TrustLab.shared.get()
        let profiles: [TrustPurpose: CertificateProfile] = [
            .signing: .signing, .tlsServer: .tlsServer([.dns("lgsp.test"), .address("127.0.0.1")]),
            .tlsClient: .tlsClient, .timestamping: .timestamping,
        ]
        let store = try lab.store(purpose)
        for (made, profile) in profiles {
            let leaf = try lab.leaf(profile)
            let verdict = try store.verify(leaf, at: TrustLab.now)
            if made == purpose {
                let names = [leaf, lab.authority.certificate, lab.root.certificate].map(\.subject)
                #expect(verdict == .valid(until: TrustLab.end, chain: names))
            } else {
                #expect(
                    verdict.refusal?.code == .trustPurpose && verdict.refusal?.certificate == leaf.subject)
            }
        }
    }

    @Test("takes the certificates in between from the sender too, in any order and with strangers among them")
    func extras() throws {
        let lab = try TrustLab.shared.get()
        let stranger = try TrustLab()
        let store = try TrustStore(
            purpose: .signing, anchors: [lab.root.certificate], settings: TrustLab.settings())
        let leaf = try lab.leaf()
        #expect(try store.verify(leaf, at: TrustLab.now).refusal?.reason == .chainUnknown)
        let extras = [stranger.root, stranger.authority, lab.root, lab.authority].map(\.certificate)
        #expect(try store.verify(leaf, chain: extras, at: TrustLab.now).isValid)
        #expect(try store.verify(leaf, chain: extras.reversed(), at: TrustLab.now).isValid)
    }

    @Test("trusts nobody without a root, and no root that came along")
    func noRoot() throws {
        let lab = try TrustLab.shared.get()
        let empty = try TrustStore(purpose: .signing, anchors: [], settings: TrustLab.settings())
        let extras = [lab.authority.certificate, lab.root.certificate]
        #expect(
            try empty.verify(lab.leaf(), chain: extras, at: TrustLab.now).refusal?.reason == .chainUnknown)
        let own = try Certificate.selfSigned(
            key: TestKeys.key(.p256), commonName: "x", days: 3650, from: TrustLab.start)
        #expect(try lab.store().verify(own, at: TrustLab.now).refusal?.code == .trustChainUnknown)
    }

    @Test("refuses an authority of the same name with another key")
    func impostor() throws {
        let (lab, impostor) = (try TrustLab.shared.get(), try TrustLab())
        let own = try CertificateAuthority.root(
            "Gốc thử", key: TestKeys.key(.p256), validity: TrustLab.validity)
        let leaf = try own.issue(
            .signing, to: CertificateName("x"), key: TestKeys.key(.p256).publicKey,
            validity: TrustLab.validity)
        #expect(own.certificate.subject == impostor.root.certificate.subject)
        let verdict = try lab.store().verify(leaf, chain: [own.certificate], at: TrustLab.now)
        #expect(verdict.refusal?.code == .trustChainUnknown)
    }

    @Test("refuses a certificate whose signature is not that of its issuer")
    func forged() throws {
        let lab = try TrustLab.shared.get()
        var der = try lab.leaf().der
        der[der.count - 5] ^= 1
        let verdict = try lab.store().verify(Certificate(der: der), at: TrustLab.now)
        #expect(verdict.refusal?.reason == .signature && verdict.refusal?.code == .trustChainUnknown)
    }

    @Test("counts both ends of a validity in, and knows which certificate of the chain it was")
    func validity() throws {
        let lab = try TrustLab.shared.get()
        let (from, to) = (TrustLab.start + 1000, TrustLab.start + 2000)
        let leaf = try lab.leaf(name: "ngắn hạn", validity: from...to)
        let store = try lab.store()
        #expect(try store.verify(leaf, at: from).until == to)
        #expect(try store.verify(leaf, at: to).isValid)
        #expect(try store.verify(leaf, at: to.advanced(by: .milliseconds(999))).isValid)
        let late = try store.verify(leaf, at: to + 1).refusal
        #expect(late?.code == .trustExpired && late?.certificate == leaf.subject)
        #expect(try store.verify(leaf, at: from + -1).refusal?.code == .trustNotYetValid)
        let early = try store.verify(lab.leaf(), at: TrustLab.start + -1).refusal
        #expect(early?.code == .trustNotYetValid)
    }

    @Test("tolerates clocks that are apart as far as it is told")
    func skew() throws {
        let lab = try TrustLab.shared.get()
        let (from, to) = (TrustLab.start + 1000, TrustLab.start + 2000)
        let leaf = try lab.leaf(validity: from...to)
        let store = try lab.store(skew: .seconds(60))
        #expect(try store.verify(leaf, at: from + -60).isValid)
        #expect(try store.verify(leaf, at: to + 60).isValid)
        #expect(try store.verify(leaf, at: to + 61).refusal?.code == .trustExpired)
        #expect(try store.verify(leaf, at: from + -61).refusal?.code == .trustNotYetValid)
        // What was found within the skew holds for that moment and no other.
        #expect(try store.verify(leaf, at: to + 60).until == to + 60)
    }

    @Test("refuses an expired authority although the certificate is not")
    func expiredAuthority() throws {
        let root = try CertificateAuthority.root("r", key: TestKeys.key(.p256), validity: TrustLab.validity)
        let short = try root.intermediate(
            "ngắn", key: TestKeys.key(.p384), validity: TrustLab.start...TrustLab.start + 1000)
        let leaf = try short.issue(
            .signing, to: CertificateName("x"), key: TestKeys.key(.p256).publicKey,
            validity: TrustLab.validity)
        let store = try TrustStore(
            purpose: .signing, anchors: [root.certificate], settings: TrustLab.settings())
        let extra = [short.certificate]
        #expect(try store.verify(leaf, chain: extra, at: TrustLab.start + 10).until == TrustLab.start + 1000)
        let refusal = try store.verify(leaf, chain: extra, at: TrustLab.now).refusal
        #expect(refusal?.code == .trustExpired && refusal?.certificate == short.certificate.subject)
    }

    @Test("refuses what comes from a test authority unless it is told to take it")
    func testAuthority() throws {
        let lab = try TrustLab.shared.get()
        let store = try TrustStore(
            purpose: .signing, anchors: [lab.root.certificate], intermediates: [lab.authority.certificate])
        #expect(try store.verify(lab.leaf(), at: TrustLab.now).refusal?.code == .trustTestAuthority)
        #expect(try lab.leaf().isTestAuthority && lab.root.certificate.isTestAuthority)
        #expect(lab.root.certificate.subject.contains("O=lgsp-hub TEST ONLY"))
        let other = try Certificate.selfSigned(key: TestKeys.key(.p256), commonName: "x", days: 1)
        #expect(!other.isTestAuthority)
    }

    @Test("has only roots as anchors")
    func anchors() throws {
        let lab = try TrustLab.shared.get()
        for wrong in [lab.authority.certificate, try lab.leaf()] {
            let error = #expect(throws: HubError.self) {
                try TrustStore(purpose: .signing, anchors: [wrong], settings: TrustLab.settings())
            }
            #expect(error?.code == .configurationInvalid && error?.detail("certificate") == wrong.subject)
        }
    }

    @Test("says a refusal as an error with the name of the certificate")
    func error() throws {
        let lab = try TrustLab.shared.get()
        let refusal = try #require(try lab.store().verify(lab.leaf(), at: TrustLab.end + 1).refusal)
        #expect(refusal.error.code == .trustExpired)
        #expect(refusal.error.detail("certificate") == refusal.certificate)
    }

    @Test(
        "gives an answer about damaged certificates, and never trusts one",
        arguments: 0..<200 as Range<UInt64>)
    func damaged(seed: UInt64) throws {
        let lab = try TrustLab.shared.get()
        var random = Random(seed: seed)
        var der = try Self.sample.get().der
        der[random.below(der.count)] ^= UInt8(1 << random.below(8))
        guard let damaged = try? Certificate(der: der) else { return }
        #expect(try !lab.store().verify(damaged, at: TrustLab.now).isValid)
    }

    private static let sample = Result { try TrustLab.shared.get().leaf() }
}
