internal import AsyncHTTPClient
internal import HubCore
internal import HubEnvelope
internal import HubHTTP
internal import HubModel
internal import HubStore
internal import NIOHTTP1
internal import ServiceLifecycle
internal import Synchronization

/// Has the newest block of the journal stamped once a tick (RFC 3161), so that what the hub says about time can be held
/// against a clock that is not its own.
///
/// A block names the one before, so one timestamp covers everything up to it.
struct Timestamper: Service {
    private let configuration: TimestampConfiguration
    private let journal: any Journal
    private let shelf: TimestampShelf
    private let trust: TrustStore
    private let caller: HTTPCaller
    private let clock: any HubClock
    private let state: TimestampState

    /// - Throws: What loading the trust store throws.
    init(
        _ configuration: TimestampConfiguration, journal: any Journal, shelf: TimestampShelf, client: HTTPClient,
        clock: any HubClock, state: TimestampState
    ) throws(HubError) {
        self.configuration = configuration
        self.journal = journal
        self.shelf = shelf
        self.trust = try Self.store(configuration)
        self.caller = HTTPCaller(client: client, timeout: configuration.timeout, limit: TimestampToken.maxBytes)
        self.clock = clock
        self.state = state
    }

    static func store(_ configuration: TimestampConfiguration) throws(HubError) -> TrustStore {
        try TrustStore.load(
            configuration.trustFolder, purpose: .timestamping,
            settings: TrustSettings(
                clockSkew: configuration.clockSkew, allowsTestAuthority: configuration.allowsTestAuthority
            )
        )
    }

    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            await self.tick()
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: self.configuration.every) }
        }
    }

    /// One timestamp, if there is a block without one.
    func tick() async {
        do throws(HubError) {
            guard let head = try await self.journal.head(), head.number > (try self.shelf.last() ?? -1) else {
                return self.state.note(nil, at: self.clock.now)
            }
            let (token, time) = try await self.token(over: head.digest)
            try self.shelf.keep(token, of: head.number)
            let now = self.clock.now
            self.state.stamped(head.number, at: now, clockOffset: time.since(now))
        } catch {
            self.state.note(error, at: self.clock.now)
        }
    }

    /// - Throws: `timestamp.unavailable`, `timestamp.invalid`, and what is wrong with the authority's certificate.
    private func token(over digest: Digest) async throws(HubError) -> (token: [UInt8], time: Timestamp) {
        let request = try TimestampRequest.make(digest: digest, policy: self.configuration.policy)
        let reply: HTTPCaller.Reply
        do throws(HTTPCaller.Fault) {
            reply = try await self.caller.send(
                .POST, self.configuration.url,
                headers: [
                    ("Content-Type", "application/timestamp-query"), ("Accept", "application/timestamp-reply"),
                ],
                body: request.der
            )
        } catch {
            throw self.unavailable("\(error)")
        }
        guard reply.status == 200, reply.fault == nil else { throw self.unavailable("HTTP \(reply.status)") }
        let token = try TimestampResponse.token(from: reply.body)
        var demands = TimestampToken.Demands()
        demands.policies = self.configuration.policy.map { [$0] }
        let verdict = try TimestampToken.verify(
            token, digest: digest, nonce: request.nonce, trust: self.trust, demands: demands, now: self.clock.now
        )
        if let refusal = verdict.refusal { throw refusal.error }
        guard let facts = verdict.facts else { throw self.unavailable("a token that says no time") }
        return (token, facts.time)
    }

    private func unavailable(_ reason: String) -> HubError {
        HubError(
            .timestampUnavailable, "The timestamp authority does not answer.",
            details: [ErrorDetail("url", self.configuration.url), ErrorDetail("reason", reason)]
        )
    }
}

/// How the timestamps stand, as `/readyz` and `/metrics` show it.
final class TimestampState: Sendable {
    struct Status: Sendable {
        /// When the last timestamp was got, or found to be needed by nothing.
        var wellAt: Timestamp
        var block: Int64?
        var fault: HubError?
        /// How far the authority's clock was ahead of the hub's, last time; negative when it was behind.
        var clockOffset: Duration?
    }

    private let status: Mutex<Status>
    /// How long it may be without.
    let grace: Duration
    /// How far its clock and the hub's may be apart.
    let clockSkew: Duration

    /// - Parameter start: Counts as the last time that all was well.
    init(_ configuration: TimestampConfiguration, start: Timestamp) {
        self.grace = configuration.grace
        self.clockSkew = configuration.clockSkew
        self.status = Mutex(Status(wellAt: start))
    }

    /// Why nobody vouches for the hub's time at a moment; `nil` while the authority answers, or was there lately.
    func lack(at now: Timestamp) -> HubError? {
        let status = self.current
        guard let fault = status.fault, now.since(status.wellAt) > self.grace else { return nil }
        return HubError(
            .timestampUnavailable, "Messages of this type are taken only with timestamps, and the authority is away.",
            details: [ErrorDetail("since", status.wellAt), ErrorDetail("because", fault.code.rawValue)]
        )
    }

    var current: Status { self.status.withLock { $0 } }

    func stamped(_ block: Int64, at now: Timestamp, clockOffset: Duration) {
        self.status.withLock { $0 = Status(wellAt: now, block: block, fault: nil, clockOffset: clockOffset) }
    }

    func note(_ fault: HubError?, at now: Timestamp) {
        self.status.withLock { status in
            status.fault = fault
            if fault == nil { status.wellAt = now }
        }
    }
}
