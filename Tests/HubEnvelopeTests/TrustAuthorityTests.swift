import HubEnvelope
import HubModel
import Testing

@Suite("A test authority")
struct TrustAuthorityTests {
    @Test("issues with keys of every kind", arguments: KeyKind.allCases)
    func kinds(kind: KeyKind) throws {
        let key = try TestKeys.key(kind)
        let root = try CertificateAuthority.root("Gốc", key: key, validity: TrustLab.validity)
        let leaf = try root.issue(
            .signing, to: CertificateName("Sở Mẫu", organisation: "UBND tỉnh", unit: "CNTT", country: "VN"),
            key: key.publicKey, validity: TrustLab.validity)
        #expect(leaf.subject == "CN=Sở Mẫu,OU=CNTT,O=UBND tỉnh,C=VN")
        #expect(leaf.notBefore == TrustLab.start && leaf.notAfter == TrustLab.end)
        let list = try root.revocationList(number: 1, thisUpdate: TrustLab.now, nextUpdate: TrustLab.now + 10)
        let store = try TrustStore(
            purpose: .signing, anchors: [root.certificate], lists: [list],
            settings: TrustLab.settings(.required))
        #expect(try store.verify(leaf, at: TrustLab.now).until == TrustLab.now + 10)
    }

    @Test("is taken up again from its certificate and key")
    func resumed() throws {
        let lab = try TrustLab.shared.get()
        let again = try CertificateAuthority(
            certificate: Certificate(pem: lab.authority.certificate.pem),
            key: SigningKey(pem: lab.authority.key.pem), parents: lab.authority.parents)
        let leaf = try again.issue(
            .tlsClient, to: CertificateName("x"), key: TestKeys.key(.p256).publicKey,
            validity: TrustLab.validity)
        #expect(try lab.store(.tlsClient).verify(leaf, at: TrustLab.now).isValid)
    }

    @Test("is not taken up from another's certificate, one that is no authority, or a real one")
    func refused() throws {
        let lab = try TrustLab.shared.get()
        let cases: [(Certificate, SigningKey, ErrorCode)] = [
            (lab.root.certificate, lab.authority.key, .envelopeKeyUnusable),
            (try lab.leaf(), try TestKeys.key(.p256), .trustConstraint),
        ]
        for (certificate, key, code) in cases {
            let error = #expect(throws: HubError.self) {
                try CertificateAuthority(certificate: certificate, key: key)
            }
            #expect(error?.code == code)
        }
    }

    @Test("takes name and key from a request, and nothing else")
    func request() throws {
        let lab = try TrustLab.shared.get()
        let key = try TestKeys.key(.p256)
        let made = try CertificateRequest.make(CertificateName("qlvb"), key: key)
        let request = try CertificateRequest(pem: made.pem)
        #expect(request == made && request.subject == "CN=qlvb" && request.spki == key.publicKey.der)
        let leaf = try lab.authority.issue(.signing, for: request, validity: TrustLab.validity)
        #expect(leaf.subject == request.subject && leaf.fingerprint == key.publicKey.fingerprint)
    }

    @Test("refuses a request that its key did not sign, and what is no request")
    func badRequest() throws {
        let made = try CertificateRequest.make(CertificateName("x"), key: TestKeys.key(.p256))
        var forged = made.der
        forged[forged.count - 3] ^= 1
        let cases: [([UInt8], ErrorCode)] = [
            (forged, .envelopeSignatureInvalid), (made.der + [0], .envelopeKeyUnusable),
            ([], .envelopeKeyUnusable),
            (try TrustLab.shared.get().root.certificate.der, .envelopeKeyUnusable),
        ]
        for (der, code) in cases {
            let error = #expect(throws: HubError.self) { try CertificateRequest(der: der) }
            #expect(error?.code == code)
        }
        for place in made.der.indices {
            var damaged = made.der
            damaged[place] ^= 0x20
            #expect((try? CertificateRequest(der: damaged)) == nil)
        }
    }

    @Test(
        "puts no second value into a name", arguments: ["a.test,DNS:b.test", "", "a b", "a.test\n", "é.test"])
    func injection(name: String) throws {
        let lab = try TrustLab.shared.get()
        let error = #expect(throws: HubError.self) { try lab.leaf(.tlsServer([.dns(name)])) }
        #expect(error?.code == .envelopeCryptoFailed)
    }

    @Test("refuses a name that X.509 cannot hold")
    func longName() throws {
        let error = #expect(throws: HubError.self) {
            try TrustLab.shared.get().leaf(name: String(repeating: "a", count: 65))
        }
        #expect(error?.code == .envelopeCryptoFailed)
    }
}
