import Foundation
import HubJSON
import HubModel
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
                .code == 2)
    }
}
