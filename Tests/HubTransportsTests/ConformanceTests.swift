import Foundation
import HubCore
import HubHTTP
import HubModel
import HubTesting
import HubTransports
import Hummingbird
import Synchronization
import Testing

/// The transports that are built in keep what every destination promises.
@Suite(.timeLimit(.minutes(2))) struct ConformanceTests {
    @Test(arguments: DestinationConformance.checks + DestinationConformance.absence)
    func `posting keeps the promises`(_ check: DestinationConformance.Check) async throws {
        try await Self.withInbox { inbox, push in
            try await check.run(inbox.subject(push))
        }
    }

    @Test(arguments: DestinationConformance.silence)
    func `posting keeps the promises to a receiver that is silent`(
        _ check: DestinationConformance.Check
    ) async throws {
        try await Self.withInbox(timeout: .milliseconds(300)) { inbox, push in
            try await check.run(inbox.subject(push))
        }
    }

    @Test(arguments: DestinationConformance.checks + DestinationConformance.absence)
    func `writing into folders keeps the promises`(_ check: DestinationConformance.Check) async throws {
        let folder = try TemporaryFolder()
        try await check.run(try FolderSubject(folder.path).subject)
    }

    private static func withInbox(
        timeout: Duration = .seconds(20),
        _ body: @escaping @Sendable (HTTPInbox, HTTPPush) async throws -> Void
    ) async throws {
        let inbox = HTTPInbox()
        try await StandInServer.run(answering: { try await inbox.answer($0) }) { server in
            try await PushBench.withPush(to: server.url, timeout: timeout) { try await body(inbox, $0) }
        }
    }
}

/// A receiver behind HTTP that can be away and fall silent.
final class HTTPInbox: Sendable {
    enum Mood { case present, away, silent }

    private let state = Mutex((mood: Mood.present, arrivals: [DestinationConformance.Arrival]()))

    func answer(_ request: StandInServer.Received) async throws -> Response {
        let mood = self.state.withLock(\.mood)
        switch mood {
        case .away: return .plain(503, "đang bảo trì")
        case .silent:
            await untilCancelled()
            return .plain(200)
        case .present:
            self.state.withLock { $0.arrivals.append(Self.arrival(request)) }
            return .plain(200)
        }
    }

    func subject(_ push: HTTPPush) -> DestinationConformance.Subject {
        DestinationConformance.Subject(
            destination: push, types: PushBench.paths.keys.sorted(),
            receiver: DestinationConformance.Receiver(
                leave: { self.feel(.away) }, comeBack: { self.feel(.present) }, fallSilent: { self.feel(.silent) },
                arrivals: { self.state.withLock(\.arrivals) }
            )
        )
    }

    private func feel(_ mood: Mood) { self.state.withLock { $0.mood = mood } }

    private static func arrival(_ request: StandInServer.Received) -> DestinationConformance.Arrival {
        func header(_ name: String) -> String { request.header(name).joined(separator: " and ") }
        return DestinationConformance.Arrival(
            message: header("Lgsp-Message-Id"), delivery: header("Lgsp-Delivery-Id"), type: header("Lgsp-Service"),
            contentType: header("Content-Type"), signature: header("Lgsp-Signature"), recipient: nil,
            payload: request.body
        )
    }
}

/// A folder for each of two types, which can be taken away.
struct FolderSubject {
    struct BadName: Error {}

    let subject: DestinationConformance.Subject

    init(_ root: String) throws {
        guard let system = SystemID("qlvb-mau-2") else { throw BadName() }
        let address = root + "/hub"
        let roads = [
            TransportRoad(type: .edocDocument, address: address, path: "/văn bản/đến"),
            TransportRoad(type: .indicatorEvent, address: address, path: "/chi-tieu"),
        ]
        self.subject = DestinationConformance.Subject(
            destination: try FolderTransport().destination(for: system, roads: roads), types: roads.map(\.type),
            receiver: DestinationConformance.Receiver(
                leave: {
                    // A file where the folder was; rights would not keep out a test that runs as root.
                    if FileManager.default.fileExists(atPath: address) {
                        try FileManager.default.moveItem(atPath: address, toPath: root + "/away")
                    }
                    try Data().write(to: URL(filePath: address))
                },
                comeBack: {
                    try FileManager.default.removeItem(atPath: address)
                    if FileManager.default.fileExists(atPath: root + "/away") {
                        try FileManager.default.moveItem(atPath: root + "/away", toPath: address)
                    }
                },
                arrivals: { try roads.flatMap { try FolderReader.arrivals(in: $0.address + $0.path) } }
            )
        )
    }
}
