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

        init() throws {
            self.folder = TestFolder()
            try FileManager.default.createDirectory(atPath: self.folder.path, withIntermediateDirectories: true)
            try self.folder.write("format: national-1\nfolder: data\nport: 0\ncontrol-port: 0\n", "national.yaml")
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
