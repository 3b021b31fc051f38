import Foundation
import HubJSON
import Testing

@Suite("A hub that is killed")
struct CrashTests {
    @Test("goes on with every message it accepted, however often it is killed while they come in")
    func killed() async throws {
        let hub = try RunningHub()
        var accepted: [String] = []
        for round in 0..<3 {
            try await hub.start()
            // Several at once, so that the kill finds some before, some in and some after their commit.
            let ids = await withTaskGroup(of: String?.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        guard let document = try? hub.signed(RunningHub.document(round * 100 + number)) else { return nil }
                        return try? await hub.send(document).json["DocId"]?.string
                    }
                }
                var ids: [String] = []
                for await id in group {
                    if let id { ids.append(id) }
                    if ids.count == 15 + round { hub.kill() }
                }
                return ids
            }
            #expect(ids.count >= 15 + round)
            accepted += ids
        }
        try await hub.start()
        #expect(accepted.count == Set(accepted).count)
        for id in accepted {
            let answer = try await hub.operate("messages/\(id)")
            #expect(answer.status == 200, "\(id) was accepted and is gone")
            #expect(answer.json["deliveries"]?.array?.first?["phase"]?.string == "pending")
        }
        let messages = try #require(try await hub.operate("totals").json["messages"]?.int)
        #expect(messages >= accepted.count)
        // The axis lists at most a hundred.
        #expect(try await hub.inbox(of: "qlvb-so-tc-h44").count == min(messages, 100))
        #expect(hub.stop() == 0)
    }

    @Test("answers what comes again after it with the id that was given before", arguments: [0, 600_000])
    func again(attachment: Int) async throws {
        let hub = try RunningHub()
        try await hub.start()
        let document = try hub.signed(RunningHub.document(1, attachment: attachment))
        let id = try #require(try await hub.send(document).json["DocId"]?.string)
        hub.kill()
        try await hub.start()
        let again = try await hub.send(document)
        #expect(again.json["status"]?.string == "OK" && again.json["DocId"]?.string == id)
        #expect(try await hub.operate("totals").json["messages"]?.int == 1)
        #expect(try await hub.inbox(of: "qlvb-so-tc-h44").map { String($0.prefix(36)) } == [id])
    }
}
