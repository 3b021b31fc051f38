import Foundation
import HubJSON
import HubModel
import Testing

@Suite("A document signed as in the first years", .timeLimit(.minutes(5)))
struct LegacyTests {
    private static let isPossible = (try? Program.shell("command -v xmlsec1 >/dev/null")) == 0

    /// An enveloped signature over the whole document, its values still empty.
    private static let template = """
        <Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>\
        <CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>\
        <SignatureMethod Algorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1"/>\
        <Reference URI=""><Transforms>\
        <Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>\
        <Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms>\
        <DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/><DigestValue/></Reference>\
        </SignedInfo><SignatureValue/></Signature>
        """

    @Test(
        "is refused, until an operator says that SHA-1 will do for this system, and is marked for ever then",
        .enabled(if: isPossible, "needs xmlsec1")
    )
    func legacy() async throws {
        let hub = try RunningHub(options: ["--rsa"])
        let folder = hub.folder
        func signed(_ number: Int) throws -> [UInt8] {
            let document = String(decoding: try RunningHub.document(number), as: UTF8.self)
            let end = try #require(document.firstMatch(of: /<\/([a-zA-Z]+:)?edXMLHeader>/))
            let text = document.replacing(String(end.output.0), with: Self.template + String(end.output.0))
            try folder.write(text, "template.xml")
            let sign = "xmlsec1 --sign --privkey-pem hub/systems/qlvb-so-tttt-h44.key.pem --output old.xml template.xml 2>/dev/null"
            try #require(try Program.shell(sign, in: folder.path) == 0)
            return Array(try #require(FileManager.default.contents(atPath: folder.path + "/old.xml")))
        }
        try await hub.start()
        let refused = try await hub.send(try signed(1))
        #expect(refused.json["problem"]?["code"]?.string == "envelope.algorithm_refused", "\(refused.text)")
        #expect(hub.stop() == 0)

        let adapter = "hub/adapters/qlvb-so-tttt-h44/adapter.yaml"
        let text = try folder.text(adapter)
        try folder.write(text.replacing("signature: required", with: "signature: legacy"), adapter)
        #expect(try Program.run("config", "check", "--config", hub.config).code == 0)
        try await hub.start()
        let accepted = try await hub.send(try signed(1))
        let id = try #require(accepted.json["DocId"]?.string, "\(accepted.text)")
        let modern = try await hub.send(try hub.signed(RunningHub.document(2)))
        #expect(modern.json["DocId"] != nil, "what is better than that is taken all the same")
        var changed = try signed(3)
        let place = try #require(Data(changed).range(of: Data("<Subject>".utf8)) ?? Data(changed).range(of: Data(":Subject>".utf8)))
        changed[place.upperBound] ^= 0x01
        #expect(try await hub.send(changed).json["DocId"] == nil)

        let pack = try await hub.operate("messages/\(id)/evidence")
        try Data(pack.bytes).write(to: URL(filePath: folder.path + "/e.tar"))
        let verified = try Program.run(
            "evidence", "verify", folder.path + "/e.tar", "--trust", folder.path + "/hub/keys/hub.pub.pem")
        #expect(verified.code == 0 && verified.output.contains("rsa-sha1"), "\(verified.output)")
        // The mark is in the signed record itself.
        #expect(try Program.shell("tar xf e.tar && grep -aq envelope.legacy evidence/records/1/record", in: folder.path) == 0)
        #expect(hub.stop() == 0)
    }
}
