import HubEnvelope
import HubModel
import HubXML
import Testing

/// Changes of what was signed that a careless verifier does not see, and keys that a careless one believes.
@Suite("Attacks on what was signed")
struct ContentAttackTests {
    typealias Attack = XMLSignatureAttackTests.Attack

    static let signature = "<Signature xmlns=\"\(HandMadeSignature.dsig)\">"

    static let changes: [Attack] = [
        Attack("text split by a comment", "H44.13", "H44<!-- -->.14"),
        Attack("text cut short by a comment", "H44.13", "H44.1<!--3-->"),
        Attack("text split by a section", "H44.13", "H44<![CDATA[.14]]>"),
        Attack("text hidden in a section of markup", "H44.13", "H44.13<![CDATA[<!--4-->]]>"),
        Attack("a section around markup that was text", "&lt;số liệu&gt;", "<số/>"),
        Attack("text split by an instruction", "H44.13", "H44<?x?>.13"),
        Attack("an entity for another character", "H44.13", "H44.1&#x34;"),
        Attack("a character beyond the eye's reach", "H44.13", "H44.13\u{200B}"),
        Attack("another composition of the same letter", "Sở", "Sơ\u{309}"),
        Attack("a space at the end", "H44.13<", "H44.13 <"),
        Attack("a line's end in a value", "H44.13<", "H44.13&#13;<"),
        Attack("a prefix bound to another namespace", "<edXML:To>", "<edXML:To xmlns:edXML=\"urn:x\">"),
        Attack(
            "a default namespace for what had another", "<AttachmentEncoded>",
            "<AttachmentEncoded xmlns=\"\">"),
        Attack("an element under another prefix of the same namespace") { signed, _ in
            signed.replacing("<edXML:To>", with: "<e:To xmlns:e=\"\(TestDocument.namespace)\">")
                .replacing("</edXML:To>", with: "</e:To>")
        },
        Attack("the namespace in another case", "QCVN_102_2016\">\n", "qcvn_102_2016\">\n"),
        Attack("an element's name in another case") { signed, _ in
            signed.replacing("<edXML:To>", with: "<edXML:TO>").replacing("</edXML:To>", with: "</edXML:TO>")
        },
        Attack("an attribute that was not there", "<edXML:To>", "<edXML:To xml:space=\"preserve\">"),
        Attack("an attribute for the language", "<edXML:To>", "<edXML:To xml:lang=\"en\">"),
        Attack(
            "a base for addresses", "<edXML:edXMLBody>",
            "<edXML:edXMLBody xml:base=\"http://example.invalid/\">"),
        Attack(
            "a receiver more", "</edXML:To>",
            "</edXML:To><edXML:To><edXML:OrganId>H1</edXML:OrganId></edXML:To>"),
        Attack("an element behind the envelope", "</edXML:edXMLEnvelope>", "</edXML:edXMLEnvelope><To/>"),
        Attack("an instruction behind the root") { signed, _ in signed + "<?pay at once?>" },
        Attack("an instruction in front of the root", "<edXML ", "<?pay at once?><edXML "),
        Attack("an element in front of the signature", Self.signature, "<edXML:To/>" + Self.signature),
        Attack("text behind the signature", "</Signature>", "</Signature>Pay at once"),
        Attack("text in front of the signature", Self.signature, "Pay at once" + Self.signature),
    ]

    @Test("A change of content is a change, however it is written", arguments: changes)
    func changed(attack: Attack) throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let attacked = Array(attack.apply(signed, "").utf8)
        #expect(attacked != Array(signed.utf8))
        let report = try XMLSignatureTests.verify(attacked, key.publicKey)
        #expect(report.verdict == .invalid && report.code == .envelopeSignatureInvalid, "\(report)")
        if Xmlsec.isInstalled { #expect(try !Xmlsec.verifies(attacked, key: key.publicKey)) }
    }

    @Test("Text between the elements of a signature is found at every place")
    func textBetween() throws {
        let key = try TestKeys.key(.p256)
        let certificate = try Certificate.selfSigned(key: key, commonName: "H44.13", days: 30)
        for signed in [
            try XMLSignature.sign(TestDocument.plain, with: key),
            try XMLSignature.sign(TestDocument.plain, with: key, certificate: certificate),
        ].map(TestDocument.text) {
            let signature = SignedAttackTests.found(#/<Signature .*<\/Signature>/#, in: signed)
            let places = signature.indices.dropFirst().filter { place in
                signature[place] == "<" && signature[..<place].last == ">"
            }
            #expect(places.count > 20)
            for place in places {
                let other = signature[..<place] + "Pay" + signature[place...]
                let attacked = Array(signed.replacing(signature, with: other).utf8)
                let report = try XMLSignatureTests.verify(attacked, key.publicKey)
                #expect(report.verdict == .invalid, "\(other)")
            }
        }
    }

    @Test("Whitespace that is no content changes nothing, and the peer agrees")
    func spaces() throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        for (from, to) in [
            ("<DigestValue>", "<DigestValue\n>"), ("</SignatureValue>", "\n \t</SignatureValue>"),
            ("<Reference URI=\"\">", "<Reference  URI = '' >"), ("<KeyInfo>", " \n<KeyInfo >\n"),
            ("<edXML:To>", "<edXML:To\t\n>"), ("</edXML>", "</edXML >"),
        ] {
            let other = Array(signed.replacing(from, with: to, maxReplacements: 1).utf8)
            #expect(other != Array(signed.utf8))
            #expect(try XMLSignatureTests.verify(other, key.publicKey).verdict == .valid, "\(to)")
            if Xmlsec.isInstalled { #expect(try Xmlsec.verifies(other, key: key.publicKey)) }
        }
        // Within the signed part of the signature it is content.
        let inside = signed.replacing("<SignedInfo>", with: "<SignedInfo>\n")
        #expect(
            try XMLSignatureTests.verify(Array(inside.utf8), key.publicKey).code == .envelopeSignatureInvalid)
    }

    @Test("The digest of nothing vouches for nothing, not even where there is no canonical form")
    func emptyCanonicalForm() throws {
        let key = try TestKeys.key(.p256)
        let empty = HandMadeSignature.text(uri: "", digest: Base64.text(SHA256.hash([UInt8]()).bytes))
        let plain = TestDocument.text(TestDocument.plain)
            .replacing("</edXML:edXMLHeader>", with: empty + "</edXML:edXMLHeader>")
        // A relative namespace makes the library give up in the middle.
        let relative = plain.replacing("<edXML:To>", with: "<edXML:To xmlns:x=\"a/b\" x:y=\"\">")
        let atRoot = plain.replacing("<edXML xmlns=", with: "<edXML xmlns:x=\"1\" x:y=\"\" xmlns=")
        for (text, code) in [
            (plain, ErrorCode.envelopeSignatureInvalid), (relative, .envelopeSignatureMalformed),
            (atRoot, .envelopeSignatureMalformed),
        ] {
            let signed = try HandMadeSignature.resigned(text, with: key)
            let report = try XMLSignatureTests.verify(Array(signed.utf8), key.publicKey)
            #expect(report.verdict == .invalid && report.code == code, "\(report)")
        }
        // Nor a SignedInfo without a canonical form, signed as if it were empty.
        let value = Base64.text(try key.sign([]))
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let info = signed.replacing("<SignedInfo>", with: "<SignedInfo xmlns:x=\"a/b\">")
            .replacing(
                #/<SignatureValue>.*<\/SignatureValue>/#, with: "<SignatureValue>\(value)</SignatureValue>")
        #expect(try XMLSignatureTests.verify(Array(info.utf8), key.publicKey).verdict == .invalid)
    }

    @Test(
        "A document type is refused before anything is verified, whatever it declares",
        arguments: [
            "<!DOCTYPE edXML>", "<!DOCTYPE edXML [<!ENTITY o \"H44.14\">]>",
            "<!DOCTYPE edXML [<!ENTITY o SYSTEM \"file:///etc/hostname\">]>",
            "<!DOCTYPE edXML SYSTEM \"http://example.invalid/x.dtd\">",
            "<!DOCTYPE edXML [<!ATTLIST edXML Id ID #IMPLIED>]>",
            "<!DOCTYPE edXML [<!ATTLIST Reference URI CDATA \"\">]>",
            "<!DOCTYPE edXML [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>",
        ])
    func documentType(declaration: String) throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        for text in [
            signed.replacing("<edXML ", with: declaration + "<edXML ", maxReplacements: 1),
            signed.replacing("<edXML ", with: declaration + "<edXML ", maxReplacements: 1)
                .replacing("H44.13", with: "&o;"),
        ] {
            #expect(throws: HubError.self) { try XMLDocument.parse(Array(text.utf8)) }
        }
        #expect(throws: HubError.self) {
            try XMLDocument.parse(Array(signed.replacing("H44.13", with: "&o;").utf8))
        }
    }

    @Test(
        "The attacker's own key is nobody's, in whatever form the document carries it",
        arguments: KeyKind.allCases)
    func attackersKey(kind: KeyKind) throws {
        let key = try TestKeys.key(kind)
        let attacker = try SigningKey.generate(kind == .rsa4096 ? .rsa2048 : kind)
        let own = try Certificate.selfSigned(key: attacker, commonName: "qlvb-so-tttt", days: 30)
        let forged = TestDocument.text(TestDocument.plain).replacing("H44.13", with: "H44.14")
        for certificate in [nil, own] {
            let signed = TestDocument.text(
                try XMLSignature.sign(Array(forged.utf8), with: attacker, certificate: certificate))
            let report = try XMLSignatureTests.verify(Array(signed.utf8), key.publicKey)
            #expect(report.verdict == .notVerifiable && report.code == .envelopeKeyUnknown)
            #expect(report.key == nil && report.claimedKey == attacker.publicKey.fingerprint)
            #expect(report.legacy == (certificate == nil ? [] : [.stubCertificate]))
            // In the name of the registered key it is a forgery.
            let named = signed.replacing(
                #/<KeyInfo>.*<\/KeyInfo>/#,
                with: "<KeyInfo><KeyName>\(key.publicKey.fingerprint)</KeyName></KeyInfo>")
            let refused = try XMLSignatureTests.verify(Array(named.utf8), key.publicKey)
            #expect(refused.verdict == .invalid && refused.key == nil)
        }
    }

    @Test(
        "A value of any size but the key's is refused without being looked at",
        arguments: [1, 63, 65, 256, 1 << 20])
    func sizes(count: Int) throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let value = Base64.text([UInt8](repeating: 1, count: count))
        let attacked = signed.replacing(
            #/<SignatureValue>.*<\/SignatureValue>/#, with: "<SignatureValue>\(value)</SignatureValue>")
        let report = try XMLSignatureTests.verify(Array(attacked.utf8), key.publicKey)
        #expect(report.verdict == .invalid && report.code == .envelopeSignatureInvalid)
    }

    @Test("Numbers that no signature has are refused, and so is the signature in the form of DER")
    func numbers() throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let value = try #require(
            signed.firstMatch(of: #/<SignatureValue>(.*)<\/SignatureValue>/#).map { String($0.1) })
        let bytes = try #require(Base64.bytes(value))
        let zeros = [UInt8](repeating: 0, count: 32)
        var others = [
            zeros + zeros, bytes.prefix(32) + zeros, zeros + bytes.suffix(32),
            [UInt8](repeating: 0xFF, count: 64), bytes.reversed(), Array(bytes.suffix(32) + bytes.prefix(32)),
            [0] + bytes, bytes + [0],
        ]
        if let der = key.publicKey.standardForm(of: bytes) { others.append(der) }
        for other in others {
            let attacked = signed.replacing(value, with: Base64.text(other))
            let report = try XMLSignatureTests.verify(Array(attacked.utf8), key.publicKey)
            #expect(report.verdict == .invalid && report.key == nil, "\(other)")
        }
    }

    @Test("A signature taken away, or taken over from another document, does not count")
    func transplanted() throws {
        let key = try TestKeys.key(.p256)
        let signed = TestDocument.text(try XMLSignature.sign(TestDocument.plain, with: key))
        let signature = SignedAttackTests.found(#/<Signature .*<\/Signature>/#, in: signed)
        let forged = TestDocument.text(TestDocument.plain).replacing("H44.13", with: "H44.14")
        #expect(try XMLSignatureTests.verify(Array(forged.utf8), key.publicKey).verdict == .absent)
        let moved = forged.replacing("</edXML:edXMLHeader>", with: signature + "</edXML:edXMLHeader>")
        #expect(
            try XMLSignatureTests.verify(Array(moved.utf8), key.publicKey).code == .envelopeSignatureInvalid)
        // The signature of one document around the digest of the other.
        let other = TestDocument.text(
            try XMLSignature.sign(Array(forged.utf8), with: SigningKey.generate(.p256)))
        let digest = SignedAttackTests.found(#/<DigestValue>.*<\/DigestValue>/#, in: other)
        let mixed = moved.replacing(#/<DigestValue>.*<\/DigestValue>/#, with: digest)
        #expect(
            try XMLSignatureTests.verify(Array(mixed.utf8), key.publicKey).code == .envelopeSignatureInvalid)
    }
}
