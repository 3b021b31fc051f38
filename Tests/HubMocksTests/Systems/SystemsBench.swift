import AsyncHTTPClient
import FoundationEssentials
import HubEnvelope
import HubJSON
import HubModel
import NIOCore
import Testing

@testable import HubMocks

/// Simulated systems beside a stand-in for their hub, in a folder of their own.
struct SystemsBench {
    let hub: StandInHub
    let folder: String
    let key: SigningKey
    let otherKey: SigningKey
    let http = SystemHTTP(client: .shared)

    init() throws {
        self.hub = try StandInHub()
        self.key = try SigningKey.generate(.p256)
        self.otherKey = try SigningKey.generate(.p256)
        self.folder =
            FileManager.default.temporaryDirectory.path + "/systems-" + Hex.text(SecureRandom.bytes(8))
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        try Data(try self.key.pem).write(to: URL(filePath: self.folder + "/own.pem"))
        try Data(try self.otherKey.pem).write(to: URL(filePath: self.folder + "/other.pem"))
        try Data(self.hub.key.publicKey.pem).write(to: URL(filePath: self.folder + "/hub.pem"))
    }

    /// Runs hub and systems while `body` does.
    func run(_ body: @escaping @Sendable (SystemsBench, Control) async throws -> Void) async throws {
        let (addresses, announce) = AsyncStream.makeStream(of: String.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.hub.run { announce.yield($0) } }
            var iterator = addresses.makeAsyncIterator()
            let address = try #require(await iterator.next())
            try await self.runSystems(hub: address, body)
            group.cancelAll()
        }
    }

    /// Runs the systems while `body` does, and kills them after it: nothing in them is told to end.
    func runSystems(
        hub address: String, _ body: @escaping @Sendable (SystemsBench, Control) async throws -> Void
    ) async throws {
        try? FileManager.default.removeItem(atPath: self.folder + "/ports.json")
        let configuration = self.configuration(hub: address)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await SimulatedSystems(configuration).run() }
            let ports = try await self.eventually {
                (try? Data(contentsOf: URL(filePath: self.folder + "/ports.json")))
                    .flatMap { try? JSONDocument.parse([UInt8]($0)).value }
            }
            let control = Control(
                http: self.http, url: "http://127.0.0.1:\(ports["control"]?.int ?? 0)/control",
                push: "http://127.0.0.1:\(ports["systems"]?["ioc"]?.int ?? 0)")
            try await body(self, control)
            group.cancelAll()
        }
    }

    private func configuration(hub: String) -> SystemsConfiguration {
        func system(
            _ id: String, _ agency: String, _ dialect: SystemsConfiguration.Dialect, _ key: String,
            listen: Int? = nil
        )
            -> SystemsConfiguration.System
        {
            SystemsConfiguration.System(
                id: SystemID(id)!, agencies: [AgencyCode(agency)!], name: "Sở Thử Nghiệm", speaks: dialect,
                secret: StandInHub.axisSecret, keyFile: self.folder + "/\(key).pem", certificateFile: nil,
                poll: .milliseconds(10), answers: .init(), listen: listen)
        }
        return SystemsConfiguration(
            folder: self.folder, host: "127.0.0.1", controlPort: 0, hub: hub,
            hubKeyFile: self.folder + "/hub.pem",
            systems: [
                system("docs", "H44.13", .axis, "own"), system("other", "H44.11", .axis, "other"),
                system("one-stop", "H44.14", .exchange, "own"),
                system("ioc", "H44.IOC", .exchange, "other", listen: 0),
            ])
    }

    /// Leaves a line without its end, as a killed process does.
    func appendToLedger(_ system: String, _ text: String) throws {
        let url = URL(filePath: "\(self.folder)/\(system)/ledger.ndjson")
        try (try Data(contentsOf: url) + Data(text.utf8)).write(to: url)
    }

    /// Asks until there is an answer; a minute at most, since tests share the machine.
    func eventually<Value: Sendable>(_ body: () async throws -> Value?) async throws -> Value {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(60)
        while clock.now < deadline {
            if let value = try await body() { return value }
            try await clock.sleep(for: .milliseconds(5))
        }
        throw HubError(.deliveryTimeout, "What the test waits for did not come.")
    }
}

/// The control API of the systems under test.
struct Control: Sendable {
    let http: SystemHTTP
    let url: String
    let push: String

    func post(_ path: String, _ body: JSONObject = [:]) async throws -> JSONValue {
        let reply = try await self.http.send(
            .post, self.url + path, headers: [("Content-Type", "application/json")],
            body: JSONValue.object(body).serialised())
        return try JSONDocument.parse(reply.body).value
    }

    func ledger(_ system: String) async throws -> [JSONValue] {
        let reply = try await self.http.send(.get, "\(self.url)/\(system)/ledger")
        return try reply.body.split(separator: 0x0A).map { try JSONDocument.parse(Array($0)).value }
    }

    func events(_ system: String, _ name: String) async throws -> [JSONValue] {
        try await self.ledger(system).filter { $0["event"]?.string == name }
    }
}

/// Messages for the tests.
enum Sample {
    static func document(number: Int = 412, business: String = "0", subject: String = "Thử") -> [UInt8] {
        let id = "000.00.01.H03,2024/03/15,\(number)/VP-TH"
        let about = business == "0" ? "" : "<edXML:DocumentId>\(id)</edXML:DocumentId>"
        return Array(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016">
              <edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">
                <edXML:edXMLHeader>
                  <edXML:MessageHeader>
                    <edXML:From><edXML:OrganId>000.00.01.H03</edXML:OrganId><edXML:OrganName>A</edXML:OrganName></edXML:From>
                    <edXML:To><edXML:OrganId>000.00.13.H44</edXML:OrganId><edXML:OrganName>B</edXML:OrganName></edXML:To>
                    <edXML:DocumentId>\(id)</edXML:DocumentId>
                    <edXML:Code><edXML:CodeNumber>\(number)</edXML:CodeNumber><edXML:CodeNotation>VP-TH</edXML:CodeNotation></edXML:Code>
                    <edXML:PromulgationInfo><edXML:Place>X</edXML:Place><edXML:PromulgationDate>2024/03/15</edXML:PromulgationDate></edXML:PromulgationInfo>
                    <edXML:Subject>\(subject)</edXML:Subject>
                  </edXML:MessageHeader>
                  <edXML:TraceHeaderList id="t" version="1.0">
                    <edXML:TraceHeader><edXML:OrganId>000.00.01.H03</edXML:OrganId><edXML:Timestamp>2024/03/15 09:12:44</edXML:Timestamp></edXML:TraceHeader>
                    <edXML:Bussiness>\(about)<edXML:BussinessDocType>\(business)</edXML:BussinessDocType></edXML:Bussiness>
                  </edXML:TraceHeaderList>
                </edXML:edXMLHeader>
              </edXML:edXMLEnvelope>
            </edXML>
            """.utf8)
    }

    static let dossier = Array(
        #"{"madonvi":"000.00.14.H44","service":"DongBoHoSoMC","isUpdating":"False","data":[{"MaHoSo":"H44.14-260101-0001","B":"1","A":"2"}]}"#
            .utf8)
}
