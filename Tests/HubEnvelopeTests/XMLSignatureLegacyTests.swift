import Foundation
import HubEnvelope
import HubModel
import HubXML
import Testing

/// What software in the field really sends: old algorithms, stub certificates, elements where nobody looks.
///
/// The documents in `Vectors/Legacy` were signed by `xmlsec1`, as nothing here makes such signatures.
@Suite("Old XML signatures")
struct XMLSignatureLegacyTests {
    /// One document of the field, and how it is judged without and with SHA-1 allowed.
    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let file: String
        let key: String
        let strict: ErrorCode
        /// `nil` for one that is valid then.
        let lenient: ErrorCode?
        let notes: Set<SignatureLegacy>

        init(
            _ file: String, _ key: String, _ strict: ErrorCode, _ lenient: ErrorCode?,
            _ notes: Set<SignatureLegacy>
        ) {
            (self.testDescription, self.file, self.key) = (file, file, key)
            (self.strict, self.lenient, self.notes) = (strict, lenient, notes)
        }
    }

    static let samples: [Sample] = [
        Sample("rsa-sha1", "rsa2048", .envelopeAlgorithmRefused, nil, [.weakAlgorithm]),
        Sample("rsa-sha1-sha256", "rsa2048", .envelopeAlgorithmRefused, nil, [.weakAlgorithm]),
        Sample("rsa-sha256-sha1", "rsa2048", .envelopeAlgorithmRefused, nil, [.weakAlgorithm]),
        Sample(
            "rsa-sha1-inclusive", "rsa2048", .envelopeAlgorithmRefused, .envelopeSignatureMalformed,
            [.weakAlgorithm, .inclusiveCanonicalisation]),
        Sample(
            "rsa-md5", "rsa2048", .envelopeAlgorithmRefused, .envelopeAlgorithmRefused, [.weakAlgorithm]),
        Sample(
            "rsa-sha1-md5", "rsa2048", .envelopeAlgorithmRefused, .envelopeAlgorithmRefused,
            [.weakAlgorithm]),
        Sample("ecdsa-sha1", "p256", .envelopeAlgorithmRefused, .envelopeAlgorithmRefused, [.weakAlgorithm]),
        Sample(
            "ecdsa-sha256-sha1", "p256", .envelopeAlgorithmRefused, .envelopeAlgorithmRefused,
            [.weakAlgorithm]),
        Sample("rsa1024-sha256", "rsa2048", .envelopeSignatureInvalid, .envelopeSignatureInvalid, []),
        Sample(
            "rsa1024-sha1", "rsa2048", .envelopeAlgorithmRefused, .envelopeSignatureInvalid,
            [.weakAlgorithm]),
    ]

    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/Legacy")
        return [UInt8](try Data(contentsOf: folder.appending(path: name)))
    }

    static func report(
        _ text: String, _ key: PublicKey?, allowing legacy: LegacyPolicy = []
    ) throws -> SignatureReport {
        XMLSignature.verify(
            try XMLDocument.parse(Array(text.utf8)), with: key.map { [$0] } ?? [], allowing: legacy)
    }

    @Test(
        "are refused by name, and SHA-1 below RSA is accepted where somebody asks for it", arguments: samples)
    func judged(sample: Sample) throws {
        let key = try PublicKey(pem: Self.bytes(sample.key + ".pem"))
        let text = TestDocument.text(try Self.bytes(sample.file + ".xml"))
        let strict = try Self.report(text, key)
        #expect(strict.verdict == .invalid && strict.code == sample.strict, "\(strict)")
        #expect(strict.legacy == sample.notes)
        let lenient = try Self.report(text, key, allowing: .sha1)
        #expect(lenient.code == sample.lenient, "\(lenient)")
        #expect(lenient.verdict == (sample.lenient == nil ? .valid : .invalid))
        #expect(lenient.key == (sample.lenient == nil ? key.fingerprint : nil))
        #expect(lenient.legacy == sample.notes && lenient.isLegacy == !sample.notes.isEmpty)
    }

    @Test("are held against their content like any other", arguments: samples.filter { $0.lenient == nil })
    func changed(sample: Sample) throws {
        let key = try PublicKey(pem: Self.bytes(sample.key + ".pem"))
        let text = TestDocument.text(try Self.bytes(sample.file + ".xml"))
        let other = try Self.report(text.replacing("H44.13", with: "H44.14"), key, allowing: .sha1)
        #expect(other.verdict == .invalid && other.code == .envelopeSignatureInvalid && other.isLegacy)
        let named = text.replacing("<SignedInfo>", with: "<SignedInfo Id=\"a\">")
        let info = try Self.report(named, key, allowing: .sha1)
        #expect(info.verdict == .invalid && info.code == .envelopeSignatureInvalid)
        let stranger = try Self.report(text, TestKeys.key(.rsa3072).publicKey, allowing: .sha1)
        #expect(stranger.verdict == .invalid && stranger.isLegacy)
        #expect(try Self.report(text, nil, allowing: .sha1).code == .envelopeKeyUnknown)
        let curve = try Self.report(text, TestKeys.key(.p256).publicKey, allowing: .sha1)
        #expect(curve.code == .envelopeAlgorithmRefused)
    }

    @Test("by a short key stay refused, because such a key cannot be registered")
    func shortKey() throws {
        let error = #expect(throws: HubError.self) { try PublicKey(pem: Self.bytes("rsa1024.pem")) }
        #expect(error?.code == .envelopeKeyUnusable)
        for file in ["rsa1024-sha256", "rsa1024-sha1"] {
            let report = try Self.report(
                TestDocument.text(Self.bytes(file + ".xml")), nil, allowing: .sha1)
            #expect(report.verdict == .notVerifiable && report.code == .envelopeKeyUnknown)
        }
    }

    @Test("A signature of today is marked by nothing, whatever is allowed")
    func modern() throws {
        let key = try TestKeys.key(.rsa2048)
        let certificate = try Certificate.selfSigned(key: key, commonName: "qlvb-mau", days: 30)
        for shown in [nil, certificate] {
            let signed = TestDocument.text(
                try XMLSignature.sign(TestDocument.plain, with: key, certificate: shown))
            for legacy in [LegacyPolicy(), .sha1] {
                let report = try Self.report(signed, key.publicKey, allowing: legacy)
                #expect(report.verdict == .valid && !report.isLegacy && report.refusal == nil)
            }
        }
    }

    @Test(
        "A certificate that is a stub is noted, and one of a stranger's own making",
        arguments: ["AA==", "", "MIIC", "Chữ ký số", "self-issued"])
    func stubs(content: String) throws {
        let key = try TestKeys.key(.p256)
        let stranger = try TestKeys.key(.p384)
        let own = try Certificate.selfSigned(key: stranger, commonName: "qlvb", days: 30)
        let signed = TestDocument.text(
            try XMLSignature.sign(
                TestDocument.plain, with: key,
                certificate: Certificate.selfSigned(key: key, commonName: "qlvb", days: 30)))
        let stub = signed.replacing(
            #/<X509Certificate>[^<]*</#,
            with: "<X509Certificate>\(content == "self-issued" ? Base64.text(own.der) : content)<")
        let report = try Self.report(stub, key.publicKey)
        // What `KeyInfo` says changes nothing about what is signed.
        #expect(report.verdict == .valid && report.legacy == [.stubCertificate])
        // For the stranger's own key the certificate is no stub, and the signature is not his.
        let his = try Self.report(stub, stranger.publicKey)
        #expect(his.verdict != .valid && his.legacy == (content == "self-issued" ? [] : [.stubCertificate]))
    }

    @Test("An element where no verifier looks is described as far as it goes")
    func wrongNamespace() throws {
        let key = try PublicKey(pem: Self.bytes("rsa2048.pem"))
        let text = TestDocument.text(try Self.bytes("rsa-sha1-inclusive.xml"))
        let certificate =
            "<KeyInfo><X509Data><X509Certificate>AA==</X509Certificate></X509Data></KeyInfo></Signature>"
        for namespace in [TestDocument.namespace, "", "http://www.w3.org/2000/09/xmldsig", "urn:x"] {
            let other = text.replacing(
                "\"\(HandMadeSignature.dsig)\"><SignedInfo>", with: "\"\(namespace)\"><SignedInfo>"
            )
            .replacing("</Signature>", with: certificate)
            #expect(other != text)
            let report = try Self.report(other, key, allowing: .sha1)
            #expect(report.verdict == .notVerifiable && report.code == .envelopeSignatureMalformed)
            #expect(report.algorithm == HandMadeSignature.dsig + "rsa-sha1")
            #expect(
                report.legacy == [
                    .wrongNamespace, .weakAlgorithm, .inclusiveCanonicalisation, .stubCertificate,
                ])
            #expect(
                report.refusal?.details.contains(
                    ErrorDetail(
                        "legacy", "inclusive-canonicalisation stub-certificate weak-algorithm wrong-namespace"
                    ))
                    == true)
        }
    }

    @Test(
        "An empty element is noted, wherever and in whatever namespace it stands",
        arguments: [
            "<Signature/>", "<edXML:DigitalSignature/>", "<edXML:Signature> <!-- --> </edXML:Signature>",
            "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>",
            "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"></Signature><edXML:MessageHeader/>",
        ])
    func empty(element: String) throws {
        let text = TestDocument.text(TestDocument.plain)
            .replacing("</edXML:edXMLHeader>", with: element + "</edXML:edXMLHeader>")
        let report = try Self.report(text, TestKeys.key(.p256).publicKey)
        #expect(report.verdict == .absent && report.legacy == [.emptyElement])
    }

    @Test("Several signatures, or one in another place, are malformed and keep their notes")
    func places() throws {
        let key = try PublicKey(pem: Self.bytes("rsa2048.pem"))
        let text = TestDocument.text(try Self.bytes("rsa-sha1.xml"))
        let signature = try #require(
            text.firstMatch(of: #/<Signature (.|\n)*<\/Signature>/#).map { String(text[$0.range]) })
        let without = text.replacing(signature, with: "")
        for other in [
            text.replacing(signature, with: signature + signature),
            without.replacing("<edXML:MessageHeader>", with: signature + "<edXML:MessageHeader>"),
            without.replacing("</edXML:edXMLEnvelope>", with: signature + "</edXML:edXMLEnvelope>"),
            without.replacing("</edXML>", with: signature + "</edXML>"),
            without.replacing("<edXML:edXMLBody>", with: "<edXML:edXMLBody>" + signature),
        ] {
            let report = try Self.report(other, key, allowing: .sha1)
            #expect(report.verdict == .invalid && report.code == .envelopeSignatureMalformed)
            #expect(report.legacy == [.weakAlgorithm])
        }
    }
}
