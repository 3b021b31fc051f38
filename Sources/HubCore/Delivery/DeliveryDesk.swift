public import HubModel

/// What operators do with deliveries. Each act is a record in the chain with who did it and why, written before anything
/// changes, and each delivery that it changes has a record of its own; so all of it holds after a restart.
public struct DeliveryDesk: Sendable {
    /// What is done with a destination as a whole.
    public enum Steering: String, CaseIterable, Sendable {
        /// Nothing more is started.
        case pause
        /// What was accepted before is still delivered, what comes later waits.
        case drain
        /// Everything goes on.
        case resume
        /// What waits for its next attempt is tried now.
        case retry
    }

    /// What is done with deliveries.
    public enum Change: Sendable, Hashable {
        /// Dead letters are pending again, and their age counts from now.
        case redrive
        /// Pending ones become dead letters with `delivery.expired`.
        case expire
        /// Pending ones or dead letters go to another destination.
        case redirect(DestinationID)

        /// Actions behind which deliveries may be pending again that had ended.
        package static let beginningAnew: Set<String> = [redriving, redirecting]
        private static let redriving = "delivery.redrive"
        private static let redirecting = "delivery.redirect"

        var action: String {
            switch self {
            case .redrive: Self.redriving
            case .expire: "delivery.expire"
            case .redirect: Self.redirecting
            }
        }
    }

    /// Which deliveries are meant.
    public enum Target: Sendable {
        case ids([DeliveryID])
        case selection(DeliverySelection)
    }

    /// What came of a change.
    public struct Outcome: Sendable, Hashable {
        public var changed = 0
        /// Under way at the moment, ended meanwhile, or superseded by a later message of the same identity.
        public var skipped = 0

        public init(changed: Int = 0, skipped: Int = 0) {
            self.changed = changed
            self.skipped = skipped
        }
    }

    /// One destination, as operators see it.
    public struct DestinationState: Sendable {
        public let destination: DestinationID
        public let pending: Int
        /// `nil` unless paused or draining.
        public let hold: DeliveryPosition?
        /// Whether there is a system behind it at present.
        public let isHere: Bool
        /// Whether it does not answer at present.
        public let isBroken: Bool
        /// Of a mailbox.
        public let poller: PollerStatistics?

        /// `paused`, `draining` or `running`.
        public var state: String {
            switch self.hold {
            case nil: "running"
            case .start: "paused"
            default: "draining"
            }
        }
    }

    private static let batch = 200

    private let journal: any Journal
    private let outbox: Outbox
    private let clock: any HubClock

    public init(journal: any Journal, outbox: Outbox, clock: any HubClock) {
        self.journal = journal
        self.outbox = outbox
        self.clock = clock
    }

    /// Every destination that there is, or that something waits for.
    public func destinations() async throws(HubError) -> [DestinationState] {
        let counts = try await self.journal.pendingCounts()
        let here = Set(self.outbox.destinations)
        let held = Set(try await self.journal.holds().keys)
        var states: [DestinationState] = []
        for destination in here.union(counts.keys).union(held).sorted() {
            states.append(
                DestinationState(
                    destination: destination, pending: counts[destination] ?? 0, hold: self.outbox.hold(of: destination),
                    isHere: here.contains(destination), isBroken: await self.outbox.workers[destination]?.isBroken ?? false,
                    poller: await (self.outbox.queue(destination) as? Mailbox)?.statistics
                )
            )
        }
        return states
    }

    /// - Throws: `api.not_found` for a destination that nobody knows; what the journal throws.
    public func steer(
        _ steering: Steering, _ destination: DestinationID, actor: String, reason: String
    ) async throws(HubError) {
        guard try await self.destinations().contains(where: { $0.destination == destination }) else {
            throw HubError(
                .apiNotFound, "There is no destination of this name.", details: [ErrorDetail("destination", destination)]
            )
        }
        let action = "delivery.\(steering.rawValue)"
        let sequence = try await self.note(action, subject: destination.description, actor: actor, reason: reason)
        if steering == .retry {
            await self.outbox.queue(destination)?.hurry()
        } else if let hold = DeliveryHold.Action(rawValue: action) {
            await self.outbox.hold(destination, from: DeliveryHold(hold, destination).position(decidedAt: sequence))
        }
    }

    /// Changes every delivery that is meant, page by page. A hub that is stopped in the middle has changed a part; the same
    /// again changes the rest.
    ///
    /// - Throws: `route.missing` for a destination that is not here; what the journal throws.
    public func change(
        _ change: Change, _ target: Target, actor: String, reason: String
    ) async throws(HubError) -> Outcome {
        var subject: String
        switch target {
        case .ids(let ids): subject = "ids=\(ids.prefix(20).map(\.description).joined(separator: ","))\(ids.count > 20 ? ",…(\(ids.count))" : "")"
        case .selection(let selection): subject = selection.description
        }
        if case .redirect(let destination) = change {
            guard self.outbox.queue(destination) != nil else {
                throw HubError(
                    .routeMissing, "Nothing can be sent there: no system has this destination.",
                    details: [ErrorDetail("destination", destination)]
                )
            }
            subject += " to=\(destination)"
        }
        _ = try await self.note(change.action, subject: subject, actor: actor, reason: reason)
        var outcome = Outcome()
        switch target {
        case .ids(let ids):
            var seen: Set<DeliveryID> = []
            for id in ids where seen.insert(id).inserted {
                guard let stored = try await self.journal.message(id.message), Int(id.ordinal) < stored.deliveries.count else {
                    outcome.skipped += 1
                    continue
                }
                let delivery = SelectedDelivery(
                    id: id, position: DeliveryPosition(value: 0), message: stored.message, state: stored.deliveries[Int(id.ordinal)]
                )
                try await self.apply(change, [delivery], reason, &outcome)
            }
        case .selection(var selection):
            switch change {
            case .redrive: selection.phase = .deadLettered
            case .expire: selection.phase = .pending
            case .redirect: break
            }
            var position: DeliveryPosition? = .start
            while let after = position {
                let page = try await self.journal.deliveries(selection, after: after, limit: Self.batch)
                try await self.apply(change, page.deliveries, reason, &outcome)
                position = page.next
            }
        }
        return outcome
    }

    private func note(_ action: String, subject: String, actor: String, reason: String) async throws(HubError) -> Int64 {
        let operation = Operation(
            at: self.clock.now, actor: actor, action: action, subject: subject.prefix(bytes: 1000), reason: reason.prefix(bytes: 500)
        )
        guard case .committed(_, let sequence) = try await self.journal.append(.operation(operation), payload: nil) else {
            throw HubError(.internalFault, "The journal took an operation for a message.")
        }
        return sequence
    }

    private func apply(
        _ change: Change, _ deliveries: [SelectedDelivery], _ reason: String, _ outcome: inout Outcome
    ) async throws(HubError) {
        let dead = deliveries.filter { $0.state.phase == .deadLettered }
        let pending = deliveries.filter { $0.state.phase == .pending }
        switch change {
        case .redrive:
            outcome.skipped += deliveries.count - dead.count
            try await self.revive(dead, .redriven, to: nil, reason, &outcome)
        case .expire:
            outcome.skipped += deliveries.count - pending.count
            try await self.withdraw(pending, .deadLettered, code: .deliveryExpired, answer: reason, &outcome)
        case .redirect(let destination):
            outcome.skipped += deliveries.count - dead.count - pending.count
            try await self.revive(dead, .redirected, to: destination, reason, &outcome)
            let elsewhere = pending.filter { $0.state.plan.destination != destination }
            outcome.skipped += pending.count - elsewhere.count
            try await self.withdraw(elsewhere, .redirected, code: nil, answer: destination.description, &outcome)
            await self.bring(elsewhere, to: destination)
        }
    }

    /// Dead letters that are pending again.
    private func revive(
        _ deliveries: [SelectedDelivery], _ kind: DeliveryEvent.Kind, to destination: DestinationID?, _ reason: String,
        _ outcome: inout Outcome
    ) async throws(HubError) {
        var revived: [SelectedDelivery] = []
        for delivery in deliveries {
            // Its sender has sent another message in its place since, which the receiver has or will have.
            let message = delivery.message
            if try await self.journal.message(from: message.sender, identity: message.identity)?.id == message.id {
                revived.append(delivery)
            }
        }
        outcome.skipped += deliveries.count - revived.count
        outcome.changed += revived.count
        try await self.record(revived, kind, code: nil, answer: destination?.description ?? reason)
        for (own, deliveries) in Dictionary(grouping: revived, by: \.state.plan.destination) {
            await self.bring(deliveries, to: destination ?? own)
        }
    }

    /// Pending deliveries that end, or go elsewhere, unless they are under way.
    private func withdraw(
        _ deliveries: [SelectedDelivery], _ kind: DeliveryEvent.Kind, code: ErrorCode?, answer: String,
        _ outcome: inout Outcome
    ) async throws(HubError) {
        let groups = Dictionary(grouping: deliveries, by: \.state.plan.destination).sorted { $0.key < $1.key }
        for (destination, deliveries) in groups {
            let queue = self.outbox.queue(destination)
            let ids = deliveries.map(\.id)
            let out = await queue?.withdraw(ids) ?? ids
            do throws(HubError) {
                var free: [SelectedDelivery] = []
                let taken = Set(out)
                for delivery in deliveries where taken.contains(delivery.id) {
                    // It may have ended between the question and the answer.
                    let state = try await self.journal.message(delivery.id.message)?.deliveries[Int(delivery.id.ordinal)]
                    if state?.phase == .pending, state?.plan.destination == destination { free.append(delivery) }
                }
                try await self.record(free, kind, code: code, answer: answer)
                outcome.changed += free.count
                outcome.skipped += deliveries.count - free.count
            } catch {
                await queue?.settle(out, isWritten: false)
                throw error
            }
            await queue?.settle(out, isWritten: true)
        }
    }

    private func bring(_ deliveries: [SelectedDelivery], to destination: DestinationID) async {
        guard let first = deliveries.map(\.position).min() else { return }
        await self.outbox.queue(destination)?.rewind(to: DeliveryPosition(value: first.value - 1))
    }

    private func record(
        _ deliveries: [SelectedDelivery], _ kind: DeliveryEvent.Kind, code: ErrorCode?, answer: String
    ) async throws(HubError) {
        let now = self.clock.now
        try await self.journal.record(
            deliveries.map { delivery in
                DeliveryEvent(
                    delivery: delivery.id, at: now, kind: kind, attempt: delivery.state.attempts, code: code, answer: answer
                )
            }
        )
    }
}
