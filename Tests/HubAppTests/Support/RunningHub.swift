import AsyncHTTPClient
import Foundation
import HubDialects
import HubEnvelope
import HubJSON
import HubModel
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// A hub of its own process and folder, made with `lgsp init` and run with `lgsp serve`.
final class RunningHub: Sendable {
    private struct State {
        var process: Process?
        var starts = 0
        var port = 0
        var adminPort = 0
    }

    let folder: TestFolder
    private let state = Mutex(State())

    var identifier: Int32 { self.state.withLock { $0.process?.processIdentifier ?? 0 } }
    var config: String { self.folder.path + "/hub/hub.yaml" }
    var port: Int { self.state.withLock(\.port) }
    var adminPort: Int { self.state.withLock(\.adminPort) }

    /// Makes the folder. The ports are free ones, found at each start.
    init(options: [String] = []) throws {
        self.folder = TestFolder()
        let made = try Program.run(
            ["init", self.folder.path + "/hub", "--province", "H44", "--port", "0", "--admin-port", "0"] + options
        )
        try #require(made.code == 0, "\(made.complaint)")
    }

    deinit { self.kill() }

    /// Starts and waits until it says that it is ready.
    func start(after shell: String? = nil) async throws {
        let log = self.state.withLock { state in
            state.starts += 1
            return "\(self.folder.path)/hub-\(state.starts).log"
        }
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let process = Program.process(["serve", "--config", self.config], after: shell)
        let handle = try #require(FileHandle(forWritingAtPath: log))
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        self.state.withLock { $0.process = process }
        let ports = try await eventually("the hub is ready") { () -> [Int]? in
            let text = try String(contentsOfFile: log, encoding: .utf8)
            if !process.isRunning {
                Issue.record("The hub ended: \(text)")
                throw CancellationError()
            }
            guard text.contains("operators") else { return nil }
            return text.matches(of: /http:\/\/127\.0\.0\.1:([0-9]+)/).compactMap { Int($0.output.1) }
        }
        try #require(ports.count == 2)
        self.state.withLock { ($0.port, $0.adminPort) = (ports[0], ports[1]) }
    }

    var log: String { (try? self.folder.text("hub-\(self.state.withLock(\.starts)).log")) ?? "" }

    /// Writes a configuration that a command can reach this hub with, whose ports were found at its start.
    func reachable() throws -> String {
        var text = try self.folder.text("hub/hub.yaml")
        for port in [self.port, self.adminPort] {
            let range = try #require(text.range(of: "port: 0"))
            text.replaceSubrange(range, with: "port: \(port)")
        }
        let path = self.folder.path + "/hub/cli.yaml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// SIGKILL, as a power cut would.
    func kill() {
        guard let process = self.state.withLock(\.process), process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// SIGTERM; gives the exit code.
    func stop() -> Int32 {
        guard let process = self.state.withLock(\.process) else { return 0 }
        process.terminate()
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    // MARK: Speaking to it

    struct Answer {
        let status: Int
        let code: String?
        let bytes: [UInt8]
        var json: JSONValue { (try? JSONDocument.parse(self.bytes).value) ?? .null }
        var text: String { String(decoding: self.bytes, as: UTF8.self) }
    }

    func get(_ path: String) async throws -> Answer { try await self.ask(.GET, path) }

    func metrics() async throws -> String { try await self.ask(.GET, "/metrics", admin: true).text }

    private func ask(
        _ method: HTTPMethod, _ path: String, admin: Bool = false, headers: [(String, String)] = [],
        body: [UInt8]? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(admin ? self.adminPort : self.port)\(path)")
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(body) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        return Answer(
            status: Int(response.status.code), code: response.headers.first(name: "Lgsp-Error"),
            bytes: Array(bytes.readableBytesView)
        )
    }

    func secret(_ name: String) throws -> String {
        let text = try self.folder.text("hub/secrets.yaml")
        let line = try #require(
            text.split(separator: "\n").first { $0.drop { $0 == " " }.hasPrefix(name + ":") }, "\(name)")
        return String(try #require(line.split(separator: "\"").last))
    }

    /// Signs as a document system of the province does.
    func signed(_ document: [UInt8], as system: String = "qlvb-so-tttt-h44") throws -> [UInt8] {
        let key = try KeyFile.load("\(self.folder.path)/hub/systems/\(system).key.pem")
        return try XMLSignature.sign(document, with: key)
    }

    /// Hands a document in through the dialect of the axis.
    func send(_ document: [UInt8], as system: String = "qlvb-so-tttt-h44") async throws -> Answer {
        let headers = AxisHeaders(
            systemID: system, timestamp: Self.now, messageType: .edoc, fileHash: SHA256.hash(document)
        )
        let secret = Array(try self.secret(system).utf8)
        return try await self.ask(
            .POST, AxisPath.sendEdoc, headers: try headers.signed(with: secret).map { ($0.name, $0.value) },
            body: document
        )
    }

    /// What waits for a document system, by the ids that the hub gave its deliveries.
    func inbox(of system: String) async throws -> [String] {
        let headers = AxisHeaders(systemID: system, timestamp: Self.now)
        let answer = try await self.ask(
            .GET, AxisPath.getReceivedEdocList,
            headers: try headers.signed(with: Array(try self.secret(system).utf8)).map { ($0.name, $0.value) }
        )
        return try AxisReply.parse(answer.bytes).entries().map(\.docID)
    }

    /// Asks the admin API as the operator does.
    func operate(_ path: String) async throws -> Answer {
        let token = try self.secret("admin-token")
        return try await self.ask(
            .GET, "/admin/v1/" + path, admin: true, headers: [("Authorization", "Bearer " + token)]
        )
    }

    /// Tells the admin API to do something, with a reason.
    func order(_ path: String, _ wish: String = "{}") async throws -> Answer {
        let token = try self.secret("admin-token")
        return try await self.ask(
            .POST, "/admin/v1/" + path, admin: true,
            headers: [("Authorization", "Bearer " + token), ("Content-Type", "application/json")],
            body: Array(wish.utf8)
        )
    }

    /// A token of the exchange API for a system of the province.
    func token(of system: String) async throws -> String {
        let pair = Base64.text(Array("\(system):\(try self.secret(system))".utf8))
        let answer = try await self.ask(
            .POST, "/oauth2/token",
            headers: [("Authorization", "Basic " + pair), ("Content-Type", "application/x-www-form-urlencoded")],
            body: Array("grant_type=client_credentials".utf8)
        )
        return try #require(answer.json["access_token"]?.string, "\(answer.text)")
    }

    /// Asks the exchange API with a token.
    func exchange(
        _ method: HTTPMethod, _ path: String, token: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> Answer {
        try await self.ask(method, path, headers: [("Authorization", "Bearer " + token)] + headers, body: body)
    }

    static var now: Timestamp {
        Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1_000_000) * 1000)
    }

    /// A document inside the province that no other has the number of.
    static func document(_ number: Int, attachment: Int = 0) throws -> [UInt8] {
        let folder = Program.repository + "/suites/province/document.xml"
        var text = try String(contentsOfFile: folder, encoding: .utf8)
        for (name, value) in [
            ("number", String(100_000 + number)), ("date", "2026/01/05"), ("stamp", "2026/01/05 08:00:00"),
        ] { text = text.replacing("{{\(name)}}", with: value) }
        guard attachment > 0 else { return Array(text.utf8) }
        let content = String(repeating: "QUJD", count: attachment / 4)
        text = text.replacing(
            "  </edXML:edXMLEnvelope>",
            with: """
                  <edXML:edXMLBody><edXML:edXMLManifest version="1.0"><edXML:Reference>
                <edXML:ContentId>cid:1</edXML:ContentId><edXML:ContentType>application/pdf</edXML:ContentType>
                <edXML:AttachmentName>a.pdf</edXML:AttachmentName></edXML:Reference></edXML:edXMLManifest></edXML:edXMLBody>
                  </edXML:edXMLEnvelope><AttachmentEncoded><Attachment><ContentId>cid:1</ContentId>
                <AttachmentName>a.pdf</AttachmentName><ContentType>application/pdf</ContentType>
                <edXML:ContentTransferEncoded xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">\(content)\
                </edXML:ContentTransferEncoded></Attachment></AttachmentEncoded>
                """
        )
        return Array(text.utf8)
    }
}
