import HubEnvelope
import HubModel
import HubXML
import Testing

/// Signature wrapping: what was signed is still there and still intact, and the reader finds something else.
///
/// The eight shapes are those of Somorovsky and others, "On Breaking SAML" (2012), with the document for
/// their response and the envelope for their assertion. In each the reader's envelope, the first one, says
/// H44.14, and H44.13 was signed.
@Suite("Signature wrapping")
struct SignatureWrappingTests {
    /// What a wrapping is made from: the forged envelope, the signed one without its signature, and the
    /// signature.
    struct Parts {
        let forged: String
        let original: String
        let signature: String

        /// The envelope with something at the end of its header.
        static func envelope(_ envelope: String, _ addition: String) -> String {
            envelope.replacing("</edXMLHeader>", with: addition + "</edXMLHeader>", maxReplacements: 1)
        }

        func putInto(_ signature: String, _ addition: String) -> String {
            signature.replacing("</Signature>", with: addition + "</Signature>")
        }
    }

    struct Shape: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// What stands in the root.
        let make: @Sendable (Parts) -> String

        init(_ name: String, _ make: @escaping @Sendable (Parts) -> String) {
            self.testDescription = name
            self.make = make
        }
    }

    static let shapes: [Shape] = [
        Shape("XSW1: the signature moved to the forged document, the signed one within the signature") {
            Parts.envelope($0.forged, $0.putInto($0.signature, "<edXML>\($0.original)</edXML>"))
        },
        Shape("XSW2: the signed document in front of the signature in the forged one") {
            Parts.envelope($0.forged, "<edXML>\($0.original)</edXML>" + $0.signature)
        },
        Shape("XSW3: the forged envelope in front of the signed one") {
            $0.forged + Parts.envelope($0.original, $0.signature)
        },
        Shape("XSW4: the signed envelope within the forged one") {
            $0.forged.replacing("<edXMLBody/>", with: Parts.envelope($0.original, $0.signature))
        },
        Shape("XSW5: the signature in the forged envelope, the signed one behind it without") {
            Parts.envelope($0.forged, $0.signature) + $0.original
        },
        Shape("XSW6: the signature in the forged envelope, the signed one within the signature") {
            Parts.envelope($0.forged, $0.putInto($0.signature, $0.original))
        },
        Shape("XSW7: the forged envelope under the signed one's id, among extensions in front of it") {
            "<Extensions>\($0.forged.replacing("\"forged\"", with: "\"signed\""))</Extensions>"
                + $0.forged + Parts.envelope($0.original, $0.signature)
        },
        Shape("XSW8: the signed envelope in an Object of the signature in the forged one") {
            Parts.envelope($0.forged, $0.putInto($0.signature, "<Object>\($0.original)</Object>"))
        },
    ]

    static let original = """
        <edXMLEnvelope xmlns="\(TestDocument.namespace)" Id="signed"><edXMLHeader><MessageHeader><From>\
        <OrganId>H44.13</OrganId></From></MessageHeader></edXMLHeader><edXMLBody/></edXMLEnvelope>
        """
    static let forged = Self.original.replacing("H44.13", with: "H44.14")
        .replacing("\"signed\"", with: "\"forged\"")

    static func root(_ content: String) -> String {
        "<edXML xmlns=\"\(TestDocument.namespace)\">\(content)</edXML>"
    }

    /// The wrapped document, around a signature that the registered key really made.
    static func wrapped(
        _ shape: Shape, byID: Bool, isEnveloped: Bool = true, with key: SigningKey
    ) throws -> [UInt8] {
        let signature: String
        if byID {
            signature = try HandMadeSignature.overElement(
                Self.root(Parts.envelope(Self.original, "{SIGNATURE}")), uri: "#signed",
                path: "edXMLEnvelope",
                isEnveloped: isEnveloped, with: key
            ).signature
        } else {
            let signed = TestDocument.text(
                try XMLSignature.sign(Array(Self.root(Self.original).utf8), with: key))
            #expect(try XMLSignatureTests.verify(Array(signed.utf8), key.publicKey).verdict == .valid)
            signature = try #require(
                signed.firstMatch(of: #/<Signature .*<\/Signature>/#).map { String(signed[$0.range]) })
        }
        let parts = Parts(forged: Self.forged, original: Self.original, signature: signature)
        return Array(Self.root(shape.make(parts)).utf8)
    }

    @Test("of the profile's own signature is refused", arguments: shapes)
    func wholeDocument(shape: Shape) throws {
        let key = try TestKeys.key(.p256)
        let attacked = try Self.wrapped(shape, byID: false, with: key)
        try Self.expectRefused(attacked, key)
    }

    @Test("of a signature over an element with an id is refused", arguments: shapes, [true, false])
    func element(shape: Shape, isEnveloped: Bool) throws {
        let key = try TestKeys.key(.p256)
        let attacked = try Self.wrapped(shape, byID: true, isEnveloped: isEnveloped, with: key)
        try Self.expectRefused(attacked, key)
    }

    @Test(
        "of a signature over an element with an id does fool a verifier that resolves ids",
        .enabled(if: Xmlsec.isInstalled, Comment(rawValue: Xmlsec.missing)), arguments: shapes)
    func peer(shape: Shape) throws {
        let key = try TestKeys.key(.p256)
        let name = shape.testDescription.prefix(4)
        // Where the signed element lies within the signature, the enveloped transform would take it away too.
        let isEnveloped = !["XSW1", "XSW6", "XSW8"].contains(name)
        let attacked = try Self.wrapped(shape, byID: true, isEnveloped: isEnveloped, with: key)
        let options = ["--id-attr:Id", TestDocument.namespace + ":edXMLEnvelope"]
        let isFooled = try Xmlsec.verifies(attacked, key: key.publicKey, options: options)
        // This peer refuses an id that occurs twice, and elements in a signature that do not belong there.
        // Others take the last or the first, and look past them.
        #expect(isFooled == !["XSW1", "XSW6", "XSW7"].contains(name), "\(TestDocument.text(attacked))")
    }

    private static func expectRefused(_ attacked: [UInt8], _ key: SigningKey) throws {
        let document = try XMLDocument.parse(attacked)
        let sender = document.root.descendant("edXMLEnvelope/edXMLHeader/MessageHeader/From/OrganId")
        #expect(sender?.text == "H44.14", "The reader must see what was forged, or there is no attack.")
        for legacy in [LegacyPolicy(), .sha1] {
            let report = XMLSignature.verify(document, with: [key.publicKey], allowing: legacy)
            #expect(report.verdict == .invalid && report.key == nil, "\(report)")
        }
    }
}
