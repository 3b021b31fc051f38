import AsyncHTTPClient
import HubCore
import HubModel
import HubTesting
import HubTransports
import NIOCore

/// A receiving system, and what the hub brings to it.
enum PushBench {
    static let paths: [MessageType: String] = [.edocDocument: "/van-ban", .indicatorEvent: "/chi-tieu"]

    struct BadName: Error {}

    /// Posts one parcel to whoever answers at `url`.
    static func deliver(
        _ parcel: Parcel, to url: String, timeout: Duration = .seconds(30)
    ) async throws -> DeliveryOutcome {
        try await Self.withPush(to: url, timeout: timeout) { await $0.deliver(parcel) }
    }

    /// Lends a destination that posts to whoever answers at `url`.
    static func withPush<Value: Sendable>(
        to url: String, timeout: Duration, _ body: (HTTPPush) async throws -> Value
    ) async throws -> Value {
        guard let system = SystemID("qlvb-mau-2") else { throw BadName() }
        return try await Self.withClient { client in
            try await body(
                HTTPPush(system: system, base: url, paths: Self.paths, client: client, timeout: timeout)
            )
        }
    }

    /// Lends a client as the hub makes it; one that is let go without being shut down ends the process.
    static func withClient<Value: Sendable>(_ body: (HTTPClient) async throws -> Value) async throws -> Value {
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.settings)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(client))
        } catch {
            result = .failure(error)
        }
        try await client.shutdown()
        return try result.get()
    }

    /// As the hub makes its client.
    private static var settings: HTTPClient.Configuration {
        var settings = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)), decompression: .disabled
        )
        settings.connectionPool.retryConnectionEstablishment = false
        return settings
    }

    static func parcel(
        _ payload: [UInt8] = Array("<edXML/>".utf8), type: MessageType = .edocDocument,
        contentType: String = "application/xml", signature: String = "", correlation: String = ""
    ) -> Parcel {
        let delivery = PendingDelivery(
            id: DeliveryID(message: JournalSamples.id(7), ordinal: 3),
            position: DeliveryPosition(sequence: 7, ordinal: 3),
            plan: PlannedDelivery(
                destination: DestinationID(unchecked: "push:qlvb-mau-2"), recipient: "000.00.02.H00",
                type: type
            ),
            sender: .national, agency: "000.00.01.H00", type: .edocDocument, digest: .zero,
            size: payload.count,
            contentType: contentType, orderKey: "", priority: 0, correlation: correlation,
            detachedSignature: signature, acceptedAt: JournalSamples.time(7), attempts: 0, notBefore: nil
        )
        return Parcel(
            delivery: delivery, payload: payload, contentType: contentType, signature: signature
        )
    }
}

extension DeliveryOutcome {
    /// What decides about the delivery, without the receiver's words.
    enum Verdict: Hashable {
        case delivered
        case refused(ErrorCode)
        case tryLater(ErrorCode, after: Duration?)
    }

    var verdict: Verdict {
        switch self {
        case .delivered: .delivered
        case .refused(let code, _): .refused(code)
        case .tryLater(let code, _, let after): .tryLater(code, after: after)
        }
    }

    var answer: String {
        switch self {
        case .delivered(let answer), .refused(_, let answer), .tryLater(_, let answer, _): answer
        }
    }
}
