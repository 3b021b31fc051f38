import Foundation
import HubEnvelope
import HubModel
import HubXML
import Testing

@Suite("The algorithms of XML signatures")
struct XMLSignatureAlgorithmTests {
    static let pairs: [(KeyKind, SignatureAlgorithm)] = KeyKind.allCases.flatMap { kind in
        SignatureAlgorithm.allCases.filter { $0.suits(kind) }.map { (kind, $0) }
    }

    static func signed(
        _ kind: KeyKind, _ algorithm: SignatureAlgorithm?, attachments: [(cid: String, bytes: [UInt8])] = []
    ) throws -> String {
        TestDocument.text(
            try XMLSignature.sign(
                TestDocument.plain, with: TestKeys.key(kind), algorithm: algorithm, attachments: attachments))
    }

    @Test("Each key signs by each of its algorithms, under the name of the standard", arguments: pairs)
    func roundTrip(kind: KeyKind, algorithm: SignatureAlgorithm) throws {
        let key = try TestKeys.key(kind).publicKey
        let signed = try Self.signed(kind, algorithm)
        let report = try XMLSignatureTests.verify(Array(signed.utf8), key)
        #expect(report.verdict == .valid && report.key == key.fingerprint && !report.isLegacy)
        #expect(report.algorithm == Self.names[algorithm])
        #expect(signed.contains("<SignatureMethod Algorithm=\"\(Self.names[algorithm] ?? "")\">"))
        let changed = signed.replacing("H44.13", with: "H44.14")
        #expect(try XMLSignatureTests.verify(Array(changed.utf8), key).code == .envelopeSignatureInvalid)
        // The same signature under the name of another algorithm is none.
        for other in SignatureAlgorithm.allCases where other != algorithm {
            let renamed = signed.replacing(Self.names[algorithm] ?? "", with: Self.names[other] ?? "")
            let report = try XMLSignatureTests.verify(Array(renamed.utf8), key)
            #expect(report.verdict == .invalid)
            #expect(
                report.code == (other.suits(kind) ? .envelopeSignatureInvalid : .envelopeAlgorithmRefused))
        }
    }

    @Test("Without a wish a key signs by its usual algorithm", arguments: KeyKind.allCases)
    func usual(kind: KeyKind) throws {
        let report = try XMLSignatureTests.verify(
            Array(try Self.signed(kind, nil).utf8), TestKeys.key(kind).publicKey)
        #expect(report.algorithm == Self.names[kind.usualAlgorithm])
    }

    @Test("A key does not sign by the algorithm of another kind", arguments: KeyKind.allCases)
    func unsuited(kind: KeyKind) throws {
        for algorithm in SignatureAlgorithm.allCases where !algorithm.suits(kind) {
            let error = #expect(throws: HubError.self) { try Self.signed(kind, algorithm) }
            #expect(error?.code == .envelopeKeyUnusable)
        }
    }

    @Test("Of RSASSA-PSS only the forms without parameters are known")
    func parameterised() throws {
        let signed = try Self.signed(.rsa2048, .rsaPSSSHA256)
        let name = "http://www.w3.org/2007/05/xmldsig-more#rsa-pss"
        let parameters =
            "<RSAPSSParams xmlns=\"http://www.w3.org/2007/05/xmldsig-more#\">"
            + "<SaltLength>32</SaltLength></RSAPSSParams>"
        for content in ["", parameters] {
            let other = signed.replacing(
                "\(Self.names[.rsaPSSSHA256] ?? "")\">", with: "\(name)\">" + content)
            let report = try XMLSignatureTests.verify(
                Array(other.utf8), TestKeys.key(.rsa2048).publicKey)
            #expect(report.code == .envelopeAlgorithmRefused && report.algorithm == name)
        }
    }

    @Test("A salt of another length than the hash is refused")
    func salt() throws {
        guard OpenSSLTool.isInstalled else { return }
        let key = try TestKeys.key(.rsa2048)
        let signed = try Self.signed(.rsa2048, .rsaPSSSHA256)
        for (length, verdict) in [("32", SignatureVerdict.valid), ("20", .invalid), ("0", .invalid)] {
            let value = try #require(
                try OpenSSLTool.run(
                    [
                        "pkeyutl", "-sign", "-inkey", "key.pem", "-rawin", "-digest", "sha256", "-pkeyopt",
                        "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:\(length)", "-in", "info",
                    ], files: ["key.pem": key.pem, "info": try Self.signedInfo(of: signed)]))
            let other = signed.replacing(
                #/<SignatureValue>.*<\/SignatureValue>/#,
                with: "<SignatureValue>\(Base64.text(value))</SignatureValue>")
            #expect(try XMLSignatureTests.verify(Array(other.utf8), key.publicKey).verdict == verdict)
        }
    }

    /// The peer for the algorithms that `xmlsec1` 1.2 does not know.
    @Test(
        "The program openssl finds every signature sound over the canonical SignedInfo",
        .enabled(if: OpenSSLTool.isInstalled, Comment(rawValue: OpenSSLTool.missing)), arguments: pairs)
    func openssl(kind: KeyKind, algorithm: SignatureAlgorithm) throws {
        let key = try TestKeys.key(kind).publicKey
        let signed = try Self.signed(kind, algorithm, attachments: [("1", [1])])
        let value = try #require(
            signed.firstMatch(of: #/<SignatureValue>(.*)<\/SignatureValue>/#).map { String($0.1) })
        let bytes = try #require(Base64.bytes(value))
        let form = try #require(key.standardForm(of: bytes))
        let hash =
            algorithm.rawValue.hasSuffix("512") ? "512" : algorithm.rawValue.hasSuffix("384") ? "384" : "256"
        let padding =
            algorithm.rawValue.contains("pss")
            ? ["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest"] : []
        let arguments =
            [
                "pkeyutl", "-verify", "-pubin", "-inkey", "pub.pem", "-rawin", "-in", "info", "-sigfile",
                "value",
            ]
            + (kind == .ed25519 ? [] : ["-digest", "sha\(hash)"]) + padding
        let info = try Self.signedInfo(of: signed)
        for (info, isSound) in [(info, true), (info + [0x20], false)] {
            let answer = try OpenSSLTool.run(
                arguments, files: ["pub.pem": key.pem, "info": info, "value": form])
            #expect((answer != nil) == isSound)
        }
    }

    static func signedInfo(of text: String) throws -> [UInt8] {
        let document = try XMLDocument.parse(Array(text.utf8))
        let info = document.root.descendant("edXMLEnvelope/edXMLHeader/Signature/SignedInfo")
        var bytes: [UInt8] = []
        try document.canonicalise(.exclusive, of: info) { bytes += Array($0) }
        return bytes
    }

    /// From RFC 9231 and W3C XML Signature 1.1, not from the code.
    static let names: [SignatureAlgorithm: String] = [
        .ecdsaSHA256: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        .ecdsaSHA384: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        .ecdsaSHA512: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        .rsaSHA256: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        .rsaSHA384: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        .rsaSHA512: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        .rsaPSSSHA256: "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
        .rsaPSSSHA384: "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
        .rsaPSSSHA512: "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
        .ed25519: "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
    ]
}
