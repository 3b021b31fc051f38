import Foundation
import HubCore
import HubEnvelope
import HubJSON
import HubModel
import Testing

@Suite(
    "A hub whose key is in a token", .timeLimit(.minutes(5)),
    .enabled(
        if: TokenFolder.isInstalled, "softhsm2, opensc and libengine-pkcs11-openssl are not all installed, so there is no token")
)
struct TokenTests {
    static func uri(_ number: Int) -> String { "pkcs11:token=lgsp;object=hub-\(number);type=private" }

    /// A hub with the section `pkcs11`, and a PIN.
    private func prepare(_ hub: RunningHub, _ token: TokenFolder) throws {
        try hub.folder.write(TokenFolder.pin + "\n", "hub/keys/pin")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: hub.folder.path + "/hub/keys/pin")
        try hub.folder.write(
            try hub.folder.text("hub/hub.yaml") + "pkcs11:\n  module: \(token.module)\n  pin: keys/pin\n", "hub/hub.yaml")
    }

    private func send(_ number: Int, to hub: RunningHub) async throws {
        let answer = try await hub.send(try hub.signed(RunningHub.document(number)))
        #expect(answer.json["DocId"] != nil, "\(answer.text)")
    }

    @Test("goes over to it and from one key of it to the next while it runs, and all that was signed is proved")
    func rotate() async throws {
        let hub = try RunningHub()
        let token = try TokenFolder(in: hub.folder)
        try await hub.start(after: token.setting)
        try await self.send(1, to: hub)
        let early = try await hub.order("keys/rotate", #"{"key":"\#(Self.uri(1))"}"#)
        #expect(early.status >= 400 && early.text.contains("pkcs11"), "there is no section yet: \(early.text)")

        try self.prepare(hub, token)
        let text = try hub.folder.text("hub/hub.yaml")
        let first = try await hub.order("keys/rotate", #"{"key":"\#(Self.uri(1))","reason":"vào thẻ"}"#)
        #expect(first.status == 200, "\(first.text)")
        #expect(
            try hub.folder.text("hub/hub.yaml")
                == text.replacing("key: keys/hub.pem", with: "key: \"\(Self.uri(1))\""))
        try await self.send(2, to: hub)
        let second = try await hub.order("keys/rotate", #"{"key":"\#(Self.uri(2))"}"#)
        #expect(second.status == 200, "\(second.text)")
        try await self.send(3, to: hub)

        for wish in [
            "{}", #"{"kind":"p256"}"#, #"{"key":"\#(Self.uri(2))"}"#, #"{"key":"\#(Self.uri(1))"}"#,
            #"{"key":"\#(Self.uri(9))"}"#, #"{"key":"keys/other.pem"}"#, #"{"key":"\#(Self.uri(3))","kind":"p384"}"#,
        ] {
            let answer = try await hub.order("keys/rotate", wish)
            #expect(answer.status >= 400, "\(wish) \(answer.text)")
        }
        let keys = try await hub.get("/v1/keys").json
        let all = try #require(keys["keys"]?.array)
        #expect(all.count == 3 && all[0]["kind"]?.string == "rsa2048")
        #expect(all[0]["fingerprint"]?.string == second.json["after"]?.string)
        let announcement = try Receipt(json: try #require(keys["announcement"]))
        let previous = try PublicKey(pem: Array(try #require(all[1]["pem"]?.string).utf8))
        #expect(announcement.key == previous.fingerprint)
        #expect(hub.stop() == 0)

        // A stopped hub changes its key in the same way.
        let third = try Program.run(
            "keys", "rotate", "--key", Self.uri(3), "--config", hub.config, "--json", after: token.setting)
        #expect(third.code == 0, "\(third.complaint)")
        let list = try Program.run("keys", "list", "--config", hub.config, "--json", after: token.setting)
        #expect(list.json.array?.first?["file"]?.string == Self.uri(3))
        #expect(list.json.array?.first?["fingerprint"]?.string == third.json["after"]?.string)
        try await hub.start(after: token.setting)
        try await self.send(4, to: hub)
        #expect(hub.stop() == 0)

        let files = try FileManager.default.contentsOfDirectory(atPath: hub.folder.path + "/hub/keys")
        #expect(!files.contains("hub.pem") && !files.contains { $0.hasSuffix(".next") }, "\(files)")
        // No token is needed to check what was signed.
        #expect(try Program.run("evidence", "audit", "--config", hub.config).code == 0)
        try FileManager.default.removeItem(atPath: hub.folder.path + "/hub/keys/hub.pub.pem")
        #expect(try Program.run("evidence", "audit", "--config", hub.config, after: token.setting).code == 0)
        #expect(files.contains("hub.pub.pem") && FileManager.default.fileExists(atPath: hub.folder.path + "/hub/keys/hub.pub.pem"))
    }

    @Test("does not start with a token that is not as it should be, and says what is wrong; the PIN is told to nobody")
    func faults() throws {
        let hub = try RunningHub()
        let token = try TokenFolder(in: hub.folder)
        try self.prepare(hub, token)
        let text = try hub.folder.text("hub/hub.yaml")
            .replacing("key: keys/hub.pem", with: "key: \"\(Self.uri(1))\"")
        func check(_ text: String, pin: String = TokenFolder.pin) throws -> (doctor: Program.Result, check: Program.Result) {
            try hub.folder.write(text, "hub/hub.yaml")
            try hub.folder.write(pin + "\n", "hub/keys/pin")
            return (
                try Program.run("doctor", "--config", hub.config, after: token.setting),
                try Program.run("config", "check", "--config", hub.config, after: token.setting)
            )
        }
        let well = try check(text)
        #expect(well.doctor.code == 0 && well.check.code == 0, "\(well.doctor.output) \(well.check.complaint)")
        var faults = [
            (text.replacing(token.module, with: "/nowhere/module.so"), TokenFolder.pin, "module cannot be loaded"),
            (text.replacing("token=lgsp", with: "token=other"), TokenFolder.pin, "no such token"),
            (text.replacing("object=hub-1", with: "object=hub-9"), TokenFolder.pin, "no such private key"),
            (text, "1111-2222", "does not take the PIN"),
        ]
        if try Program.shell("openssl list -providers -provider pkcs11 >/dev/null 2>&1") != 0 {
            faults.append((text + "  through: provider\n", TokenFolder.pin, "finds no provider"))
        }
        for (text, pin, reason) in faults {
            let found = try check(text, pin: pin)
            #expect(found.doctor.code == 1 && found.doctor.output.contains(reason), "\(found.doctor.output)")
            #expect(found.check.code == 1 && found.check.complaint.contains(reason), "\(found.check.complaint)")
            for result in [found.doctor, found.check] {
                #expect(!(result.output + result.complaint).contains(pin))
            }
        }
    }

    @Test("has commands that sign with a key in it")
    func commands() throws {
        let folder = TestFolder()
        let token = try TokenFolder(in: folder)
        try folder.write(TokenFolder.pin, "pin")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path + "/pin")
        try folder.write("văn bản", "file")
        let way = ["--key", Self.uri(1), "--pkcs11-module", token.module, "--pin-file", folder.path + "/pin"]
        let request = try Program.run(
            ["keys", "csr", "--name", "hub", "--out", folder.path + "/hub.csr"] + way, after: token.setting)
        #expect(request.code == 0, "\(request.complaint)")
        let made = try CertificateRequest(pem: Array(try folder.text("hub.csr").utf8))
        try folder.write(String(decoding: try PublicKey(der: made.spki).pem, as: UTF8.self), "public.pem")
        let signed = try Program.run(
            ["envelope", "sign", folder.path + "/file", "--format", "jws", "--out", folder.path + "/signed"] + way,
            after: token.setting)
        #expect(signed.code == 0, "\(signed.complaint)")
        let verified = try Program.run("envelope", "verify", folder.path + "/signed", "--trust", folder.path + "/public.pem")
        #expect(verified.code == 0, "\(verified.output)")
        let bare = try Program.run("envelope", "sign", folder.path + "/file", "--format", "jws", "--key", Self.uri(1))
        #expect(bare.code != 0 && bare.complaint.contains("--pkcs11-module"), "\(bare.complaint)")
    }
}
