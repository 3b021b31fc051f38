import AsyncHTTPClient
import FoundationEssentials
import HubDialects
import HubEnvelope
import HubJSON
import HubMocks
import HubModel
import HubNational
import HubTesting
import NIOCore
import NIOHTTP1

/// The mock national platform in this process, and what a hub needs to speak to it.
struct PlatformBench: Sendable {
    /// Of the hub of H44.
    let national: NationalConfiguration
    let client: HTTPClient
    /// The clock of platform and hub alike.
    let clock: ManualClock
    /// Ends an outage.
    let outages: PatientClock
    private let control: String

    /// After the mergers of July 2025.
    static let start = Timestamp(seconds: 1_760_000_000)

    static let h44 = NationalPlatformConfiguration.System(
        id: "00.44.W00", secret: "bí mật của H44", codes: ["H44", "H28"].compactMap { AgencyCode($0) }
    )
    static let h55 = NationalPlatformConfiguration.System(
        id: "00.55.W00", secret: "bí mật của H55", codes: ["H55", "H03"].compactMap { AgencyCode($0) }
    )
    static let password = "mật khẩu của H44"
    static let gatewaySecret = "gateway-secret-44"

    /// How the hub of H44 reaches a platform at this address.
    static func national(at url: String) -> NationalConfiguration {
        NationalConfiguration(
            axis: .init(
                url: url, systemID: Self.h44.id, secret: Array(Self.h44.secret.utf8), poll: .milliseconds(100)
            ),
            dossier: .init(url: url, username: "h44", password: Self.password),
            gateway: .init(url: url, key: "gateway-key-44", secret: Self.gatewaySecret)
        )
    }

    /// Runs a platform for as long as `body` takes.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable (PlatformBench) async throws -> Value
    ) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "hub-national-\(Hex.text(SecureRandom.bytes(8)))"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let configuration = NationalPlatformConfiguration(
            folder: folder.path, systems: [Self.h44, Self.h55],
            dossierAccounts: [.init(username: "h44", password: Self.password)],
            gatewayClients: [.init(key: "gateway-key-44", secret: Self.gatewaySecret)]
        )
        let (clock, outages) = (ManualClock(start: Self.start), PatientClock())
        let (ports, announce) = AsyncStream.makeStream(of: (Int, Int).self)
        let platform = NationalPlatform(
            configuration, clock: outages, now: { clock.now }, ready: { announce.yield(($0, $1)) }
        )
        return try await withClient { client in
            try await withThrowingTaskGroup(of: Value?.self) { group in
                group.addTask {
                    defer { announce.finish() }
                    try await platform.run()
                    return nil
                }
                group.addTask {
                    for await (port, controlPort) in ports {
                        return try await body(
                            PlatformBench(
                                national: Self.national(at: "http://127.0.0.1:\(port)"), client: client,
                                clock: clock,
                                outages: outages, control: "http://127.0.0.1:\(controlPort)/control/"
                            )
                        )
                    }
                    return nil
                }
                defer { group.cancelAll() }
                while let value = try await group.next() {
                    if let value { return value }
                }
                throw NeverStarted()
            }
        }
    }

    struct NeverStarted: Error {}

    // MARK: The tester's side

    func order(_ path: String, _ body: JSONValue = [:]) async throws {
        _ = try await self.call("POST", self.control + path, [], body.serialised())
    }

    /// Orders what is answered to the next `times` requests to a path.
    func order(fault: String, at path: String, times: Int = 1) async throws {
        try await self.order(
            "fault", ["path": .string(path), "kind": .string(fault), "times": .number(.init(times))])
    }

    /// The lines of the ledger that are of this kind.
    func ledger(_ kind: String) async throws -> [JSONValue] {
        try await self.call("GET", self.control + "ledger", [], []).split(separator: 0x0A)
            .map { try JSONDocument.parse(Array($0)).value }
            .filter { $0["kind"]?.string == kind }
    }

    // MARK: Another province's side

    /// What the hub of H55 sends.
    @discardableResult
    func sendFromH55(
        _ body: [UInt8], to: [String] = ["000.00.13.H44"], type: AxisMessageType = .edoc, id: String? = nil
    ) async throws -> String {
        let reply = try await self.axis(AxisPath.sendEdoc, Self.h55, body) {
            $0.from = "000.00.11.H55"
            $0.to = to
            $0.messageType = type
            $0.docID = id
        }
        guard reply.isOK, let docID = reply.docID else { throw NotTaken(reply: reply) }
        return docID
    }

    struct NotTaken: Error { let reply: AxisReply }

    /// What waits for a centre.
    func inbox(of system: NationalPlatformConfiguration.System) async throws -> [AxisInboxEntry] {
        try await self.axis(AxisPath.getReceivedEdocList, system).entries()
    }

    func fetch(_ docID: String, as system: NationalPlatformConfiguration.System) async throws -> [UInt8] {
        try await self.axis(AxisPath.getEdoc, system) { $0.docID = docID }.document()
    }

    private func axis(
        _ path: String, _ system: NationalPlatformConfiguration.System, _ body: [UInt8] = [],
        _ change: (inout AxisHeaders) -> Void = { _ in }
    ) async throws -> AxisReply {
        var headers = AxisHeaders(systemID: system.id, timestamp: self.clock.now)
        if !body.isEmpty { headers.fileHash = SHA256.hash(body) }
        change(&headers)
        let signed = try headers.signed(with: Array(system.secret.utf8))
        return try AxisReply.parse(try await self.call("POST", self.national.axis.url + path, signed, body))
    }

    private func call(
        _ method: String, _ url: String, _ headers: [(name: String, value: String)], _ body: [UInt8]
    ) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: url)
        request.method = .init(rawValue: method)
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        if !body.isEmpty { request.body = .bytes(body) }
        let response = try await self.client.execute(request, timeout: .seconds(20))
        return Array(try await response.body.collect(upTo: 64 << 20).readableBytesView)
    }
}

/// Lends a client as the hub makes it.
func withClient<Value>(_ body: (HTTPClient) async throws -> Value) async throws -> Value {
    var settings = HTTPClient.Configuration(
        redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)), decompression: .disabled
    )
    settings.connectionPool.retryConnectionEstablishment = false
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    let result: Result<Value, any Error>
    do { result = .success(try await body(client)) } catch { result = .failure(error) }
    try await client.shutdown()
    return try result.get()
}
