import HubEnvelope
import HubModel
import HubXML
import Testing

/// What has fooled verifiers of XML signatures elsewhere, tried here.
///
/// Each attack begins with a document that is properly signed by the registered key.
@Suite("Attacks on XML signatures")
struct XMLSignatureAttackTests {
    static let dsig = "http://www.w3.org/2000/09/xmldsig#"

    struct Attack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Makes the attacked text of the signed one and of its signature element.
        let apply: @Sendable (_ signed: String, _ signature: String) -> String

        init(_ name: String, _ apply: @escaping @Sendable (_ signed: String, _ signature: String) -> String) {
            self.testDescription = name
            self.apply = apply
        }

        /// An attack that only rewrites something within the signature.
        init(_ name: String, _ from: String, _ to: String) {
            self.init(name) { signed, _ in signed.replacing(from, with: to, maxReplacements: 1) }
        }
    }

    static let attacks: [Attack] = [
        Attack("the signature moved into the body") { signed, signature in
            signed.replacing(signature, with: "")
                .replacing("<edXML:edXMLBody>", with: "<edXML:edXMLBody>" + signature)
        },
        Attack("the signature moved below the root") { signed, signature in
            signed.replacing(signature, with: "").replacing("</edXML>", with: signature + "</edXML>")
        },
        Attack("the signature moved to the front of the header") { signed, signature in
            signed.replacing(signature, with: "")
                .replacing("<edXML:edXMLHeader>", with: "<edXML:edXMLHeader>" + signature)
        },
        Attack("something after the signature in the header") { signed, signature in
            signed.replacing(signature, with: signature + "<edXML:MessageHeader/>")
        },
        Attack("the signature twice") { signed, signature in
            signed.replacing(signature, with: signature + signature)
        },
        Attack("a second signature hidden in the body") { signed, signature in
            signed.replacing("<edXML:edXMLBody>", with: "<edXML:edXMLBody>" + signature)
        },
        Attack("a signature within the signature") { signed, signature in
            signed.replacing("</KeyInfo>", with: "</KeyInfo>" + signature)
        },
        Attack("a signature within the KeyInfo") { signed, signature in
            signed.replacing("</KeyInfo>", with: signature + "</KeyInfo>")
        },
        Attack("the signed document wrapped into a new one") { signed, signature in
            let inner = signed.drop { $0 != ">" }.dropFirst()
            return "<edXML xmlns=\"\(TestDocument.namespace)\"><edXMLEnvelope><edXMLHeader><MessageHeader/>"
                + "</edXMLHeader></edXMLEnvelope>\(inner)</edXML>"
        },
        Attack("the signed document kept in an Object of its signature") { signed, signature in
            let inner = signed.replacing(signature, with: "").drop { $0 != ">" }.dropFirst()
            return signed.replacing("H44.13", with: "H44.14")
                .replacing("</KeyInfo>", with: "</KeyInfo><Object>\(inner)</Object>")
        },
        Attack("a second envelope in front of the signed one") { signed, _ in
            signed.replacing(
                "<edXML:edXMLEnvelope",
                with:
                    "<edXMLEnvelope><edXMLHeader><MessageHeader/></edXMLHeader></edXMLEnvelope><edXML:edXMLEnvelope",
                maxReplacements: 1
            )
        },
        Attack("a second header in front of the signed one") { signed, _ in
            signed.replacing("<edXML:edXMLHeader>", with: "<edXML:edXMLHeader/><edXML:edXMLHeader>")
        },
        Attack("a second body") { signed, _ in
            signed.replacing("</edXML:edXMLEnvelope>", with: "<edXML:edXMLBody/></edXML:edXMLEnvelope>")
        },
        Attack("a reference to an id", "URI=\"\"", "URI=\"#signed\""),
        Attack("a reference to an id that occurs twice") { signed, _ in
            signed.replacing("URI=\"\"", with: "URI=\"#signed\"")
                .replacing("<edXML:MessageHeader>", with: "<edXML:MessageHeader Id=\"signed\">")
                .replacing("<edXML:To>", with: "<edXML:To Id=\"signed\">")
        },
        Attack("a reference by XPointer", "URI=\"\"", "URI=\"#xpointer(/)\""),
        Attack("a reference to a file", "URI=\"\"", "URI=\"file:///etc/hostname\""),
        Attack("a reference to a host", "URI=\"\"", "URI=\"http://example.invalid/\""),
        Attack("a reference without a URI", " URI=\"\"", ""),
        Attack("a reference with a type", "URI=\"\"", "URI=\"\" Type=\"\(Self.dsig)Manifest\""),
        Attack("no reference") { signed, _ in
            signed.replacing(#/<Reference.*</Reference>/#, with: "")
        },
        Attack("two references") { signed, _ in
            let reference = signed.firstMatch(of: #/<Reference.*</Reference>/#).map { signed[$0.range] } ?? ""
            return signed.replacing("</SignedInfo>", with: reference + "</SignedInfo>")
        },
        Attack("a thousand references") { signed, _ in
            let reference = signed.firstMatch(of: #/<Reference.*</Reference>/#).map { signed[$0.range] } ?? ""
            return signed.replacing(
                "</SignedInfo>", with: String(repeating: String(reference), count: 1000) + "</SignedInfo>")
        },
        Attack(
            "an XPath transform", "<Transforms>",
            "<Transforms><Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><XPath>true()</XPath></Transform>"
        ),
        Attack(
            "an XPath filter instead of the enveloped transform",
            "\(Self.dsig)enveloped-signature\"></Transform>",
            "http://www.w3.org/2002/06/xmldsig-filter2\"><XPath xmlns=\"http://www.w3.org/2002/06/xmldsig-filter2\" Filter=\"subtract\">/</XPath></Transform>"
        ),
        Attack(
            "an XSLT transform", "</Transforms>",
            "<Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"><x:stylesheet xmlns:x=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\"/></Transform></Transforms>"
        ),
        Attack(
            "a Base64 transform", "</Transforms>",
            "<Transform Algorithm=\"\(Self.dsig)base64\"></Transform></Transforms>"),
        Attack(
            "a hundred canonicalisations", "</Transforms>",
            String(
                repeating: "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></Transform>",
                count: 100) + "</Transforms>"),
        Attack("no transforms") { signed, _ in
            signed.replacing(#/<Transforms>.*</Transforms>/#, with: "")
        },
        Attack(
            "no enveloped transform", "<Transform Algorithm=\"\(Self.dsig)enveloped-signature\"></Transform>",
            ""),
        Attack("an Object", "</Signature>", "<Object Id=\"o\">x</Object></Signature>"),
        Attack("a Manifest", "</Signature>", "<Object><Manifest Id=\"m\"/></Object></Signature>"),
        Attack("a Manifest in the SignedInfo", "</SignedInfo>", "<Manifest/></SignedInfo>"),
        Attack("a part of another namespace", "</Signature>", "<x xmlns=\"urn:x\"/></Signature>"),
        Attack("a foreign attribute", "<SignedInfo>", "<SignedInfo xmlns:x=\"urn:x\" x:y=\"1\">"),
        Attack("an xml attribute", "<SignedInfo>", "<SignedInfo xml:space=\"preserve\">"),
        Attack("an unknown attribute", "<SignatureValue>", "<SignatureValue Encoding=\"hex\">"),
        Attack("text between the parts", "<SignatureValue>", "x<SignatureValue>"),
        Attack("an instruction in a value", "<SignatureValue>", "<SignatureValue><?x?>"),
        Attack("an element in a value", "<DigestValue>", "<DigestValue><x/>"),
        Attack("an empty value") { signed, _ in
            signed.replacing(
                #/<SignatureValue>.*</SignatureValue>/#, with: "<SignatureValue></SignatureValue>")
        },
        Attack("a value that is not Base64", "</SignatureValue>", "!</SignatureValue>"),
        Attack("a value with padding in the middle", "<SignatureValue>", "<SignatureValue>AA=="),
        Attack("a short digest") { signed, _ in
            signed.replacing(#/<DigestValue>.*</DigestValue>/#, with: "<DigestValue>AAAA</DigestValue>")
        },
        Attack("the parts in another order") { signed, _ in
            let value =
                signed.firstMatch(of: #/<SignatureValue>.*</SignatureValue>/#).map { signed[$0.range] } ?? ""
            return signed.replacing(value, with: "").replacing("<SignedInfo>", with: value + "<SignedInfo>")
        },
        Attack("two SignedInfos") { signed, _ in
            let info = signed.firstMatch(of: #/<SignedInfo>.*</SignedInfo>/#).map { signed[$0.range] } ?? ""
            return signed.replacing("</SignedInfo>", with: "</SignedInfo>" + info)
        },
        Attack(
            "a SignedInfo of another namespace", "<SignedInfo>",
            "<SignedInfo xmlns=\"\(TestDocument.namespace)\">"),
        Attack(
            "a key to be fetched", "<KeyInfo>", "<KeyInfo><RetrievalMethod URI=\"http://example.invalid/\"/>"),
        Attack("two KeyInfos", "</KeyInfo>", "</KeyInfo><KeyInfo/>"),
        Attack(
            "comments canonicalised", "exc-c14n#\"></CanonicalizationMethod>",
            "exc-c14n#WithComments\"></CanonicalizationMethod>"),
        Attack(
            "inclusive canonicalisation",
            "http://www.w3.org/2001/10/xml-exc-c14n#\"></CanonicalizationMethod>",
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"></CanonicalizationMethod>"),
        Attack(
            "inclusive prefixes", "</CanonicalizationMethod>",
            "<InclusiveNamespaces xmlns=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"a\"/></CanonicalizationMethod>"
        ),
    ]

    @Test("The form is refused, whatever the signature is worth", arguments: attacks)
    func refused(attack: Attack) throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let signature = try #require(
            signed.firstMatch(of: #/<Signature .*</Signature>/#).map { String(signed[$0.range]) })
        let attacked = attack.apply(signed, signature)
        #expect(attacked != signed)
        let report = try XMLSignatureTests.verify(Array(attacked.utf8), key.publicKey)
        #expect(report.verdict == .invalid && report.key == nil)
        let isAboutContent = ["a second body"].contains(attack.testDescription)
        #expect(
            report.code == (isAboutContent ? .envelopeSignatureInvalid : .envelopeSignatureMalformed),
            "\(report.reason.en)")
    }

    @Test("The name of an algorithm is not repeated at length, however it is made up")
    func longAlgorithm() throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        // One character to the eye.
        let name = "a" + String(repeating: "\u{301}", count: 1_000)
        let attacked = signed.replacing("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", with: name)
        let report = try XMLSignatureTests.verify(Array(attacked.utf8), key.publicKey)
        #expect(report.code == .envelopeAlgorithmRefused && report.algorithm?.unicodeScalars.count == 96)
        let header = Base64.urlText(Array(#"{"alg":"\#(name)"}"#.utf8))
        let token = JWS.verifyDetached(header + "..AA", payload: []) { _ in key.publicKey }
        #expect(token.code == .envelopeAlgorithmRefused && token.algorithm?.unicodeScalars.count == 32)
    }

    @Test(
        "An algorithm that is not allowed is named as the reason",
        arguments: [
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", "", "none",
        ])
    func algorithms(name: String) throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let attacked = signed.replacing("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", with: name)
        let report = try XMLSignatureTests.verify(Array(attacked.utf8), key.publicKey)
        #expect(
            report.verdict == .invalid && report.code == .envelopeAlgorithmRefused && report.algorithm == name
        )
    }

    @Test("A public key is not taken for the secret of an HMAC")
    func confusion() throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let hmac = signed.replacing(
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            with: "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
        )
        var info: [UInt8] = []
        let document = try XMLDocument.parse(Array(hmac.utf8))
        let element = document.root.descendant("edXMLEnvelope/edXMLHeader/Signature/SignedInfo")
        try document.canonicalise(.exclusive, of: element) { info += Array($0) }
        for secret in [key.publicKey.pem, key.publicKey.der] {
            let value = Base64.text(HMACSHA256.code(info, key: secret))
            let attacked = hmac.replacing(
                #/<SignatureValue>.*</SignatureValue>/#, with: "<SignatureValue>\(value)</SignatureValue>"
            )
            let report = try XMLSignatureTests.verify(Array(attacked.utf8), key.publicKey)
            #expect(report.verdict == .invalid && report.code == .envelopeAlgorithmRefused)
        }
    }

    @Test("An algorithm of another kind of key is refused although the name is allowed")
    func otherKind() throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let attacked = signed.replacing("#ecdsa-sha256", with: "#rsa-sha256")
        let report = try XMLSignatureTests.verify(Array(attacked.utf8), key.publicKey)
        #expect(report.verdict == .invalid && report.code == .envelopeAlgorithmRefused)
    }

    @Test("A digest that a comment splits counts as what a reader sees")
    func splitDigest() throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let forged = TestDocument.text(
            try XMLSignature.sign(
                Array(TestDocument.text(TestDocument.plain).replacing("H44.13", with: "H44.14").utf8),
                with: SigningKey.generate(.p256)))
        let pattern = #/<DigestValue>.*</DigestValue>/#
        let digest = try #require(signed.firstMatch(of: pattern).map { String(signed[$0.range]) })
        let other = try #require(forged.firstMatch(of: pattern).map { String(forged[$0.range]) })
        let value = other.replacing("</DigestValue>", with: "")
        // The digest of the forged content first, the signed one behind a comment: whoever reads only the first text is
        // deceived.
        let attacked = signed.replacing("H44.13", with: "H44.14").replacing(
            digest, with: value + "<!--" + digest.replacing("<DigestValue>", with: "-->")
        )
        #expect(try XMLSignatureTests.verify(Array(attacked.utf8), key.publicKey).verdict == .invalid)
    }

    @Test(
        "No byte of a signed document can change without the content staying the same or the verdict changing",
        arguments: 0..<400 as Range<UInt64>)
    func mutations(seed: UInt64) throws {
        var random = Random(seed: seed)
        let key = try TestKeys.key(.p256)
        let original = random.below(2) == 0 ? TestDocument.plain : TestDocument.random(&random)
        let signed = try XMLSignature.sign(original, with: key)
        let changed = Mutation.apply(to: signed, with: &random)
        guard let document = try? XMLDocument.parse(changed) else { return }
        let report = XMLSignature.verify(document, with: [key.publicKey])
        #expect(
            (report.verdict == .valid) == (report.code == nil)
                && (report.verdict == .valid) == (report.key != nil))
        if report.verdict == .valid {
            #expect(try TestDocument.content(of: document) == TestDocument.content(of: .parse(original)))
        }
    }
}
