import HubEnvelope
import HubModel
import Testing

@Suite("A timestamp")
struct TimestampTests {
    @Test(
        "says when its authority saw the digest",
        arguments: [KeyKind.p256, .p384, .rsa2048, .rsa3072])
    func facts(kind: KeyKind) throws {
        let lab = try TimestampLab(key: kind)
        let (token, nonce) = try lab.token()
        let facts = try #require(try lab.verify(token, nonce: nonce).facts)
        #expect(facts.time == TimestampLab.time && facts.accuracy == .seconds(1))
        #expect(facts.serial == [1, 2, 3] && facts.policy == TimestampAuthority.testPolicy)
        #expect(
            facts.authority == "CN=TSA thử" && facts.chain.count == 3 && facts.trustedUntil == TrustLab.end)
        // A kept token is verified without the nonce.
        #expect(try lab.verify(token).facts == facts)
    }

    @Test("over another digest, for another request or under another policy is refused")
    func demands() throws {
        let lab = try TimestampLab.shared.get()
        let (token, nonce) = try lab.token()
        #expect(try lab.verify(token, digest: .zero).refusal?.reason == .digest)
        #expect(try lab.verify(token, nonce: [0x40] + nonce.dropFirst() + [1]).refusal?.reason == .nonce)
        let other = try lab.verify(token, demands: .init(policies: ["1.2.3"])).refusal
        #expect(other?.reason == .policy && other?.detail == TimestampAuthority.testPolicy)
        #expect(other?.code == .timestampInvalid && other?.error.code == .timestampInvalid)
        let allowed = TimestampToken.Demands(policies: ["1.2.3", TimestampAuthority.testPolicy])
        #expect(try lab.verify(token, demands: allowed).facts != nil)
        #expect(
            try lab.verify(token, demands: .init(accuracy: .milliseconds(999))).refusal?.reason == .accuracy)
    }

    @Test("without a nonce is no answer to a request with one")
    func noNonce() throws {
        let lab = try TimestampLab.shared.get()
        let request = RawRequest(nonce: nil)
        let token = try TimestampResponse.token(from: lab.authority.respond(to: request.der))
        #expect(try lab.verify(token, digest: RawRequest.digest).facts != nil)
        #expect(try lab.verify(token, digest: RawRequest.digest, nonce: [1]).refusal?.reason == .nonce)
    }

    @Test("of the future is refused, except by the skew of clocks")
    func future() throws {
        let lab = try TimestampLab.shared.get()
        let token = try lab.token().der
        #expect(try lab.verify(token, now: TimestampLab.time).facts != nil)
        let before = TimestampLab.time.advanced(by: .milliseconds(-1))
        #expect(try lab.verify(token, now: before).refusal?.reason == .future)
        let skewed = try TimestampLab(settings: TrustLab.settings(skew: .seconds(1)))
        #expect(try skewed.verify(skewed.token().der, now: before).facts != nil)
    }

    @Test("is good only within the validity of the certificate of its authority")
    func validity() throws {
        for (time, code) in [
            (TrustLab.start + -1, ErrorCode.trustNotYetValid), (TrustLab.end + 1, .trustExpired),
        ] {
            let lab = try TimestampLab(time: time)
            let refusal = try lab.verify(lab.token().der, now: TrustLab.end + 10).refusal
            #expect(refusal?.code == code && refusal?.error.code == code)
        }
        let last = try TimestampLab(time: TrustLab.end)
        #expect(try last.verify(last.token().der, now: TrustLab.end + 999_999_999).facts != nil)
    }

    @Test(
        "of a stranger, a test authority or a revoked one is refused with the code of the certificate"
    )
    func untrusted() throws {
        let token = try TimestampLab.shared.get().token().der
        let lab = try TrustLab.shared.get()
        func code(_ store: TrustStore) throws -> ErrorCode? {
            try TimestampToken.verify(
                token, digest: TimestampLab.digest, nonce: nil, trust: store, now: TrustLab.now + 10
            ).refusal?.code
        }
        let empty = try TrustStore(purpose: .timestamping, anchors: [], settings: TrustLab.settings())
        #expect(try code(empty) == .trustChainUnknown)
        let strict = try TrustStore(purpose: .timestamping, anchors: [lab.root.certificate])
        #expect(try code(strict) == .trustTestAuthority)
        let revocation = Revocation(date: TrustLab.now + 1, reason: .keyCompromise)
        let lists = try lab.lists([(TimestampLab.shared.get().certificate, revocation)])
        let revoked = try lab.store(.timestamping, lists: lists, revocation: .required)
        #expect(try code(revoked) == .trustRevoked)
        let proven = TimestampToken.Demands(isMomentProven: true)
        let verdict = try TimestampToken.verify(
            token, digest: TimestampLab.digest, nonce: nil, trust: revoked, demands: proven,
            now: TrustLab.now + 10)
        #expect(verdict.facts?.trustedUntil == revocation.date.advanced(by: .nanoseconds(-1)))
    }

    @Test("is not verified with a store for another purpose")
    func wrongStore() throws {
        let error = #expect(throws: HubError.self) {
            try TimestampToken.verify(
                [], digest: .zero, nonce: nil, trust: TrustLab.shared.get().store(.signing), now: TrustLab.now
            )
        }
        #expect(error?.code == .configurationInvalid)
    }

    @Test("without the certificate of its authority needs one that is known")
    func certificateMissing() throws {
        let lab = try TimestampLab.shared.get()
        let request = RawRequest(nonce: nil, wantsCertificate: false)
        let token = try TimestampResponse.token(from: lab.authority.respond(to: request.der))
        #expect(try lab.verify(token, digest: RawRequest.digest).refusal?.reason == .certificateMissing)
        let knowing = try TrustStore(
            purpose: .timestamping, anchors: [lab.lab.root.certificate],
            intermediates: [lab.certificate, lab.lab.authority.certificate], settings: TrustLab.settings())
        let verdict = try TimestampToken.verify(
            token, digest: RawRequest.digest, nonce: nil, trust: knowing, now: TrustLab.now + 10)
        #expect(verdict.facts != nil)
    }

    @Test("is refused in any other form: cut off, with more behind it, or something else")
    func malformed() throws {
        let lab = try TimestampLab.shared.get()
        let token = try lab.token().der
        let request = try TimestampRequest.make(digest: TimestampLab.digest)
        let wrong = [
            [], [0x30, 0x00], Array(token.dropLast()), token + [0], request.der, lab.certificate.der,
            try lab.authority.respond(to: request.der), [UInt8](repeating: 0x30, count: 70_000),
        ]
        for bytes in wrong { #expect(try lab.verify(bytes).refusal?.reason == .malformed) }
    }

    @Test("is never good when a byte of it is not as it was", arguments: [0x01, 0x20, 0xFF] as [UInt8])
    func damaged(mask: UInt8) throws {
        let lab = try TimestampLab.shared.get()
        let token = try lab.token().der
        for place in token.indices {
            var damaged = token
            damaged[place] ^= mask
            let verdict = try lab.verify(damaged)
            #expect(verdict.facts == nil, "byte \(place) of \(token.count)")
        }
    }

    @Test("that was cut together from pieces is refused or not read", arguments: 0..<200 as Range<UInt64>)
    func shuffled(seed: UInt64) throws {
        var random = Random(seed: seed)
        let lab = try TimestampLab.shared.get()
        let token = try lab.token().der
        var bytes = token
        for _ in 0...random.below(3) {
            let start = random.below(bytes.count)
            let end = min(bytes.count, start + random.below(40))
            let piece = Array(bytes[start..<end])
            switch random.below(3) {
            case 0: bytes.removeSubrange(start..<end)
            case 1: bytes.insert(contentsOf: piece, at: random.below(bytes.count))
            default: bytes.replaceSubrange(start..<end, with: piece.map { _ in UInt8(random.below(256)) })
            }
        }
        #expect(try lab.verify(bytes).facts == nil || bytes == token)
    }
}
