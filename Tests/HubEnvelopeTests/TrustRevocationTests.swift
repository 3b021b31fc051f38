import HubEnvelope
import HubModel
import Testing

@Suite("A revoked certificate")
struct TrustRevocationTests {
    private static let day: Int64 = 86_400

    @Test("is refused with date and reason from its revocation on, and was good before")
    func dates() throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf()
        let revocation = Revocation(date: TrustLab.now + -1000, reason: .superseded)
        let store = try lab.store(lists: lab.lists([(leaf, revocation)]), revocation: .required)
        let refusal = try store.verify(leaf, at: TrustLab.now).refusal
        #expect(refusal?.reason == .revoked(revocation) && refusal?.code == .trustRevoked)
        #expect(refusal?.error.detail("revoked") == revocation.date.description)
        #expect(refusal?.error.detail("reason") == "superseded")
        #expect(try store.verify(leaf, at: revocation.date).refusal?.code == .trustRevoked)
        // Good before, and what is known of it ends with the revocation.
        let before = revocation.date.advanced(by: .nanoseconds(-1))
        #expect(try store.verify(leaf, at: before).until == before)
        #expect(try store.verify(leaf, at: revocation.date).refusal?.code == .trustRevoked)
    }

    @Test(
        "whose key fell into other hands counts for no moment that only its owner claims",
        arguments: [Revocation.Reason.keyCompromise, .authorityCompromise])
    func keyCompromise(reason: Revocation.Reason) throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf()
        let revocation = Revocation(date: TrustLab.now + -1000, reason: reason)
        let store = try lab.store(lists: lab.lists([(leaf, revocation)]), revocation: .required)
        let before = TrustLab.now + -5000
        #expect(try store.verify(leaf, at: before).refusal?.code == .trustRevoked)
        #expect(try store.verify(leaf, at: before, isMomentProven: true).isValid)
        // The answer for a proven moment is not given to someone who has no proof.
        #expect(try store.verify(leaf, at: before).refusal?.code == .trustRevoked)
        #expect(try !store.verify(leaf, at: TrustLab.now, isMomentProven: true).isValid)
    }

    @Test("is revoked from the day on which the issuer says that the key was lost")
    func invalidity() throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf()
        let revocation = Revocation(
            date: TrustLab.now + -1000, reason: .keyCompromise, invalidSince: TrustLab.now + -9000)
        let store = try lab.store(lists: lab.lists([(leaf, revocation)]), revocation: .required)
        #expect(try !store.verify(leaf, at: TrustLab.now + -5000, isMomentProven: true).isValid)
        #expect(try store.verify(leaf, at: TrustLab.now + -9001, isMomentProven: true).isValid)
    }

    @Test("of a timestamp authority without a reason is as one whose key was lost (RFC 3161, 4.1)")
    func timestamping() throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf(.timestamping)
        let (date, before) = (TrustLab.now + -1000, TrustLab.now + -5000)
        for (reason, isValid) in [(nil, false), (Revocation.Reason.cessationOfOperation, true)] {
            let lists = try lab.lists([(leaf, Revocation(date: date, reason: reason))])
            let store = try lab.store(.timestamping, lists: lists, revocation: .required)
            #expect(try store.verify(leaf, at: before).isValid == isValid)
        }
        let signer = try lab.leaf()
        let lists = try lab.lists([(signer, Revocation(date: date))])
        #expect(try lab.store(lists: lists, revocation: .required).verify(signer, at: before).isValid)
    }

    @Test("may be an authority, and then nothing below it is good")
    func authority() throws {
        let lab = try TrustLab.shared.get()
        let revocation = Revocation(date: TrustLab.now + -1000, reason: .cessationOfOperation)
        let root = try lab.root.revocationList(
            [(lab.authority.certificate, revocation)], number: 2, thisUpdate: TrustLab.now,
            nextUpdate: TrustLab.now + Self.day)
        let lists = [root, try lab.lists()[1]]
        let refusal = try lab.store(lists: lists).verify(lab.leaf(), at: TrustLab.now).refusal
        #expect(refusal?.code == .trustRevoked)
        #expect(refusal?.certificate == lab.authority.certificate.subject)
    }

    @Test("comes back from a hold with the next list")
    func hold() throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf()
        let hold = Revocation(date: TrustLab.now + -1000, reason: .certificateHold)
        let held = try lab.lists([(leaf, hold)], number: 1)
        #expect(try lab.store(lists: held).verify(leaf, at: TrustLab.now).refusal?.code == .trustRevoked)
        let next = try lab.lists(number: 2, at: TrustLab.now + 10)
        #expect(try lab.store(lists: held + next).verify(leaf, at: TrustLab.now + 20).isValid)
        #expect(try lab.store(lists: next + held).verify(leaf, at: TrustLab.now + 20).isValid)
    }

    @Test("is looked for only if the store is told to")
    func off() throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf()
        let lists = try lab.lists([(leaf, Revocation(date: TrustLab.now + -1))])
        #expect(try lab.store(lists: lists, revocation: .off).verify(leaf, at: TrustLab.now).isValid)
        #expect(try !lab.store(lists: lists, revocation: .ifPresent).verify(leaf, at: TrustLab.now).isValid)
    }
}

@Suite("A revocation list")
struct TrustRevocationListTests {
    private static let day: Int64 = 86_400

    @Test("must be there for each certificate below the root where it is required")
    func missing() throws {
        let lab = try TrustLab.shared.get()
        let (leaf, lists) = (try lab.leaf(), try lab.lists())
        for (given, blamed) in [
            ([], leaf), ([lists[0]], leaf), ([lists[1]], lab.authority.certificate),
        ] {
            let required = try lab.store(lists: given, revocation: .required).verify(leaf, at: TrustLab.now)
                .refusal
            #expect(required?.reason == .revocationMissing && required?.code == .trustRevocationUnknown)
            #expect(required?.certificate == blamed.subject)
            #expect(try lab.store(lists: given).verify(leaf, at: TrustLab.now).isValid)
        }
        let complete = try lab.store(lists: lists, revocation: .required)
        #expect(try complete.verify(leaf, at: TrustLab.now).until == TrustLab.now + Self.day)
    }

    @Test("that was outdated is none where it is required, and counts for what it lists elsewhere")
    func stale() throws {
        let lab = try TrustLab.shared.get()
        let (leaf, other) = (try lab.leaf(), try lab.leaf())
        let lists = try lab.lists([(other, Revocation(date: TrustLab.now + -1))])
        let late = TrustLab.now + Self.day + 1
        let required = try lab.store(lists: lists, revocation: .required)
        #expect(try required.verify(leaf, at: late + -1).isValid)
        let refusal = try required.verify(leaf, at: late).refusal
        #expect(refusal?.reason == .revocationStale && refusal?.code == .trustRevocationUnknown)
        let skewed = try lab.store(lists: lists, revocation: .required, skew: .seconds(5))
        #expect(try skewed.verify(leaf, at: late).until == late)
        #expect(try lab.store(lists: lists).verify(leaf, at: late).until == TrustLab.end)
        #expect(try lab.store(lists: lists).verify(other, at: late).refusal?.code == .trustRevoked)
    }

    @Test("of later speaks for a moment before it, but not for one that had expired in between")
    func later() throws {
        let lab = try TrustLab.shared.get()
        let lists = try lab.lists()
        let store = try lab.store(lists: lists, revocation: .required)
        #expect(try store.verify(lab.leaf(), at: TrustLab.start + 5).until == TrustLab.now + Self.day)
        let short = try lab.leaf(validity: TrustLab.start...TrustLab.start + 1000)
        #expect(try store.verify(short, at: TrustLab.start + 5).refusal?.reason == .revocationStale)
        // With a list of that time it is known, even beside the newer one.
        let old = try lab.lists(at: TrustLab.start + 2, for: .seconds(100))
        let both = try lab.store(lists: old + lists, revocation: .required)
        #expect(try both.verify(short, at: TrustLab.start + 5).isValid)
    }

    @Test("of the newest date counts, in whatever order they come")
    func newest() throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf()
        let old = try lab.lists(number: 1, at: TrustLab.now)
        let new = try lab.lists(
            [(leaf, Revocation(date: TrustLab.now + 5))], number: 2, at: TrustLab.now + 100)
        for lists in [old + new, new + old] {
            let store = try lab.store(lists: lists, revocation: .required)
            // The old list would call it good at this moment too.
            #expect(try store.verify(leaf, at: TrustLab.now + 10).refusal?.code == .trustRevoked)
            #expect(try store.verify(leaf, at: TrustLab.now).isValid)
        }
    }

    @Test("that its issuer did not sign is refused and not overlooked")
    func forged() throws {
        let lab = try TrustLab.shared.get()
        let lists = try lab.lists()
        var der = lists[1].der
        der[der.count - 5] ^= 1
        let store = try lab.store(lists: [lists[0], RevocationList(der: der)])
        let refusal = try store.verify(lab.leaf(), at: TrustLab.now).refusal
        #expect(refusal?.reason == .revocationUnusable && refusal?.code == .trustRevocationUnknown)
        // One of another authority of the same name is no word about this one.
        let other = try TrustLab()
        let root = try CertificateAuthority.root(
            "Gốc thử", key: TestKeys.key(.p256), validity: TrustLab.validity)
        let stranger = try root.intermediate(
            "Cơ quan cấp", key: TestKeys.key(.p256), validity: TrustLab.validity)
        let strange = try stranger.revocationList(
            number: 9, thisUpdate: TrustLab.now, nextUpdate: TrustLab.now + Self.day)
        #expect(strange.issuer == other.authority.certificate.subject)
        let mixed = try lab.store(lists: [lists[0], strange], revocation: .required)
        #expect(try mixed.verify(lab.leaf(), at: TrustLab.now).refusal?.reason == .revocationMissing)
    }

    @Test("of an authority that may not sign lists is refused")
    func notAllowed() throws {
        var profile = CertificateProfile.authority(pathLength: 0)
        profile.keyUsage = [.keyCertSign]
        let lab = try TrustLab(profile)
        let refusal = try lab.store(lists: lab.lists()).verify(lab.leaf(), at: TrustLab.now).refusal
        #expect(refusal?.reason == .revocationUnusable)
    }

    @Test("says what it was told, and is read again from PEM")
    func contents() throws {
        let lab = try TrustLab.shared.get()
        let made = try lab.lists(number: 300)[1]
        let read = try RevocationList(pem: made.pem)
        #expect(read.der == made.der && read.number == [1, 44])
        #expect(read.issuer == lab.authority.certificate.subject)
        #expect(read.thisUpdate == TrustLab.now && read.nextUpdate == TrustLab.now + Self.day)
        let endless = try lab.root.revocationList(number: 1, thisUpdate: TrustLab.now, nextUpdate: nil)
        #expect(endless.nextUpdate == nil)
    }

    @Test("that is damaged, signed with SHA-1 or something else is not read")
    func unreadable() throws {
        let list = try TrustLab.shared.get().lists()[0]
        for wrong in [Array(list.der.dropLast()), list.der + [0], [], [0x30]] {
            let error = #expect(throws: HubError.self) { try RevocationList(der: wrong) }
            #expect(error?.code == .trustRevocationUnknown)
        }
        let weak = #expect(throws: HubError.self) { try RevocationList(pem: Array(WeakChain.sha1List.utf8)) }
        #expect(weak?.code == .trustWeak)
        let other = #expect(throws: HubError.self) {
            try RevocationList(pem: TrustLab.shared.get().root.certificate.pem)
        }
        #expect(other?.code == .trustRevocationUnknown)
    }
}
