import Foundation
import HubEnvelope
import HubModel
import HubXML
import Testing

/// Our verdicts beside those of an independent implementation.
///
/// Where it says no, ours must say no; where it says yes, ours may still refuse, because the profile is narrower.
@Suite("XML signatures beside xmlsec1", .enabled(if: Xmlsec.isInstalled, Comment(rawValue: Xmlsec.missing)))
struct XMLSignaturePeerTests {
    /// Kinds that this version of the peer can verify.
    static let kinds: [KeyKind] = [.p256, .p384, .p521, .rsa2048, .rsa3072, .rsa4096]

    @Test("The peer accepts what we sign, with a plain key and with a certificate", arguments: kinds)
    func ours(kind: KeyKind) throws {
        let key = try TestKeys.key(kind)
        let certificate = try Certificate.selfSigned(key: key, commonName: "qlvb-mau", days: 30)
        for shown in [certificate, nil] {
            let signed = try XMLSignature.sign(TestDocument.plain, with: key, certificate: shown)
            #expect(try Xmlsec.verifies(signed, key: key.publicKey))
            #expect(try Xmlsec.verifies(signed, certificate: certificate))
            let changed = TestDocument.text(signed).replacing("H44.13", with: "H44.14")
            #expect(try !Xmlsec.verifies(Array(changed.utf8), key: key.publicKey))
        }
    }

    @Test(
        "We accept what the peer signs",
        arguments: [
            (
                KeyKind.p256, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
                "http://www.w3.org/2001/04/xmlenc#sha256"
            ),
            (
                .p256, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
                "http://www.w3.org/2001/04/xmlenc#sha512"
            ),
            (
                .p384, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
                "http://www.w3.org/2001/04/xmldsig-more#sha384"
            ),
            (
                .p521, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
                "http://www.w3.org/2001/04/xmlenc#sha512"
            ),
            (
                .rsa2048, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                "http://www.w3.org/2001/04/xmlenc#sha256"
            ),
            (
                .rsa3072, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
                "http://www.w3.org/2001/04/xmlenc#sha256"
            ),
            (
                .rsa4096, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
                "http://www.w3.org/2001/04/xmlenc#sha512"
            ),
        ])
    func theirs(kind: KeyKind, algorithm: String, digest: String) throws {
        let key = try TestKeys.key(kind)
        for prefix in ["", "ds:"] {
            let signed = try Xmlsec.sign(Self.template(prefix, algorithm, digest), key: key)
            let report = try XMLSignatureTests.verify(signed, key.publicKey)
            #expect(report.verdict == .valid && report.algorithm == algorithm, "\(report)")
            let changed = TestDocument.text(signed).replacing("H44.13", with: "H44.14")
            #expect(
                try XMLSignatureTests.verify(Array(changed.utf8), key.publicKey).code
                    == .envelopeSignatureInvalid)
        }
    }

    @Test(
        "We accept the forms of KeyInfo that the peer writes",
        arguments: [
            "<KeyName/>", "<X509Data/>", "<KeyName/><X509Data/>", "<X509Data><X509IssuerSerial/></X509Data>",
            "<X509Data><X509SubjectName/></X509Data>", "<X509Data><X509SKI/></X509Data>",
            "<X509Data><X509SubjectName/><X509IssuerSerial/><X509SKI/><X509Certificate/></X509Data>",
            "<KeyValue/>",
        ], [KeyKind.p256, .rsa2048])
    func keyInfos(keyInfo: String, kind: KeyKind) throws {
        // This version of the peer cannot write the value of an elliptic key.
        if kind == .p256, keyInfo == "<KeyValue/>" { return }
        let key = try TestKeys.key(kind)
        let certificate = try Certificate.selfSigned(key: key, commonName: "qlvb-mau", days: 30)
        let algorithm =
            "http://www.w3.org/2001/04/xmldsig-more#" + (kind == .p256 ? "ecdsa-sha256" : "rsa-sha256")
        let template = TestDocument.text(
            Self.template("", algorithm, "http://www.w3.org/2001/04/xmlenc#sha256")
        )
        .replacing("</SignatureValue>", with: "</SignatureValue><KeyInfo>\(keyInfo)</KeyInfo>")
        let signed = try Xmlsec.sign(Array(template.utf8), key: key, certificate: certificate)
        let report = try XMLSignatureTests.verify(signed, key.publicKey)
        #expect(report.verdict == .valid, "\(report) \(TestDocument.text(signed))")
    }

    @Test(
        "Sound signatures of other algorithms are refused by name",
        arguments: [
            ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2001/04/xmlenc#sha256"),
            ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#sha1"),
            (
                "http://www.w3.org/2001/04/xmldsig-more#rsa-sha224",
                "http://www.w3.org/2001/04/xmldsig-more#sha224"
            ),
        ])
    func weak(algorithm: String, digest: String) throws {
        let key = try TestKeys.key(.rsa2048)
        let signed = try Xmlsec.sign(Self.template("", algorithm, digest), key: key)
        let report = try XMLSignatureTests.verify(signed, key.publicKey)
        #expect(report.verdict == .invalid && report.code == .envelopeAlgorithmRefused)
        #expect([algorithm, digest].contains(report.algorithm))
    }

    @Test(
        "Sound signatures of other forms are refused",
        arguments: [
            ("xml-exc-c14n#\"/><SignatureMethod", "xml-exc-c14n#WithComments\"/><SignatureMethod"),
            (
                "http://www.w3.org/2001/10/xml-exc-c14n#\"/><SignatureMethod",
                "http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/><SignatureMethod"
            ),
            ("<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>", ""),
            (
                "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>",
                "<Transform Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>"
            ),
            (
                "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>",
                "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"><InclusiveNamespaces xmlns=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"edXML\"/></Transform>"
            ),
            (
                "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>",
                "<Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><XPath>not(ancestor-or-self::*[local-name()='Subject'])</XPath></Transform><Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>"
            ),
            ("</SignatureValue>", "</SignatureValue><Object>extra</Object>"),
            ("<SignedInfo>", "<!-- --><SignedInfo><?note?>"),
        ])
    func otherForms(from: String, to: String) throws {
        let key = try TestKeys.key(.p256)
        let template = TestDocument.text(
            Self.template(
                "", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
                "http://www.w3.org/2001/04/xmlenc#sha256"
            )
        )
        let changed = template.replacing(from, with: to, maxReplacements: 1)
        #expect(changed != template)
        let signed = try Xmlsec.sign(Array(changed.utf8), key: key)
        #expect(try Xmlsec.verifies(signed, key: key.publicKey))
        let report = try XMLSignatureTests.verify(signed, key.publicKey)
        #expect(report.verdict == .invalid && report.code == .envelopeSignatureMalformed)
    }

    @Test("The peer accepts documents of random make that we signed", arguments: 1000..<1040 as Range<UInt64>)
    func randomDocuments(seed: UInt64) throws {
        var random = Random(seed: seed)
        let key = try TestKeys.key([.p256, .rsa2048][random.below(2)])
        let signed = try XMLSignature.sign(TestDocument.random(&random), with: key)
        #expect(try Xmlsec.verifies(signed, key: key.publicKey), "\(TestDocument.text(signed))")
    }

    @Test(
        "Of a damaged document we never think better than the peer does", arguments: 0..<60 as Range<UInt64>)
    func mutations(seed: UInt64) throws {
        var random = Random(seed: seed)
        let key = try TestKeys.key(.p256)
        let original = random.below(2) == 0 ? TestDocument.plain : TestDocument.random(&random)
        let signed = try XMLSignature.sign(original, with: key)
        let changed = Mutation.apply(to: signed, with: &random)
        guard let document = try? XMLDocument.parse(changed) else { return }
        guard XMLSignature.verify(document, with: [key.publicKey]).verdict == .valid else { return }
        #expect(try Xmlsec.verifies(changed, key: key.publicKey), "\(TestDocument.text(changed))")
    }

    static func template(_ prefix: String, _ algorithm: String, _ digest: String) -> [UInt8] {
        let declaration = prefix.isEmpty ? "xmlns" : "xmlns:" + prefix.dropLast()
        let p = prefix
        let signature = """
            <\(p)Signature \(declaration)="http://www.w3.org/2000/09/xmldsig#"><\(p)SignedInfo>
            <\(p)CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><\(p)SignatureMethod Algorithm="\(algorithm)"/>
            <\(p)Reference URI=""><\(p)Transforms>
            <\(p)Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
            <\(p)Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></\(p)Transforms>
            <\(p)DigestMethod Algorithm="\(digest)"/><\(p)DigestValue></\(p)DigestValue></\(p)Reference></\(p)SignedInfo>
            <\(p)SignatureValue></\(p)SignatureValue></\(p)Signature>

            """
        return Array(
            TestDocument.text(TestDocument.plain)
                .replacing("</edXML:edXMLHeader>", with: signature + "</edXML:edXMLHeader>").utf8
        )
    }
}
