import Foundation
import HubJSON
import HubModel
import NIOHTTP1
import Testing

@Suite("The journal on the command line", .timeLimit(.minutes(5)))
struct JournalTests {
    private static var today: CivilDate {
        CivilTime(Timestamp(seconds: Int64(Date().timeIntervalSince1970)), offset: CivilTime.vietnamOffset)
            .date
    }

    @Test("is archived by the month, once that is over, and forgets nothing that is not closed")
    func commands() async throws {
        let hub = try RunningHub()
        try await hub.start()
        let answer = try await hub.send(try hub.signed(try RunningHub.document(1)))
        let id = try #require(answer.json["DocId"]?.string, "\(answer.text)")
        let month = "\(Self.today)".prefix(7)
        let out = hub.folder.path + "/kept"
        let before = "\(CivilDate(daysSince1970: Self.today.daysSince1970 + 1))"

        let open = try Program.run(
            "journal", "archive", "--month", String(month), "--out", out, "--config", hub.config)
        #expect(open.code == 1 && open.output.contains("is not over"), "\(open.output)\(open.complaint)")
        let none = try Program.run(
            "journal", "archive", "--month", "2001-01", "--out", out, "--config", hub.config, "--json")
        #expect(none.code == 1 && none.json["reason"]?.string == "no-such-month")
        #expect(try Program.run("journal", "archive", "--month", "2026", "--out", out).code == 2)
        #expect(
            try Program.run("journal", "archive", "--month", "2026-10", "--out", out, "--journal", "/x").code
                == 2)

        let forget = ["journal", "forget", "--before", before, "--reason", "thử", "--config", hub.config]
        let running = try Program.run(forget)
        #expect(running.code == 3 && running.complaint.contains("Another hub has this journal open"))
        #expect(hub.stop() == 0)
        let stopped = try Program.run(forget + ["--json"])
        #expect(stopped.code == 0, "\(stopped.complaint)")
        #expect(stopped.json["messages"]?.int == 0 && stopped.json["unfinished"]?.int == 0)
        #expect(stopped.json["in_open_segment"]?.int == 1)
        #expect(try Program.run("journal", "forget", "--before", "2026-02-30", "--reason", "x").code == 2)
        #expect(
            try Program.run("journal", "forget", "--before", before, "--type", "edoc", "--reason", "x").code
                == 2)
        #expect(try Program.run("journal", "forget", "--before", before, "--reason", " ").code == 2)
        #expect(try Program.run("journal", "forget", "--before", before).code == 2)

        let export = try Program.run(
            "evidence", "export", id, "--config", hub.config, "--out", hub.folder.path + "/e.tar")
        #expect(export.code == 0, "\(export.complaint)")
        let key = hub.folder.path + "/hub/keys/hub.pub.pem"
        let pack = try Program.run(
            "evidence", "audit", "--archive", hub.folder.path + "/e.tar", "--trust", key)
        #expect(pack.code == 1 && pack.output.contains("This is not an archive of a journal"))
        #expect(try Program.run("evidence", "audit", "--archive", "x.tar").code == 2)
        #expect(
            try Program.run("evidence", "audit", "--archive", "x.tar", "--trust", key, "--config", hub.config)
                .code == 3)
    }

    private static func submit(_ number: Int, to hub: RunningHub) async throws -> RunningHub.Answer {
        try await hub.exchange(
            .POST, "/v1/messages", token: try await hub.token(of: "qlvb-so-tttt-h44"),
            headers: [("Content-Type", "application/xml")],
            body: try hub.signed(try RunningHub.document(number)))
    }

    @Test("is examined and copied beside the hub, restored elsewhere and in its place, and says so")
    func backup() async throws {
        let hub = try RunningHub()
        try await hub.start()
        let answer = try await hub.send(try hub.signed(try RunningHub.document(1)))
        let id = try #require(answer.json["DocId"]?.string, "\(answer.text)")
        let key = hub.folder.path + "/hub/keys/hub.pub.pem"
        let (backup, copy) = (hub.folder.path + "/kept/one", hub.folder.path + "/copy")
        let place = ["--config", hub.config]

        let check = try Program.run(["journal", "check", "--json"] + place)
        #expect(check.code == 0 && check.json["sound"]?.bool == true, "\(check.output)\(check.complaint)")
        let written = try Program.run(["journal", "backup", "--out", backup, "--json"] + place)
        #expect(written.code == 0, "\(written.complaint)")
        #expect(try Program.run(["journal", "backup", "--out", backup] + place).code == 3)
        let running = try Program.run(["journal", "rebuild"] + place)
        #expect(running.code == 3 && running.complaint.contains("Another hub has this journal open"))
        let occupied = try Program.run(["journal", "restore", backup] + place)
        #expect(occupied.code == 3 && occupied.complaint.contains("never replaces a journal"))

        let second = try await Self.submit(2, to: hub)
        let later = hub.folder.path + "/later.json"
        try Data(second.text.utf8).write(to: URL(filePath: later))
        #expect(hub.stop() == 0)
        let rebuilt = try Program.run(["journal", "rebuild", "--json"] + place)
        #expect(rebuilt.code == 0 && rebuilt.json["rebuilt"]?.bool == true, "\(rebuilt.complaint)")

        let elsewhere = try Program.run(["journal", "restore", backup, "--into", copy, "--key", key, "--json"])
        #expect(elsewhere.code == 0, "\(elsewhere.complaint)")
        #expect(elsewhere.json["last_digest"]?.string == written.json["last_digest"]?.string)
        #expect(try Program.run("journal", "check", "--journal", copy, "--key", key).code == 0)
        try Self.throughPipes(hub, key: key)
        let segment = copy + "/segments/00000000.seg"
        var bytes = try Data(contentsOf: URL(filePath: segment))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(filePath: segment))
        let damaged = try Program.run("journal", "check", "--journal", copy, "--key", key)
        #expect(damaged.code == 1 && damaged.output.contains("The journal is damaged"), "\(damaged.output)")

        let journal = hub.folder.path + "/hub/data/journal"
        try FileManager.default.moveItem(atPath: journal, toPath: journal + "-old")
        let restored = try Program.run(["journal", "restore", backup, "--receipt", later, "--json"] + place)
        #expect(restored.code == 0 && restored.json["seen_block"]?.int != nil, "\(restored.output)\(restored.complaint)")
        try await hub.start()
        #expect(hub.log.contains("The journal was made of a backup"))
        let again = try await Self.submit(2, to: hub)
        #expect(again.json["status"]?.string == "accepted", "\(again.text)")
        #expect(try await hub.operate("messages/" + id).status == 200)
        let audit = try Program.run(["evidence", "audit", "--receipt", later] + place)
        #expect(audit.code == 1 && audit.output.contains("a receipt names another block"), "\(audit.output)")
        #expect(hub.stop() == 0)

        #expect(try Program.run("journal", "check", "--journal", copy).code == 2)
        #expect(try Program.run("journal", "restore", backup, "--into", copy).code == 2)
        #expect(try Program.run(["journal", "backup"] + place).code == 2)
        #expect(try Program.run(["journal", "backup", "--out", "a", "--tar", "b"] + place).code == 2)
        #expect(try Program.run(["journal", "backup", "--tar", ""] + place).code == 2)
        #expect(try Program.run("journal", "rebuild", "--journal", hub.folder.path + "/kept").code == 3)
    }

    /// The same as one file, through a pipe, and with what `tar` makes of it.
    private static func throughPipes(_ hub: RunningHub, key: String) throws {
        let (kept, made) = (hub.folder.path + "/kept", hub.folder.path + "/made")
        let backup = "\(Program.path) journal backup --config \(hub.config)"
        let restore = "\(Program.path) journal restore --key \(key) --json"
        let file = try Program.run("journal", "backup", "--tar", kept + "/one.tar", "--json", "--config", hub.config)
        #expect(file.code == 0 && file.json["path"]?.string == kept + "/one.tar", "\(file.complaint)")
        let digest = try #require(file.json["last_digest"]?.string)
        #expect(try Program.run("journal", "backup", "--tar", kept + "/one.tar", "--config", hub.config).code == 3)
        #expect(try Program.shell("\(restore) \(kept)/one.tar --into \(made)-file > \(kept)/file.json") == 0)
        // Standard output is the archive and nothing else; what there is to say goes to standard error.
        let line = "\(backup) --tar - --json 2> \(kept)/said.json | \(restore) - --into \(made)-pipe > \(kept)/pipe.json"
        #expect(try Program.shell("set -o pipefail; \(line)") == 0)
        for name in ["file", "pipe", "said"] {
            let said = try String(contentsOfFile: "\(kept)/\(name).json", encoding: .utf8)
            #expect(said.contains(digest), "\(name): \(said)")
        }
        #expect(try Program.run("journal", "check", "--journal", made + "-pipe", "--key", key).code == 0)
        let unpacked = "mkdir \(kept)/by-hand && tar -C \(kept)/by-hand -xf \(kept)/one.tar"
        #expect(try Program.shell("\(unpacked) && \(restore) \(kept)/by-hand/lgsp-backup --into \(made)-hand > /dev/null") == 0)
        // A part of one is none.
        #expect(try Program.shell("head -c 5000 \(kept)/one.tar | \(restore) - --into \(made)-part 2> /dev/null") == 3)
        #expect(!FileManager.default.fileExists(atPath: made + "-part"))
    }
}
