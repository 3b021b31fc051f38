import AsyncHTTPClient
import FoundationEssentials
import HubDialects
import HubJSON
import HubMocks
import HubModel
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Testing

@Suite(.timeLimit(.minutes(1))) struct NationalOperationTests {
    static let h55 = NationalBench.h55

    @Test func `an outage closes the door and opens it again on the same port`() async throws {
        let clock = PatientClock()
        try await withFolder { folder in
            try await NationalBench.run(in: folder, clock: clock) { bench in
                let docID = try #require(
                    try await bench.send(NationalSamples.document(), to: ["H55.11"]).docID)
                #expect(try await bench.order("/control/outage", ["seconds": 3600])["outage"] == "began")
                await #expect(throws: (any Error).self) { try await bench.list(Self.h55) }
                let health = try JSONDocument.parse(
                    try await bench.call("GET", bench.control + "/control/health").body)
                #expect(health.value["status"] == "down")
                let second = try await bench.call(
                    "POST", bench.control + "/control/outage", [], Array(#"{"seconds":1}"#.utf8)
                )
                #expect(second.status == 409)
                clock.pass()
                var entries: [AxisInboxEntry]?
                while entries == nil {
                    entries = try? await bench.list(Self.h55)
                    try Task.checkCancellation()
                }
                #expect(entries?.map(\.docID) == [docID])
                let kinds = try await bench.ledger().compactMap { $0["kind"]?.string }
                #expect(kinds.contains("outage.began") && kinds.contains("outage.ended"))
            }
        }
    }

    @Test func `a restart keeps inboxes, packets and what ministries still have to say`() async throws {
        try await withFolder { folder in
            let (first, port) = try await NationalBench.run(
                in: folder,
                change: { configuration in
                    // The answers come only after the restart.
                    for index in configuration.ministries[0].statuses.indices {
                        configuration.ministries[0].statuses[index].after = .seconds(3600)
                    }
                }
            ) { bench in
                var sent: [String] = []
                for number in 1...3 {
                    let body = NationalSamples.document(number, to: ["H55.11", "G14"])
                    sent.append(try #require(try await bench.send(body, to: ["H55.11", "G14"]).docID))
                }
                _ = try await bench.fetch(sent[0], Self.h55)
                _ = try await bench.mark(sent[1], .done, Self.h55)
                #expect(try await bench.list(NationalBench.h44).isEmpty)
                return (sent, bench.port)
            }
            // As if the process had been killed in the middle of a line.
            let ledger = URL(filePath: folder + "/ledger.ndjson")
            try (Data(contentsOf: ledger) + Data(#"{"at":1,"kind":"axis.acc"#.utf8)).write(to: ledger)
            let ports = Data(#"{"port":\#(port),"controlPort":1}"#.utf8)
            try ports.write(to: URL(filePath: NationalPlatform.portsFile(in: folder)))
            try await NationalBench.run(in: folder) { bench in
                #expect(bench.port == port, "clients still know the port")
                let entries = try await bench.list(Self.h55)
                #expect(entries.map(\.docID) == [first[0], first[2]])
                #expect(entries.map(\.status) == [.processing, .inbox])
                let body = NationalSamples.document(3, to: ["H55.11", "G14"])
                #expect(try await bench.fetch(first[2], Self.h55) == body)
                #expect(try await bench.list(NationalBench.h44, untilCount: 9).count == 9)
                #expect(
                    try await bench.ledger().allSatisfy { $0["kind"]?.string?.hasSuffix(".acc") == false })
            }
        }
    }

    @Test func `a ledger that something else wrote is refused, not overwritten`() async throws {
        try await withFolder { folder in
            let text = Data("{\"at\":1,\"kind\":\"axis.done\"}\nnot a line\n".utf8)
            try text.write(to: URL(filePath: folder + "/ledger.ndjson"))
            let error = await #expect(throws: HubError.self) {
                try await NationalPlatform(try NationalBench.configuration(folder: folder)).run()
            }
            #expect(error?.code == .configurationInvalid && error?.detail("line") == "2")
            #expect(try Data(contentsOf: URL(filePath: folder + "/ledger.ndjson")) == text)
        }
    }

    @Test func `a port that is taken is said with its number`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                try await withFolder { other in
                    var configuration = try NationalBench.configuration(folder: other)
                    configuration.port = bench.port
                    let platform = NationalPlatform(configuration)
                    let error = await #expect(throws: HubError.self) { try await platform.run() }
                    #expect(
                        error?.code == .configurationInvalid && error?.detail("port") == String(bench.port))
                }
            }
        }
    }

    @Test func `a graceful shutdown ends the platform in peace, also during an outage`() async throws {
        for isAway in [false, true] {
            try await withFolder { folder in
                let (ports, announce) = AsyncStream.makeStream(of: Int.self)
                let platform = NationalPlatform(
                    try NationalBench.configuration(folder: folder), clock: PatientClock(),
                    ready: { announce.yield($1) }
                )
                let group = ServiceGroup(
                    configuration: .init(services: [platform], logger: Logger(label: "test"))
                )
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask { try await group.run() }
                    for await port in ports {
                        if isAway {
                            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/control/outage")
                            request.method = .POST
                            request.body = .bytes(Array(#"{"seconds":3600}"#.utf8))
                            let reply = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
                            #expect(reply.status == .ok)
                        }
                        break
                    }
                    await group.triggerGracefulShutdown()
                    try await tasks.waitForAll()
                }
            }
        }
    }

    @Test func `the ports stand in a file while the platform runs`() async throws {
        try await withFolder { folder in
            let file = URL(filePath: NationalPlatform.portsFile(in: folder))
            try await NationalBench.run(in: folder) { bench in
                let value = try JSONDocument.parse([UInt8](Data(contentsOf: file))).value
                #expect(value["port"]?.int == bench.port)
                #expect(bench.control.hasSuffix(":\(value["controlPort"]?.int ?? 0)"))
            }
            #expect(!FileManager.default.fileExists(atPath: file.path))
        }
    }

    @Test func `ordered faults are shown so many times and then no more`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                func call() async throws -> (status: Int, body: [UInt8]) {
                    try await bench.call("POST", bench.url + AxisPath.getReceivedEdocList)
                }
                let usual = try await call().body
                for (kind, status) in [("text", 200), ("empty", 200), ("error", 500), ("license", 401)] {
                    let fault: JSONValue = [
                        "path": .string(AxisPath.getReceivedEdocList), "kind": .string(kind), "times": 2,
                    ]
                    #expect(try await bench.order("/control/fault", fault)["ordered"] == true)
                    for _ in 1...2 {
                        let reply = try await call()
                        #expect(reply.status == status && reply.body != usual)
                        guard case .tryLater = AxisReply.verdict(status: reply.status, body: reply.body)
                        else {
                            Issue.record("The fault \(kind) must be one that passes.")
                            return
                        }
                    }
                    #expect(try await call().body == usual)
                }
            }
        }
    }

    @Test func `an answer that is cut off was worked on`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                _ = try await bench.order(
                    "/control/fault", ["path": .string(AxisPath.sendEdoc), "kind": "cut-off"])
                let body = NationalSamples.document()
                await #expect(throws: (any Error).self) {
                    try await bench.send(body, to: ["H55.11"], id: "a.0")
                }
                #expect(try await bench.list(Self.h55).count == 1)
                #expect(try await bench.send(body, to: ["H55.11"], id: "a.0").isOK)
                #expect(try await bench.list(Self.h55).count == 1, "the repeat is recognised")
            }
        }
    }

    @Test(arguments: [
        ("/control/outage", "{}"), ("/control/outage", #"{"seconds":0}"#),
        ("/control/outage", #"{"seconds":1e9}"#),
        ("/control/fault", "x"), ("/control/fault", #"{"path":"/x","kind":"y"}"#),
        ("/control/fault", #"{"path":"/x","kind":"text","times":-1}"#),
    ])
    func `an order that cannot be read is refused`(path: String, body: String) async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench async throws in
                #expect(
                    try await bench.call("POST", bench.control + path, [], Array(body.utf8)).status == 400)
                #expect(try await bench.call("POST", bench.control + "/control/nothing").status == 404)
            }
        }
    }

    @Test func `a body above the limit is refused`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder, change: { $0.maxBody = 1000 }) { bench in
                let reply = try await bench.call(
                    "POST", bench.url + AxisPath.sendEdoc, [], [UInt8](repeating: 0x20, count: 1001)
                )
                #expect(reply.status == 413)
            }
        }
    }
}
