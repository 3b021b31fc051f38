import HubEnvelope
import HubModel
import Testing

@Suite("What a trust store remembers")
struct TrustCacheTests {
    @Test("holds between the moments for which it was found, and not beyond")
    func window() throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf(validity: TrustLab.start + 1000...TrustLab.start + 2000)
        let store = try TrustStore(
            purpose: .signing, anchors: [lab.root.certificate], settings: TrustLab.settings())
        let extra = [lab.authority.certificate]
        #expect(try store.verify(leaf, chain: extra, at: TrustLab.start + 1500).isValid)
        #expect(store.cachedCertificates == 1)
        // Found without the certificate in between, so it was remembered.
        #expect(try store.verify(leaf, at: TrustLab.start + 1000).until == TrustLab.start + 2000)
        #expect(try store.verify(leaf, at: TrustLab.start + 2001).refusal?.reason == .chainUnknown)
        #expect(try store.verify(leaf, at: TrustLab.start + 999).refusal?.reason == .chainUnknown)
    }

    @Test("is no more than it may be, and what is asked for stays")
    func bounded() throws {
        let lab = try TrustLab.shared.get()
        let store = try TrustStore(
            purpose: .signing, anchors: [lab.root.certificate], settings: TrustLab.settings(),
            cacheCapacity: 4)
        let extra = [lab.authority.certificate]
        let often = try lab.leaf(name: "hỏi nhiều")
        for number in 0..<12 {
            #expect(try store.verify(lab.leaf(name: "\(number)"), chain: extra, at: TrustLab.now).isValid)
            // Without the certificate in between only what is remembered is valid.
            #expect(try store.verify(often, chain: number == 0 ? extra : [], at: TrustLab.now).isValid)
            #expect(store.cachedCertificates <= 4)
        }
    }

    @Test("is no refusal")
    func refusals() throws {
        let lab = try TrustLab.shared.get()
        let store = try TrustStore(
            purpose: .signing, anchors: [lab.root.certificate], settings: TrustLab.settings())
        let leaf = try lab.leaf()
        #expect(try !store.verify(leaf, at: TrustLab.now).isValid)
        #expect(store.cachedCertificates == 0)
        #expect(try store.verify(leaf, chain: [lab.authority.certificate], at: TrustLab.now).isValid)
    }

    @Test("is forgotten by a new store with a new list")
    func renewed() throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf()
        #expect(try lab.store().verify(leaf, at: TrustLab.now).isValid)
        let lists = try lab.lists([(leaf, Revocation(date: TrustLab.now + -1))])
        #expect(try !lab.store(lists: lists).verify(leaf, at: TrustLab.now).isValid)
    }

    @Test("is the same for many tasks at once, good and refused in turns")
    func concurrency() async throws {
        let lab = try TrustLab.shared.get()
        let revoked = try lab.leaf(name: "bị thu hồi")
        let lists = try lab.lists([(revoked, Revocation(date: TrustLab.now + -1, reason: .superseded))])
        let store = try lab.store(lists: lists, revocation: .required)
        let leaves = try (0..<8).map { try lab.leaf(name: "hệ thống \($0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<16 {
                group.addTask {
                    for round in 0..<40 {
                        let leaf = leaves[(task + round) % leaves.count]
                        #expect(try store.verify(leaf, at: TrustLab.now).isValid)
                        if round % 8 == 0 {
                            let verdict = try store.verify(revoked, at: TrustLab.now)
                            #expect(verdict.refusal?.code == .trustRevoked)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(store.cachedCertificates == leaves.count)
    }
}
