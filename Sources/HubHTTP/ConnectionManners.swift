public import NIOCore
internal import NIOHTTP1

/// What HTTP/1 asks of a connection and the server below leaves out: to tell a client that waits for it to go on
/// (RFC 9110, section 10.1.1), and to close after the answer to a request that is its client's last (RFC 9112,
/// section 9.6), as it is for HTTP/1.0 and for `Connection: close` in any spelling. It also knows whether the client is
/// still there, for those who work for it for long.
final class ConnectionManners: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Of each request that is not answered yet, whether it is the last.
    private var isLast: [Bool] = []
    private var hasHungUp = false
    /// Those who want to know when the client hangs up.
    private var watchers: [Int: AsyncStream<Never>.Continuation] = [:]
    private var nextWatcher = 0

    /// Lets `watcher` end when the client hangs up.
    func watch(_ watcher: AsyncStream<Never>.Continuation) -> Int {
        self.nextWatcher += 1
        if self.hasHungUp { watcher.finish() } else { self.watchers[self.nextWatcher] = watcher }
        return self.nextWatcher
    }

    func unwatch(_ number: Int) {
        self.watchers[number] = nil
    }

    private func hangUp() {
        self.hasHungUp = true
        for watcher in self.watchers.values { watcher.finish() }
        self.watchers = [:]
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { self.hangUp() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.hangUp()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = self.unwrapInboundIn(data) {
            self.isLast.append(!head.isKeepAlive)
            // Behind an unanswered request a 100 would be taken for the answer to that one.
            if self.isLast.count == 1, head.version == .http1_1,
                head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" })
            {
                let go = HTTPResponseHead(version: .http1_1, status: .continue)
                context.writeAndFlush(self.wrapOutboundOut(.head(go)), promise: nil)
            }
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch self.unwrapOutboundIn(data) {
        case .head(var head) where self.isLast.first == true && head.status.code >= 200:
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            context.write(self.wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            let closes = self.isLast.isEmpty ? false : self.isLast.removeFirst()
            context.write(data, promise: promise)
            if closes {
                context.flush()
                context.close(mode: .output, promise: nil)
            }
        default: context.write(data, promise: promise)
        }
    }
}

extension Channel {
    /// Runs `work` for the client of this connection of an `HTTPListener`, and cancels it when the client hangs up.
    ///
    /// The connection can go on afterwards.
    public func whileConnected<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (hangUp, watcher) = AsyncStream.makeStream(of: Never.self)
        let (manners, number) = try await self.eventLoop.submit {
            let manners = try self.pipeline.syncOperations.handler(type: ConnectionManners.self)
            return (NIOLoopBound(manners, eventLoop: self.eventLoop), manners.watch(watcher))
        }.get()
        defer { self.eventLoop.execute { manners.value.unwatch(number) } }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                for await _ in hangUp {}
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next().flatMap(\.self) else { throw CancellationError() }
            return value
        }
    }
}
