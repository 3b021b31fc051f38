import HubEnvelope
import HubJSON
import HubModel
import HubXML
import Testing

@Suite(
    "XML signatures beside signxml",
    .enabled(if: PythonPeers.isInstalled, Comment(rawValue: PythonPeers.missing)))
struct XMLSignatureSignxmlTests {
    /// What the peer knows, which is everything but EdDSA, with the size of RSA keys that it reads quickly.
    static let pairs = XMLSignatureAlgorithmTests.pairs.filter {
        [.p256, .p384, .p521, .rsa2048].contains($0.0)
    }

    @Test("The peer accepts what we sign, covers the same, and refuses what was changed")
    func ours() throws {
        var jobs: [JSONValue] = []
        var contents: [[UInt8]?] = []
        func add(_ signed: [UInt8], _ kind: KeyKind, isSound: Bool) throws {
            let certificate = PythonPeers.text(try TestCertificates.certificate(kind).pem)
            jobs.append(["signed": PythonPeers.text(signed), "certificate": certificate])
            contents.append(isSound ? try TestDocument.content(of: XMLDocument.parse(signed)) : nil)
        }
        for (kind, algorithm) in Self.pairs {
            let signed = try XMLSignature.sign(
                TestDocument.plain, with: TestKeys.key(kind), certificate: TestCertificates.certificate(kind),
                algorithm: algorithm)
            try add(signed, kind, isSound: true)
            try add(
                Array(TestDocument.text(signed).replacing("H44.13", with: "H44.14").utf8), kind,
                isSound: false)
        }
        for seed in UInt64(3000)..<3040 {
            var random = Random(seed: seed)
            let kind = [KeyKind.p256, .p521, .rsa2048][random.below(3)]
            let document = TestDocument.random(&random)
            // An instruction after the root is part of the document; the peer looks at the root only.
            if TestDocument.text(document).hasSuffix("<?end?>\n") { continue }
            let signed = try XMLSignature.sign(
                document, with: TestKeys.key(kind), certificate: TestCertificates.certificate(kind))
            try add(signed, kind, isSound: true)
        }
        let answers = try PythonPeers.run("xmldsig.py", jobs)
        for (answer, content) in zip(answers, contents) {
            #expect(PythonPeers.bytes(answer["content"]) == content, "\(answer)")
            #expect((answer["refused"] != nil) == (content == nil))
        }
        #expect(answers.count > 2 * Self.pairs.count + 20)
    }

    @Test(
        "We accept what the peer signs, with a certificate and with the value of the key, and not when it was changed"
    )
    func theirs() throws {
        // The id is what signxml looks for to know where its signature goes; it fills the element and drops the id.
        let document = TestDocument.text(TestDocument.plain).replacing(
            "</edXML:edXMLHeader>",
            with:
                "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"placeholder\"/></edXML:edXMLHeader>"
        )
        let digests = [
            "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#sha384",
            "http://www.w3.org/2001/04/xmlenc#sha512",
        ]
        var jobs: [JSONValue] = []
        var kinds: [KeyKind] = []
        for (kind, algorithm) in Self.pairs {
            for (index, digest) in digests.enumerated() {
                var job: JSONObject = [
                    "document": PythonPeers.text(Array(document.utf8)), "digest": .string(digest),
                    "algorithm": .string(try #require(XMLSignatureAlgorithmTests.names[algorithm])),
                    "key": PythonPeers.text(try TestKeys.key(kind).pem),
                ]
                if index > 0 {
                    job["certificate"] = PythonPeers.text(try TestCertificates.certificate(kind).pem)
                }
                jobs.append(.object(job))
                kinds.append(kind)
            }
        }
        let answers = try PythonPeers.run("xmldsig.py", jobs)
        for (index, answer) in answers.enumerated() {
            let key = try TestKeys.key(kinds[index]).publicKey
            let signed = try #require(PythonPeers.bytes(answer["signed"]))
            let report = try XMLSignatureTests.verify(signed, key)
            #expect(
                report.verdict == .valid && report.key == key.fingerprint,
                "\(report) \(TestDocument.text(signed))")
            #expect(report.algorithm == jobs[index]["algorithm"]?.string)
            #expect(TestDocument.text(signed).contains("X509Certificate") == (index % 3 > 0))
            let changed = Array(TestDocument.text(signed).replacing("H44.13", with: "H44.14").utf8)
            #expect(changed != signed)
            #expect(try XMLSignatureTests.verify(changed, key).code == .envelopeSignatureInvalid)
        }
        #expect(answers.count == 3 * Self.pairs.count)
    }
}
