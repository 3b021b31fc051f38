import Foundation
import HubJSON
import Testing

@Suite("An operator at the command line who steers deliveries")
struct DeliveryCommandTests {
    @Test("pauses, gives up and sends again; a hub that is killed remembers all of it, and the chain is sound")
    func steering() async throws {
        let hub = try RunningHub()
        try await hub.start()
        var config = try hub.reachable()
        var ids: [String] = []
        for number in 1...2 {
            ids.append(try #require(try await hub.send(try hub.signed(RunningHub.document(number))).json["DocId"]?.string))
        }
        let mailbox = "mailbox:qlvb-so-tc-h44"
        func lgsp(_ arguments: String..., code: Int32 = 0) throws -> String {
            let result = try Program.run(["delivery"] + arguments + ["--config", config])
            #expect(result.code == code, "\(arguments): \(result.output)\(result.complaint)")
            return result.output
        }
        #expect(try lgsp("pause", mailbox, "--reason", "bảo trì").contains("paused"))
        #expect(try lgsp("expire", ids[0] + ".0", "--reason", "nhầm").hasPrefix("1 "))
        hub.kill()
        try await hub.start()
        config = try hub.reachable()
        #expect(try lgsp("destinations").contains("\(mailbox)  paused  1 "))
        #expect(try await hub.inbox(of: "qlvb-so-tc-h44").isEmpty)
        #expect(try lgsp("list").contains("delivery.expired  nhầm"))
        _ = try lgsp("list", "--code", "delivery.refused", code: 1)
        _ = try lgsp("redrive", code: 2)
        #expect(try lgsp("redrive", "--all", "--reason", "lấy lại").hasPrefix("1 "))
        #expect(try lgsp("resume", mailbox).contains("running"))
        #expect(try await hub.inbox(of: "qlvb-so-tc-h44").count == 2)

        let waiting = try Program.run("message", "unanswered", "--hours", "0", "--json", "--config", config)
        #expect(waiting.code == 1)
        let lines = waiting.output.split(separator: "\n").map { (try? JSONDocument.parse(Array($0.utf8)).value) ?? .null }
        #expect(lines.count == 3 && lines.last?["unanswered"]?.int == 2)
        let matter = try #require(lines.first?["matter"]?.string)
        let course = try Program.run("message", "course", matter, "--json", "--config", config)
        #expect(course.code == 0 && course.json["receivers"]?.array?.count == 1)

        let pack = hub.folder.path + "/e.tar"
        #expect(try Program.run("evidence", "export", ids[0], "--config", config, "--out", pack).code == 0)
        let verified = try Program.run("evidence", "verify", pack, "--trust", hub.folder.path + "/hub/keys/hub.pub.pem")
        #expect(verified.code == 0 && verified.output.contains("redriven"), "\(verified.output)")
        #expect(hub.stop() == 0)
        #expect(try Program.run("evidence", "audit", "--config", config).code == 0)
    }
}
