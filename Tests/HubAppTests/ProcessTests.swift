import Foundation
import HubJSON
import Testing

@Suite("A birth in one go, with the mock platform", .timeLimit(.minutes(5)))
struct ProcessTests {
    @Test("is registered at three agencies, or taken back at those that were done")
    func birth() async throws {
        let folder = TestFolder()
        let made = try Program.run("landscape", folder.path + "/land", "--json")
        try #require(made.code == 0, "\(made.complaint)")
        var running: [Process] = []
        defer {
            for process in running {
                process.terminate()
                process.waitUntilExit()
            }
        }
        // The platform and one hub are enough.
        for entry in made.json["processes"]?.array?.prefix(2) ?? [] {
            let process = Program.process(entry["arguments"]?.array?.compactMap(\.string) ?? [])
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            running.append(process)
            let probe = try #require(entry["probe"]?.string)
            _ = try await eventually("\(probe) answers") { try Program.shell("curl -sfo /dev/null '\(probe)'") == 0 ? true : nil }
        }
        let config = folder.path + "/land/hub-h44/hub.yaml"
        let examples = Program.repository + "/schemas/birth/registration/1/examples/"
        func outcome(of example: String) async throws -> (phase: String, steps: [String]) {
            let sent = try Program.run("send", examples + example, "--as", "mot-cua-h44", "--config", config, "--json")
            let id = try #require(sent.json["id"]?.string, "\(sent.output) \(sent.complaint)")
            return try await eventually("the process of \(example) ends") { () -> (phase: String, steps: [String])? in
                let message = try Program.run("message", "show", id, "--config", config, "--json").json
                let phase = message["deliveries"]?.array?.first?["phase"]?.string ?? "pending"
                guard phase != "pending" else { return nil }
                return (
                    phase,
                    message["process"]?.array?.map { "\($0["service"]?.string ?? "") \($0["outcome"]?.string ?? "")" } ?? []
                )
            }
        }
        let done = try await outcome(of: "valid-both-parents.json")
        #expect(done.phase == "delivered")
        #expect(done.steps == ["khai-sinh/dang-ky/1 done", "bhxh/cap-the-tre-em/1 done", "cu-tru/dang-ky/1 done"])
        let uninsured = try await outcome(of: "valid-insurance-refuses.json")
        #expect(uninsured.phase == "dead-lettered")
        #expect(uninsured.steps == ["khai-sinh/dang-ky/1 done", "bhxh/cap-the-tre-em/1 refused", "khai-sinh/huy/1 undone"])
        let homeless = try await outcome(of: "valid-residence-refuses.json")
        #expect(homeless.phase == "dead-lettered")
        #expect(
            homeless.steps == [
                "khai-sinh/dang-ky/1 done", "bhxh/cap-the-tre-em/1 done", "cu-tru/dang-ky/1 refused", "bhxh/huy-the/1 undone",
                "khai-sinh/huy/1 undone",
            ])
    }

    @Test("that could not be taken back in time keeps a hub from starting")
    func within() throws {
        let folder = TestFolder()
        try #require(try Program.run("init", folder.path + "/hub", "--province", "H44").code == 0)
        let config = folder.path + "/hub/hub.yaml"
        let yaml = try String(contentsOfFile: config, encoding: .utf8)
        try (yaml + "delivery: { give-up-after: 30h }\n").write(toFile: config, atomically: true, encoding: .utf8)
        let check = try Program.run("config", "check", "--config", config)
        #expect(check.code == 1 && check.complaint.contains("half of delivery.give-up-after"), "\(check.complaint)")
    }
}
