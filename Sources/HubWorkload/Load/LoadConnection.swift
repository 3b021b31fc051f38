internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Calls a hub over one HTTP/1.1 connection, one call after the other.
///
/// A general client costs several times what this does (a pool, redirects, streams, traces), and generator and hub share
/// the machine: what the generator burns is missing from the figure.
struct LoadConnection {
    struct Reply: Sendable {
        let status: Int
        let body: [UInt8]
    }

    enum Fault: Error {
        case closed
        case timeout
        case tooLong
    }

    private let host: String
    private let port: Int
    private let group: any EventLoopGroup
    private var channel: (any Channel)?

    init(host: String, port: Int, group: any EventLoopGroup) {
        self.host = host
        self.port = port
        self.group = group
    }

    /// Sends a request and waits for the whole reply; connects before it when there is no connection.
    ///
    /// - Parameter headers: Without `Host` and `Content-Length`.
    /// - Throws: What keeps it from connecting, `Fault`.
    mutating func call(
        _ method: HTTPMethod, _ path: String, headers: [(name: String, value: String)], body: [UInt8] = []
    ) async throws -> Reply {
        let channel = try await self.connected()
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: path)
        head.headers.reserveCapacity(headers.count + 2)
        head.headers.add(name: "Host", value: self.host)
        for header in headers { head.headers.add(name: header.name, value: header.value) }
        if !body.isEmpty { head.headers.add(name: "Content-Length", value: String(body.count)) }
        let promise = channel.eventLoop.makePromise(of: Reply.self)
        let call = LoadHandler.Call(
            head: head, body: body.isEmpty ? nil : channel.allocator.buffer(bytes: body), promise: promise
        )
        channel.writeAndFlush(call).cascadeFailure(to: promise)
        do {
            return try await promise.futureResult.get()
        } catch {
            await self.close()
            throw error
        }
    }

    mutating func close() async {
        try? await self.channel?.close()
        self.channel = nil
    }

    private mutating func connected() async throws -> any Channel {
        if let channel = self.channel, channel.isActive { return channel }
        let channel = try await ClientBootstrap(group: self.group)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHTTPClientHandlers(
                        position: .last, leftOverBytesStrategy: .dropBytes, enableOutboundHeaderValidation: false
                    )
                    try pipeline.addHandler(LoadHandler())
                }
            }
            .connect(host: self.host, port: self.port).get()
        self.channel = channel
        return channel
    }
}

/// Puts the parts of one reply together.
private final class LoadHandler: ChannelDuplexHandler {
    struct Call: Sendable {
        let head: HTTPRequestHead
        let body: ByteBuffer?
        let promise: EventLoopPromise<LoadConnection.Reply>
    }

    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Call
    typealias OutboundOut = HTTPClientRequestPart

    private static let limit = 32 << 20
    private static let patience = TimeAmount.seconds(30)

    private var promise: EventLoopPromise<LoadConnection.Reply>?
    private var alarm: Scheduled<Void>?
    private var status = 0
    private var body: [UInt8] = []
    private var isLast = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let call = self.unwrapOutboundIn(data)
        self.promise = call.promise
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        self.alarm = context.eventLoop.scheduleTask(in: Self.patience) {
            let (handler, context) = bound.value
            handler.fail(LoadConnection.Fault.timeout, context)
        }
        context.write(self.wrapOutboundOut(.head(call.head)), promise: nil)
        if let body = call.body { context.write(self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.write(self.wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            self.status = Int(head.status.code)
            self.isLast = !head.isKeepAlive
            self.body = []
        case .body(let part):
            guard self.body.count + part.readableBytes <= Self.limit else {
                return self.fail(LoadConnection.Fault.tooLong, context)
            }
            self.body.append(contentsOf: part.readableBytesView)
        case .end:
            self.alarm?.cancel()
            let promise = self.promise
            self.promise = nil
            // Closed before the answer, so that the next call does not take it for a connection.
            if self.isLast { context.close(promise: nil) }
            promise?.succeed(LoadConnection.Reply(status: self.status, body: self.body))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.fail(LoadConnection.Fault.closed, context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.fail(error, context)
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        self.alarm?.cancel()
        let promise = self.promise
        self.promise = nil
        promise?.fail(error)
        context.close(promise: nil)
    }
}
