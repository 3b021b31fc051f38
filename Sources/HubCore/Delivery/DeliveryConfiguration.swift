internal import HubModel

/// How messages are brought to their receivers.
public struct DeliveryConfiguration: Sendable {
    /// Deliveries of one destination under way at once.
    public var concurrency = 16
    /// Deliveries of one destination held in memory; the rest wait in the journal.
    public var window = 4096
    /// How long a polled delivery is kept for its poller before another may have it.
    public var lease = Duration.seconds(60)
    /// The longest lease that a poller may ask for.
    public var longestLease = Duration.seconds(3600)
    /// Deliveries of one mailbox that may be leased at once; no more are shown until some are acknowledged or given back.
    public var outstanding = 1000
    /// Bytes of payload in one answer to a poller, unless its first message alone has more.
    public var fetchSize = 16 << 20
    /// Waits and age.
    public var retry = RetryPolicy()

    public init() {}
}
