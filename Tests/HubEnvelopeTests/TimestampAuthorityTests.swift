import HubEnvelope
import HubModel
import Testing

/// A timestamp request written by hand, for what the request of this project cannot say.
struct RawRequest {
    static let digest = TimestampLab.digest
    let der: [UInt8]

    init(nonce: UInt8?, wantsCertificate: Bool = true) {
        let algorithm: [UInt8] = [
            0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
        ]
        self.init(algorithm, Self.digest.bytes, nonce: nonce, wantsCertificate: wantsCertificate)
    }

    /// Over 20 bytes that are called a SHA-1.
    static let sha1 = RawRequest(
        [0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00], [UInt8](repeating: 1, count: 20),
        nonce: 1, wantsCertificate: true)

    private init(_ algorithm: [UInt8], _ digest: [UInt8], nonce: UInt8?, wantsCertificate: Bool) {
        let imprint = algorithm + [0x04, UInt8(digest.count)] + digest
        var body: [UInt8] = [0x02, 0x01, 0x01, 0x30, UInt8(imprint.count)] + imprint
        if let nonce { body += [0x02, 0x01, nonce] }
        if wantsCertificate { body += [0x01, 0x01, 0xFF] }
        self.der = [0x30, UInt8(body.count)] + body
    }
}

@Suite("A timestamp authority")
struct TimestampAuthorityTests {
    @Test("refuses in the form of RFC 3161 what it cannot answer")
    func refusals() throws {
        let lab = try TimestampLab.shared.get()
        let policy = try TimestampRequest.make(digest: TimestampLab.digest, policy: "1.2.3.4")
        let cases: [([UInt8], String)] = [
            (RawRequest.sha1.der, "badAlg"), (policy.der, "unacceptedPolicy"), ([], "badDataFormat"),
            ([0x30, 0x03], "badDataFormat"), (Array("GET / HTTP/1.1".utf8), "badDataFormat"),
            ([UInt8](repeating: 0x30, count: 20_000), "badDataFormat"),
        ]
        for (request, failure) in cases {
            let answer = try lab.authority.respond(to: request)
            let error = #expect(throws: HubError.self) { try TimestampResponse.token(from: answer) }
            #expect(error?.code == .timestampUnavailable && error?.detail("status") == "2")
            #expect(error?.detail("failure") == failure)
        }
    }

    @Test("answers a request for its own policy")
    func ownPolicy() throws {
        let lab = try TimestampLab.shared.get()
        let (token, nonce) = try lab.token(policy: TimestampAuthority.testPolicy)
        #expect(try lab.verify(token, nonce: nonce).facts != nil)
    }

    @Test("is made with nothing but a certificate for timestamping, of its key, that it can sign with")
    func setUp() throws {
        let lab = try TrustLab.shared.get()
        let good = try lab.leaf(.timestamping)
        var loose = CertificateProfile.timestamping
        loose.isExtendedKeyUsageCritical = false
        let edwards = try lab.authority.issue(
            .timestamping, to: CertificateName("x"), key: TestKeys.key(.ed25519).publicKey,
            validity: TrustLab.validity)
        let cases: [(Certificate, KeyKind, ErrorCode)] = [
            (try lab.leaf(), .p256, .trustPurpose), (try lab.leaf(loose), .p256, .trustPurpose),
            (good, .p384, .envelopeKeyUnusable), (edwards, .ed25519, .envelopeKeyUnusable),
        ]
        for (certificate, kind, code) in cases {
            let error = #expect(throws: HubError.self) {
                try TimestampAuthority(
                    certificate: certificate, key: TestKeys.key(kind), clock: { TrustLab.now })
            }
            #expect(error?.code == code)
        }
    }

    @Test("gives numbers that nobody can guess unless it is given some")
    func serials() throws {
        let lab = try TimestampLab.shared.get()
        let authority = try TimestampAuthority(
            certificate: lab.certificate, key: TestKeys.key(.p256), chain: [lab.lab.authority.certificate],
            clock: { TimestampLab.time })
        var serials: Set<[UInt8]> = []
        for _ in 0..<3 {
            let request = try TimestampRequest.make(digest: TimestampLab.digest)
            let token = try TimestampResponse.token(from: authority.respond(to: request.der))
            serials.insert(try #require(try lab.verify(token, nonce: request.nonce).facts).serial)
        }
        #expect(serials.count == 3 && serials.allSatisfy { $0.count == 16 })
    }

    @Test("answers many at once")
    func concurrency() async throws {
        let lab = try TimestampLab.shared.get()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<10 {
                        let (token, nonce) = try lab.token()
                        #expect(try lab.verify(token, nonce: nonce).facts != nil)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

@Suite("A timestamp request")
struct TimestampRequestTests {
    @Test("has a nonce that is a number, and never the same twice")
    func nonces() throws {
        let made = try (0..<20).map { _ in try TimestampRequest.make(digest: TimestampLab.digest) }
        #expect(
            Set(made.map(\.nonce)).count == 20 && made.allSatisfy { $0.nonce.count == 8 && $0.nonce[0] != 0 })
        let given = try TimestampRequest.make(digest: TimestampLab.digest, nonce: [7])
        #expect(given.der == RawRequest(nonce: 7).der)
    }

    @Test("takes no nonce or policy that is none")
    func refused() throws {
        for nonce in [[], [0, 1], [UInt8](repeating: 1, count: 21)] as [[UInt8]] {
            let error = #expect(throws: HubError.self) {
                try TimestampRequest.make(digest: .zero, nonce: nonce)
            }
            #expect(error?.code == .envelopeCryptoFailed)
        }
        for policy in ["", "x", "1.2.x", "9.9"] {
            let error = #expect(throws: HubError.self) {
                try TimestampRequest.make(digest: .zero, policy: policy)
            }
            #expect(error?.code == .envelopeCryptoFailed)
        }
    }
}

@Suite("An answer of a timestamp authority")
struct TimestampResponseTests {
    @Test("that is no answer, or granted without a token, is refused")
    func unreadable() throws {
        let lab = try TimestampLab.shared.get()
        let request = try TimestampRequest.make(digest: TimestampLab.digest)
        let answer = try lab.authority.respond(to: request.der)
        // The last is "granted" and nothing else.
        for wrong in [
            [], Array(answer.dropLast()), answer + [0], request.der,
            [0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x00],
        ] {
            let error = #expect(throws: HubError.self) { try TimestampResponse.token(from: wrong) }
            #expect(error?.code == .timestampInvalid)
        }
    }
}
