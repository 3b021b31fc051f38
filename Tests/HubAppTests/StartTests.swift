import Foundation
import HubJSON
import Testing

@Suite("A hub that cannot start")
struct StartTests {
    private func made() throws -> TestFolder {
        let folder = TestFolder()
        let result = try Program.run(
            "init", folder.path + "/hub", "--province", "H44", "--port", "0", "--admin-port", "0")
        try #require(result.code == 0, "\(result.complaint)")
        return folder
    }

    private func serve(_ folder: TestFolder, after shell: String? = nil) throws -> Program.Result {
        try Program.run(["serve", "--config", folder.path + "/hub/hub.yaml"], after: shell)
    }

    @Test("says which port is taken, and by which of its settings")
    func port() async throws {
        let running = try RunningHub()
        try await running.start()
        let folder = TestFolder()
        let port = String(running.port)
        _ = try Program.run("init", folder.path + "/hub", "--province", "H44", "--port", port, "--admin-port", "0")
        let result = try self.serve(folder)
        #expect(result.code == 3 && result.complaint.contains("127.0.0.1:\(port)"))
        #expect(result.complaint.contains("choose another") && result.complaint.contains("[configuration.invalid]"))
    }

    @Test("does not open a journal that another hub has open")
    func journal() async throws {
        let running = try RunningHub()
        try await running.start()
        let result = try self.serve(running.folder)
        #expect(result.code == 3 && result.complaint.contains("journal"))
        #expect(try await running.get("/livez").status == 200)
    }

    @Test("names the key that is missing")
    func key() throws {
        let folder = try self.made()
        try FileManager.default.removeItem(atPath: folder.path + "/hub/keys/hub.pem")
        let result = try self.serve(folder)
        #expect(result.code == 3 && result.complaint.contains("hub/keys/hub.pem"))
    }

    @Test("refuses a key or secrets that others may read", arguments: ["keys/hub.pem", "secrets.yaml"])
    func modes(file: String) throws {
        let folder = try self.made()
        #expect(try folder.mode("hub/" + file) == 0o600)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.path + "/hub/" + file)
        let result = try self.serve(folder)
        #expect(result.code == 3 && result.complaint.contains(file) && result.complaint.contains("600"))
    }

    @Test("names file and line of a faulty adapter, and what was probably meant")
    func adapter() throws {
        let folder = try self.made()
        let file = "hub/adapters/qlvb-so-tc-h44/adapter.yaml"
        try folder.write(try folder.text(file).replacing("receives:", with: "recieves:"), file)
        let result = try self.serve(folder)
        #expect(result.code == 3 && result.complaint.contains("[adapter.invalid]"))
        #expect(result.complaint.contains(/qlvb-so-tc-h44\/adapter\.yaml:[0-9]+:1: .*did you mean 'receives'/))
    }

    @Test("says that there is no room for the journal")
    func disk() throws {
        let folder = try self.made()
        // A limit of 1 MB for any file stands for a disk that has no more.
        let result = try self.serve(folder, after: "trap '' XFSZ; ulimit -f 1024")
        #expect(result.code == 3 && result.complaint.contains("[journal.unavailable]"))
        #expect(result.complaint.contains("/hub/data/journal/segments"))
    }
}

@Suite("A hub whose disk is full")
struct FullDiskTests {
    @Test("accepts nothing more, says so, and has everything it accepted when there is room again")
    func full() async throws {
        let hub = try RunningHub()
        // The limit that comes later is to be an error, as on a full disk, and not a signal.
        try await hub.start(after: "trap '' XFSZ")
        var accepted: [String] = []
        var refusals: [String] = []
        for number in 0..<8 {
            if number == 5 {
                #expect(try Program.shell("prlimit --pid \(hub.identifier) --fsize=4096:4096") == 0)
            }
            let answer = try await hub.send(try hub.signed(RunningHub.document(number, attachment: 2000)))
            if let id = answer.json["DocId"]?.string { accepted.append(id) }
            if let code = answer.code { refusals.append(code) }
        }
        #expect(accepted.count == 5 && refusals.count == 3)
        #expect(Set(refusals).isSubset(of: ["journal.unavailable", "journal.closed"]))
        let health = try await hub.get("/readyz")
        #expect(health.status == 503)
        let check = health.json["checks"]?.array?.first { $0["name"]?.string == "journal" }
        #expect(check?["well"]?.bool == false && check?["reason"]?.string?.isEmpty == false)

        hub.kill()
        try await hub.start()
        for id in accepted {
            #expect(try await hub.operate("messages/\(id)").status == 200, "\(id) was accepted and is gone")
        }
        #expect(try await hub.operate("totals").json["messages"]?.int == accepted.count)
        #expect(try await hub.send(try hub.signed(RunningHub.document(99))).json["status"]?.string == "OK")
    }
}
