import Foundation
import HubEnvelope
import HubModel
import Testing

/// A way of signing the content of a token that is not that of RFC 3161, and how it is refused.
struct SignedAgain: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let arguments: [String]
    let isRefused: @Sendable (TimestampVerdict) -> Bool

    private static let timestamp = ["-econtent_type", "1.2.840.113549.1.9.16.1.4"]
    private static let authority = ["-signer", "tsa.pem", "-inkey", "tsa.key"]
    private static let other = ["-signer", "other.pem", "-inkey", "other.key"]

    static let all = [
        SignedAgain(
            testDescription: "as it should be", arguments: Self.timestamp + Self.authority + ["-cades"],
            isRefused: { $0.facts != nil }),
        SignedAgain(
            testDescription: "without the identifier of the certificate",
            arguments: Self.timestamp + Self.authority,
            isRefused: { $0.refusal?.reason == .certificateIdentifier }),
        SignedAgain(
            testDescription: "without signed attributes",
            arguments: Self.timestamp + Self.authority + ["-noattr"],
            isRefused: { $0.refusal?.reason == .signature }),
        SignedAgain(
            testDescription: "with SHA-1",
            arguments: Self.timestamp + Self.authority + ["-cades", "-md", "sha1"],
            isRefused: { $0.refusal?.reason == .signature }),
        SignedAgain(
            testDescription: "with RSA-PSS",
            arguments: Self.timestamp + Self.authority + ["-cades", "-keyopt", "rsa_padding_mode:pss"],
            isRefused: { $0.refusal?.reason == .signature }),
        SignedAgain(
            testDescription: "as something that is no timestamp", arguments: Self.authority + ["-cades"],
            isRefused: { $0.refusal?.reason == .malformed }),
        SignedAgain(
            testDescription: "by two", arguments: Self.timestamp + Self.authority + Self.other + ["-cades"],
            isRefused: { $0.refusal?.reason == .malformed }),
        SignedAgain(
            testDescription: "by one that may only sign documents",
            arguments: Self.timestamp + Self.other + ["-cades"],
            isRefused: { $0.refusal?.code == .trustPurpose }),
        SignedAgain(
            testDescription: "by one named by key instead of issuer",
            arguments: Self.timestamp + Self.authority + ["-cades", "-keyid"],
            isRefused: { $0.refusal?.reason == .malformed }),
    ]
}

@Suite(
    "The openssl command line and this project agree on timestamps",
    .enabled(if: OpenSSLProgram.isInstalled, Comment(rawValue: OpenSSLProgram.missing)))
struct TimestampPeerTests {
    @Test("that were asked for there and issued here")
    func theirQuery() throws {
        let lab = try TimestampLab.shared.get()
        try TemporaryFolder.with { folder in
            try Self.write(lab, in: folder)
            try OpenSSLProgram.write(Array("khối 42".utf8), "data", in: folder)
            try Self.good(["ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q.tsq"], in: folder)
            let answer = try lab.authority.respond(to: OpenSSLProgram.read("q.tsq", in: folder))
            try OpenSSLProgram.write(answer, "a.tsr", in: folder)
            let token = try TimestampResponse.token(from: answer)
            try OpenSSLProgram.write(token, "a.token", in: folder)
            #expect(try lab.verify(token).facts != nil)
            let trusted = ["-CAfile", "root.pem", "-untrusted", "chain.pem", "-attime", "1893456000"]
            try Self.good(["ts", "-verify", "-queryfile", "q.tsq", "-in", "a.tsr"] + trusted, in: folder)
            try Self.good(
                ["ts", "-verify", "-data", "data", "-in", "a.token", "-token_in"] + trusted, in: folder)
            try OpenSSLProgram.write([1], "data", in: folder)
            let other = try OpenSSLProgram.run(
                ["ts", "-verify", "-data", "data", "-in", "a.token", "-token_in"] + trusted, in: folder)
            #expect(!other.isGood)
        }
    }

    @Test("that were asked for here and issued there", arguments: ["sha256", "sha1"])
    func theirReply(identifier: String) throws {
        // Their authority stamps with the clock of this machine.
        let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        let root = try CertificateAuthority.root(
            "r", key: TestKeys.key(.p384), validity: now + -1000...now + 86_400)
        let certificate = try root.issue(
            .timestamping, to: CertificateName("TSA"), key: TestKeys.key(.rsa2048).publicKey,
            validity: now + -1000...now + 86_400)
        let request = try TimestampRequest.make(digest: TimestampLab.digest)
        try TemporaryFolder.with { folder in
            try OpenSSLProgram.write(certificate.pem, "tsa.pem", in: folder)
            try OpenSSLProgram.write(try TestKeys.key(.rsa2048).pem, "tsa.key", in: folder)
            try OpenSSLProgram.write(request.der, "q.tsq", in: folder)
            // The identifier of RFC 5816, and with SHA-1 that of RFC 3161.
            let settings = """
                [tsa]
                default_tsa = own
                [own]
                serial = serial
                default_policy = 1.2.3.4
                digests = sha256
                accuracy = secs:1, millisecs:500
                ordering = yes
                tsa_name = yes
                ess_cert_id_chain = no
                ess_cert_id_alg = \(identifier)
                signer_digest = sha256
                """
            try OpenSSLProgram.write(Array(settings.utf8), "tsa.cnf", in: folder)
            try Self.good(
                [
                    "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq", "-signer", "tsa.pem",
                    "-inkey",
                    "tsa.key", "-out", "a.tsr",
                ], in: folder)
            let token = try TimestampResponse.token(from: OpenSSLProgram.read("a.tsr", in: folder))
            let store = try TrustStore(
                purpose: .timestamping, anchors: [root.certificate], settings: TrustLab.settings())
            let verdict = try TimestampToken.verify(
                token, digest: TimestampLab.digest, nonce: request.nonce, trust: store, now: now + 60)
            let facts = try #require(verdict.facts, "\(verdict)")
            #expect(facts.policy == "1.2.3.4" && facts.accuracy == .milliseconds(1500))
            #expect(facts.serial == [1] && facts.time >= now && facts.time <= now + 60)
        }
    }

    /// The content of a good token, signed again with something wrong.
    @Test("that were signed in another way", arguments: SignedAgain.all)
    func signedAgain(case again: SignedAgain) throws {
        let lab = try TimestampLab(key: .rsa2048)
        let signing = try lab.lab.authority.issue(
            .signing, to: CertificateName("kẻ khác"), key: TestKeys.key(.rsa3072).publicKey,
            validity: TrustLab.validity)
        try TemporaryFolder.with { folder in
            try OpenSSLProgram.write(try lab.token().der, "good.token", in: folder)
            try Self.good(
                ["cms", "-verify", "-noverify", "-inform", "DER", "-in", "good.token", "-out", "content"],
                in: folder)
            try OpenSSLProgram.write(lab.certificate.pem, "tsa.pem", in: folder)
            try OpenSSLProgram.write(try TestKeys.key(.rsa2048).pem, "tsa.key", in: folder)
            try OpenSSLProgram.write(signing.pem, "other.pem", in: folder)
            try OpenSSLProgram.write(try TestKeys.key(.rsa3072).pem, "other.key", in: folder)
            try OpenSSLProgram.write(lab.lab.authority.certificate.pem, "chain.pem", in: folder)
            try Self.good(
                [
                    "cms", "-sign", "-binary", "-nodetach", "-nosmimecap", "-in", "content", "-outform",
                    "DER", "-out",
                    "again", "-certfile", "chain.pem",
                ] + again.arguments, in: folder)
            let verdict = try lab.verify(OpenSSLProgram.read("again", in: folder))
            #expect(again.isRefused(verdict), "\(verdict)")
        }
    }

    @Test("that name another certificate of the same key, issuer and number")
    func substituted() throws {
        let lab = try TrustLab.shared.get()
        let key = try TestKeys.key(.rsa3072)
        let request = try CertificateRequest.make(CertificateName("TSA"), key: key)
        try TemporaryFolder.with { folder in
            try OpenSSLProgram.write(request.pem, "tsa.csr", in: folder)
            try OpenSSLProgram.write(lab.authority.certificate.pem, "ca.pem", in: folder)
            try OpenSSLProgram.write(try lab.authority.key.pem, "ca.key", in: folder)
            let extensions = """
                [tsa]
                basicConstraints = critical,CA:FALSE
                keyUsage = critical,digitalSignature
                extendedKeyUsage = critical,timeStamping
                subjectKeyIdentifier = hash
                authorityKeyIdentifier = keyid:always
                """
            try OpenSSLProgram.write(Array(extensions.utf8), "tsa.cnf", in: folder)
            let made = try ["3650", "3651"].map { days in
                try Self.good(
                    [
                        "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial",
                        "77",
                        "-days", days, "-sha256", "-extfile", "tsa.cnf", "-extensions", "tsa", "-out",
                        "tsa.pem",
                    ], in: folder)
                return try Certificate(pem: OpenSSLProgram.read("tsa.pem", in: folder))
            }
            let authority = try TimestampAuthority(
                certificate: made[0], key: key, chain: [lab.authority.certificate],
                clock: { TimestampLab.time })
            let answer = try authority.respond(to: TimestampRequest.make(digest: TimestampLab.digest).der)
            let token = try TimestampResponse.token(from: answer)
            let store = try lab.store(.timestamping)
            func verify(_ token: [UInt8]) throws -> TimestampVerdict {
                try TimestampToken.verify(
                    token, digest: TimestampLab.digest, nonce: nil, trust: store, now: TrustLab.now + 10)
            }
            #expect(try verify(token).facts != nil)
            #expect(made[0].der.count == made[1].der.count)
            let place = try #require(token.firstRange(of: made[0].der))
            var changed = token
            changed.replaceSubrange(place, with: made[1].der)
            #expect(try verify(changed).refusal?.reason == .certificateIdentifier)
        }
    }

    private static func good(_ arguments: [String], in folder: URL) throws {
        let answer = try OpenSSLProgram.run(arguments, in: folder)
        #expect(answer.isGood, "\(arguments.joined(separator: " ")): \(answer.text)")
    }

    private static func write(_ lab: TimestampLab, in folder: URL) throws {
        try OpenSSLProgram.write(lab.lab.root.certificate.pem, "root.pem", in: folder)
        try OpenSSLProgram.write(lab.lab.authority.certificate.pem, "chain.pem", in: folder)
    }
}
