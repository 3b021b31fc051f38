import HubEnvelope
import HubModel
import Testing

@Suite("An OCSP response")
struct TrustStatusTests {
    private static let day: Int64 = 86_400

    /// A store that requires a word on everything, with a list of the root and this response.
    private static func store(
        _ lab: TrustLab, _ responses: [StatusResponse], lists: [RevocationList]? = nil
    ) throws -> TrustStore {
        try lab.store(lists: lists ?? [lab.lists()[0]], responses: responses, revocation: .required)
    }

    @Test("of the issuer, or of whom the issuer named, stands for a list")
    func good() throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf()
        let named = try lab.authority.issue(
            .ocspSigning, to: CertificateName("OCSP"), key: TestKeys.key(.p384).publicKey,
            validity: TrustLab.validity)
        for responder in [nil, (named, try TestKeys.key(.p384))] {
            let response = try lab.authority.statusResponse(
                for: leaf, thisUpdate: TrustLab.now, nextUpdate: TrustLab.now + 100, responder: responder)
            let read = try StatusResponse(der: response.der)
            let store = try Self.store(lab, [read])
            #expect(try store.verify(leaf, at: TrustLab.now).until == TrustLab.now + 100)
            #expect(try store.verify(leaf, at: TrustLab.now + 101).refusal?.reason == .revocationMissing)
            // One of later speaks for a moment before it.
            #expect(try store.verify(leaf, at: TrustLab.now + -1000).isValid)
            #expect(try store.verify(lab.leaf(), at: TrustLab.now).refusal?.reason == .revocationMissing)
        }
    }

    @Test("that says revoked is heard, although the list says nothing of it")
    func revoked() throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf()
        let revocation = Revocation(date: TrustLab.now + -10, reason: .superseded)
        let response = try lab.authority.statusResponse(
            for: leaf, revocation: revocation, thisUpdate: TrustLab.now, nextUpdate: TrustLab.now + 100)
        let lists = try lab.lists()
        let store = try Self.store(lab, [response], lists: lists)
        #expect(try store.verify(leaf, at: TrustLab.now).refusal?.reason == .revoked(revocation))
        #expect(try store.verify(leaf, at: TrustLab.now + Self.day).refusal?.code == .trustRevoked)
        let before = revocation.date.advanced(by: .nanoseconds(-1))
        #expect(try store.verify(leaf, at: TrustLab.now + -20).until == before)
        let off = try lab.store(responses: [response], revocation: .off)
        #expect(try off.verify(leaf, at: TrustLab.now).isValid)
    }

    @Test("that says good does not outweigh a list that says revoked")
    func contradiction() throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf()
        let response = try lab.authority.statusResponse(
            for: leaf, thisUpdate: TrustLab.now, nextUpdate: TrustLab.now + 100)
        let lists = try lab.lists([(leaf, Revocation(date: TrustLab.now + -1, reason: .superseded))])
        #expect(
            try Self.store(lab, [response], lists: lists).verify(leaf, at: TrustLab.now).refusal?.code
                == .trustRevoked)
    }

    @Test("without a next update speaks of the time until it was made")
    func noNextUpdate() throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf()
        let response = try lab.authority.statusResponse(for: leaf, thisUpdate: TrustLab.now, nextUpdate: nil)
        let store = try Self.store(lab, [response])
        #expect(try store.verify(leaf, at: TrustLab.now).until == TrustLab.now)
        #expect(try store.verify(leaf, at: TrustLab.now + 1).refusal?.reason == .revocationMissing)
    }

    @Test("of somebody else says nothing")
    func strangers() throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf()
        let key = try TestKeys.key(.p384)
        let issue = { (authority: CertificateAuthority, profile: CertificateProfile) in
            try authority.issue(
                profile, to: CertificateName("OCSP"), key: key.publicKey, validity: TrustLab.validity)
        }
        // Named by nobody, named by the root and not by the issuer, and outdated.
        let outdated = try lab.authority.issue(
            .ocspSigning, to: CertificateName("OCSP"), key: key.publicKey,
            validity: TrustLab.start...TrustLab.start + 10)
        let signers = [
            try issue(lab.authority, .signing), try issue(lab.root, .ocspSigning),
            try issue(TrustLab().root, .ocspSigning), outdated,
        ]
        for signer in signers {
            let response = try lab.authority.statusResponse(
                for: leaf, thisUpdate: TrustLab.now, nextUpdate: TrustLab.now + 100, responder: (signer, key))
            let refusal = try Self.store(lab, [response]).verify(leaf, at: TrustLab.now).refusal
            #expect(refusal?.reason == .revocationMissing)
        }
    }

    @Test("that is damaged never makes a certificate good, whichever byte it is")
    func damaged() throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf()
        let response = try lab.authority.statusResponse(
            for: leaf, thisUpdate: TrustLab.now, nextUpdate: TrustLab.now + 100)
        for place in response.der.indices {
            var der = response.der
            der[place] ^= 0x04
            guard let damaged = try? StatusResponse(der: der) else { continue }
            let verdict = try Self.store(lab, [damaged]).verify(leaf, at: TrustLab.now)
            // What is not signed, such as a certificate that came along, may change without harm.
            if verdict.isValid {
                #expect(try Self.store(lab, [damaged]).verify(leaf, at: TrustLab.now + 101).refusal != nil)
            }
        }
    }

    @Test("that is no answer is not read")
    func unreadable() throws {
        // tryLater, as a responder says it.
        for wrong in [[0x30, 0x03, 0x0A, 0x01, 0x03], [], [0x30, 0x00]] as [[UInt8]] {
            let error = #expect(throws: HubError.self) { try StatusResponse(der: wrong) }
            #expect(error?.code == .trustRevocationUnknown)
        }
    }
}
