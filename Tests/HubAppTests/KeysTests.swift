import Foundation
import HubJSON
import HubModel
import Testing

@Suite("Keys on the command line", .timeLimit(.minutes(5)))
struct KeysTests {
    private static func has(_ program: String) -> Bool {
        (try? Program.shell("command -v \(program) >/dev/null")) == 0
    }

    private static func run(_ folder: TestFolder, _ arguments: String...) throws -> Program.Result {
        try Program.run(["keys"] + arguments, in: folder.path)
    }

    private static func folder() throws -> TestFolder {
        let folder = TestFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        return folder
    }

    @Test("are made for their owner alone, and never over others", arguments: ["p256", "p384", "rsa2048", "ed25519"])
    func make(kind: String) throws {
        let folder = try Self.folder()
        let made = try Self.run(folder, "new", "--kind", kind, "--out", "k.pem", "--cert", "c.pem", "--name", "he-thong")
        #expect(made.code == 0, "\(made.complaint)")
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/k.pem")[.posixPermissions] as? Int
        #expect(mode == 0o600)
        if Self.has("openssl") {
            let match = "test \"$(openssl pkey -in k.pem -pubout)\" = \"$(openssl x509 -in c.pem -noout -pubkey)\" "
                + "&& test \"$(cat k.pub.pem)\" = \"$(openssl pkey -in k.pem -pubout)\""
            #expect(try Program.shell(match, in: folder.path) == 0)
        }
        #expect(try Self.run(folder, "new", "--kind", kind, "--out", "k.pem").code == 3)
        #expect(try Self.run(folder, "new", "--kind", "dsa", "--out", "x.pem").code == 3)
        // A key that others may read is not used.
        #expect(try Program.shell("chmod 640 k.pem", in: folder.path) == 0)
        #expect(try Self.run(folder, "csr", "--key", "k.pem").complaint.contains("0600"))
    }

    @Test(
        "get certificates from a test authority that openssl follows, for one purpose each",
        .enabled(if: has("openssl"), "needs openssl")
    )
    func testAuthority() throws {
        let folder = try Self.folder()
        #expect(try Self.run(folder, "test-ca", "new", "ca").code == 0)
        #expect(try Self.run(folder, "test-ca", "new", "ca").code == 3, "never over another")
        #expect(try Self.run(folder, "new", "--out", "k.pem").code == 0)
        let request = try Self.run(folder, "csr", "--key", "k.pem", "--name", "trục", "--organisation", "Sở X", "--out", "k.csr")
        #expect(request.code == 0)
        #expect(try Program.shell("openssl req -in k.csr -verify -noout 2>/dev/null", in: folder.path) == 0)
        for (purpose, theirs) in [("signing", "any"), ("tls-client", "sslclient"), ("timestamping", "timestampsign")] {
            let issued = try Self.run(folder, "test-ca", "issue", "ca", "--csr", "k.csr", "--purpose", purpose, "--out", "c.pem")
            #expect(issued.code == 0, "\(issued.complaint)")
            let verify = "openssl verify -CAfile ca/ca.pem -CRLfile ca/crl.pem -crl_check -purpose \(theirs) c.pem >/dev/null"
            #expect(try Program.shell(verify, in: folder.path) == 0, "\(purpose)")
        }
        #expect(try Program.shell("openssl verify -CAfile ca/ca.pem -purpose sslserver c.pem >/dev/null 2>&1", in: folder.path) != 0)
        #expect(try Self.run(folder, "test-ca", "issue", "ca", "--csr", "k.csr", "--purpose", "tls-server", "--out", "s.pem").code == 3)
        let server = try Self.run(
            folder, "test-ca", "issue", "ca", "--csr", "k.csr", "--purpose", "tls-server", "--host", "127.0.0.1", "--host",
            "localhost", "--out", "s.pem")
        #expect(server.code == 0)
        #expect(try Program.shell("openssl verify -CAfile ca/ca.pem -verify_ip 127.0.0.1 s.pem >/dev/null", in: folder.path) == 0)
    }

    @Test("of systems are registered, listed and retired; a message signed with a second key is taken")
    func registry() async throws {
        let hub = try RunningHub()
        let folder = hub.folder
        func keys(_ arguments: String...) throws -> Program.Result {
            try Program.run(["keys"] + arguments + ["--config", hub.config], in: folder.path)
        }
        let system = "qlvb-so-tttt-h44"
        #expect(try Self.run(folder, "new", "--out", "second.pem", "--cert", "second.crt", "--name", system).code == 0)
        #expect(try keys("import", "second.crt", "--for", "???").code == 3)
        let registered = try keys("import", "second.crt", "--for", system)
        #expect(registered.code == 0 && registered.output.contains("trust/systems/\(system).2.pem"), "\(registered.complaint)")
        #expect(try keys("import", "second.crt", "--for", system).code == 3, "one key has one owner")

        let list = try keys("list", "--json")
        let entries = try #require(list.json.array)
        let own = entries.filter { $0["owner"]?.string == system }
        #expect(own.count == 2 && entries.contains { $0["role"]?.string == "hub" })

        try await hub.start()
        let document = try RunningHub.document(3)
        let signed = try Program.run(
            "envelope", "sign", "plain.xml", "--key", "second.pem", "--cert", "second.crt", "--out", "signed.xml", in: {
                try folder.write(String(decoding: document, as: UTF8.self), "plain.xml")
                return folder.path
            }())
        #expect(signed.code == 0, "\(signed.complaint)")
        let bytes = try #require(FileManager.default.contents(atPath: folder.path + "/signed.xml"))
        let answer = try await hub.send(Array(bytes))
        let id = try #require(answer.json["DocId"]?.string, "\(answer.text)")
        #expect(hub.stop() == 0)

        let fingerprint = try #require(
            own.first { $0["file"]?.string?.hasSuffix(".2.pem") == true }?["fingerprint"]?.string)
        #expect(try keys("retire", "0000").code == 3)
        let retired = try keys("retire", String(fingerprint.prefix(12)))
        #expect(retired.code == 0 && retired.output.contains("trust/retired/"))
        try await hub.start()
        let refused = try await hub.send(try hub.signed(RunningHub.document(4)))
        #expect(refused.json["DocId"] != nil, "the first key goes on")
        let gone = try await hub.send(Array(bytes) + [0x0A])
        #expect(gone.json["DocId"] == nil, "the second does not: \(gone.text)")
        #expect(hub.stop() == 0)
        // What it signed is still proved.
        let export = try Program.run("evidence", "export", id, "--config", hub.config, "--out", folder.path + "/e.tar")
        #expect(export.code == 0, "\(export.complaint)")
        let key = folder.path + "/hub/keys/hub.pub.pem"
        #expect(try Program.run("evidence", "verify", folder.path + "/e.tar", "--trust", key).code == 0)
    }
}
