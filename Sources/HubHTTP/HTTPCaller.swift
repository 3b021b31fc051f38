public import AsyncHTTPClient
internal import NIOCore
public import NIOHTTP1
internal import Synchronization

/// One HTTP exchange at a time with a peer that may be slow, mute or talkative.
///
/// The limit in time is for the whole exchange: a peer that sends a head and then nothing is not waited for. Nothing
/// is tried twice, and redirects are as the client is configured.
public struct HTTPCaller: Sendable {
    /// A reply as it came.
    public struct Reply: Sendable {
        public let status: Int
        public let headers: HTTPHeaders
        /// What came before the limit, the time or the connection was over; all of it when `fault` is `nil`.
        public let body: [UInt8]
        /// Why the body is not whole.
        public let fault: Fault?
    }

    /// What kept an exchange from its end.
    public enum Fault: Error, Sendable, Equatable {
        /// Not within the time.
        case timeout
        /// No connection, or one that was closed too early.
        case unreachable
        /// The body is longer than is read.
        case tooLong
        /// What was to be sent could not be read; the peer has no part in it.
        case unreadable(any Error)

        /// Two that kept an exchange from its end in the same way, whatever the reason.
        public static func == (left: Fault, right: Fault) -> Bool {
            switch (left, right) {
            case (.timeout, .timeout), (.unreachable, .unreachable), (.tooLong, .tooLong), (.unreadable, .unreadable): true
            default: false
            }
        }
    }

    /// What is sent.
    public enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// A body that is never held as a whole: how long it is, and `count` bytes of it from `offset` on.
        case pieces(count: Int, read: @Sendable (_ count: Int, _ offset: Int) throws -> [UInt8])

        /// A body that is in memory, or else is read.
        public init(
            _ whole: [UInt8]?, count: Int, read: @escaping @Sendable (_ count: Int, _ offset: Int) throws -> [UInt8]
        ) {
            self = whole.map { .bytes($0) } ?? .pieces(count: count, read: read)
        }

        /// How many bytes there are.
        var count: Int {
            switch self {
            case .none: 0
            case .bytes(let bytes): bytes.count
            case .pieces(let count, _): count
            }
        }
    }

    private let client: HTTPClient
    private let timeout: Duration
    private let limit: Int

    /// - Parameters:
    ///   - timeout: From connecting to the last byte; one second more for every 64 KB that are sent or come back.
    ///   - limit: Bytes of a body that are read.
    public init(client: HTTPClient, timeout: Duration, limit: Int) {
        self.client = client
        self.timeout = timeout
        self.limit = limit
    }

    /// - Throws: What happened before there was the head of a reply.
    public func send(
        _ method: HTTPMethod, _ url: String, headers: [(name: String, value: String)], body: [UInt8]? = nil
    ) async throws(Fault) -> Reply {
        try await self.send(method, url, headers: headers, sending: body.map { .bytes($0) } ?? .none)
    }

    /// - Throws: What happened before there was the head of a reply.
    public func send(
        _ method: HTTPMethod, _ url: String, headers: [(name: String, value: String)], sending body: Body
    ) async throws(Fault) -> Reply {
        let held = Held()
        let reply = try await self.send(method, url, headers: headers, sending: body) { piece in
            held.add(piece)
            return true
        }
        // What came in time is of no use to anybody when the rest did not.
        let body = reply.fault == .timeout ? [] : held.bytes
        return Reply(status: reply.status, headers: reply.headers, body: body, fault: reply.fault)
    }

    /// The same for a reply that may be too long to be held.
    ///
    /// - Parameter take: Is given the body piece by piece, and says whether it wants more. It has one second more for every
    ///   64 KB that have come.
    /// - Returns: A reply whose body is empty.
    /// - Throws: What happened before there was the head of a reply.
    public func send(
        _ method: HTTPMethod, _ url: String, headers: [(name: String, value: String)], sending body: Body,
        take: @escaping @Sendable ([UInt8]) async -> Bool
    ) async throws(Fault) -> Reply {
        let fault = ReadFault()
        var request = HTTPClientRequest(url: url)
        request.method = method
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        switch body {
        case .none: break
        case .bytes(let bytes): request.body = .bytes(bytes)
        case .pieces(let count, let read):
            request.body = .stream(
                BodyPieces(count: count) { count, offset in
                    do {
                        return try read(count, offset)
                    } catch {
                        fault.note(error)
                        throw error
                    }
                }, length: .known(Int64(count)))
        }
        // The floor that is asked of whoever sends to the hub.
        let timeout = self.timeout + .seconds(body.count >> 16)
        let deadline = ContinuousClock.now + timeout
        let response: HTTPClientResponse
        do {
            response = try await self.client.execute(request, timeout: .init(timeout))
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout {
            throw .timeout
        } catch {
            throw fault.first.map { .unreadable($0) } ?? .unreachable
        }
        let ending = await self.pass(response, until: deadline, to: take)
        return Reply(status: Int(response.status.code), headers: response.headers, body: [], fault: ending)
    }

    /// The client's own limit ends with the head of a reply, so the body gets one here.
    private func pass(
        _ response: HTTPClientResponse, until deadline: ContinuousClock.Instant,
        to take: @escaping @Sendable ([UInt8]) async -> Bool
    ) async -> Fault? {
        let announced = response.headers.first(name: "Content-Length").flatMap { Int($0) }
        if announced == 0 { return nil }
        let limit = self.limit
        let come = Come()
        return await withTaskGroup(of: Fault?.self) { group in
            group.addTask {
                do {
                    for try await chunk in response.body {
                        let room = limit - come.count
                        come.add(chunk.readableBytes)
                        guard chunk.readableBytes <= room else {
                            _ = await take(Array(chunk.readableBytesView.prefix(room)))
                            return .tooLong
                        }
                        guard await take(Array(chunk.readableBytesView)) else { return nil }
                    }
                    // A body that ends because the task was cancelled is not whole.
                    return Task.isCancelled ? .unreachable : nil
                } catch {
                    return .unreachable
                }
            }
            group.addTask {
                // What has come meanwhile moves the end.
                while case let end = deadline + .seconds(come.count >> 16), end > .now, !Task.isCancelled {
                    try? await Task.sleep(until: end, clock: .continuous)
                }
                return .timeout
            }
            defer { group.cancelAll() }
            return (await group.next()) ?? .timeout
        }
    }

    /// A body that is held.
    private final class Held: Sendable {
        private let state = Mutex<[UInt8]>([])

        var bytes: [UInt8] { self.state.withLock { $0 } }

        func add(_ piece: [UInt8]) { self.state.withLock { $0 += piece } }
    }

    /// Why a body could not be read any further.
    private final class ReadFault: Sendable {
        private let state = Mutex<(any Error)?>(nil)

        var first: (any Error)? { self.state.withLock { $0 } }

        func note(_ error: any Error) { self.state.withLock { $0 = $0 ?? error } }
    }

    /// Bytes of a body that have come.
    private final class Come: Sendable {
        private let bytes = Atomic<Int>(0)

        var count: Int { self.bytes.load(ordering: .relaxed) }

        func add(_ count: Int) { self.bytes.add(count, ordering: .relaxed) }
    }
}
