import AsyncHTTPClient
import Foundation
import HubJSON
import HubModel
import Testing

@Suite("Timestamps over the newest block", .timeLimit(.minutes(5)))
struct TimestampingTests {
    private static func has(_ program: String) -> Bool {
        (try? Program.shell("command -v \(program) >/dev/null")) == 0
    }

    /// A mock national platform of its own process, with a timestamp authority.
    private final class Authority {
        let folder: TestFolder
        private(set) var port = 0
        private var process: Process?

        init(_ settings: String = "") throws {
            self.folder = TestFolder()
            try FileManager.default.createDirectory(atPath: self.folder.path, withIntermediateDirectories: true)
            try self.folder.write("format: national-1\nfolder: data\nport: 0\ncontrol-port: 0\n" + settings, "national.yaml")
        }

        deinit { self.stop() }

        func start() async throws {
            let process = Program.process(["mock", "national", "--config", self.folder.path + "/national.yaml"])
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            self.process = process
            self.port = try await eventually("the ports of the platform") { () -> Int? in
                guard let data = FileManager.default.contents(atPath: self.folder.path + "/data/ports.json") else { return nil }
                return (try? JSONDocument.parse(Array(data)).value)?["port"]?.int
            }
        }

        func stop() {
            guard let process, process.isRunning else { return }
            process.terminate()
            process.waitUntilExit()
        }
    }

    private static func check(_ hub: RunningHub) async throws -> (well: Bool, reason: String)? {
        let checks = try await hub.get("/readyz").json["checks"]?.array
        let check = checks?.first { $0["name"]?.string == "timestamps" }
        return check.map { ($0["well"]?.bool ?? false, $0["reason"]?.string ?? "") }
    }

    @Test("are got while the authority answers, missed with a countdown while it does not, and part of the evidence")
    func life() async throws {
        let authority = try Authority()
        try await authority.start()
        let hub = try RunningHub()
        let anchors = "hub/trust/timestamps/anchors"
        try FileManager.default.createDirectory(
            atPath: hub.folder.path + "/" + anchors, withIntermediateDirectories: true)
        try hub.folder.write(try authority.folder.text("data/tsa/ca.pem"), anchors + "/ca.pem")
        let text = try hub.folder.text("hub/hub.yaml")
        let section = """
            timestamps: { url: http://127.0.0.1:\(authority.port)/tsa, every: 100ms, trust: trust/timestamps, grace: 1h }

            """
        try hub.folder.write(text + section, "hub/hub.yaml")
        #expect(try Program.run("config", "check", "--config", hub.config).code == 0)
        try await hub.start()
        let sent = try await hub.send(try hub.signed(RunningHub.document(1)))
        let id = try #require(sent.json["DocId"]?.string, "\(sent.text)")
        let shelf = hub.folder.path + "/hub/data/journal/timestamps"
        _ = try await eventually("a timestamp over the message") { () -> Bool? in
            let pack = try await hub.operate("messages/\(id)/evidence")
            #expect(pack.status == 200)
            try Data(pack.bytes).write(to: URL(filePath: hub.folder.path + "/e.tar"))
            return try Program.shell("tar tf e.tar | grep -q timestamp/token.tsr", in: hub.folder.path) == 0 ? true : nil
        }
        #expect(try await Self.check(hub)?.well == true)

        func verify(_ options: String...) throws -> Program.Result {
            try Program.run(
                ["evidence", "verify", hub.folder.path + "/e.tar", "--trust", hub.folder.path + "/hub/keys/hub.pub.pem"]
                    + options)
        }
        let root = hub.folder.path + "/" + anchors + "/ca.pem"
        let valid = try verify("--tsa", root, "--test-authority")
        #expect(valid.code == 0 && valid.output.contains("✓ Dấu thời gian"), "\(valid.output)")
        let strict = try verify("--tsa", root)
        #expect(strict.code == 1 && strict.output.contains("✗ Dấu thời gian"), "a test authority only where it is asked for")
        if Self.has("openssl") {
            let byHand = "tar xf e.tar && cd evidence/timestamp && last=$(ls block.* | tail -n 1) "
                + "&& openssl ts -verify -token_in -in token.tsr -digest $(sha256sum $last | cut -c 1-64) "
                + "-CAfile \(root) >/dev/null 2>&1"
            #expect(try Program.shell(byHand, in: hub.folder.path) == 0)
        }

        authority.stop()
        let before = try FileManager.default.contentsOfDirectory(atPath: shelf).count
        #expect(try await hub.send(try hub.signed(RunningHub.document(2))).json["DocId"] != nil, "it goes on without")
        _ = try await eventually("the countdown") { () -> Bool? in
            let check = try await Self.check(hub)
            return check?.well == true && check?.reason.contains("tolerated for another") == true ? true : nil
        }
        let metrics = try await hub.metrics()
        #expect(metrics.contains("lgsp_timestamp_well 0.0") && metrics.contains("lgsp_timestamp_age_seconds"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: shelf).count >= before)
        #expect(hub.stop() == 0)
    }

    /// A hub whose blocks this authority stamps.
    private static func hub(_ authority: Authority, grace: String) throws -> RunningHub {
        let hub = try RunningHub()
        let anchors = "hub/trust/timestamps/anchors"
        try FileManager.default.createDirectory(
            atPath: hub.folder.path + "/" + anchors, withIntermediateDirectories: true)
        try hub.folder.write(try authority.folder.text("data/tsa/ca.pem"), anchors + "/ca.pem")
        let text = try hub.folder.text("hub/hub.yaml")
        let section = "timestamps: { url: http://127.0.0.1:\(authority.port)/tsa, every: 100ms, trust: trust/timestamps, grace: \(grace) }\n"
        try hub.folder.write(text + section, "hub/hub.yaml")
        return hub
    }

    @Test("show that the clock of the hub is off")
    func clock() async throws {
        let authority = try Authority("timestamps-behind: 90s\n")
        try await authority.start()
        let hub = try Self.hub(authority, grace: "1h")
        try await hub.start()
        let reason = try await eventually("the alarm of the clock") { () -> String? in
            let checks = try await hub.get("/readyz").json["checks"]?.array
            let check = checks?.first { $0["name"]?.string == "clock" }
            return check?["well"]?.bool == false ? check?["reason"]?.string : nil
        }
        #expect(reason.contains("ahead of that of the timestamp authority"), "\(reason)")
        let metrics = try await hub.metrics()
        let line = try #require(metrics.split(separator: "\n").first { $0.hasPrefix("lgsp_clock_offset_seconds ") })
        let offset = try #require(line.split(separator: " ").last.flatMap { Double($0) })
        #expect((-95 ... -85).contains(offset))
        #expect(hub.stop() == 0)
    }

    @Test("are demanded by types that say so: such messages are refused while the authority is away for too long")
    func required() async throws {
        let authority = try Authority()
        try await authority.start()
        let hub = try Self.hub(authority, grace: "500ms")
        let adapter = "hub/adapters/qlvb-so-tttt-h44/adapter.yaml"
        let text = try hub.folder.text(adapter)
        let rule = try #require(text.range(of: "    signature: required"))
        try hub.folder.write(text.replacingCharacters(in: rule, with: "    signature: required\n    timestamp: required"), adapter)
        try await hub.start()
        let taken = try await hub.send(try hub.signed(RunningHub.document(1)))
        #expect(taken.json["DocId"] != nil, "\(taken.text)")
        authority.stop()
        let refused = try await eventually("a refusal") { () -> RunningHub.Answer? in
            let number = Int.random(in: 1000...900_000)
            let answer = try await hub.send(try hub.signed(RunningHub.document(number)))
            return answer.json["DocId"] == nil ? answer : nil
        }
        #expect(refused.text.contains("timestamp.unavailable"), "\(refused.text)")
        let other = "qlvb-so-tc-h44"
        let free = try await hub.send(
            try hub.signed(
                Array(
                    String(decoding: try RunningHub.document(7), as: UTF8.self)
                        .replacing("000.00.11.H44", with: "@").replacing("000.00.13.H44", with: "000.00.11.H44")
                        .replacing("@", with: "000.00.13.H44").utf8), as: other), as: other)
        #expect(free.json["DocId"] != nil, "other types go on: \(free.text)")
        #expect(hub.stop() == 0)
    }

    @Test("need a root that is trusted, which is said before the hub starts")
    func configuration() throws {
        let hub = try RunningHub()
        let text = try hub.folder.text("hub/hub.yaml")
        let section = "timestamps: { url: http://127.0.0.1:1/tsa, trust: trust/timestamps }\n"
        try hub.folder.write(text + section, "hub/hub.yaml")
        let none = try Program.run("config", "check", "--config", hub.config)
        #expect(none.code == 1 && none.complaint.contains("trust/timestamps/anchors"), "\(none.complaint)")
        try hub.folder.write(text + "timestamps: { url: ftp://x, trust: t, evry: 1s }\n", "hub/hub.yaml")
        let wrong = try Program.run("config", "check", "--config", hub.config)
        #expect(wrong.code == 1 && wrong.complaint.contains("'evry'") && wrong.complaint.contains("'every'"))
    }
}
