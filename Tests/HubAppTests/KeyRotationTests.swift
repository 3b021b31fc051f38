import Foundation
import HubCore
import HubEnvelope
import HubJSON
import HubModel
import NIOHTTP1
import Testing

@Suite("Keys of a running hub", .timeLimit(.minutes(5)))
struct KeyRotationTests {
    @Test("are exchanged without a refused message; the old key names the new one, and all that was signed is proved")
    func rotate() async throws {
        let hub = try RunningHub()
        try await hub.start()
        let before = try #require(try await hub.get("/v1/keys").json["keys"]?.array)
        #expect(before.count == 1)
        let token = try await hub.token(of: "mot-cua-h44")
        let sent = 60
        // Documents come in all the while that the key is exchanged three times.
        let (ids, rotations) = try await withThrowingTaskGroup(of: (String?, JSONValue?).self) { group in
            for lane in 0..<3 {
                group.addTask {
                    var last: String?
                    for number in 0..<sent / 3 {
                        let answer = try await hub.send(try hub.signed(RunningHub.document(lane * 100 + number)))
                        last = try #require(answer.json["DocId"]?.string, "\(answer.text)")
                    }
                    return (last, nil)
                }
            }
            group.addTask {
                var last: JSONValue?
                for kind in ["p384", "ed25519", "p256"] {
                    let answer = try await hub.order("keys/rotate", #"{"kind":"\#(kind)","reason":"thử"}"#)
                    #expect(answer.status == 200, "\(answer.text)")
                    last = answer.json
                }
                return (nil, last)
            }
            var (ids, rotations): ([String], [JSONValue]) = ([], [])
            for try await (id, rotation) in group {
                if let id { ids.append(id) }
                if let rotation { rotations.append(rotation) }
            }
            return (ids, rotations)
        }
        #expect(ids.count == 3)
        // A token that the first key signed is good all the same.
        #expect(try await hub.exchange(.GET, "/v1/services", token: token).status == 200)
        // Who trusts the key before the current one can follow.
        let keys = try await hub.get("/v1/keys").json
        let all = try #require(keys["keys"]?.array)
        #expect(all.count == 4 && all[0]["current"]?.bool == true && all[0]["kind"]?.string == "p256")
        #expect(all[0]["fingerprint"]?.string == rotations.first?["after"]?.string)
        #expect(all[3]["fingerprint"]?.string == before[0]["fingerprint"]?.string)
        let announcement = try Receipt(json: try #require(keys["announcement"]))
        let previous = try PublicKey(pem: Array(try #require(all[1]["pem"]?.string).utf8))
        #expect(announcement.key == previous.fingerprint)
        guard case .operation(let named) = try announcement.verified(with: previous).record else {
            Issue.record("the announcement is another record")
            return
        }
        #expect(named.action == "keys.rotate" && named.reason == "thử")
        #expect(named.subject == all[0]["fingerprint"]?.string)
        #expect(hub.stop() == 0)

        // Nothing of the old private keys is left, and the whole chain is proved with the public ones.
        let files = try FileManager.default.contentsOfDirectory(atPath: hub.folder.path + "/hub/keys")
        #expect(files.sorted() == ["confidential", "earlier", "hub.announcement.json", "hub.pem", "hub.pub.pem"])
        let audit = try Program.run("evidence", "audit", "--config", hub.config, "--json")
        #expect(audit.code == 0, "\(audit.output)")

        // Who trusts the first key alone follows from record to record.
        let journal = hub.folder.path + "/hub/data/journal"
        for (name, key) in zip(["current", "third", "second", "first"], all) {
            try hub.folder.write(try #require(key["pem"]?.string), name + ".pem")
        }
        func follow(_ announced: String...) throws -> Program.Result {
            try Program.run(
                ["evidence", "audit", "--journal", journal, "--no-projection", "--key", "first.pem"]
                    + announced.flatMap { ["--announced", $0] }, in: hub.folder.path)
        }
        #expect(try follow("second.pem", "third.pem", "current.pem").code == 0)
        let gap = try follow("third.pem", "current.pem")
        #expect(gap.code == 1 && gap.output.contains("another key signed it"), "\(gap.output)")
        let stranger = try Program.run(
            "evidence", "audit", "--journal", journal, "--no-projection", "--key", "current.pem", "--announced", "first.pem",
            in: hub.folder.path)
        #expect(stranger.code == 1 && stranger.output.contains("no record before it announces"), "\(stranger.output)")
        try await hub.start()
        let answer = try await hub.send(try hub.signed(RunningHub.document(999)))
        #expect(answer.json["DocId"] != nil, "\(answer.text)")
        #expect(hub.stop() == 0)
    }

    @Test("are changed in the files of a stopped hub too, by a record that the old key signs")
    func stopped() async throws {
        let hub = try RunningHub()
        try await hub.start()
        #expect(hub.stop() == 0)
        // As after a crash between the new file and its record.
        try hub.folder.write("unfinished", "hub/keys/hub.pem.next")
        let rotated = try Program.run("keys", "rotate", "--config", hub.config, "--json")
        #expect(rotated.code == 0, "\(rotated.complaint)")
        let list = try Program.run("keys", "list", "--config", hub.config, "--json")
        let entries = try #require(list.json.array)
        let now = entries.first { $0["role"]?.string == "hub" }?["fingerprint"]?.string
        #expect(now != nil && now == rotated.json["after"]?.string)
        #expect(entries.first { $0["role"]?.string == "earlier" }?["fingerprint"]?.string == rotated.json["before"]?.string)
        try await hub.start()
        let answer = try await hub.send(try hub.signed(RunningHub.document(1)))
        let id = try #require(answer.json["DocId"]?.string, "\(answer.text)")
        #expect(hub.stop() == 0)
        #expect(try Program.run("evidence", "audit", "--config", hub.config).code == 0)
        let pack = hub.folder.path + "/e.tar"
        #expect(try Program.run("evidence", "export", id, "--config", hub.config, "--out", pack).code == 0)
        #expect(try Program.run("evidence", "verify", pack, "--trust", hub.folder.path + "/hub/keys/hub.pub.pem").code == 0)
    }

    @Test("stay encrypted when they are exchanged, and a hub does not start without the passphrase")
    func encrypted() async throws {
        let hub = try RunningHub()
        let keys = hub.folder.path + "/hub/keys"
        try FileManager.default.removeItem(atPath: keys + "/hub.pem")
        try FileManager.default.removeItem(atPath: keys + "/hub.pub.pem")
        try hub.folder.write("mật khẩu của trục\n", "hub/keys/passphrase")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: keys + "/passphrase")
        let made = try Program.run("keys", "new", "--out", keys + "/hub.pem", "--passphrase-file", keys + "/passphrase")
        #expect(made.code == 0, "\(made.complaint)")
        let check = try Program.run("config", "check", "--config", hub.config)
        #expect(check.code == 1 && check.complaint.contains("passphrase"), "\(check.complaint)")
        let text = try hub.folder.text("hub/hub.yaml")
        try hub.folder.write(
            text.replacing("key: keys/hub.pem", with: "key: keys/hub.pem\nkey-passphrase: keys/passphrase"), "hub/hub.yaml")
        try await hub.start()
        #expect(try await hub.order("keys/rotate").status == 200)
        #expect(try hub.folder.text("hub/keys/hub.pem").contains("ENCRYPTED"))
        let answer = try await hub.send(try hub.signed(RunningHub.document(1)))
        #expect(answer.json["DocId"] != nil, "\(answer.text)")
        #expect(hub.stop() == 0)
        try await hub.start()
        #expect(hub.stop() == 0)
        #expect(try Program.run("evidence", "audit", "--config", hub.config).code == 0)
    }

    @Test("of systems are taken up and given up at once; a faulty file leaves the running ones")
    func reload() async throws {
        let hub = try RunningHub()
        try await hub.start()
        let system = "qlvb-so-tttt-h44"
        let key = try SigningKey.generate(.p256)
        func document(_ number: Int) throws -> [UInt8] { try XMLSignature.sign(RunningHub.document(number), with: key) }
        #expect(try await hub.send(document(1)).json["DocId"] == nil, "nobody knows this key yet")
        let place = "hub/trust/systems/\(system).2.pem"
        try hub.folder.write(String(decoding: key.publicKey.pem, as: UTF8.self), place)
        let loaded = try await hub.order("keys/reload", #"{"reason":"thêm khóa"}"#)
        #expect(loaded.json["added"]?.array == [.string("system \(system) \(key.publicKey.fingerprint)")])
        #expect(try await hub.send(document(2)).json["DocId"] != nil)

        try hub.folder.write("no key", place)
        let faulty = try await hub.order("keys/reload")
        #expect(faulty.status >= 400 && faulty.json["path"]?.string?.hasSuffix(place) == true, "\(faulty.text)")
        #expect(try await hub.send(document(3)).json["DocId"] != nil, "the running keys stay")

        try FileManager.default.removeItem(atPath: hub.folder.path + "/" + place)
        let gone = try await hub.order("keys/reload")
        #expect(gone.json["removed"]?.array?.count == 1, "\(gone.text)")
        #expect(try await hub.send(document(4)).json["DocId"] == nil)
        #expect(try await hub.order("keys/rotate", #"{"kind":"dsa"}"#).status == 400)
        #expect(try await hub.order("keys/rotate", #"{"wish":"x"}"#).status == 400)
        #expect(hub.stop() == 0)
    }
}
