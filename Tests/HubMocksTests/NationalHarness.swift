import AsyncHTTPClient
import FoundationEssentials
import HubDialects
import HubEnvelope
import HubJSON
import HubMocks
import HubModel
import NIOCore
import NIOHTTP1
import Testing

/// A running platform and a client that speaks to it.
struct NationalBench {
    let url: String
    let control: String
    let port: Int
    let client: HTTPClient

    static let h44 = NationalPlatformConfiguration.System(
        id: "00.44.W00", secret: "secret of H44", codes: ["H44", "H28"].compactMap { AgencyCode($0) }
    )
    static let h55 = NationalPlatformConfiguration.System(
        id: "00.55.W00", secret: "secret of H55", codes: ["H55", "H03"].compactMap { AgencyCode($0) }
    )

    static func configuration(folder: String) throws -> NationalPlatformConfiguration {
        let step = NationalPlatformConfiguration.Ministry.Step.init(code:after:)
        return NationalPlatformConfiguration(
            folder: folder, systems: [Self.h44, Self.h55],
            dossierAccounts: [.init(username: "h44", password: "mật khẩu")],
            gatewayClients: [.init(key: "key", secret: "secret")],
            ministries: [
                .init(
                    code: try #require(AgencyCode("G14")), name: "Bộ Thông tin và Truyền thông",
                    statuses: ["01", "03", "06"].map { step($0, .milliseconds(1)) },
                    changeStatuses: [step("15", .milliseconds(1))]
                )
            ]
        )
    }

    /// Runs a platform in a folder for as long as `body` takes.
    static func run<Value: Sendable>(
        in folder: String, clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Timestamp = NationalPlatform.wallClock,
        change: (inout NationalPlatformConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (NationalBench) async throws -> Value
    ) async throws -> Value {
        var configuration = try Self.configuration(folder: folder)
        change(&configuration)
        let (ports, announce) = AsyncStream.makeStream(of: (Int, Int).self)
        let platform = NationalPlatform(configuration, clock: clock, now: now, ready: { announce.yield(($0, $1)) })
        var settings = HTTPClient.Configuration()
        // A closed door is an answer here, not a reason to knock for ten seconds.
        settings.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        let result = await Result<Value, any Error> {
            try await withThrowingTaskGroup(of: Value?.self) { group in
                group.addTask {
                    defer { announce.finish() }
                    try await platform.run()
                    return nil
                }
                group.addTask {
                    for await (port, controlPort) in ports {
                        return try await body(
                            NationalBench(
                                url: "http://127.0.0.1:\(port)", control: "http://127.0.0.1:\(controlPort)",
                                port: port,
                                client: client
                            )
                        )
                    }
                    return nil
                }
                defer { group.cancelAll() }
                while let value = try await group.next() {
                    if let value { return value }
                }
                throw HubError(.internalFault, "The platform ended before it was ready.")
            }
        }
        try await client.shutdown()
        return try result.get()
    }

    // MARK: Speaking

    func call(
        _ method: String, _ url: String, _ headers: [(name: String, value: String)] = [], _ body: [UInt8] = []
    ) async throws -> (status: Int, body: [UInt8]) {
        var request = HTTPClientRequest(url: url)
        request.method = .init(rawValue: method)
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        if !body.isEmpty { request.body = .bytes(body) }
        let response = try await self.client.execute(request, timeout: .seconds(10))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        return (Int(response.status.code), Array(bytes.readableBytesView))
    }

    func axis(
        _ path: String, _ system: NationalPlatformConfiguration.System, body: [UInt8] = [],
        secret: String? = nil,
        _ change: (inout AxisHeaders) -> Void = { _ in }
    ) async throws -> AxisReply {
        var headers = AxisHeaders(systemID: system.id, timestamp: NationalPlatform.wallClock())
        if !body.isEmpty { headers.fileHash = SHA256.hash(body) }
        change(&headers)
        let signed = try headers.signed(with: Array((secret ?? system.secret).utf8))
        return try AxisReply.parse(try await self.call("POST", self.url + path, signed, body).body)
    }

    func send(
        _ body: [UInt8], to: [String], type: AxisMessageType = .edoc, id: String? = nil
    ) async throws -> AxisReply {
        try await self.axis(AxisPath.sendEdoc, Self.h44, body: body) {
            $0.from = "000.00.13.H44"
            $0.to = to
            $0.messageType = type
            $0.docID = id
        }
    }

    func list(_ system: NationalPlatformConfiguration.System) async throws -> [AxisInboxEntry] {
        try await self.axis(AxisPath.getReceivedEdocList, system).entries()
    }

    /// Asks until the inbox has this many entries; the time limit of the test ends it otherwise.
    func list(
        _ system: NationalPlatformConfiguration.System, untilCount count: Int
    ) async throws -> [AxisInboxEntry] {
        while true {
            let entries = try await self.list(system)
            if entries.count >= count { return entries }
            try Task.checkCancellation()
        }
    }

    func fetch(_ docID: String, _ system: NationalPlatformConfiguration.System) async throws -> [UInt8] {
        try await self.axis(AxisPath.getEdoc, system) { $0.docID = docID }.document()
    }

    func mark(
        _ docID: String, _ status: AxisTransportStatus, _ system: NationalPlatformConfiguration.System
    ) async throws -> AxisReply {
        try await self.axis(AxisPath.updateStatus, system) {
            $0.docID = docID
            $0.status = status
        }
    }

    func order(_ path: String, _ body: JSONValue = [:]) async throws -> JSONValue {
        try JSONDocument.parse(try await self.call("POST", self.control + path, [], body.serialised()).body)
            .value
    }

    func ledger() async throws -> [JSONValue] {
        let body = try await self.call("GET", self.control + "/control/ledger").body
        return try body.split(separator: 0x0A).map { try JSONDocument.parse(Array($0)).value }
    }
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

/// A folder of a test's own, removed afterwards.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let url = FileManager.default.temporaryDirectory.appending(
        path: "national-\(Hex.text(SecureRandom.bytes(8)))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    return try await body(url.path)
}

/// Messages to send.
enum NationalSamples {
    static func document(_ number: Int = 412, to: [String] = ["H55.11"], business: Int? = nil) -> [UInt8] {
        let receivers = to.map { "<To><OrganId>\($0)</OrganId><OrganName>Nơi nhận</OrganName></To>" }.joined()
        let type = business.map { "<Bussiness><BussinessDocType>\($0)</BussinessDocType></Bussiness>" } ?? ""
        return Array(
            """
            <edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXMLEnvelope><edXMLHeader><MessageHeader>\
            <From><OrganId>000.00.13.H44</OrganId><OrganName>Sở Thử nghiệm</OrganName></From>\(receivers)\
            <DocumentId>000.00.13.H44,2026/03/02,\(number)/STN</DocumentId>\
            <Code><CodeNumber>\(number)</CodeNumber><CodeNotation>STN</CodeNotation></Code>\
            <PromulgationInfo><Place>Việt Trì</Place><PromulgationDate>2026/03/02</PromulgationDate></PromulgationInfo>\
            <Subject>Về việc thử</Subject></MessageHeader><TraceHeaderList>\(type)</TraceHeaderList></edXMLHeader>\
            </edXMLEnvelope></edXML>
            """.utf8)
    }
}

/// A clock on which a wait of a minute or more lasts until the test lets it end.
struct PatientClock: Clock {
    private let ends: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    init() {
        (self.ends, self.end) = AsyncStream.makeStream(of: Void.self)
    }

    var now: ContinuousClock.Instant { ContinuousClock().now }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        guard self.now.duration(to: deadline) > .seconds(60) else {
            return try await ContinuousClock().sleep(until: deadline, tolerance: tolerance)
        }
        for await _ in self.ends { return }
        try Task.checkCancellation()
    }

    /// Ends the long wait.
    func pass() {
        self.end.yield()
    }
}
