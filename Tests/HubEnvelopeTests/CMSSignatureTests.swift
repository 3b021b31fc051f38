import HubEnvelope
import HubModel
import Testing

@Suite("CMS signatures")
struct CMSSignatureTests {
    static let content = Array("Kính gửi Uỷ ban nhân dân tỉnh Phú Thọ\r\n\n\0\u{1A}".utf8)
    static let kinds = KeyKind.allCases.filter { $0 != .ed25519 }

    /// A key and one of the ways in which it signs.
    struct Way: CustomTestStringConvertible, Sendable {
        let kind: KeyKind
        let algorithm: SignatureAlgorithm
        var testDescription: String { "\(self.kind.rawValue) with \(self.algorithm.rawValue)" }

        static let all = CMSSignatureTests.kinds.flatMap { kind in
            SignatureAlgorithm.allCases.filter { $0.suits(kind) }.map { Way(kind: kind, algorithm: $0) }
        }
    }

    static func verify(
        _ envelope: [UInt8], content: [UInt8]? = nil, with key: PublicKey
    ) -> (report: SignatureReport, content: [UInt8]?) {
        CMSSignature.verify(envelope, content: content) { _ in key }
    }

    @Test("An envelope holds for its content and its key, and for nothing else", arguments: Way.all)
    func roundTrip(way: Way) throws {
        let key = try TestKeys.key(way.kind)
        let certificate = try TestCertificates.certificate(way.kind)
        for isDetached in [false, true] {
            let envelope = try CMSSignature.sign(
                Self.content, with: key, certificate: certificate, detached: isDetached,
                algorithm: way.algorithm)
            let beside = isDetached ? Self.content : nil
            var asked: [CMSSigner] = []
            let (report, content) = CMSSignature.verify(envelope, content: beside) { signer in
                asked.append(signer)
                return key.publicKey
            }
            #expect(report.verdict == .valid && report.code == nil && report.refusal == nil, "\(report)")
            #expect(content == Self.content)
            #expect(report.key == key.publicKey.fingerprint && report.claimedKey == report.key)
            #expect(asked.count == 1 && asked.first?.certificate == certificate)
            #expect(asked.first?.fingerprint == certificate.fingerprint)
            #expect(asked.first?.isName(of: certificate) == true)
            #expect(try asked.first?.isName(of: TestCertificates.make(key)) == false)

            let unknown = CMSSignature.verify(envelope, content: beside) { _ in nil }
            #expect(unknown.report.verdict == .notVerifiable && unknown.report.code == .envelopeKeyUnknown)
            #expect(unknown.report.claimedKey == certificate.fingerprint && unknown.content == nil)
            let other = Self.verify(
                envelope, content: beside, with: try SigningKey.generate(.p256).publicKey)
            #expect(other.report.verdict == .invalid && other.report.key == nil && other.content == nil)
        }
    }

    @Test("A detached signature does not hold for other content")
    func changedContent() throws {
        let key = try TestKeys.key(.p256)
        let envelope = try CMSSignature.sign(
            Self.content, with: key, certificate: TestCertificates.certificate(.p256), detached: true)
        for changed in [[], Self.content + [0], Self.content.dropLast() + [], [0] + Self.content] {
            let (report, content) = Self.verify(envelope, content: changed, with: key.publicKey)
            #expect(report.verdict == .invalid && report.code == .envelopeSignatureInvalid)
            #expect(content == nil)
        }
    }

    @Test("Content of any length is signed as it is", arguments: [0, 1, 127, 128, 65_535, 65_536, 3_000_000])
    func lengths(count: Int) throws {
        let key = try TestKeys.key(.p256)
        let content = [UInt8](repeating: 0x0A, count: count)
        for isDetached in [false, true] {
            let envelope = try CMSSignature.sign(
                content, with: key, certificate: TestCertificates.certificate(.p256), detached: isDetached)
            let read = Self.verify(envelope, content: isDetached ? content : nil, with: key.publicKey)
            #expect(read.report.verdict == .valid && read.content == content, "\(read.report)")
        }
    }

    @Test("More than the limit is refused on both sides")
    func tooLarge() throws {
        let key = try TestKeys.key(.p256)
        let large = [UInt8](repeating: 0, count: (64 << 20) + 1)
        let error = #expect(throws: HubError.self) {
            try CMSSignature.sign(
                large, with: key, certificate: TestCertificates.certificate(.p256), detached: true)
        }
        #expect(error?.code == .intakeTooLarge)
        #expect(Self.verify(large, with: key.publicKey).report.code == .envelopeSignatureMalformed)
        #expect(CMSSignature.inspect(large).fault != nil)
    }

    @Test("Nothing at all is a missing signature")
    func absent() throws {
        let report = Self.verify([], with: try TestKeys.key(.p256).publicKey).report
        #expect(report.verdict == .absent && report.code == .envelopeSignatureMissing)
    }

    @Test("Certificates beside the signer's are enclosed, told to the caller, and not taken for the signer's")
    func chain() throws {
        let (key, certificate) = try (TestKeys.key(.p256), TestCertificates.certificate(.p256))
        let others = try [KeyKind.p384, .rsa2048].map { try TestCertificates.certificate($0) }
        let moment = try #require(Timestamp(rfc3339: "2026-03-01T08:30:00Z"))
        let envelope = try CMSSignature.sign(
            Self.content, with: key, certificate: certificate, chain: others, detached: false, at: moment)
        let read = CMSSignature.verify(envelope, content: nil) { signer in
            #expect(signer.certificate == certificate && signer.signingTime == moment)
            #expect(Set(signer.enclosedCertificates) == Set((others + [certificate]).map(\.der)))
            return key.publicKey
        }
        #expect(read.report.verdict == .valid, "\(read.report)")
        #expect(CMSSignature.inspect(envelope).certificates.filter(\.isSigner).count == 1)
        for chain in [Array(repeating: others[0], count: 8), [certificate]] {
            let error = #expect(throws: HubError.self) {
                try CMSSignature.sign(
                    [], with: key, certificate: certificate, chain: chain, detached: false)
            }
            #expect(error?.code == (chain.count == 8 ? .envelopeKeyUnusable : .envelopeCryptoFailed))
        }
    }

    @Test("The key of another certificate does not sign for it")
    func foreignCertificate() throws {
        let error = #expect(throws: HubError.self) {
            try CMSSignature.sign(
                [], with: TestKeys.key(.p256), certificate: TestCertificates.certificate(.rsa2048),
                detached: false)
        }
        #expect(error?.code == .envelopeKeyUnusable)
    }

    @Test("An algorithm that is not of the key is refused, and so is Ed25519 as a whole")
    func algorithms() throws {
        let unsuited = #expect(throws: HubError.self) {
            try CMSSignature.sign(
                [], with: TestKeys.key(.p256), certificate: TestCertificates.certificate(.p256),
                detached: false, algorithm: .rsaPSSSHA256)
        }
        #expect(unsuited?.code == .envelopeKeyUnusable)
        let edwards = #expect(throws: HubError.self) {
            try CMSSignature.sign(
                [], with: TestKeys.key(.ed25519), certificate: TestCertificates.certificate(.ed25519),
                detached: false)
        }
        #expect(edwards?.code == .envelopeAlgorithmRefused)
    }

    @Test(
        "An envelope put together by hand is as good, with the certificate and without, however it is named")
    func handMade() throws {
        let certificate = try TestCertificates.certificate(.p256)
        var made = try HandMadeCMS(Self.content)
        for name in [made.signerName, HandMadeCMS.keyIdentifier(certificate)] {
            let isIdentifier = name.first == 0x80
            made.signerName = name
            made.version = isIdentifier ? 3 : 1
            made.signerVersion = made.version
            for certificates in [[certificate.der], []] {
                made.certificates = certificates
                let (report, content) = CMSSignature.verify(try made.der(), content: nil) { signer in
                    #expect((signer.certificate != nil) == !certificates.isEmpty)
                    return signer.isName(of: certificate) ? try? certificate.publicKey() : nil
                }
                #expect(report.verdict == .valid && content == Self.content, "\(report)")
                #expect(report.algorithm == "ecdsa-with-SHA256")
            }
        }
    }

    @Test("Attributes that nobody here knows are no obstacle, signed or not")
    func unknownAttributes() throws {
        var made = try HandMadeCMS(Self.content)
        made.attributes?.append(HandMadeCMS.attribute("1.2.3.4", TestDER.null, TestDER.integer(7)))
        made.unsigned = TestDER.context(
            1, HandMadeCMS.attribute("1.2.840.113549.1.9.16.2.14", TestDER.sequence()))
        let read = Self.verify(try made.der(), with: made.key.publicKey)
        #expect(read.report.verdict == .valid && read.content == Self.content, "\(read.report)")
    }
}
