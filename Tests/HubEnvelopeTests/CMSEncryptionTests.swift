import HubEnvelope
import HubModel
import Testing

@Suite("CMS encryption")
struct CMSEncryptionTests {
    static let content = CMSSignatureTests.content

    /// The code of the refusal, or `nil` if the envelope is opened; then its content is the right one.
    static func refusal(of envelope: [UInt8], _ kind: KeyKind) throws -> ErrorCode? {
        let (key, certificate) = try (TestKeys.key(kind), TestCertificates.certificate(kind))
        do throws(HubError) {
            let opened = try CMSEncryption.open(envelope, with: key, certificate: certificate)
            #expect(opened == Self.content)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("Each recipient opens the envelope, and nobody else does", arguments: CMSSignatureTests.kinds)
    func roundTrip(kind: KeyKind) throws {
        let recipients = try [kind, .p256, .rsa2048].map { try TestCertificates.certificate($0) }
        let envelope = try CMSEncryption.seal(Self.content, for: recipients)
        for one in [kind, .p256, .rsa2048] { #expect(try Self.refusal(of: envelope, one) == nil) }
        let stranger: KeyKind = kind == .p384 ? .rsa3072 : .p384
        #expect(try Self.refusal(of: envelope, stranger) == .envelopeDecryptionFailed)
        let again = try CMSEncryption.seal(Self.content, for: recipients)
        #expect(again != envelope)
    }

    @Test("Content of any length comes back", arguments: [0, 1, 15, 16, 17, 65_536, 3_000_000])
    func lengths(count: Int) throws {
        let content = [UInt8](repeating: 0xA5, count: count)
        for kind in [KeyKind.p256, .rsa2048] {
            let certificate = try TestCertificates.certificate(kind)
            let envelope = try CMSEncryption.seal(content, for: [certificate])
            let opened = try CMSEncryption.open(envelope, with: TestKeys.key(kind), certificate: certificate)
            #expect(opened == content)
        }
    }

    @Test("A signed envelope inside an encrypted one holds when it is taken out")
    func signedInside() throws {
        let certificate = try TestCertificates.certificate(.p384)
        let signed = try CMSSignature.sign(
            Self.content, with: TestKeys.key(.p384), certificate: certificate, detached: false)
        let sealed = try CMSEncryption.seal(signed, for: [TestCertificates.certificate(.rsa2048)])
        let opened = try CMSEncryption.open(
            sealed, with: TestKeys.key(.rsa2048), certificate: TestCertificates.certificate(.rsa2048))
        let read = CMSSignatureTests.verify(opened, with: try TestKeys.key(.p384).publicKey)
        #expect(read.report.verdict == .valid && read.content == Self.content)
    }

    @Test("Nobody, too many, and keys that only sign cannot be recipients")
    func recipients() throws {
        let certificate = try TestCertificates.certificate(.p256)
        let edwards = try TestCertificates.certificate(.ed25519)
        for recipients in [[], Array(repeating: certificate, count: 33), [certificate, edwards]] {
            let error = #expect(throws: HubError.self) {
                try CMSEncryption.seal(Self.content, for: recipients)
            }
            #expect(error?.code == .envelopeKeyUnusable)
        }
        let envelope = try CMSEncryption.seal(Self.content, for: [certificate])
        #expect(try Self.refusal(of: envelope, .ed25519) == .envelopeKeyUnusable)
        let error = #expect(throws: HubError.self) {
            try CMSEncryption.open(envelope, with: TestKeys.key(.p384), certificate: certificate)
        }
        #expect(error?.code == .envelopeKeyUnusable)
        let large = [UInt8](repeating: 0, count: 64 << 20)
        let tooLarge = #expect(throws: HubError.self) { try CMSEncryption.seal(large, for: [certificate]) }
        #expect(tooLarge?.code == .intakeTooLarge)
    }

    @Test("Another certificate of the same key is not the recipient")
    func renewed() throws {
        let key = try TestKeys.key(.rsa2048)
        let envelope = try CMSEncryption.seal(Self.content, for: [TestCertificates.make(key)])
        #expect(try Self.refusal(of: envelope, .rsa2048) == .envelopeDecryptionFailed)
    }

    @Test(
        "Content, tag and attributes that were altered have one answer", arguments: [KeyKind.p256, .rsa2048])
    func oneAnswer(kind: KeyKind) throws {
        let envelope = try CMSEncryption.seal(Self.content, for: [TestCertificates.certificate(kind)])
        let fields = Self.fields(envelope)
        #expect(try Self.refusal(of: Self.envelope(fields), kind) == nil)
        let attribute = HandMadeCMS.attribute("1.2.3.4", TestDER.null)
        var errors: [HubError] = []
        for change in 0..<5 {
            var changed = fields
            switch change {
            case 0: changed[2][changed[2].count - 1] ^= 1
            case 1: changed[3][changed[3].count - 1] ^= 1
            case 2: changed[1][changed[1].count - 1] ^= 1
            case 3: changed.insert(TestDER.context(1, attribute), at: 3)
            default: changed.append(TestDER.context(2, attribute))
            }
            let error = #expect(throws: HubError.self, "\(change)") {
                try CMSEncryption.open(
                    Self.envelope(changed), with: TestKeys.key(kind),
                    certificate: TestCertificates.certificate(kind))
            }
            if let error { errors.append(error) }
        }
        let foreign = try CMSEncryption.seal(Self.content, for: [TestCertificates.certificate(.p384)])
        let error = #expect(throws: HubError.self) {
            try CMSEncryption.open(
                foreign, with: TestKeys.key(kind), certificate: TestCertificates.certificate(kind))
        }
        if let error { errors.append(error) }
        #expect(errors.count == 6 && errors.allSatisfy { $0.code == .envelopeDecryptionFailed })
        #expect(Set(errors.map(\.description)).count == 1 && errors.allSatisfy { $0.cause == nil })
    }

    /// One envelope of a form that is not opened.
    struct Form: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let change: @Sendable (inout [[UInt8]]) -> Void

        init(_ description: String, _ change: @escaping @Sendable (inout [[UInt8]]) -> Void) {
            (self.testDescription, self.change) = (description, change)
        }

        private static func content(_ cipher: String, _ parameters: [UInt8], _ rest: [UInt8]) -> [UInt8] {
            TestDER.sequence(
                TestDER.identifier(HandMadeCMS.dataType),
                TestDER.sequence(TestDER.identifier(cipher), parameters), rest)
        }

        private static let gcm = "2.16.840.1.101.3.4.1.46"
        private static let nonce = TestDER.octets([UInt8](repeating: 1, count: 12))
        private static let cipherText = TestDER.element(0x80, [1, 2, 3])

        static let all: [Form] = [
            Form("another version") { $0[0] = TestDER.integer(2) },
            Form("no recipient") { $0[1] = TestDER.set([]) },
            Form("a recipient by password") {
                $0[1] = TestDER.set([TestDER.context(3, TestDER.integer(0))])
            },
            Form("a key of the sender's") { $0.insert(TestDER.context(0, []), at: 1) },
            Form("more recipients than anyone needs") {
                let recipient = TestDER.content(of: $0[1])
                $0[1] = TestDER.set(Array(repeating: recipient, count: 33))
            },
            Form("a tag of twelve bytes") { $0[3] = TestDER.octets(Array($0[3].dropFirst(2).prefix(12))) },
            Form("a tag of twelve bytes that is announced") {
                let parameters = TestDER.sequence(Self.nonce, TestDER.integer(12))
                $0[2] = Self.content(Self.gcm, parameters, Self.cipherText)
            },
            Form("a tag of the length by default, which is twelve") {
                $0[2] = Self.content(Self.gcm, TestDER.sequence(Self.nonce), Self.cipherText)
            },
            Form("a nonce of eight bytes") {
                let nonce = TestDER.octets([UInt8](repeating: 1, count: 8))
                $0[2] = Self.content(Self.gcm, TestDER.sequence(nonce, TestDER.integer(16)), Self.cipherText)
            },
            Form("AES-128") {
                let parameters = TestDER.sequence(Self.nonce, TestDER.integer(16))
                $0[2] = Self.content("2.16.840.1.101.3.4.1.6", parameters, Self.cipherText)
            },
            Form("AES-256 in CBC") {
                let vector = TestDER.octets([UInt8](repeating: 1, count: 16))
                $0[2] = Self.content("2.16.840.1.101.3.4.1.42", vector, Self.cipherText)
            },
            Form("content in pieces (BER)") {
                let parameters = TestDER.sequence(Self.nonce, TestDER.integer(16))
                $0[2] = Self.content(Self.gcm, parameters, TestDER.context(0, TestDER.octets([1])))
            },
            Form("content beside the envelope") {
                let parameters = TestDER.sequence(Self.nonce, TestDER.integer(16))
                $0[2] = Self.content(Self.gcm, parameters, [])
            },
            Form("something behind the tag") { $0.append(TestDER.null) },
        ]
    }

    @Test("What is not of the one form is refused for it", arguments: Form.all)
    func form(form: Form) throws {
        for kind in [KeyKind.p256, .rsa2048] {
            let envelope = try CMSEncryption.seal(Self.content, for: [TestCertificates.certificate(kind)])
            var fields = Self.fields(envelope)
            form.change(&fields)
            #expect(try Self.refusal(of: Self.envelope(fields), kind) == .envelopeEncryptionRefused)
        }
    }

    @Test("Other types, other encodings and remains are refused")
    func otherTypes() throws {
        let envelope = try CMSEncryption.seal(Self.content, for: [TestCertificates.certificate(.p256)])
        let fields = Self.fields(envelope)
        let outer = [0x30, 0x80] + TestDER.content(of: envelope) + [0, 0]
        let signed = try HandMadeCMS(Self.content).der()
        for changed in [
            [], [0x30], envelope + [0], Array(envelope.dropLast()), outer, signed,
            Self.envelope(fields, type: "1.2.840.113549.1.7.3"),
            Self.envelope(fields, type: "1.2.840.113549.1.9.16.1.9"),
        ] {
            #expect(try Self.refusal(of: changed, .p256) == .envelopeEncryptionRefused)
        }
    }

    @Test("Whatever byte is changed, no other content comes out", arguments: [KeyKind.p256, .rsa2048])
    func everyByte(kind: KeyKind) throws {
        let envelope = try CMSEncryption.seal(Self.content, for: [TestCertificates.certificate(kind)])
        var opened: [Int] = []
        for position in envelope.indices {
            var changed = envelope
            changed[position] ^= 0x01
            let code = try Self.refusal(of: changed, kind)
            if code == nil { opened.append(position) }
            #expect(
                code == nil || code == .envelopeDecryptionFailed || code == .envelopeEncryptionRefused)
        }
        #expect(opened.isEmpty)
    }

    @Test("Damage of any kind is refused or harmless", arguments: 0..<200 as Range<UInt64>)
    func damaged(seed: UInt64) throws {
        var random = Random(seed: seed)
        var envelope = try CMSEncryption.seal(Self.content, for: [TestCertificates.certificate(.p256)])
        for _ in 0...random.below(2) {
            let place = random.below(envelope.count)
            switch random.below(3) {
            case 0: envelope[place] = UInt8(random.below(256))
            case 1: envelope.remove(at: place)
            default: envelope.insert(UInt8(random.below(256)), at: place)
            }
        }
        _ = try Self.refusal(of: envelope, .p256)
    }

    /// Version, recipients, content and tag of an envelope.
    private static func fields(_ envelope: [UInt8]) -> [[UInt8]] {
        let outer = TestDER.elements(of: TestDER.content(of: envelope))
        return TestDER.elements(of: TestDER.content(of: TestDER.content(of: outer[1])))
    }

    private static func envelope(
        _ fields: [[UInt8]], type: String = "1.2.840.113549.1.9.16.1.23"
    ) -> [UInt8] {
        let content = TestDER.element(0x30, fields.flatMap { $0 })
        return TestDER.sequence(TestDER.identifier(type), TestDER.context(0, content))
    }
}
