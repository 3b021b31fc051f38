internal import HubModel
internal import Logging
public import ServiceLifecycle

/// Brings the deliveries of one destination to it, lane by lane, and records what became of each.
///
/// A delivery is pending until its outcome is recorded, so a crash repeats work and never loses it.
public actor DeliveryWorker: Service, SteeredQueue {
    private let destination: any Destination
    private let journal: any Journal
    private let parcels: ParcelMaker
    private let configuration: DeliveryConfiguration
    private let clock: any HubClock
    private let random: any RandomSource
    private let metrics: HubMetrics
    private let logger: Logger
    private var queue: LaneQueue
    private var breaker = BreakerStateMachine()
    private var running = 0
    private var timer: Duration?
    private let wakeUps: AsyncStream<Void>
    private nonisolated let wake: AsyncStream<Void>.Continuation

    public init(
        destination: any Destination, journal: any Journal, parcels: ParcelMaker,
        configuration: DeliveryConfiguration, clock: any HubClock, random: any RandomSource, metrics: HubMetrics,
        hold: DeliveryPosition? = nil
    ) {
        self.destination = destination
        self.journal = journal
        self.parcels = parcels
        self.configuration = configuration
        self.clock = clock
        self.random = random
        self.metrics = metrics
        self.logger = Logger(label: "hub.delivery")
        self.queue = LaneQueue(capacity: configuration.window, isBehind: true)
        self.queue.hold(from: hold)
        (self.wakeUps, self.wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes in a delivery that was just committed.
    func enqueue(_ delivery: PendingDelivery) {
        self.queue.insert(delivery, uptime: self.clock.uptime)
        self.wake.yield()
    }

    func hold(from position: DeliveryPosition?) {
        self.queue.hold(from: position)
        self.wake.yield()
    }

    func rewind(to position: DeliveryPosition) {
        self.queue.rewind(to: position)
        self.wake.yield()
    }

    func withdraw(_ ids: [DeliveryID]) -> [DeliveryID] { self.queue.withdraw(ids) }

    func settle(_ ids: [DeliveryID], isWritten: Bool) {
        self.queue.settle(ids, isWritten: isWritten)
        self.wake.yield()
    }

    func hurry() {
        self.breaker.succeeded()
        self.queue.hasten(limit: .max)
        self.wake.yield()
    }

    /// Whether the breaker is open: the destination does not answer at present.
    public var isBroken: Bool {
        if case .closed = self.breaker.state { return false }
        return true
    }

    /// Runs until graceful shutdown or cancellation. On graceful shutdown nothing new is started and what is under
    /// way is finished; what is left is pending in the journal and taken up at the next start.
    public func run() async {
        self.wake.yield()
        // Timers are apart, so that a worker that is taken away need not wait for the end of a long one.
        await withDiscardingTaskGroup { timers in
            await withDiscardingTaskGroup { group in
                for await _ in self.wakeUps.cancelOnGracefulShutdown() {
                    if Task.isCancelled || Task.isShuttingDownGracefully { break }
                    self.refill(in: &group)
                    while self.running < self.most, let delivery = self.take() {
                        group.addTask { await self.carry(delivery) }
                    }
                    self.setTimer(in: &timers)
                }
            }
            timers.cancelAll()
        }
    }

    /// Starts nothing new; `run` returns when what is under way is finished. What is left is pending in the journal.
    nonisolated func stop() { self.wake.finish() }

    /// Deliveries that may be under way at once.
    private var most: Int { min(self.configuration.concurrency, self.breaker.opened) }

    private func take() -> PendingDelivery? {
        let uptime = self.clock.uptime
        guard self.breaker.allows(at: uptime, running: self.running) else { return nil }
        // Waits that grew while the destination was away must not outlast it: one of them is the probe.
        var next = self.queue.next(at: uptime)
        if next == nil, self.isBroken {
            self.queue.hasten(limit: 1)
            next = self.queue.next(at: uptime)
        }
        guard let delivery = next else { return nil }
        self.running += 1
        return delivery
    }

    /// Sleeps in a child task until the next delayed lane or the breaker's next probe.
    private func setTimer(in group: inout DiscardingTaskGroup) {
        // A lane that is due while nothing may start waits for the breaker or for the end of a delivery, and both ring.
        let mayStart = self.running < self.most && (self.running == 0 || !self.isBroken)
        guard let next = self.breaker.wakes ?? (mayStart ? self.queue.wakes : nil),
            self.timer.map({ next < $0 }) ?? true
        else { return }
        self.timer = next
        let wait = max(.milliseconds(1), next - self.clock.uptime)
        group.addTask {
            // A timer only wakes the loop, so it must not hold up a shutdown.
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: wait) }
            await self.ring(next)
        }
    }

    private func ring(_ at: Duration) {
        if self.timer == at { self.timer = nil }
        self.wake.yield()
    }

    private func refill(in group: inout DiscardingTaskGroup) {
        guard let (after, limit) = self.queue.beginRefill() else { return }
        group.addTask { await self.readJournal(after: after, limit: limit) }
    }

    private func readJournal(after: DeliveryPosition, limit: Int) async {
        var read: [PendingDelivery]?
        do throws(HubError) {
            read = try await self.journal.pending(for: self.destination.id, after: after, limit: limit)
        } catch {
            self.logger.error("The pending deliveries could not be read.", metadata: ["code": "\(error.code.rawValue)"])
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: .seconds(1)) }
        }
        self.queue.endRefill(read, uptime: self.clock.uptime, now: self.clock.now)
        self.wake.yield()
    }

    private func carry(_ delivery: PendingDelivery) async {
        let started = self.clock.uptime
        let outcome: DeliveryOutcome
        do throws(HubError) {
            outcome = await self.destination.deliver(try await self.parcels.parcel(for: delivery))
        } catch {
            outcome =
                ParcelMaker.isFinal(error.code)
                ? .refused(error.code, answer: error.answer)
                : .tryLater(error.code, answer: error.answer, after: nil)
        }
        self.metrics.attempted(self.destination.id, outcome, took: self.clock.uptime - started)
        await self.settle(delivery, outcome)
        self.running -= 1
        self.wake.yield()
    }

    private func settle(_ delivery: PendingDelivery, _ outcome: DeliveryOutcome) async {
        let attempt = delivery.nextAttempt
        let now = self.clock.now
        var event: DeliveryEvent
        var isAsked = false
        switch outcome {
        case .delivered(let answer):
            if self.isBroken { self.queue.hasten(limit: .max) }
            self.breaker.succeeded()
            event = DeliveryEvent(delivery: delivery.id, at: now, kind: .delivered, attempt: attempt, answer: answer)
        case .refused(let code, let answer):
            self.breaker.succeeded()
            event = DeliveryEvent(
                delivery: delivery.id, at: now, kind: .deadLettered, attempt: attempt, code: code, answer: answer
            )
        case .tryLater(let code, let answer, let asked):
            // A payload that could not be read says nothing about the destination.
            switch code {
            case .journalDamaged, .journalUnavailable: break
            default: self.breaker.failed(at: self.clock.uptime, jitter: self.random.fraction())
            }
            if now.since(delivery.since) >= self.configuration.retry.age(of: delivery.type) {
                event = DeliveryEvent(
                    delivery: delivery.id, at: now, kind: .deadLettered, attempt: attempt, code: .deliveryExpired,
                    answer: answer
                )
            } else {
                isAsked = asked != nil
                let wait = self.configuration.retry.wait(after: attempt, asked: asked, random: self.random)
                event = DeliveryEvent(
                    delivery: delivery.id, at: now, kind: .postponed, attempt: attempt, code: code,
                    notBefore: now.advanced(by: wait), answer: answer
                )
            }
        }
        guard await self.record(event) else { return }
        if let notBefore = event.notBefore {
            self.queue.postpone(
                delivery.id, attempts: attempt, until: self.clock.uptime + notBefore.since(now), isAsked: isAsked
            )
        } else {
            self.queue.finish(delivery.id)
        }
    }

    /// Records an outcome, however often that has to be tried: going to the receiver again instead would hand it the
    /// same message again and again for as long as the journal cannot be written.
    ///
    /// - Returns: `false` when the worker ends first. The delivery is then pending, and repeated at the next start.
    private func record(_ event: DeliveryEvent) async -> Bool {
        while true {
            do throws(HubError) {
                _ = try await self.journal.append(.delivery(event), payload: nil)
                return true
            } catch {
                self.logger.error(
                    "The outcome of a delivery could not be recorded.",
                    metadata: [
                        "delivery.id": "\(event.delivery)", "code": "\(error.code.rawValue)", "error": "\(error.summary)",
                    ]
                )
            }
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: .seconds(1)) }
            if Task.isCancelled || Task.isShuttingDownGracefully { return false }
        }
    }
}
