import Foundation
import HubEnvelope
import HubModel
import HubXML
import Testing

@Suite("XML signatures")
struct XMLSignatureTests {
    static func verify(_ bytes: [UInt8], _ keys: PublicKey...) throws -> SignatureReport {
        XMLSignature.verify(try XMLDocument.parse(bytes), with: keys)
    }

    @Test("A signed document verifies with its key, and only with it", arguments: KeyKind.allCases)
    func roundTrip(kind: KeyKind) throws {
        let key = try TestKeys.key(kind)
        let signed = try XMLSignature.sign(TestDocument.plain, with: key)
        let report = try Self.verify(signed, key.publicKey)
        #expect(report.verdict == .valid && report.code == nil)
        #expect(report.key == key.publicKey.fingerprint && report.claimedKey == report.key)
        let other = try TestKeys.key(kind == .p256 ? .p384 : .p256)
        #expect(try Self.verify(signed, other.publicKey, key.publicKey).key == key.publicKey.fingerprint)
        let unknown = try Self.verify(signed, other.publicKey)
        #expect(unknown.verdict == .notVerifiable && unknown.code == .envelopeKeyUnknown)
        #expect(unknown.claimedKey == key.publicKey.fingerprint && unknown.key == nil)
        #expect(try Self.verify(signed).verdict == .notVerifiable)
    }

    @Test("Signing adds one element and leaves every other byte where it was")
    func insertion() throws {
        let key = try TestKeys.key(.p256)
        let signed = try XMLSignature.sign(TestDocument.plain, with: key)
        let text = TestDocument.text(signed)
        let start = try #require(text.range(of: "<Signature "))
        let end = try #require(text.range(of: "</Signature>"))
        #expect(Array((text[..<start.lowerBound] + text[end.upperBound...]).utf8) == TestDocument.plain)
        #expect(text[end.upperBound...].hasPrefix("</edXML:edXMLHeader>"))
    }

    @Test("A certificate in the signature is shown, and is only a hint")
    func certificate() throws {
        let key = try TestKeys.key(.p256)
        let forger = try SigningKey.generate(.p256)
        let certificate = try Certificate.selfSigned(key: key, commonName: "qlvb <mẫu>", days: 30)
        let signed = try XMLSignature.sign(TestDocument.plain, with: key, certificate: certificate)
        let report = try Self.verify(signed, key.publicKey)
        #expect(report.verdict == .valid && report.claimedKey == key.publicKey.fingerprint)

        let own = try Certificate.selfSigned(key: forger, commonName: "qlvb <mẫu>", days: 30)
        let forged = try XMLSignature.sign(TestDocument.plain, with: forger, certificate: own)
        #expect(try Self.verify(forged, key.publicKey).verdict == .notVerifiable)
        let disguised = TestDocument.text(forged).replacing(
            Base64.text(own.der), with: Base64.text(certificate.der))
        let refused = try Self.verify(Array(disguised.utf8), key.publicKey)
        #expect(refused.verdict == .invalid && refused.code == .envelopeSignatureInvalid)
        #expect(throws: HubError.self) {
            try XMLSignature.sign(TestDocument.plain, with: forger, certificate: certificate)
        }
    }

    @Test(
        "A change of content, however small, shows",
        arguments: [
            ("H44.13", "H44.14"), ("Sở Mẫu Mực", "Sở Mẫu  Mực"), ("<edXML:To>", "<edXML:To a=\"\">"),
            ("\n      <edXML:MessageHeader>", "<edXML:MessageHeader>"),
            ("version=\"1.0\"/>", "version=\"1.1\"/>"),
            ("<ContentId>cid:1</ContentId>", "<ContentId>cid:2</ContentId>"),
            ("</edXML:edXMLHeader>", "\n</edXML:edXMLHeader>"),
            ("<edXML:edXMLBody>", "<edXML:edXMLBody xmlns:edXML=\"urn:other\">"),
            ("</AttachmentEncoded>", "</AttachmentEncoded><?look here?>"),
        ])
    func change(from: String, to: String) throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let changed = signed.replacing(from, with: to, maxReplacements: 1)
        #expect(changed != signed)
        let report = try Self.verify(Array(changed.utf8), key.publicKey)
        #expect(report.verdict == .invalid && report.code == .envelopeSignatureInvalid)
    }

    @Test("Laying a signed document out anew breaks the signature")
    func prettyPrinting() throws {
        let key = try TestKeys.key(.rsa2048)
        let flat = TestDocument.text(TestDocument.plain).replacing("\n", with: "").replacing("  ", with: "")
        let signed = TestDocument.text(try XMLSignature.sign(Array(flat.utf8), with: key))
        #expect(try Self.verify(Array(signed.utf8), key.publicKey).verdict == .valid)
        let report = try Self.verify(Array(signed.replacing("><", with: ">\n<").utf8), key.publicKey)
        #expect(report.verdict == .invalid && report.code == .envelopeSignatureInvalid)
    }

    @Test("What canonical form leaves out may change")
    func sameContent() throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        for (from, to) in [
            ("H44.13", "H44<!-- -->.13"), ("version=\"1.0\"/>", "version = '1.0' ></edXML:edXMLManifest>"),
            ("Sở", "<![CDATA[Sở]]>"), ("cid:1", "&#99;id:1"), ("<SignatureValue>", "<SignatureValue>\n  "),
        ] {
            let changed = signed.replacing(from, with: to, maxReplacements: 1)
            #expect(changed != signed)
            #expect(try Self.verify(Array(changed.utf8), key.publicKey).verdict == .valid)
        }
    }

    @Test(
        "A document without a signature, or with an empty one, is told from one that cannot be checked",
        arguments: [
            ("", SignatureVerdict.absent, ErrorCode.envelopeSignatureMissing),
            ("<edXML:DigitalSignature/>", .absent, .envelopeSignatureMissing),
            ("<edXML:Signature>\n</edXML:Signature>", .absent, .envelopeSignatureMissing),
            ("<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>", .absent, .envelopeSignatureMissing),
            ("<Signature><SignedInfo/></Signature>", .notVerifiable, .envelopeSignatureMalformed),
            ("<edXML:Signature>AAAA</edXML:Signature>", .notVerifiable, .envelopeSignatureMalformed),
            (
                "<s:Signature xmlns:s=\"http://www.w3.org/2000/09/xmldsig#\">x</s:Signature>", .invalid,
                .envelopeSignatureMalformed
            ),
        ])
    func noSignature(element: String, verdict: SignatureVerdict, code: ErrorCode) throws {
        let text = TestDocument.text(TestDocument.plain)
            .replacing("</edXML:edXMLHeader>", with: element + "</edXML:edXMLHeader>")
        let report = try Self.verify(Array(text.utf8), TestKeys.key(.p256).publicKey)
        #expect(report.verdict == verdict && report.code == code)
        #expect(!report.reason.vi.isEmpty && !report.reason.en.isEmpty)
        #expect(report.refusal?.code == code)
    }

    @Test(
        "Only a document with a header in UTF-8 and without a signature can be signed",
        arguments: [
            "<edXML/>", "<edXML><edXMLEnvelope/></edXML>",
            "<edXML><edXMLEnvelope><edXMLHeader/></edXMLEnvelope></edXML>",
            "<edXML><edXMLEnvelope></edXMLEnvelope><edXMLEnvelope><edXMLHeader>x</edXMLHeader></edXMLEnvelope></edXML>",
            "<?xml version='1.0' encoding='ISO-8859-1'?><edXML><edXMLEnvelope><edXMLHeader> </edXMLHeader></edXMLEnvelope></edXML>",
            "<edXML><edXMLEnvelope><edXMLHeader><Signature/></edXMLHeader></edXMLEnvelope></edXML>",
            "<edXML><edXMLEnvelope><edXMLHeader> </edXMLHeader></edXMLEnvelope><Signature xmlns='http://www.w3.org/2000/09/xmldsig#'>x</Signature></edXML>",
        ])
    func unsignable(text: String) throws {
        let key = try TestKeys.key(.p256)
        let error = #expect(throws: HubError.self) { try XMLSignature.sign(Array(text.utf8), with: key) }
        #expect(error?.code == .envelopeSignatureMalformed)
    }

    @Test("A byte order mark stays in front")
    func byteOrderMark() throws {
        let key = try TestKeys.key(.p256)
        let signed = try XMLSignature.sign([0xEF, 0xBB, 0xBF] + TestDocument.plain, with: key)
        #expect(signed.starts(with: [0xEF, 0xBB, 0xBF]))
        #expect(try Self.verify(signed, key.publicKey).verdict == .valid)
    }

    @Test("A document of random make is signed at the right place", arguments: 0..<200 as Range<UInt64>)
    func randomDocuments(seed: UInt64) throws {
        var random = Random(seed: seed)
        let document = TestDocument.random(&random)
        let key = try TestKeys.key([.p256, .p384, .rsa2048, .ed25519][random.below(4)])
        let signed = try XMLSignature.sign(document, with: key)
        #expect(try Self.verify(signed, key.publicKey).verdict == .valid, "\(TestDocument.text(signed))")
        #expect(try TestDocument.content(of: .parse(signed)) == TestDocument.content(of: .parse(document)))
    }
}
