internal import AsyncHTTPClient
internal import Foundation
internal import HubEnvelope
public import HubJSON
internal import HubModel
internal import HubWorkload
internal import NIOCore
internal import NIOHTTP1

/// Starts a hub of its own, loads it with signed documents inside the province, and measures both.
public struct LoadRun: Sendable {
    private let library: Library
    private let rate: Int
    private let count: Int
    private let connections: Int

    /// - Parameters:
    ///   - rate: Documents a second; 0 for as fast as answers come.
    ///   - count: Documents in all.
    public init(library: Library, rate: Int, count: Int, connections: Int) {
        self.library = library
        self.rate = rate
        self.count = count
        self.connections = connections
    }

    /// What was measured, with the hub's own use of the machine.
    public struct Outcome: Sendable {
        public let json: JSONValue
        /// Everything accepted was delivered, once.
        public let passed: Bool
    }

    /// - Throws: What keeps the hub from starting or the load from being sent.
    public func run(tell: @Sendable (String) -> Void) async throws -> Outcome {
        let folder = NSTemporaryDirectory() + "lgsp-load-" + UUID().uuidString.prefix(8).lowercased()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let ports = try FreePorts.take(2)
        let home = AgencyCode("H44")
        guard let home, let sender = SystemID("qlvb-so-tttt-h44"), let receiver = SystemID("qlvb-so-tc-h44") else {
            throw HubError(.configurationInvalid, "The province of the load is not there.")
        }
        var plan = HubFolder.Plan(folder: folder + "/hub", home: home)
        plan.port = ports[0]
        plan.adminPort = ports[1]
        let made = try HubFolder(library: self.library).make(plan)
        // The operations centre's copies are measured by the demo; here each document has one receiver.
        try FileManager.default.removeItem(atPath: plan.folder + "/adapters/ioc-h44")
        let child = ChildProcess(
            name: "hub", arguments: ["serve", "--config", made.configurationFile], logFile: folder + "/hub.log",
            stopsWithParent: true
        )
        tell("… ký trước \(self.count) văn bản / signing \(self.count) documents beforehand")
        let load = try self.load(made, port: ports[0], sender: sender, receiver: receiver)
        let started = ContinuousClock.now
        try child.start()
        do {
            try await Self.waitUntilReady(ports[1])
            let ready = started.duration(to: .now)
            try await Task.sleep(for: .seconds(1))
            let idle = try await Self.usage(ports[1])
            tell("… gửi / sending: \(self.rate == 0 ? "nhanh nhất / at full speed" : "\(self.rate)/s")")
            let report = try await load.run()
            let after = try await Self.usage(ports[1])
            await child.stop(patience: .seconds(10))
            return self.outcome(report, load: load, ready: ready, idle: idle, after: after)
        } catch {
            await child.stop(patience: .seconds(5))
            throw error
        }
    }

    private func load(
        _ made: HubFolder.Made, port: Int, sender: SystemID, receiver: SystemID
    ) throws -> ProvinceLoad {
        guard let from = made.systems.first(where: { $0.system == sender }),
            let to = made.systems.first(where: { $0.system == receiver }),
            let template = FileManager.default.contents(atPath: self.library.suites + "/province/document.xml"),
            let pem = FileManager.default.contents(atPath: from.certificateFile)
        else { throw HubError(.configurationInvalid, "The adapters or the document of the load are not there.") }
        return try ProvinceLoad(
            ProvinceLoad.Plan(
                host: "127.0.0.1", port: port, sender: .init(system: sender, secret: from.secret),
                receiver: .init(system: receiver, secret: to.secret), rate: self.rate, count: self.count,
                connections: self.connections
            ),
            template: Array(template), key: try KeyFile.load(from.keyFile), certificate: try Certificate(pem: Array(pem)),
            now: SystemClock().now
        )
    }

    private func outcome(
        _ report: LoadReport, load: ProvinceLoad, ready: Duration, idle: Usage, after: Usage
    ) -> Outcome {
        var json = report.json.object ?? JSONObject()
        func number(_ value: Double, _ places: Int) -> JSONValue {
            JSONNumber(text: String(format: "%.\(places)f", value)).map { .number($0) } ?? .null
        }
        let cpu = after.cpuSeconds - idle.cpuSeconds
        json["document_bytes"] = .init(integerLiteral: load.documentSize)
        json["hub_cpu_us_per_message"] = number(report.delivered > 0 ? cpu * 1e6 / Double(report.delivered) : 0, 1)
        json["ready_ms"] = number(ready / .milliseconds(1), 1)
        json["idle_resident_mb"] = number(Double(idle.resident) / 1_048_576, 1)
        json["loaded_resident_mb"] = number(Double(after.resident) / 1_048_576, 1)
        return Outcome(
            json: .object(json),
            passed: report.accepted == report.offered && report.delivered == report.accepted && report.repeated == 0
        )
    }

    private struct Usage {
        var cpuSeconds = 0.0
        var resident = 0
    }

    private static func usage(_ adminPort: Int) async throws -> Usage {
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: "http://127.0.0.1:\(adminPort)/metrics"), timeout: .seconds(10)
        )
        let text = String(buffer: try await response.body.collect(upTo: 4 << 20))
        var usage = Usage()
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 2, let value = Double(fields[1]) else { continue }
            if fields[0] == "process_cpu_seconds_total" { usage.cpuSeconds = value }
            if fields[0] == "process_resident_memory_bytes" { usage.resident = Int(value) }
        }
        return usage
    }

    private static func waitUntilReady(_ adminPort: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            let request = HTTPClientRequest(url: "http://127.0.0.1:\(adminPort)/readyz")
            if let answer = try? await HTTPClient.shared.execute(request, timeout: .seconds(1)), answer.status == .ok {
                return
            }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw HubError(.serviceUnavailable, "The hub for the load did not come up.")
    }
}
