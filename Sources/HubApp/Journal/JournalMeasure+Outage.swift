internal import HubCore
internal import HubModel
internal import HubStore
internal import Synchronization

/// A receiver that is away for long, with a long queue for it.
extension JournalMeasure {
    /// Seconds that an outage takes, however long it is for the hub.
    private static let longest = 10

    /// Refuses everything until a time, then takes everything.
    final class Returning: Destination {
        let id = DestinationID(unchecked: "push:mau")
        let count = Atomic<Int>(0)
        let refused = Atomic<Int>(0)
        private let clock: any HubClock
        private let away: Mutex<Duration>

        init(clock: any HubClock) {
            self.clock = clock
            self.away = Mutex(.zero)
        }

        func goAway(until time: Duration) { self.away.withLock { $0 = time } }

        func deliver(_ parcel: Parcel) async -> DeliveryOutcome {
            guard self.away.withLock({ $0 }) <= self.clock.uptime else {
                self.refused.add(1, ordering: .relaxed)
                return .tryLater(.deliveryUnavailable, answer: "away", after: nil)
            }
            self.count.add(1, ordering: .relaxed)
            return .delivered(answer: "ok")
        }
    }

    /// Lets the receiver be away for as long as the plan says, and tells what was tried meanwhile and how it came back.
    func waitOut(_ sink: Returning, _ journal: SegmentJournal, _ tell: @Sendable (Figure) -> Void) async throws(HubError) {
        let begun = self.clock.uptime
        let end = begun + .seconds(self.plan.away)
        sink.goAway(until: end)
        self.clock.pace = max(1, self.plan.away / Self.longest)
        while self.clock.uptime < end { try? await Task.sleep(for: .milliseconds(20)) }
        let refused = sink.refused.load(ordering: .relaxed)
        while sink.count.load(ordering: .relaxed) == 0 { try? await Task.sleep(for: .milliseconds(1)) }
        let first = self.clock.uptime - end
        self.clock.pace = 1
        let away = Bilingual(vi: "Bên nhận vắng \(self.plan.away) giây", en: "The receiver away for \(self.plan.away) seconds")
        tell(
            Figure(
                name: "outage.tried",
                title: Bilingual(vi: "\(away.vi): số lần thử", en: "\(away.en): attempts meanwhile"), value: Double(refused), unit: "")
        )
        tell(
            Figure(
                name: "outage.first",
                title: Bilingual(vi: "Từ lúc trở lại đến lượt giao đầu", en: "From its return to the first delivery"),
                value: first / .seconds(1), unit: "s"
            )
        )
        tell(
            Figure(
                name: "outage.dead", title: Bilingual(vi: "Thư chết", en: "Dead letters"),
                value: Double(try await journal.totals().deadLettered), unit: ""
            )
        )
    }
}
