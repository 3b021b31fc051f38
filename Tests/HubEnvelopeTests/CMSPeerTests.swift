import HubEnvelope
import HubModel
import Testing

/// Our envelopes in the hands of another program, and its envelopes in ours.
@Suite("CMS beside openssl", .enabled(if: OpenSSLTool.isInstalled, Comment(rawValue: OpenSSLTool.missing)))
struct CMSPeerTests {
    static let content = CMSSignatureTests.content

    /// The files of a key and its certificate.
    static func files(_ kind: KeyKind, _ others: [String: [UInt8]] = [:]) throws -> [String: [UInt8]] {
        let own = [
            "key.pem": try TestKeys.key(kind).pem, "cert.pem": try TestCertificates.certificate(kind).pem,
            "content": Self.content,
        ]
        return own.merging(others) { $1 }
    }

    @Test(
        "The peer verifies what we sign, and its parser finds it well formed",
        arguments: CMSSignatureTests.Way.all)
    func ours(way: CMSSignatureTests.Way) throws {
        for isDetached in [false, true] {
            let envelope = try CMSSignature.sign(
                Self.content, with: TestKeys.key(way.kind),
                certificate: TestCertificates.certificate(way.kind), detached: isDetached,
                algorithm: way.algorithm)
            let verify = [
                "cms", "-verify", "-binary", "-inform", "DER", "-in", "signed", "-CAfile", "cert.pem",
                "-purpose", "any",
            ]
            let beside = isDetached ? ["-content", "content"] : []
            let files = try Self.files(way.kind, ["signed": envelope])
            #expect(try OpenSSLTool.run(verify + beside, files: files) == Self.content)
            #expect(try OpenSSLTool.run(verify + beside + ["-cades"], files: files) == Self.content)
            guard isDetached else { continue }
            let other = files.merging(["content": Self.content + [0]]) { $1 }
            #expect(try OpenSSLTool.run(verify + beside, files: other) == nil)
        }
    }

    /// One way in which the peer signs.
    struct PeerWay: CustomTestStringConvertible, Sendable {
        let kind: KeyKind
        let options: [String]
        /// The name that the report gives, or the code.
        let algorithm: String?
        let code: ErrorCode?
        var testDescription: String { "\(self.kind.rawValue) \(self.options.joined(separator: " "))" }

        init(_ kind: KeyKind, _ options: [String], _ algorithm: String) {
            (self.kind, self.options, self.algorithm, self.code) = (kind, options, algorithm, nil)
        }

        init(_ kind: KeyKind, _ options: [String], refused code: ErrorCode) {
            (self.kind, self.options, self.algorithm, self.code) = (kind, options, nil, code)
        }

        static let pss = ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:-1"]
        static let all: [PeerWay] = [
            PeerWay(.p256, [], "ecdsa-with-SHA256"),
            PeerWay(.p256, ["-md", "sha256", "-cades"], "ecdsa-with-SHA256"),
            PeerWay(.p256, ["-keyid"], "ecdsa-with-SHA256"),
            PeerWay(.p256, ["-nocerts"], "ecdsa-with-SHA256"),
            PeerWay(.p256, ["-nosmimecap"], "ecdsa-with-SHA256"),
            PeerWay(.p384, ["-md", "sha384"], "ecdsa-with-SHA384"),
            PeerWay(.p521, ["-md", "sha512"], "ecdsa-with-SHA512"),
            PeerWay(.rsa2048, [], "sha256WithRSAEncryption"),
            PeerWay(.rsa3072, ["-md", "sha384"], "sha384WithRSAEncryption"),
            PeerWay(.rsa4096, ["-md", "sha512", "-cades"], "sha512WithRSAEncryption"),
            PeerWay(.rsa2048, ["-md", "sha256"] + Self.pss, "RSASSA-PSS-SHA256"),
            PeerWay(.rsa3072, ["-md", "sha512"] + Self.pss, "RSASSA-PSS-SHA512"),
            PeerWay(.p256, ["-md", "sha512"], refused: .envelopeAlgorithmRefused),
            PeerWay(.p384, ["-md", "sha256"], refused: .envelopeAlgorithmRefused),
            PeerWay(.p521, ["-md", "sha256"], refused: .envelopeAlgorithmRefused),
            PeerWay(.rsa2048, ["-md", "sha1"], refused: .envelopeAlgorithmRefused),
            PeerWay(.rsa2048, ["-md", "sha224"], refused: .envelopeAlgorithmRefused),
            PeerWay(
                .rsa2048,
                ["-md", "sha256", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:20"],
                refused: .envelopeAlgorithmRefused),
            PeerWay(.p256, ["-noattr"], refused: .envelopeSignatureMalformed),
            PeerWay(.p256, ["-stream"], refused: .envelopeSignatureMalformed),
        ]
    }

    @Test("We accept what the peer signs in an allowed way, and only that", arguments: PeerWay.all)
    func theirs(way: PeerWay) throws {
        let key = try TestKeys.key(way.kind).publicKey
        for isDetached in [false, true] {
            let isInPieces = way.options.contains("-stream")
            // In pieces is how the content is written; without content there are none.
            if isInPieces, isDetached { continue }
            let sign =
                ["cms", "-sign", "-binary", "-in", "content", "-signer", "cert.pem", "-inkey", "key.pem"]
                + ["-outform", "DER"] + way.options + (isDetached ? [] : ["-nodetach"])
            let envelope = try #require(try OpenSSLTool.run(sign, files: Self.files(way.kind)))
            let read = CMSSignatureTests.verify(
                envelope, content: isDetached ? Self.content : nil, with: key)
            #expect(read.report.code == way.code, "\(read.report)")
            #expect(read.content == (way.code == nil ? Self.content : nil))
            if way.code == nil { #expect(read.report.algorithm == way.algorithm) }
        }
    }

    @Test("Two signatures by the peer are one too many")
    func resigned() throws {
        let sign = ["-signer", "cert.pem", "-inkey", "key.pem", "-outform", "DER", "-nodetach", "-binary"]
        let once = try #require(
            try OpenSSLTool.run(["cms", "-sign", "-in", "content"] + sign, files: Self.files(.p256)))
        let twice = try #require(
            try OpenSSLTool.run(
                ["cms", "-resign", "-inform", "DER", "-in", "once"] + sign,
                files: Self.files(.rsa2048, ["once": once])))
        let report = CMSSignatureTests.verify(twice, with: try TestKeys.key(.p256).publicKey).report
        #expect(report.code == .envelopeSignatureMalformed)
    }

    @Test("Where the peer says no to a damaged envelope, so do we", arguments: 0..<60 as Range<UInt64>)
    func damaged(seed: UInt64) throws {
        var random = Random(seed: seed)
        var envelope = try CMSSignature.sign(
            Self.content, with: TestKeys.key(.p256), certificate: TestCertificates.certificate(.p256),
            detached: false)
        // In the certificate, which is not signed here, damage only makes it another's.
        let certificate = try TestCertificates.certificate(.p256).der
        let start = try #require(envelope.indices.first { envelope[$0...].starts(with: certificate) })
        var place = random.below(envelope.count - certificate.count)
        if place >= start { place += certificate.count }
        envelope[place] ^= UInt8(1 + random.below(255))
        let verify = [
            "cms", "-verify", "-binary", "-inform", "DER", "-in", "signed", "-certfile", "cert.pem",
            "-nointern", "-noverify",
        ]
        let theirs = try OpenSSLTool.run(verify, files: Self.files(.p256, ["signed": envelope]))
        let read = CMSSignatureTests.verify(envelope, with: try TestKeys.key(.p256).publicKey)
        if theirs == nil { #expect(read.report.verdict != .valid, "\(place): \(read.report)") }
        if read.content != nil { #expect(read.content == theirs) }
    }

    @Test("The peer decrypts what we encrypt", arguments: CMSSignatureTests.kinds)
    func ourEncryption(kind: KeyKind) throws {
        let sealed = try CMSEncryption.seal(Self.content, for: [TestCertificates.certificate(kind)])
        let decrypt = [
            "cms", "-decrypt", "-binary", "-inform", "DER", "-in", "sealed", "-recip", "cert.pem", "-inkey",
            "key.pem",
        ]
        let files = try Self.files(kind, ["sealed": sealed])
        #expect(try OpenSSLTool.run(decrypt, files: files) == Self.content)
        var changed = sealed
        changed[changed.count - 1] ^= 1
        #expect(try OpenSSLTool.run(decrypt, files: files.merging(["sealed": changed]) { $1 }) == nil)
    }

    static let oaep = ["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"]
    static let ecdh = ["-keyopt", "ecdh_kdf_md:sha256"]

    @Test(
        "We decrypt what the peer encrypts in an allowed way, and only that",
        arguments: [
            (KeyKind.p256, "-aes-256-gcm", Self.ecdh, nil),
            (.p384, "-aes-256-gcm", Self.ecdh, nil),
            (.p384, "-aes-256-gcm", ["-keyopt", "ecdh_kdf_md:sha384"], nil),
            (.p521, "-aes-256-gcm", Self.ecdh, nil),
            (.p521, "-aes-256-gcm", ["-keyopt", "ecdh_kdf_md:sha512"], nil),
            (.rsa2048, "-aes-256-gcm", Self.oaep, nil),
            (.rsa4096, "-aes-256-gcm", Self.oaep + ["-keyid"], nil),
            (.rsa3072, "-aes-256-gcm", Self.oaep.dropLast() + ["rsa_oaep_md:sha512"], nil),
            (.rsa2048, "-aes-256-gcm", ["-keyopt", "rsa_padding_mode:oaep"], .envelopeEncryptionRefused),
            (.rsa2048, "-aes-256-gcm", [], .envelopeEncryptionRefused),
            (.p256, "-aes-256-gcm", [], .envelopeEncryptionRefused),
            (.p256, "-aes-128-gcm", Self.ecdh, .envelopeEncryptionRefused),
            (.rsa2048, "-aes-256-cbc", Self.oaep, .envelopeEncryptionRefused),
            (.p256, "-aes-256-cbc", Self.ecdh, .envelopeEncryptionRefused),
        ] as [(KeyKind, String, [String], ErrorCode?)])
    func theirEncryption(kind: KeyKind, cipher: String, options: [String], code: ErrorCode?) throws {
        let encrypt = ["cms", "-encrypt", "-binary", cipher, "-in", "content", "-outform", "DER"]
        // The program allows options of a key behind `-recip` only.
        let sealed = try #require(
            try OpenSSLTool.run(
                encrypt + options.filter { $0 == "-keyid" } + ["-recip", "cert.pem"]
                    + options.filter { $0 != "-keyid" },
                files: Self.files(kind)))
        let (key, certificate) = try (TestKeys.key(kind), TestCertificates.certificate(kind))
        let opened = Result { () throws(HubError) in
            try CMSEncryption.open(sealed, with: key, certificate: certificate)
        }
        switch opened {
        case .success(let opened): #expect(code == nil && opened == Self.content)
        case .failure(let error): #expect(error.code == code, "\(error)")
        }
    }
}
