import HubEnvelope
import HubModel
import HubXML
import Testing

/// `KeyInfo` is the one part of a signed document that nobody signs: whatever it may hold, a stranger may have put there.
@Suite("The KeyInfo of a signature")
struct KeyInfoTests {
    typealias Attack = XMLSignatureAttackTests.Attack

    static let rsaKey = "<RSAKeyValue><Modulus>AA==</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>"
    static let curveKey =
        "<ECKeyValue xmlns=\"http://www.w3.org/2009/xmldsig11#\"><NamedCurve URI=\"urn:oid:1.2.840.10045.3.1.7\"/>"
        + "<PublicKey>BAA=</PublicKey></ECKeyValue>"
    static let issuerSerial =
        "<X509IssuerSerial><X509IssuerName>CN=a</X509IssuerName><X509SerialNumber>1</X509SerialNumber></X509IssuerSerial>"

    static let strangers: [Attack] = [
        Attack("text in the KeyInfo", "<KeyInfo>", "<KeyInfo>Pay at once"),
        Attack("text behind a key's name", "</KeyName>", "</KeyName>Pay at once"),
        Attack(
            "an element in a key's name", "<KeyName>", "<KeyName><To xmlns=\"\"/>"),
        Attack(
            "an attribute of a key's name", "<KeyName>", "<KeyName note=\"Pay at once\">"),
        Attack(
            "a long text in a key's name", "<KeyName>",
            "<KeyName>" + String(repeating: "Pay at once. ", count: 10_000)),
        Attack(
            "more names than there can be keys", "<KeyInfo>",
            "<KeyInfo>" + String(repeating: "<KeyName/>", count: 32)),
        Attack(
            "more certificates than any chain has", "<KeyInfo>",
            "<KeyInfo><X509Data>\(String(repeating: "<X509SKI/>", count: 33))</X509Data>"),
        Attack("an id that is none", "<KeyInfo>", "<KeyInfo Id=\"Pay at once\">"),
        Attack(
            "an id that is long", "<KeyInfo>", "<KeyInfo Id=\"\(String(repeating: "a", count: 129))\">"),
        Attack(
            "an id of a value that is none", "<SignatureValue>", "<SignatureValue Id=\"trả ngay\">"),
        Attack(
            "a key's name in another namespace", "<KeyName>", "<KeyName xmlns=\"urn:x\">"),
        Attack("an empty KeyValue", "<KeyInfo>", "<KeyInfo><KeyValue/>"),
        Attack(
            "a key of another kind", "<KeyInfo>", "<KeyInfo><KeyValue><DSAKeyValue/></KeyValue>"),
        Attack(
            "two keys in a KeyValue", "<KeyInfo>",
            "<KeyInfo><KeyValue>\(Self.rsaKey)\(Self.rsaKey)</KeyValue>"),
        Attack(
            "text between the parts of a key", "<KeyInfo>",
            "<KeyInfo><KeyValue>\(Self.rsaKey.replacing("<Exponent>", with: "x<Exponent>"))</KeyValue>"),
        Attack(
            "the parts of a key in another order", "<KeyInfo>",
            "<KeyInfo><KeyValue><RSAKeyValue><Exponent>AQAB</Exponent><Modulus>AA==</Modulus></RSAKeyValue></KeyValue>"
        ),
        Attack(
            "a part too many in a key", "<KeyInfo>",
            "<KeyInfo><KeyValue>\(Self.rsaKey.replacing("</RSAKeyValue>", with: "<P>AA==</P></RSAKeyValue>"))</KeyValue>"
        ),
        Attack(
            "an element in a part of a key", "<KeyInfo>",
            "<KeyInfo><KeyValue>\(Self.rsaKey.replacing("AQAB", with: "AQAB<To/>"))</KeyValue>"),
        Attack(
            "a curve of another namespace", "<KeyInfo>",
            "<KeyInfo><KeyValue>\(Self.curveKey.replacing("2009/xmldsig11", with: "2000/09/xmldsig"))</KeyValue>"
        ),
        Attack(
            "a curve that is none", "<KeyInfo>",
            "<KeyInfo><KeyValue>\(Self.curveKey.replacing("urn:oid:1.2.840.10045.3.1.7", with: "urn:pay:at once"))</KeyValue>"
        ),
        Attack(
            "explicit parameters of a curve", "<KeyInfo>",
            "<KeyInfo><KeyValue>\(Self.curveKey.replacing(#/<NamedCurve[^>]*>/#, with: "<ECParameters/>"))</KeyValue>"
        ),
        Attack(
            "text in an X509Data", "<KeyInfo>", "<KeyInfo><X509Data>Pay at once</X509Data>"),
        Attack(
            "an element in a certificate", "<KeyInfo>",
            "<KeyInfo><X509Data><X509Certificate><To/></X509Certificate></X509Data>"),
        Attack(
            "an attribute of a subject", "<KeyInfo>",
            "<KeyInfo><X509Data><X509SubjectName xml:lang=\"vi\">CN=a</X509SubjectName></X509Data>"),
        Attack(
            "a revocation list", "<KeyInfo>", "<KeyInfo><X509Data><X509CRL>AA==</X509CRL></X509Data>"),
        Attack(
            "a serial number without its issuer", "<KeyInfo>",
            "<KeyInfo><X509Data><X509IssuerSerial><X509SerialNumber>1</X509SerialNumber></X509IssuerSerial></X509Data>"
        ),
        Attack(
            "text between issuer and serial number", "<KeyInfo>",
            "<KeyInfo><X509Data>\(Self.issuerSerial.replacing("<X509Serial", with: "x<X509Serial", maxReplacements: 1))</X509Data>"
        ),
        Attack(
            "text in an empty serial number", "<KeyInfo>",
            "<KeyInfo><X509Data><X509IssuerSerial>Pay at once</X509IssuerSerial></X509Data>"),
        Attack(
            "an extension among certificates", "<KeyInfo>",
            "<KeyInfo><X509Data><OCSPResponse xmlns=\"http://www.w3.org/2009/xmldsig11#\">AA==</OCSPResponse></X509Data>"
        ),
        Attack(
            "an element of somebody else's", "<KeyInfo>", "<KeyInfo><To xmlns=\"\(TestDocument.namespace)\"/>"
        ),
    ]

    @Test("holds nothing but names of keys and keys", arguments: strangers)
    func refused(attack: Attack) throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let attacked = attack.apply(signed, "")
        #expect(attacked != signed)
        let report = try XMLSignatureTests.verify(Array(attacked.utf8), key.publicKey)
        #expect(
            report.verdict == .invalid && report.code == .envelopeSignatureMalformed, "\(report.reason.en)")
    }

    @Test(
        "changes nothing where it has one of the forms in use",
        arguments: [
            "", "<KeyName>qlvb-so-mau</KeyName>", "<KeyName>\n  a key\n</KeyName>\n<X509Data>\n</X509Data>\n",
            "<KeyValue>\n\(Self.rsaKey.replacing("><", with: ">\n<"))\n</KeyValue>",
            "<KeyValue>\(Self.curveKey)</KeyValue>",
            "<X509Data><X509SubjectName>CN=VP UBND tinh Bac Kan</X509SubjectName><X509Certificate>AA==</X509Certificate></X509Data>",
            "<X509Data>\n<X509Certificate>AA==\n</X509Certificate>\n<X509Certificate>AA==</X509Certificate></X509Data>",
            "<X509Data><X509SubjectName/><X509IssuerSerial/><X509SKI/><X509Certificate>AA==</X509Certificate></X509Data>",
            "<X509Data>\(Self.issuerSerial)<X509SKI>AAAA</X509SKI></X509Data><X509Data>\n\(Self.issuerSerial)\n</X509Data>",
        ])
    func keyInfos(content: String) throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        for id in ["", " Id=\"key-info_1.a\""] {
            let other = signed.replacing(
                #/<KeyInfo>.*</KeyInfo>/#, with: "<KeyInfo\(id)>\(content)</KeyInfo>")
            #expect(other != signed)
            let report = try XMLSignatureTests.verify(Array(other.utf8), key.publicKey)
            #expect(report.verdict == .valid && report.key == key.publicKey.fingerprint, "\(report)")
        }
    }
}
