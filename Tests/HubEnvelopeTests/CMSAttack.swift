import HubEnvelope
import HubModel
import Testing

/// One way to make a signed envelope that must not be believed, and the code that says so.
struct CMSAttack: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let code: ErrorCode
    let made: @Sendable () throws -> [UInt8]

    static let content = Array("HS 240315-0001: đồng ý".utf8)

    /// An envelope that was altered before it was signed.
    init(
        _ description: String, _ code: ErrorCode = .envelopeSignatureMalformed, kind: KeyKind = .p256,
        _ change: @escaping @Sendable (inout HandMadeCMS) throws -> Void
    ) {
        self.testDescription = description
        self.code = code
        self.made = {
            var envelope = try HandMadeCMS(Self.content, kind: kind)
            try change(&envelope)
            return try envelope.der()
        }
    }

    /// A sound envelope that was altered afterwards.
    init(
        after description: String, _ code: ErrorCode = .envelopeSignatureMalformed,
        _ change: @escaping @Sendable ([UInt8]) throws -> [UInt8]
    ) {
        self.testDescription = description
        self.code = code
        self.made = { try change(HandMadeCMS(Self.content).der()) }
    }

    private static func attribute(_ type: String, _ values: [UInt8]...) -> [UInt8] {
        TestDER.sequence(TestDER.identifier(type), TestDER.set(values))
    }

    private static func algorithm(_ type: String, _ parameters: [UInt8] = []) -> [UInt8] {
        TestDER.sequence(TestDER.identifier(type), parameters)
    }

    /// RSASSA-PSS with these two hashes and this salt.
    private static func pss(_ hash: [UInt8], mask: [UInt8], salt: UInt8) -> [UInt8] {
        let mask = Self.algorithm("1.2.840.113549.1.1.8", mask)
        return Self.algorithm(
            "1.2.840.113549.1.1.10",
            TestDER.sequence(
                TestDER.context(0, hash), TestDER.context(1, mask), TestDER.context(2, TestDER.integer(salt)))
        )
    }

    private static let sha1 = Self.algorithm("1.3.14.3.2.26")
    private static let sha384 = Self.algorithm("2.16.840.1.101.3.4.2.2")
    private static let contentType = "1.2.840.113549.1.9.3"
    private static let messageDigest = "1.2.840.113549.1.9.4"

    static let ofAttributes: [CMSAttack] = [
        CMSAttack("no signed attributes") { $0.attributes = nil },
        CMSAttack("an empty set of signed attributes") { $0.attributes = [] },
        CMSAttack("no content-type") { $0.attributes?.removeFirst() },
        CMSAttack("no message-digest") { $0.attributes?.removeLast() },
        CMSAttack("two content-types") {
            $0.attributes?.append(
                Self.attribute(Self.contentType, TestDER.identifier(HandMadeCMS.dataType)))
        },
        CMSAttack("two message-digests, the second of other content") {
            $0.attributes?.append(
                Self.attribute(Self.messageDigest, TestDER.octets(SHA256.hash("khác").bytes)))
        },
        CMSAttack("two values in one message-digest") {
            let digest = TestDER.octets(SHA256.hash(Self.content).bytes)
            $0.attributes?[1] = Self.attribute(
                Self.messageDigest, digest, TestDER.octets(SHA256.hash("").bytes))
        },
        CMSAttack("a message-digest without a value") {
            $0.attributes?[1] = Self.attribute(Self.messageDigest)
        },
        CMSAttack("a message-digest that is cut short") {
            $0.attributes?[1] = Self.attribute(
                Self.messageDigest, TestDER.octets(Array(SHA256.hash(Self.content).bytes.prefix(16))))
        },
        CMSAttack("an unknown attribute twice") {
            $0.attributes?.append(Self.attribute("1.2.3.4", TestDER.null))
            $0.attributes?.append(Self.attribute("1.2.3.4", TestDER.integer(1)))
        },
        CMSAttack("a content-type of something else") {
            $0.attributes?[0] = Self.attribute(
                Self.contentType, TestDER.identifier("1.2.840.113549.1.7.2"))
        },
        CMSAttack("attributes in another order than that of DER") {
            $0.isSorted = false
            $0.attributes?.reverse()
            if let attributes = $0.attributes, attributes[0].lexicographicallyPrecedes(attributes[1]) {
                $0.attributes?.reverse()
            }
        },
        CMSAttack("a signing-time that is no date") {
            $0.attributes?.append(
                Self.attribute(
                    "1.2.840.113549.1.9.5", TestDER.element(0x17, Array("260231000000Z".utf8))))
        },
        CMSAttack("a message-digest of other content", .envelopeSignatureInvalid) {
            $0.attributes?[1] = Self.attribute(
                Self.messageDigest, TestDER.octets(SHA256.hash("khác").bytes))
        },
        CMSAttack("the hash of another certificate was signed", .envelopeSignatureInvalid) {
            let other = SHA256.hash(try TestCertificates.make($0.key).der).bytes
            let value = TestDER.sequence(TestDER.sequence(TestDER.sequence(TestDER.octets(other))))
            $0.attributes?.append(Self.attribute("1.2.840.113549.1.9.16.2.47", value))
        },
        CMSAttack("another name than the one that was signed", .envelopeSignatureInvalid) {
            let certificate = try TestCertificates.make($0.key)
            let fields = TestDER.elements(of: TestDER.content(of: HandMadeCMS.name(certificate)))
            let name = TestDER.sequence(TestDER.sequence(TestDER.context(4, fields[0])), fields[1])
            let hash = TestDER.octets(SHA256.hash($0.certificate.der).bytes)
            let value = TestDER.sequence(TestDER.sequence(TestDER.sequence(hash, name)))
            $0.attributes?.append(Self.attribute("1.2.840.113549.1.9.16.2.47", value))
        },
        CMSAttack("a signing-certificate that is no hash") {
            let value = TestDER.sequence(TestDER.sequence(TestDER.sequence(TestDER.octets([1, 2, 3]))))
            $0.attributes?.append(Self.attribute("1.2.840.113549.1.9.16.2.47", value))
        },
        CMSAttack("a counter-signature") {
            $0.unsigned = TestDER.context(1, Self.attribute("1.2.840.113549.1.9.6", TestDER.sequence()))
        },
        CMSAttack("an unsigned attribute twice") {
            let attribute = Self.attribute("1.2.3.4", TestDER.null)
            $0.unsigned = TestDER.context(1, attribute + attribute)
        },
        CMSAttack("more attributes than anyone needs") {
            $0.attributes? += (0..<40).map { Self.attribute("1.2.3.\($0)", TestDER.null) }
        },
    ]

    static let ofAlgorithms: [CMSAttack] = [
        CMSAttack("SHA-1", .envelopeAlgorithmRefused) {
            $0.digest = Self.sha1
            $0.digests = [Self.sha1]
            $0.attributes?[1] = Self.attribute(
                Self.messageDigest, TestDER.octets([UInt8](repeating: 7, count: 20)))
        },
        CMSAttack("SHA-1 with RSA", .envelopeAlgorithmRefused, kind: .rsa2048) {
            $0.algorithm = Self.algorithm("1.2.840.113549.1.1.5", TestDER.null)
        },
        CMSAttack("a digest that is not that of the signature", .envelopeAlgorithmRefused) {
            $0.algorithm = Self.algorithm("1.2.840.10045.4.3.3")
        },
        CMSAttack("a signature by Ed25519", .envelopeAlgorithmRefused) {
            $0.algorithm = Self.algorithm("1.3.101.112")
        },
        CMSAttack("ECDSA with parameters", .envelopeAlgorithmRefused) {
            $0.algorithm = Self.algorithm("1.2.840.10045.4.3.2", TestDER.null)
        },
        CMSAttack("PSS by default, which is SHA-1", .envelopeAlgorithmRefused, kind: .rsa2048) {
            $0.algorithm = Self.algorithm("1.2.840.113549.1.1.10", TestDER.sequence())
        },
        CMSAttack("PSS with a short salt", .envelopeAlgorithmRefused, kind: .rsa2048) {
            $0.algorithm = Self.pss(HandMadeCMS.sha256, mask: HandMadeCMS.sha256, salt: 20)
        },
        CMSAttack("PSS with a mask of SHA-1", .envelopeAlgorithmRefused, kind: .rsa2048) {
            $0.algorithm = Self.pss(HandMadeCMS.sha256, mask: Self.sha1, salt: 32)
        },
        CMSAttack("PSS with another hash than the digest", .envelopeAlgorithmRefused, kind: .rsa2048) {
            $0.algorithm = Self.pss(Self.sha384, mask: Self.sha384, salt: 48)
        },
        CMSAttack("an algorithm of RSA over a signature of a curve", .envelopeAlgorithmRefused) {
            $0.algorithm = Self.algorithm("1.2.840.113549.1.1.11", TestDER.null)
        },
        CMSAttack("PKCS #1 v1.5 under the name of PSS", .envelopeSignatureInvalid, kind: .rsa2048) {
            $0.algorithm = Self.pss(HandMadeCMS.sha256, mask: HandMadeCMS.sha256, salt: 32)
        },
        CMSAttack("another digest announced than used") { $0.digests = [Self.sha384] },
        CMSAttack("two digests announced") { $0.digests.append(Self.sha384) },
        CMSAttack("no digest announced") { $0.digests = [] },
    ]

    static let ofStructure: [CMSAttack] = [
        CMSAttack("two signers") { $0.signerCount = 2 },
        CMSAttack("no signer") { $0.signerCount = 0 },
        CMSAttack("revocation lists") { $0.extra = TestDER.context(1, TestDER.sequence()) },
        CMSAttack("more certificates than anyone needs") {
            $0.certificates = Array(repeating: $0.certificate.der, count: 9)
        },
        CMSAttack("the signer's certificate twice") {
            $0.certificates = [$0.certificate.der, $0.certificate.der]
        },
        CMSAttack("an attribute certificate") {
            $0.certificates.append(TestDER.context(2, TestDER.sequence()))
        },
        CMSAttack("a certificate that is none") { $0.certificates.append(TestDER.sequence()) },
        CMSAttack("the version of another form") { $0.version = 3 },
        CMSAttack("a signature of the version of another form") { $0.signerVersion = 3 },
        CMSAttack("a time stamp for content") { $0.innerType = "1.2.840.113549.1.9.16.1.4" },
        CMSAttack("content that is no octets") { $0.content = TestDER.sequence() },
        CMSAttack("content in pieces (BER)") {
            $0.content = TestDER.element(0x24, TestDER.octets(Self.content))
        },
        CMSAttack("content twice") { $0.content = ($0.content ?? []) + ($0.content ?? []) },
        CMSAttack("plain data in place of signed") { $0.outerType = HandMadeCMS.dataType },
        CMSAttack("enveloped data in place of signed") { $0.outerType = "1.2.840.113549.1.7.3" },
        CMSAttack("digested data in place of signed") { $0.outerType = "1.2.840.113549.1.7.5" },
        CMSAttack("compressed data in place of signed") { $0.outerType = "1.2.840.113549.1.9.16.1.9" },
        CMSAttack("another key under the registered name", .envelopeSignatureInvalid) {
            $0.key = try SigningKey.generate(.p256)
        },
        CMSAttack("an attacker's key and certificate", .envelopeSignatureInvalid) {
            $0.key = try SigningKey.generate(.p256)
            $0.certificate = try TestCertificates.make($0.key)
            $0.certificates = [$0.certificate.der]
            $0.signerName = HandMadeCMS.name($0.certificate)
        },
        CMSAttack("an attacker's certificate over a sound signature", .envelopeSignatureInvalid) {
            let certificate = try TestCertificates.make(SigningKey.generate(.p256))
            $0.certificates = [certificate.der]
            $0.signerName = HandMadeCMS.name(certificate)
        },
        CMSAttack("an attacker's certificate without the one that is named", .envelopeSignatureInvalid) {
            $0.key = try SigningKey.generate(.p256)
            $0.certificates = [try TestCertificates.make($0.key).der]
        },
    ]

    static let ofEncoding: [CMSAttack] = [
        CMSAttack(after: "a byte behind") { $0 + [0] },
        CMSAttack(after: "the envelope twice") { $0 + $0 },
        CMSAttack(after: "the last byte missing") { Array($0.dropLast()) },
        CMSAttack(after: "one byte") { [$0[0]] },
        CMSAttack(after: "an indefinite length (BER)") {
            [0x30, 0x80] + TestDER.content(of: $0) + [0, 0]
        },
        CMSAttack(after: "an indefinite length inside (BER)") {
            let parts = TestDER.elements(of: TestDER.content(of: $0))
            return TestDER.sequence(parts[0], [0xA0, 0x80] + TestDER.content(of: parts[1]) + [0, 0])
        },
        CMSAttack(after: "a length with a zero before it") {
            let content = TestDER.content(of: $0)
            return [0x30, 0x83, 0] + TestDER.length(content.count).dropFirst() + content
        },
        CMSAttack(after: "a length of nine bytes") {
            [0x30, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 1] + $0
        },
        CMSAttack(after: "a length beyond what numbers hold") {
            [0x30, 0x88] + [UInt8](repeating: 0xFF, count: 8) + $0
        },
        CMSAttack(after: "a third part in the outermost sequence") {
            TestDER.sequence(TestDER.content(of: $0), TestDER.null)
        },
        CMSAttack(after: "a tag of two bytes") { TestDER.sequence([0x1F, 0x22, 0], $0) },
        CMSAttack(after: "ten thousand sequences in each other") { _ in
            (0..<10_000).reduce(into: [0x30, 0x00]) { der, _ in
                der = der.count < 60_000 ? [0x30] + TestDER.length(der.count) + der : der
            }
        },
        CMSAttack(after: "a hundred thousand sequences beside each other") { _ in
            TestDER.sequence((0..<100_000).flatMap { _ in [0x30, 0x00] as [UInt8] })
        },
        CMSAttack(after: "PEM") { _ in Array("-----BEGIN CMS-----\nMAA=\n-----END CMS-----\n".utf8) },
        CMSAttack(after: "zeros") { [UInt8](repeating: 0, count: $0.count) },
    ]

    static let all = Self.ofAttributes + Self.ofAlgorithms + Self.ofStructure + Self.ofEncoding
}
