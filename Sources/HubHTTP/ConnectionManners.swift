internal import NIOCore
internal import NIOHTTP1

/// What HTTP/1 asks of a connection and the server below leaves out: to tell a client that waits for it to go on
/// (RFC 9110, section 10.1.1), and to close after the answer to a request that is its client's last (RFC 9112,
/// section 9.6), as it is for HTTP/1.0 and for `Connection: close` in any spelling.
final class ConnectionManners: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Of each request that is not answered yet, whether it is the last.
    private var isLast: [Bool] = []

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
