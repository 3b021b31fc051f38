internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// HTTP/1 whose connections may be dropped before anyone has looked at them.
///
/// A listener that stops drops the connections that come in at that moment, and SwiftNIO ends the process when a
/// connection's channel is dropped without having been used (`NIOAsyncWriter`: "Deinited … without calling
/// finish()"). Here such a connection is closed and let go only when it is.
struct SteadyChannel: ServerChildChannel {
    /// A connection, until someone takes it.
    final class Value: ServerChildChannelValue {
        let wrapped: HTTP1Channel.Value
        private let isTaken = Atomic(false)

        init(_ wrapped: HTTP1Channel.Value) {
            self.wrapped = wrapped
        }

        var channel: any Channel { self.wrapped.channel }

        func take() -> HTTP1Channel.Value {
            self.isTaken.store(true, ordering: .relaxed)
            return self.wrapped
        }

        deinit {
            guard !self.isTaken.load(ordering: .relaxed) else { return }
            let wrapped = self.wrapped
            wrapped.channel.close(promise: nil)
            wrapped.channel.closeFuture.whenComplete { _ in withExtendedLifetime(wrapped) {} }
        }
    }

    private let wrapped: HTTP1Channel

    init(_ wrapped: HTTP1Channel) {
        self.wrapped = wrapped
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        self.wrapped.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let decoder = try channel.pipeline.syncOperations.handler(
                type: ByteToMessageHandler<HTTPRequestDecoder>.self
            )
            try channel.pipeline.syncOperations.addHandler(ConnectionManners(), position: .after(decoder))
            return Value(value)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await self.wrapped.handle(value: value.take(), logger: logger)
    }
}
