import Foundation
import HubJSON
import HubModel
import Testing

@Suite("Envelopes on the command line", .timeLimit(.minutes(5)))
struct EnvelopeTests {
    private static func has(_ program: String) -> Bool {
        (try? Program.shell("command -v \(program) >/dev/null")) == 0
    }

    /// The folder of a hub with the keys of its systems, a document and a packet.
    private struct Desk {
        let hub: RunningHub
        var folder: String { self.hub.folder.path }
        var key: String { self.folder + "/hub/systems/qlvb-so-tttt-h44.key.pem" }
        var certificate: String { self.folder + "/hub/systems/qlvb-so-tttt-h44.pem" }
        var stranger: String { self.folder + "/hub/systems/qlvb-so-tc-h44.pem" }

        init() throws {
            self.hub = try RunningHub()
            try self.hub.folder.write(String(decoding: try RunningHub.document(1), as: UTF8.self), "d.xml")
            try self.hub.folder.write("{\"hồ sơ\": \"000.00.13.H44-261126-0001\"}\n", "d.json")
        }

        func sign(_ file: String, _ format: String, _ out: String, detached: Bool = false) throws {
            let done = try Program.run(
                ["envelope", "sign", file, "--format", format, "--key", self.key, "--cert", self.certificate]
                    + ["--out", out] + (detached ? ["--detached"] : []), in: self.folder)
            try #require(done.code == 0, "\(done.complaint)")
        }

        func run(_ verb: String, _ arguments: String...) throws -> Program.Result {
            try Program.run(["envelope", verb] + arguments, in: self.folder)
        }
    }

    static let forms: [(file: String, format: String, isDetached: Bool)] = [
        ("d.xml", "xmldsig", false), ("d.json", "jws", false), ("d.json", "jws", true),
        ("d.json", "jws-json", false), ("d.json", "jws-json", true), ("d.json", "cms", false),
        ("d.json", "cms", true), ("d.xml", "cms", true),
    ]

    @Test("are made, checked and explained; a changed byte or another signer is told", arguments: forms)
    func roundTrip(file: String, format: String, isDetached: Bool) throws {
        let desk = try Desk()
        try desk.sign(file, format, "s", detached: isDetached)
        let content = isDetached ? ["--content", file] : []
        func verify(_ trust: String, _ content: [String]) throws -> Program.Result {
            try Program.run(["envelope", "verify", "s", "--trust", trust, "--json"] + content, in: desk.folder)
        }
        let valid = try verify(desk.certificate, content)
        #expect(valid.code == 0 && valid.json["verdict"]?.string == "valid", "\(valid.output)")
        let unknown = try verify(desk.stranger, content)
        #expect(unknown.code == 1 && unknown.json["verdict"]?.string != "valid")

        let explained = try Program.run(
            ["envelope", "inspect", "s", "--trust", desk.certificate] + content, in: desk.folder)
        #expect(explained.code == 0, "\(explained.output)\(explained.complaint)")
        #expect(explained.output.contains("covered") && explained.output.contains("known: CN=qlvb-so-tttt-h44"))

        let target = isDetached ? file : "s"
        var bytes = try #require(FileManager.default.contents(atPath: desk.folder + "/" + target))
        bytes[bytes.count / 2] ^= 0x01
        try bytes.write(to: URL(filePath: desk.folder + "/" + target))
        let changed = try verify(desk.certificate, content)
        #expect(changed.code != 0 && changed.json["verdict"]?.string != "valid")
        let why = try Program.run(["envelope", "inspect", "s", "--trust", desk.certificate] + content, in: desk.folder)
        #expect(why.code != 0)
    }

    @Test("give back what was inside, and write exactly what is covered")
    func contents() throws {
        let desk = try Desk()
        let original = FileManager.default.contents(atPath: desk.folder + "/d.json")
        for format in ["jws", "jws-json", "cms"] {
            try desk.sign("d.json", format, "s")
            #expect(try desk.run("verify", "s", "--trust", desk.certificate, "--out", "inside").code == 0)
            #expect(FileManager.default.contents(atPath: desk.folder + "/inside") == original)
            #expect(try desk.run("verify", "s", "--trust", desk.stranger, "--out", "nothing").code == 1)
            #expect(!FileManager.default.fileExists(atPath: desk.folder + "/nothing"))
        }
        try desk.sign("d.xml", "xmldsig", "s.xml")
        let explained = try desk.run("inspect", "s.xml", "--covered", "covered", "--json")
        let covered = try #require(FileManager.default.contents(atPath: desk.folder + "/covered"))
        #expect(!covered.isEmpty && !String(decoding: covered, as: UTF8.self).contains("SignedInfo"))
        let fact = explained.json["facts"]?.array?.first { $0["key"]?.string == "covered" }?["value"]?.string ?? ""
        #expect(fact.hasPrefix("\(covered.count) bytes"))
    }

    @Test("in JSON show each signature and what it does not protect, and hold only if all do")
    func documents() throws {
        let desk = try Desk()
        try desk.sign("d.json", "jws-json", "s")
        let good = try desk.run("verify", "s", "--trust", desk.certificate, "--json")
        let signatures = try #require(good.json["signatures"]?.array)
        #expect(good.code == 0 && signatures.count == 1 && signatures[0]["unprotected"]?.array == [])
        #expect(signatures[0]["kid"]?.string == good.json["key"]?.string)

        // The same signature twice, the second with a name beside it that nobody protects.
        let one = try #require(try JSONDocument.parse([UInt8](Data(contentsOf: URL(filePath: desk.folder + "/s")))).value.object)
        var first = one
        first["payload"] = nil
        var second = first
        second["header"] = ["note": "x"]
        func several(_ signatures: JSONObject...) throws {
            let value: JSONValue = ["payload": one["payload"] ?? .null, "signatures": .array(signatures.map { .object($0) })]
            try desk.hub.folder.write(value.text, "several")
        }
        try several(first, second)
        let both = try desk.run("verify", "several", "--trust", desk.certificate)
        #expect(both.code == 0 && both.output.contains(#"not protected: ["note"]"#), "\(both.output)")
        let explained = try desk.run("inspect", "several", "--trust", desk.certificate)
        #expect(explained.code == 0 && explained.output.contains(#"not protected: ["note"]"#))
        second["signature"] = .string(Base64.urlText([UInt8](repeating: 1, count: 64)))
        try several(first, second)
        let broken = try desk.run("verify", "several", "--trust", desk.certificate, "--json")
        #expect(broken.code == 1 && broken.json["code"]?.string == "envelope.signature_invalid")
        #expect(broken.json["signatures"]?.array?.map { $0["verdict"]?.string } == ["valid", "invalid"])
        #expect(try desk.run("inspect", "several", "--trust", desk.certificate).code == 1)
    }

    @Test(
        "in CMS are those of openssl, both ways, inside and beside",
        .enabled(if: has("openssl"), "needs openssl")
    )
    func openssl() throws {
        let desk = try Desk()
        for isDetached in [true, false] {
            try desk.sign("d.json", "cms", "s.p7s", detached: isDetached)
            let theirs = "openssl cms -verify -binary -inform DER -in s.p7s \(isDetached ? "-content d.json" : "") "
                + "-CAfile \(desk.certificate) -purpose any -out back 2>/dev/null && cmp -s back d.json"
            #expect(try Program.shell(theirs, in: desk.folder) == 0)
            let ours = "openssl cms -sign -binary -md sha256 -outform DER \(isDetached ? "" : "-nodetach") -in d.json "
                + "-signer \(desk.certificate) -inkey \(desk.key) -out o.p7s"
            #expect(try Program.shell(ours, in: desk.folder) == 0)
            let verified = try Program.run(
                ["envelope", "verify", "o.p7s", "--trust", desk.certificate]
                    + (isDetached ? ["--content", "d.json"] : []), in: desk.folder)
            #expect(verified.code == 0, "\(verified.output)")
        }
    }

    @Test("of whoever has a certificate below a trusted root are taken, and of nobody else", arguments: ["cms", "xmldsig"])
    func roots(format: String) throws {
        let desk = try Desk()
        let lines = [
            ["keys", "test-ca", "new", "ca"], ["keys", "test-ca", "new", "other"], ["keys", "new", "--out", "k.pem"],
            ["keys", "csr", "--key", "k.pem", "--name", "qlvb-moi", "--out", "k.csr"],
            ["keys", "test-ca", "issue", "ca", "--csr", "k.csr", "--out", "c.pem"],
            ["keys", "test-ca", "issue", "ca", "--csr", "k.csr", "--purpose", "tls-client", "--out", "tls.pem"],
        ]
        for line in lines { #expect(try Program.run(line, in: desk.folder).code == 0) }
        func sign(_ certificate: String) throws {
            let file = format == "cms" ? "d.json" : "d.xml"
            let done = try desk.run("sign", file, "--format", format, "--key", "k.pem", "--cert", certificate, "--out", "s")
            try #require(done.code == 0, "\(done.complaint)")
        }
        try sign("c.pem")
        let trusted = try desk.run("verify", "s", "--trust", "ca/ca.pem", "--test-authority")
        #expect(trusted.code == 0, "\(trusted.output)\(trusted.complaint)")
        let marked = try desk.run("verify", "s", "--trust", "ca/ca.pem", "--json")
        #expect(marked.code == 1 && marked.json["trust_code"]?.string == "trust.test_authority")
        let other = try desk.run("verify", "s", "--trust", "other/ca.pem", "--test-authority", "--json")
        #expect(other.code == 1 && other.json["trust_code"]?.string == "trust.chain_unknown", "\(other.output)")
        try sign("tls.pem")
        let purpose = try desk.run("verify", "s", "--trust", "ca/ca.pem", "--test-authority", "--json")
        #expect(purpose.code == 1 && purpose.json["trust_code"]?.string == "trust.purpose", "\(purpose.output)")
    }

    @Test("of no known kind, or without what they need, are refused with what to do")
    func misuse() throws {
        let desk = try Desk()
        try desk.hub.folder.write("hello", "hello")
        #expect(try desk.run("verify", "hello", "--trust", desk.certificate).code == 1)
        #expect(try desk.run("inspect", "hello").code == 1)
        #expect(try desk.run("verify", "nowhere", "--trust", desk.certificate).code == 3)
        #expect(try desk.run("sign", "d.json", "--format", "cms", "--key", desk.key).code == 3)
        #expect(try desk.run("sign", "d.json", "--format", "pgp", "--key", desk.key).code == 2)
        #expect(try desk.run("sign", "d.xml", "--detached", "--key", desk.key).code == 3)
    }
}
