import HubEnvelope
import HubModel
import HubXML
import Testing

/// Forms that are refused although every number in them is right, because the registered key made them.
///
/// Whoever can have one thing signed, or whose software signs carelessly, must not be able to show another.
@Suite("Forms that the registered key signed and that are refused all the same")
struct SignedAttackTests {
    typealias Attack = XMLSignatureAttackTests.Attack

    static let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
    static let dsig = HandMadeSignature.dsig
    static let second = "<Transform Algorithm=\"\(Self.exclusive)\"></Transform>"
    static let first = "<Transform Algorithm=\"\(Self.dsig)enveloped-signature\"></Transform>"

    static func transform(_ name: String, _ content: String = "") -> Attack {
        Attack(
            "another transform behind the two: \(name)", Self.second,
            Self.second + "<Transform Algorithm=\"\(name)\">\(content)</Transform>")
    }

    static func instead(_ name: String) -> Attack {
        Attack(
            "another transform in place of exclusive C14N: \(name)", Self.second,
            "<Transform Algorithm=\"\(name)\"></Transform>")
    }

    static func uri(_ uri: String) -> Attack {
        Attack("a reference to \(uri)", "URI=\"\"", "URI=\"\(uri)\"")
    }

    static let forms: [Attack] = [
        Self.transform("http://www.w3.org/TR/1999/REC-xslt-19991116"),
        Self.transform("http://www.w3.org/TR/1999/REC-xpath-19991116", "<XPath>true()</XPath>"),
        Self.transform("http://www.w3.org/2002/06/xmldsig-filter2"),
        Self.transform("\(Self.dsig)base64"),
        Self.transform("\(Self.exclusive)WithComments"),
        Self.transform("http://www.w3.org/2006/12/xml-c14n11"),
        Self.transform("http://www.w3.org/2002/07/decrypt#XML"),
        Self.instead("\(Self.exclusive)WithComments"),
        Self.instead("http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        Self.instead("http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"),
        Self.instead("http://www.w3.org/2006/12/xml-c14n11"),
        Self.instead("http://www.w3.org/TR/xml-exc-c14n#"),
        Self.instead("\(Self.exclusive) "), Self.instead("\(Self.dsig)enveloped-signature"),
        Attack("the two transforms in the other order", Self.first + Self.second, Self.second + Self.first),
        Attack("the enveloped transform twice", Self.first, Self.first + Self.first),
        Attack(
            "prefixes to treat as inclusive", Self.second,
            Self.second.replacing(
                "></", with: "><InclusiveNamespaces xmlns=\"\(Self.exclusive)\" PrefixList=\"\"/></")),
        Attack(
            "an algorithm in a foreign namespace", "<Transform Algorithm",
            "<Transform xmlns:x=\"urn:x\" x:Algorithm"),
        Self.uri(" "), Self.uri("&#10;"), Self.uri("#"), Self.uri("#signed"), Self.uri("."),
        Self.uri("#xpointer(id('signed'))"), Self.uri("#xpointer(/*)"), Self.uri("?"), Self.uri("cid:1"),
        Self.uri("file:///dev/null"), Self.uri("http://127.0.0.1/"),
        Attack("a reference without a URI", " URI=\"\"", ""),
        Attack(
            "a reference whose URI is in a foreign namespace", " URI=\"\"", " xmlns:x=\"urn:x\" x:URI=\"\""),
        Attack("a reference of a type", "URI=\"\"", "URI=\"\" Type=\"\(Self.dsig)Object\""),
        Attack("a fake Object, signed by reference") { signed, _ in
            Self.adding(Self.reference("#o"), signed)
                .replacing("</Signature>", with: "<Object Id=\"o\">Pay at once</Object></Signature>")
        },
        Attack("a Manifest that refers to the document") { signed, _ in
            let reference = Self.found(#/<Reference .*<\/Reference>/#, in: signed)
            return signed.replacing(
                reference, with: Self.reference("#m", " Type=\"\(Self.dsig)Manifest\"")
            ).replacing(
                "</Signature>",
                with: "<Object><Manifest Id=\"m\">\(reference)</Manifest></Object></Signature>")
        },
        Attack("a Manifest beside the document") { signed, _ in
            Self.adding(Self.reference("#m", " Type=\"\(Self.dsig)Manifest\""), signed)
                .replacing(
                    "</Signature>", with: "<Object><Manifest Id=\"m\"></Manifest></Object></Signature>")
        },
        Attack("SignatureProperties") { signed, _ in
            signed.replacing(
                "</Signature>", with: "<Object><SignatureProperties/></Object></Signature>")
        },
        Attack("the same id twice in the signature") { signed, _ in
            signed.replacing("<SignedInfo>", with: "<SignedInfo Id=\"a\">")
                .replacing("<KeyInfo>", with: "<KeyInfo Id=\"a\">")
        },
        Attack("the same id for two references") { signed, _ in
            Self.adding(Self.reference("cid:1", " Id=\"a\""), signed)
                .replacing("URI=\"\"", with: "URI=\"\" Id=\"a\"")
        },
        Attack(
            "a foreign element in front of the SignedInfo's parts", "<SignedInfo>",
            "<SignedInfo><x xmlns=\"\"/>"),
        Attack(
            "a foreign element at the end of the SignedInfo", "</SignedInfo>",
            "<To xmlns=\"urn:x\"/></SignedInfo>"),
        Attack("text in the SignedInfo", "<SignedInfo>", "<SignedInfo>Pay at once"),
        Attack("text in the SignatureMethod", "></SignatureMethod>", ">Pay at once</SignatureMethod>"),
        Attack(
            "a length for an HMAC", "></SignatureMethod>",
            "><HMACOutputLength>8</HMACOutputLength></SignatureMethod>"),
        Attack("a DigestMethod with a part", "></DigestMethod>", "><x xmlns=\"urn:x\"/></DigestMethod>"),
        Attack("two DigestValues", "<DigestValue>", "<DigestValue>AA==</DigestValue><DigestValue>"),
        Attack("two SignatureMethods") { signed, _ in
            let method = Self.found(#/<SignatureMethod .*<\/SignatureMethod>/#, in: signed)
            return signed.replacing(method, with: method + method)
        },
        Attack("a Reference in no namespace", "<Reference ", "<Reference xmlns=\"\" "),
        Attack("an element named with the Kelvin sign", "<KeyInfo>", "<\u{212A}eyInfo>") {
            $0.replacing("</KeyInfo>", with: "</\u{212A}eyInfo>")
        },
        Attack("a KeyName named with the Kelvin sign", "<KeyName>", "<\u{212A}eyName>") {
            $0.replacing("</KeyName>", with: "</\u{212A}eyName>")
        },
        Attack(
            "a key identifier named with the Kelvin sign", "<KeyInfo>",
            "<KeyInfo><X509Data><X509S\u{212A}I/></X509Data>"),
        Attack("an instruction in the SignedInfo", "<SignedInfo>", "<SignedInfo><?pay at once?>"),
        Attack("an attachment in front of the document") { signed, _ in
            signed.replacing("<Reference ", with: Self.reference("cid:1") + "<Reference ", maxReplacements: 1)
        },
        Attack("an attachment in place of the document") { signed, _ in
            signed.replacing(
                Self.found(#/<Reference .*<\/Reference>/#, in: signed), with: Self.reference("cid:1"))
        },
        Attack("an attachment twice") { signed, _ in
            Self.adding(Self.reference("cid:1") + Self.reference("cid:1"), signed)
        },
        Attack("an attachment with a transform") { signed, _ in
            let transforms =
                "<Transforms><Transform Algorithm=\"\(Self.dsig)base64\"></Transform></Transforms>"
            return Self.adding(
                Self.reference("cid:1").replacing("<DigestMethod", with: transforms + "<DigestMethod"), signed
            )
        },
        Attack("an attachment with empty transforms") { signed, _ in
            Self.adding(
                Self.reference("cid:1").replacing("<DigestMethod", with: "<Transforms/><DigestMethod"), signed
            )
        },
        Attack("an attachment of a type") { signed, _ in
            Self.adding(Self.reference("cid:1", " Type=\"\(Self.dsig)Manifest\""), signed)
        },
        Attack("an attachment of another scheme's case") { signed, _ in
            Self.adding(Self.reference("CID:1"), signed)
        },
        Attack("an attachment whose colon has a mark above") { signed, _ in
            Self.adding(Self.reference("cid:\u{301}1"), signed)
        },
        Attack("an attachment with a fragment") { signed, _ in
            Self.adding(Self.reference("cid:1#1"), signed)
        },
        Attack("an attachment in an escape") { signed, _ in
            Self.adding(Self.reference("cid:%31"), signed)
        },
        Attack("an attachment with a space in front") { signed, _ in
            Self.adding(Self.reference(" cid:1"), signed)
        },
        Attack("a host beside the document") { signed, _ in
            Self.adding(Self.reference("http://example.invalid/"), signed)
        },
        Attack("text between the references") { signed, _ in
            Self.adding("Pay at once" + Self.reference("cid:1"), signed)
        },
    ]

    /// The digest of an attachment `1` that has one zero byte.
    static func reference(_ uri: String, _ attributes: String = "") -> String {
        "<Reference URI=\"\(uri)\"\(attributes)>"
            + "<DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></DigestMethod>"
            + "<DigestValue>\(Base64.text(SHA256.hash([0]).bytes))</DigestValue></Reference>"
    }

    static func adding(_ reference: String, _ signed: String) -> String {
        signed.replacing("</SignedInfo>", with: reference + "</SignedInfo>")
    }

    static func found(_ pattern: Regex<Substring>, in text: String) -> String {
        text.firstMatch(of: pattern).map { String(text[$0.range]) } ?? ""
    }

    static func verify(_ text: String, _ key: PublicKey) throws -> SignatureReport {
        XMLSignature.verify(try XMLDocument.parse(Array(text.utf8)), with: [key], allowing: .sha1) {
            $0 == "1" ? [0] : nil
        }
    }

    @Test("A reference to an attachment beside the document is what these begin with")
    func sound() throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let added = Self.adding(Self.reference("cid:1"), signed)
        #expect(try Self.verify(added, key.publicKey).verdict == .invalid)
        let report = try Self.verify(HandMadeSignature.resigned(added, with: key), key.publicKey)
        #expect(report.verdict == .valid && report.attachments == ["1"])
    }

    @Test("are refused for their form", arguments: forms)
    func refused(attack: Attack) throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let attacked = attack.apply(signed, "")
        // By bytes: to the comparison of texts the Kelvin sign is a K.
        #expect(!attacked.utf8.elementsEqual(signed.utf8))
        let report = try Self.verify(HandMadeSignature.resigned(attacked, with: key), key.publicKey)
        #expect(
            report.verdict == .invalid && report.code == .envelopeSignatureMalformed, "\(report)")
    }

    /// Those that are about the value of the signature itself are left out: signing writes another.
    static let olderForms = XMLSignatureAttackTests.attacks.filter {
        !["an empty value", "a value that is not Base64", "a value with padding in the middle"]
            .contains($0.testDescription)
    }

    @Test("The older attacks are refused too when the registered key signs them", arguments: olderForms)
    func older(attack: Attack) throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let signature = Self.found(#/<Signature .*<\/Signature>/#, in: signed)
        let attacked = try HandMadeSignature.resigned(attack.apply(signed, signature), with: key)
        #expect(try Self.verify(attacked, key.publicKey).verdict == .invalid)
    }

    /// Names that a careless comparison takes for an allowed one, or that are simply not allowed.
    static let names: [String] = {
        let allowed = HandMadeSignature.method
        return [
            allowed.uppercased(), allowed.replacing("http", with: "HTTP"),
            allowed.replacing("ecdsa", with: "ECDSA"), allowed + " ", " " + allowed, allowed + "&#9;",
            "&#10;" + allowed, allowed + "#", allowed + "/", allowed + "?", allowed + "\u{301}",
            allowed + "\u{200B}",
            allowed.replacing("#", with: "%23"), allowed.replacing("#", with: ""),
            allowed.replacing("http:", with: "https:"),
            allowed.replacing("www.w3.org", with: "www.w3.org:80"),
            "ecdsa-sha256", "#ecdsa-sha256", "ES256", "", " ", "none",
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            "http://www.w3.org/2007/05/xmldsig-more#rsa-pss",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-md5", "\(Self.dsig)dsa-sha1", "\(Self.dsig)hmac-sha1",
            "http://www.w3.org/2007/05/xmldsig-more#sha1-rsa-MGF1",
            "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed448",
        ]
    }()

    @Test("A name that is nearly that of an algorithm is that of none", arguments: names)
    func confusedAlgorithm(name: String) throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let attacked = signed.replacing(HandMadeSignature.method, with: name)
        let report = try Self.verify(HandMadeSignature.resigned(attacked, with: key), key.publicKey)
        #expect(report.verdict == .invalid && report.code == .envelopeAlgorithmRefused, "\(report)")
    }

    @Test(
        "A name that is nearly that of a hash is that of none",
        arguments: [
            "http://www.w3.org/2001/04/xmlenc#SHA256", "http://www.w3.org/2001/04/xmlenc#sha256 ",
            "http://www.w3.org/2001/04/xmldsig-more#sha256", "http://www.w3.org/2001/04/xmldsig-more#md5",
            "http://www.w3.org/2001/04/xmldsig-more#sha224", "http://www.w3.org/2000/09/xmldsig#sha1",
            "http://www.w3.org/2001/04/xmlenc#ripemd160", "", "sha256",
        ])
    func confusedDigest(name: String) throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let hash = "http://www.w3.org/2001/04/xmlenc#sha256"
        let attacked =
            [signed.replacing(hash, with: name)]
            + [Self.adding(Self.reference("cid:1").replacing(hash, with: name), signed)]
        for attacked in attacked {
            let report = try Self.verify(HandMadeSignature.resigned(attacked, with: key), key.publicKey)
            #expect(report.verdict == .invalid && report.code == .envelopeAlgorithmRefused, "\(report)")
        }
    }
}

extension XMLSignatureAttackTests.Attack {
    /// One that rewrites two things.
    init(_ name: String, _ from: String, _ to: String, _ then: @escaping @Sendable (String) -> String) {
        self.init(name) { signed, _ in then(signed.replacing(from, with: to, maxReplacements: 1)) }
    }
}
