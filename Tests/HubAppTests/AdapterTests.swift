import Foundation
import HubEnvelope
import HubJSON
import HubModel
import NIOHTTP1
import Testing

@Suite("lgsp adapter", .timeLimit(.minutes(5)))
struct AdapterTests {
    private static func made(in folder: String, _ more: [String] = []) throws -> Program.Result {
        try Program.run(
            [
                "adapter", "new", "qlvb-so-y-te", "--title-vi", "Quản lý văn bản, Sở Y tế", "--title-en", "Documents \"Health\"",
                "--agency", "H44.16", "--sends", "edoc/document/1", "--receives", "edoc/document/1", "--receives", "edoc/status/1",
                "--out", folder,
            ] + more
        )
    }

    private static func document(_ number: Int, to agency: String = "000.00.16.H44") throws -> [UInt8] {
        Array(String(decoding: try RunningHub.document(number), as: UTF8.self).replacing("000.00.11.H44", with: agency).utf8)
    }

    @Test("new makes a folder that passes the check, and does not write over one")
    func new() throws {
        let folder = TestFolder()
        let made = try Self.made(in: folder.path)
        #expect(made.code == 0, "\(made.complaint)")
        let check = try Program.run("adapter", "check", folder.path + "/qlvb-so-y-te", "--json")
        #expect(check.code == 0, "\(check.output)")
        #expect(check.json["well"]?.bool == true)
        // One that is taken, one in another's name, one cut off; and a status that it receives.
        #expect(check.json["samples"]?.int == 4 && check.json["passed"]?.int == 4)
        #expect(made.output.contains("  lgsp adapter check \(folder.path)/qlvb-so-y-te\n"), "\(made.output)")
        #expect(try Self.made(in: folder.path).code == 3)
        #expect(try Program.run("adapter", "new", "Sở Y tế", "--out", folder.path, "--agency", "H44.16").code == 1)
        let unknown = try Program.run("adapter", "new", "khac", "--out", folder.path, "--agency", "H44.16", "--sends", "edoc/dokument/1")
        #expect(unknown.code == 1 && unknown.complaint.contains("did you mean 'edoc/document/1'?"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/khac"))
    }

    @Test("check names every fault at once with its place, and shows what differs line by line")
    func check() throws {
        let folder = TestFolder()
        let copied = try Program.shell("cp -r adapters/ioc-h44 '\(folder.path)/'")
        try #require(copied == 0)
        func change(_ file: String, _ text: String, _ other: String) throws {
            let path = "\(folder.path)/ioc-h44/\(file)"
            let before = try String(contentsOfFile: path, encoding: .utf8)
            try #require(before.contains(text))
            try before.replacing(text, with: other).write(toFile: path, atomically: true, encoding: .utf8)
        }
        try change("mapping/edoc-document.yaml", "constant: document", "constant: van-ban")
        let differs = try Program.run("adapter", "check", folder.path + "/ioc-h44")
        #expect(differs.code == 1)
        #expect(differs.output.contains("- ") && differs.output.contains("+   \"unit\": \"van-ban\""), "\(differs.output)")
        try change("adapter.yaml", "kind: operations-centre", "kind: operations-center")
        try change("mapping/edoc-status.yaml", "context: sender", "context: sendr")
        let faults = try Program.run("adapter", "check", folder.path + "/ioc-h44", "--json")
        #expect(faults.code == 1)
        let found = try #require(faults.json["faults"]?.array)
        #expect(found.count == 2)
        #expect(found.contains { $0["line"]?.int == 6 && $0["suggestion"]?.string == "operations-centre" })
        #expect(found.contains { $0["file"]?.string?.hasSuffix("mapping/edoc-status.yaml") == true && $0["suggestion"]?.string == "sender" })
        #expect(try Program.run("adapter", "check", folder.path + "/none").code == 3)
    }

    @Test("register and retire change a hub while messages pass: none is lost, and none waits for a second")
    func live() async throws {
        let hub = try RunningHub()
        try await hub.start()
        let config = try hub.reachable()
        let folder = hub.folder.path + "/new"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try #require(try Self.made(in: folder).code == 0)
        let key = hub.folder.path + "/hub/systems/qlvb-so-y-te"
        try #require(
            try Program.run("keys", "new", "--out", key + ".key.pem", "--cert", key + ".pem", "--name", "qlvb-so-y-te").code == 0)
        // Before it is known, nobody receives for its agency.
        let early = try await hub.send(try hub.signed(Self.document(1)))
        #expect(early.code == "route.missing")

        let (slowest, registered, sent) = try await withThrowingTaskGroup(of: (Duration, Program.Result?, Int).self) { group in
            group.addTask {
                var slowest = Duration.zero
                var number = 100
                let end = ContinuousClock.now + .seconds(4)
                while ContinuousClock.now < end {
                    let started = ContinuousClock.now
                    let answer = try await hub.send(try hub.signed(RunningHub.document(number)))
                    #expect(answer.code == nil, "\(answer.text)")
                    slowest = max(slowest, started.duration(to: .now))
                    number += 1
                }
                return (slowest, nil, number - 100)
            }
            group.addTask {
                let result = try Program.run(
                    "adapter", "register", folder + "/qlvb-so-y-te", "--certificate", key + ".pem", "--config", config, "--json",
                    "--reason", "thử")
                return (.zero, result, 0)
            }
            var (slowest, result, sent) = (Duration.zero, Program.Result?.none, 0)
            for try await (took, found, count) in group {
                slowest = max(slowest, took)
                sent += count
                if let found { result = found }
            }
            return (slowest, try #require(result), sent)
        }
        #expect(registered.code == 0, "\(registered.output) \(registered.complaint)")
        #expect(registered.json["new"]?.bool == true && registered.json["samples"]?.int == 4)
        #expect(registered.json["secret"]?.string == (try hub.secret("qlvb-so-y-te")))
        #expect(slowest < .seconds(1), "\(slowest)")
        let totals = try await hub.operate("totals").json
        #expect(totals["messages"]?.int == sent)

        // From now on it receives, and sends with the key that came with it.
        #expect(try await hub.send(try hub.signed(Self.document(2))).code == nil)
        let token = try await hub.token(of: "qlvb-so-y-te")
        let waiting = try await hub.exchange(.GET, "/v1/mailbox?max=10", token: token).json["deliveries"]?.array ?? []
        #expect(waiting.count == 1)
        let own = try hub.signed(
            Array(
                String(decoding: try RunningHub.document(3), as: UTF8.self)
                    .replacing("000.00.13.H44", with: "000.00.16.H44").utf8
            ), as: "qlvb-so-y-te")
        let handed = try await hub.exchange(
            .POST, "/v1/messages", token: token, headers: [("Content-Type", "application/xml")], body: own)
        #expect(handed.status == 202, "\(handed.text)")

        // What waits for it keeps it there.
        let busy = try Program.run("adapter", "retire", "qlvb-so-y-te", "--config", config, "--json")
        #expect(busy.code == 1 && busy.json["code"]?.string == "adapter.busy")
        let delivery = try #require(waiting.first?["delivery"]?.string)
        #expect(try await hub.exchange(.POST, "/v1/mailbox/\(delivery)/ack", token: token).status == 204)
        #expect(try Program.run("adapter", "retire", "qlvb-so-y-te", "--config", config).code == 0)
        #expect(try await hub.send(try hub.signed(Self.document(4))).code == "route.missing")
        #expect(try await hub.exchange(.GET, "/v1/services", token: token).status == 401)
        #expect(try Program.run("adapter", "retire", "qlvb-so-y-te", "--config", config, "--json").json["code"]?.string == "adapter.unknown")
        #expect(try hub.folder.text("hub/hub.yaml").contains("province: H44"))
    }

    @Test("retire with messages left behind keeps them, and mapped copies too, until the system is there again")
    func leftBehind() async throws {
        let hub = try RunningHub()
        try await hub.start()
        let config = try hub.reachable()
        let folder = hub.folder.path + "/ioc-h44"
        try #require(try Program.shell("cp -r '\(hub.folder.path)/hub/adapters/ioc-h44' '\(folder)'") == 0)
        let id = try #require(try await hub.send(try hub.signed(RunningHub.document(1))).json["DocId"]?.string)
        // Nobody listens where the centre should be.
        func copy() async throws -> (phase: String, attempts: Int) {
            let message = try await hub.operate("messages/\(id)").json
            let found = try #require(
                message["deliveries"]?.array?.first { $0["destination"]?.string == "push:ioc-h44" })
            return (found["phase"]?.string ?? "", found["attempts"]?.int ?? 0)
        }
        try #require(try await copy().phase == "pending")
        #expect(try Program.run("adapter", "retire", "ioc-h44", "--config", config).code == 1)
        #expect(try Program.run("adapter", "retire", "ioc-h44", "--leave-pending", "--config", config).code == 0)
        let before = try await copy().attempts
        #expect(try Program.run("adapter", "register", folder, "--config", config).code == 0)
        let after = try await eventually("the copy is tried again") { () -> (phase: String, attempts: Int)? in
            let state = try await copy()
            return state.attempts > before || state.phase != "pending" ? state : nil
        }
        #expect(after.phase == "pending")
    }

    @Test("that a crash took away in the middle of a change is there again at the next start")
    func crashed() async throws {
        let hub = try RunningHub()
        let folder = hub.folder.path + "/hub/adapters"
        let files = FileManager.default
        try files.moveItem(atPath: folder + "/ioc-h44", toPath: folder + "/.replaced-ioc-h44")
        try files.copyItem(atPath: folder + "/ngsp", toPath: folder + "/.replaced-ngsp")
        try await hub.start()
        let systems = try await hub.operate("adapters").json["adapters"]?.array?.compactMap { $0["system"]?.string } ?? []
        #expect(systems.contains("ioc-h44") && systems.contains("ngsp"))
        let names = try files.contentsOfDirectory(atPath: folder)
        #expect(!names.contains { $0.hasPrefix(".replaced-") })
        #expect(try files.contentsOfDirectory(atPath: folder + "/.retired").contains { $0.hasPrefix("ngsp-") })
    }

    @Test("register refuses a key that would take the place of another, and agencies that nobody knows")
    func refusedKeys() async throws {
        let hub = try RunningHub()
        try await hub.start()
        let config = try hub.reachable()
        let folder = hub.folder.path + "/ioc-h44"
        try #require(try Program.shell("cp -r '\(hub.folder.path)/hub/adapters/ioc-h44' '\(folder)'") == 0)
        let key = hub.folder.path + "/other"
        try #require(try Program.run("keys", "new", "--out", key + ".key.pem", "--cert", key + ".pem").code == 0)
        let before = try hub.folder.text("hub/trust/systems/ioc-h44.pem")
        let yaml = try hub.folder.text("hub/hub.yaml")
        let refused = try Program.run(
            "adapter", "register", folder, "--certificate", key + ".pem", "--endpoint", "moi=http://127.0.0.1:9", "--config", config)
        #expect(refused.code == 1 && refused.output.contains("lgsp keys import"), "\(refused.output)")
        #expect(try hub.folder.text("hub/trust/systems/ioc-h44.pem") == before)
        #expect(try hub.folder.text("hub/hub.yaml") == yaml)
        let manifest = folder + "/adapter.yaml"
        try String(contentsOfFile: manifest, encoding: .utf8).replacing("H44.IOC", with: "H44.99")
            .write(toFile: manifest, atomically: true, encoding: .utf8)
        let strange = try Program.run("adapter", "register", folder, "--config", config)
        #expect(strange.code == 1 && strange.output.contains("adapter.yaml:7:12: The agency H44.99 is not in the directory"), "\(strange.output)")
        #expect(!strange.output.contains(".staged"))
        let checked = try Program.run("adapter", "check", folder, "--config", config)
        #expect(checked.code == 1 && checked.output.contains("adapter.yaml:7:12: The agency H44.99 is not in the directory"))
        // What an adapter's own files are wrong in does not hide the rest, neither from who checks nor from who registers.
        try String(contentsOfFile: manifest, encoding: .utf8).replacing("speaks: exchange", with: "speaks: exchanges")
            .write(toFile: manifest, atomically: true, encoding: .utf8)
        let sample = folder + "/samples/trang-thai/case.yaml"
        try String(contentsOfFile: sample, encoding: .utf8).replacing("expect:", with: "expct:")
            .write(toFile: sample, atomically: true, encoding: .utf8)
        for command in ["check", "register"] {
            let all = try Program.run("adapter", command, folder, "--config", config)
            #expect(all.code == 1)
            for fault in ["'exchanges' of 'speaks'", "The agency H44.99", "'expct' is not known"] {
                #expect(all.output.contains(fault), "\(command): \(all.output)")
            }
        }
        let told = try Program.run(
            "adapter", "new", "moi-h44", "--agency", "H44.16", "--out", hub.folder.path + "/told", "--config", config)
        #expect(told.output.contains("lgsp adapter check \(hub.folder.path)/told/moi-h44 --config \(config)\n"), "\(told.output)")
    }

    @Test("register takes an adapter whole or not at all")
    func whole() async throws {
        let hub = try RunningHub()
        try await hub.start()
        let config = try hub.reachable()
        let before = try await hub.operate("adapters").json
        let folder = hub.folder.path + "/new"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try #require(try Self.made(in: folder).code == 0)
        let manifest = folder + "/qlvb-so-y-te/adapter.yaml"
        let good = try String(contentsOfFile: manifest, encoding: .utf8)
        for (text, other, expected) in [
            ("order-by: Thread", "order-by: Thraed", "did you mean 'Thread'?"),
            ("agencies: [H44.16]", "agencies: [H44.11]", "receives edoc/document/1 for H44.11 already."),
            ("  - message: edoc/status/1\n    by: mailbox", "  - message: edoc/status/1\n    by: { http: y-te, path: /in }", "endpoint"),
        ] {
            try #require(good.contains(text))
            try good.replacing(text, with: other).write(toFile: manifest, atomically: true, encoding: .utf8)
            let refused = try Program.run("adapter", "register", folder + "/qlvb-so-y-te", "--config", config)
            #expect(refused.code == 1 && refused.output.contains(expected), "\(refused.output)")
        }
        // Samples that lie.
        try good.write(toFile: manifest, atomically: true, encoding: .utf8)
        let sample = folder + "/qlvb-so-y-te/samples/edoc-document-1/case.yaml"
        let honest = try String(contentsOfFile: sample, encoding: .utf8)
        try honest.replacing("expect: accepted", with: "expect: { code: json.malformed }")
            .write(toFile: sample, atomically: true, encoding: .utf8)
        let lie = try Program.run("adapter", "register", folder + "/qlvb-so-y-te", "--config", config, "--json")
        #expect(lie.code == 1 && lie.json["code"]?.string == "adapter.invalid")
        #expect(try await hub.operate("adapters").json == before)
        #expect(!FileManager.default.fileExists(atPath: hub.folder.path + "/hub/adapters/qlvb-so-y-te"))
        let left = try FileManager.default.contentsOfDirectory(atPath: hub.folder.path + "/hub/adapters")
        #expect(!left.contains { $0.hasPrefix(".staged") })
        // And what is no archive at all.
        #expect(try await hub.order("adapters", "nothing").code == "adapter.invalid")
        #expect(try await hub.send(try hub.signed(RunningHub.document(1))).code == nil)
        // An endpoint that is named where the adapter comes is kept for the next start.
        try honest.write(toFile: sample, atomically: true, encoding: .utf8)
        try good.replacing("  - message: edoc/status/1\n    by: mailbox", with: "  - message: edoc/status/1\n    by: { http: y-te, path: /in }")
            .write(toFile: manifest, atomically: true, encoding: .utf8)
        let taken = try Program.run(
            "adapter", "register", folder + "/qlvb-so-y-te", "--endpoint", "y-te=http://127.0.0.1:9", "--config", config)
        #expect(taken.code == 0, "\(taken.output) \(taken.complaint)")
        #expect(try hub.folder.text("hub/hub.yaml").contains("  y-te: \"http://127.0.0.1:9\""))
        #expect(hub.stop() == 0)
        try await hub.start()
        let after = try await hub.operate("adapters").json["adapters"]?.array?.compactMap { $0["system"]?.string } ?? []
        #expect(after.contains("qlvb-so-y-te"))
    }
}

@Suite("Services that need approval", .timeLimit(.minutes(3)))
struct SubscriptionTests {
    @Test("are called by whoever an operator approved, also after a restart, until the approval is taken back")
    func approval() async throws {
        let hub = try RunningHub()
        try await hub.start()
        let service = "cong-chuc/tra-cuu/1"
        let path = "/v1/services/" + service
        let example = try #require(
            FileManager.default.contents(atPath: Program.repository + "/schemas/officials/lookup/1/examples/valid-staff-number.json")
        )
        let body = Array(
            String(decoding: example, as: UTF8.self).replacing(/"madonvi": *"[^"]*"/, with: "\"madonvi\": \"H44.14\"").utf8)
        let key = try KeyFile.load("\(hub.folder.path)/hub/systems/mot-cua-h44.key.pem")
        func call() async throws -> String? {
            let token = try await hub.token(of: "mot-cua-h44")
            return try await hub.exchange(
                .POST, path, token: token,
                headers: [("Content-Type", "application/json"), ("Lgsp-Signature", try JWS.signDetached(body, with: key))], body: body
            ).code
        }
        let token = try await hub.token(of: "mot-cua-h44")
        #expect(try await call() == "access.approval_missing")
        #expect(try await hub.exchange(.GET, path + "/subscription", token: token).code == "api.not_found")
        let asked = try await hub.exchange(
            .POST, path + "/subscription", token: token, body: Array(#"{"purpose":"Xác minh người ký"}"#.utf8))
        #expect(asked.status == 202 && asked.json["state"]?.string == "requested", "\(asked.text)")
        #expect(try await call() == "access.approval_missing")
        // Only who names the service in its adapter may ask.
        let other = try await hub.token(of: "ioc-h44")
        #expect(
            try await hub.exchange(.POST, path + "/subscription", token: other, body: Array(#"{"purpose":"a"}"#.utf8)).code
                == "access.denied")
        let wish = #"{"system":"mot-cua-h44","service":"\#(service)","reason":"đúng chức năng"}"#
        #expect(try await hub.order("subscriptions/revoke", wish).code == "api.request_malformed")
        #expect(try await hub.order("subscriptions/approve", wish).json["state"]?.string == "approved")
        // There is no national platform here, which is asked last.
        #expect(try await call() == "service.unavailable")
        hub.kill()
        try await hub.start()
        #expect(try await call() == "service.unavailable")
        #expect(try await hub.operate("subscriptions").json["subscriptions"]?.array?.count == 1)
        #expect(try await hub.order("subscriptions/revoke", wish).json["state"]?.string == "revoked")
        #expect(try await call() == "access.approval_missing")
        #expect(try await hub.order("subscriptions/approve", #"{"system":"khong-co","service":"\#(service)"}"#).code == "adapter.unknown")
    }
}

@Suite("Routing rules of a hub", .timeLimit(.minutes(3)))
struct RouteCommandTests {
    @Test("are explained, taken up by a running hub, and refused as one when a file is faulty")
    func rules() async throws {
        let hub = try RunningHub()
        let yaml = try hub.folder.text("hub/hub.yaml")
        try yaml.replacing("  adapters: adapters\n", with: "  adapters: adapters\n  routes: routes\n")
            .write(toFile: hub.config, atomically: true, encoding: .utf8)
        let routes = hub.folder.path + "/hub/routes"
        try FileManager.default.createDirectory(atPath: routes, withIntermediateDirectories: true)
        let document = hub.folder.path + "/document.xml"
        try Data(try RunningHub.document(1)).write(to: URL(filePath: document))
        let plain = try Program.run("route", "explain", document, "--config", hub.config, "--json")
        #expect(plain.code == 0, "\(plain.complaint)")
        #expect(plain.json["deliveries"]?.array?.contains { $0["destination"]?.string == "mailbox:qlvb-so-tc-h44" } == true)
        try await hub.start()
        #expect(try await hub.send(try hub.signed(RunningHub.document(1))).code == nil)

        let refuse = """
            format: routes-1
            rules:
              - rule: khong-nhan
                title: { vi: Không nhận, en: Not taken }
                message: edoc/document/1
                when: [{ field: Subject, present: true }]
                refuse: { vi: Tạm dừng, en: Paused }
            """
        try refuse.write(toFile: routes + "/a.yaml", atomically: true, encoding: .utf8)
        let explained = try Program.run("route", "explain", document, "--config", hub.config, "--json")
        #expect(explained.code == 1 && explained.json["refused"]?.string == "route.refused")
        #expect(explained.json["steps"]?.array?.first?["subject"]?.string == "khong-nhan")
        // The running hub goes on as it is until it is told.
        #expect(try await hub.send(try hub.signed(RunningHub.document(2))).code == nil)
        #expect(try await hub.order("contracts/reload").json["rules"]?.int == 1)
        #expect(try await hub.send(try hub.signed(RunningHub.document(3))).code == "route.refused")
        try refuse.replacing("Subject", with: "Subjekt").write(toFile: routes + "/b.yaml", atomically: true, encoding: .utf8)
        let faulty = try await hub.order("contracts/reload")
        #expect(faulty.code == "route.rule_invalid", "\(faulty.text)")
        #expect(faulty.json["faults"]?.array?.contains { $0.string?.contains("did you mean 'Subject'?") == true } == true)
        #expect(try await hub.send(try hub.signed(RunningHub.document(4))).code == "route.refused")
        for name in ["a.yaml", "b.yaml"] { try FileManager.default.removeItem(atPath: "\(routes)/\(name)") }
        #expect(try await hub.order("contracts/reload").json["rules"]?.int == 0)
        #expect(try await hub.send(try hub.signed(RunningHub.document(5))).code == nil)
    }
}
