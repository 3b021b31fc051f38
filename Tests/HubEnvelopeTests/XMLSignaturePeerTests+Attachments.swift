import Foundation
import HubEnvelope
import HubModel
import HubXML
import Testing

/// Attachments and every common algorithm, both ways, and damaged documents with either.
@Suite(
    "XML signatures over attachments beside xmlsec1",
    .enabled(if: Xmlsec.isInstalled, Comment(rawValue: Xmlsec.missing)))
struct XMLSignatureAttachmentPeerTests {
    /// What version 1.2 of the peer knows: no RSASSA-PSS, no Ed25519.
    static let pairs = XMLSignatureAlgorithmTests.pairs.filter {
        !$0.1.rawValue.contains("pss") && $0.0 != .ed25519
    }
    static let files = ["1": Array("%PDF-1.4".utf8), "b.2@x": [0, 0xFF]]

    @Test("The peer accepts what we sign, by each algorithm that it knows", arguments: pairs)
    func ours(kind: KeyKind, algorithm: SignatureAlgorithm) throws {
        let key = try TestKeys.key(kind)
        let signed = try XMLSignature.sign(
            TestDocument.plain, with: key, algorithm: algorithm,
            attachments: Self.files.map { (cid: $0.key, bytes: $0.value) })
        #expect(try Xmlsec.verifies(signed, key: key.publicKey, attachments: Self.files))
        #expect(
            try Xmlsec.verifies(
                XMLSignature.sign(TestDocument.plain, with: key, algorithm: algorithm), key: key.publicKey))
        var changed = Self.files
        changed["1"] = [0]
        #expect(try !Xmlsec.verifies(signed, key: key.publicKey, attachments: changed))
        #expect(try !Xmlsec.verifies(signed, key: key.publicKey))
    }

    @Test("We accept what the peer signs, by each algorithm that it knows", arguments: pairs)
    func theirs(kind: KeyKind, algorithm: SignatureAlgorithm) throws {
        let key = try TestKeys.key(kind)
        let name = try #require(XMLSignatureAlgorithmTests.names[algorithm])
        for hash in ["xmlenc#sha256", "xmldsig-more#sha384", "xmlenc#sha512"] {
            let digest = "http://www.w3.org/2001/04/" + hash
            let references = Self.files.keys.sorted().map {
                "<Reference URI=\"cid:\($0)\">\n<DigestMethod Algorithm=\"\(digest)\"/><DigestValue/>"
                    + "</Reference>\n"
            }
            let template = TestDocument.text(XMLSignaturePeerTests.template("", name, digest))
                .replacing("</SignedInfo>", with: references.joined() + "</SignedInfo>")
            let signed = try Xmlsec.sign(Array(template.utf8), key: key, attachments: Self.files)
            let document = try XMLDocument.parse(signed)
            let report = XMLSignature.verify(
                document, with: [key.publicKey], covering: Array(Self.files.keys)
            ) { Self.files[$0] }
            #expect(report.verdict == .valid && report.attachments == Self.files.keys.sorted(), "\(report)")
            let other = XMLSignature.verify(document, with: [key.publicKey]) {
                $0 == "1" ? [0] : Self.files[$0]
            }
            #expect(other.verdict == .invalid && other.code == .envelopeSignatureInvalid)
        }
    }

    @Test("The peer finds sound what we accept only as legacy", arguments: XMLSignatureLegacyTests.samples)
    func legacy(sample: XMLSignatureLegacyTests.Sample) throws {
        guard sample.lenient == nil else { return }
        let key = try PublicKey(pem: XMLSignatureLegacyTests.bytes(sample.key + ".pem"))
        #expect(try Xmlsec.verifies(XMLSignatureLegacyTests.bytes(sample.file + ".xml"), key: key))
    }

    @Test(
        "Of a damaged old document we never think better than the peer", arguments: 0..<60 as Range<UInt64>)
    func oldMutations(seed: UInt64) throws {
        var random = Random(seed: seed &+ 9_000)
        let samples = XMLSignatureLegacyTests.samples.filter { $0.lenient == nil }
        let sample = samples[random.below(samples.count)]
        let key = try PublicKey(pem: XMLSignatureLegacyTests.bytes(sample.key + ".pem"))
        let original = try XMLSignatureLegacyTests.bytes(sample.file + ".xml")
        let changed = Mutation.apply(to: original, with: &random)
        guard let document = try? XMLDocument.parse(changed) else { return }
        let report = XMLSignature.verify(document, with: [key], allowing: .sha1)
        guard report.verdict == .valid else { return }
        #expect(report.legacy.contains(.weakAlgorithm))
        #expect(try TestDocument.content(of: document) == TestDocument.content(of: .parse(original)))
        #expect(try Xmlsec.verifies(changed, key: key), "\(TestDocument.text(changed))")
    }

    @Test(
        "Of a damaged document with attachments we never think better than the peer",
        arguments: 0..<80 as Range<UInt64>)
    func mutations(seed: UInt64) throws {
        var random = Random(seed: seed &+ 7_000)
        let (kind, algorithm) = Self.pairs[random.below(Self.pairs.count)]
        let key = try TestKeys.key(kind)
        let original = random.below(2) == 0 ? TestDocument.plain : TestDocument.random(&random)
        let signed = try XMLSignature.sign(
            original, with: key, algorithm: algorithm,
            attachments: Self.files.map { (cid: $0.key, bytes: $0.value) })
        let changed = Mutation.apply(to: signed, with: &random)
        var files = Self.files
        if random.below(8) == 0 { files["1"] = Mutation.apply(to: Self.files["1"] ?? [], with: &random) }
        guard let document = try? XMLDocument.parse(changed) else { return }
        let report = XMLSignature.verify(document, with: [key.publicKey], allowing: .sha1) { files[$0] }
        guard report.verdict == .valid else { return }
        #expect(try TestDocument.content(of: document) == TestDocument.content(of: .parse(original)))
        #expect(files == Self.files)
        #expect(
            try Xmlsec.verifies(changed, key: key.publicKey, attachments: files),
            "\(TestDocument.text(changed))")
    }
}
