internal import HubCore
internal import HubEnvelope
internal import HubModel
internal import HubStore
internal import Synchronization

/// Deliveries within the process.
extension JournalMeasure {
    private var delivered: Int { self.plan.alone + self.plan.messages }

    func deliver(_ journal: SegmentJournal, _ tell: @Sendable (Figure) -> Void) async throws(HubError) {
        let sink = Returning(clock: self.clock)
        let first = self.delivered
        try await self.fill(journal, first..<first + self.plan.deliveries, to: "\(sink.id)")
        let worker = try self.worker(sink, journal)
        let start = ContinuousClock.now
        let took: Duration = try await Self.running(worker) { () throws(HubError) in
            while try await journal.pendingCounts()[sink.id] != nil { try? await Task.sleep(for: .milliseconds(5)) }
            return start.duration(to: .now)
        }
        tell(
            Figure(
                name: "delivery.rate",
                title: Bilingual(vi: "Lấy, giao trong tiến trình, ghi kết quả", en: "Claim, deliver in this process, record"),
                value: Double(self.plan.deliveries) / (took / .seconds(1)), unit: "/s"
            )
        )
        tell(Self.memory("delivery"))
    }

    /// Starts with a long queue and works it off, while other messages for the same destination arrive.
    func workOff(_ folder: String, _ tell: @Sendable (Figure) -> Void) async throws(HubError) {
        let sink = Returning(clock: self.clock)
        let (pending, first) = (self.plan.pending, self.delivered + self.plan.deliveries)
        var journal = try await SegmentJournal.open(self.configuration(folder))
        try await self.fill(journal, first..<first + pending, to: "\(sink.id)")
        await journal.close()
        tell(Self.memory("filled"))
        var start = ContinuousClock.now
        journal = try await SegmentJournal.open(self.configuration(folder))
        if self.plan.away > 0 { sink.goAway(until: self.clock.uptime + .seconds(self.plan.away)) }
        let worker = try self.worker(sink, journal)
        let arrivals = Times()
        let open = journal
        let rate = try await Self.running(worker) { () throws(HubError) in
            if self.plan.away > 0 {
                try await self.waitOut(sink, open, tell)
            } else {
                while sink.count.load(ordering: .relaxed) == 0 { try? await Task.sleep(for: .milliseconds(1)) }
                let title = Bilingual(
                    vi: "Mở với \(pending) lượt chờ, tới lượt giao đầu", en: "Opening with \(pending) waiting, until the first delivery"
                )
                let took = start.duration(to: .now) / .milliseconds(1)
                tell(Figure(name: "queue.start", title: title, value: took, unit: "ms"))
            }
            start = .now
            let arriving = Task { await self.arrive(at: open, from: first + pending, to: "\(sink.id)", arrivals) }
            // Those that arrive stand behind those that waited.
            while sink.count.load(ordering: .relaxed) < pending { try? await Task.sleep(for: .milliseconds(20)) }
            let rate = Double(pending) / (start.duration(to: .now) / .seconds(1))
            arriving.cancel()
            if let fault = await arriving.value { throw fault }
            return rate
        }
        let title = Bilingual(
            vi: "Giải phóng \(pending) lượt chờ khi mỗi giây thêm \(self.plan.arriving)",
            en: "Working off \(pending) while \(self.plan.arriving) a second arrive"
        )
        tell(Figure(name: "queue.rate", title: title, value: rate, unit: "/s"))
        tell(
            Figure(
                name: "queue.arrived", title: Bilingual(vi: "Đã nhận trong lúc đó", en: "Accepted meanwhile"),
                value: Double(arrivals.all.count) / (Double(pending) / rate), unit: "/s"
            )
        )
        Self.tell(
            arrivals.all, "queue.append",
            Bilingual(vi: "Mỗi thông điệp được nhận trong lúc đó", en: "Each message accepted meanwhile"), tell
        )
        tell(Self.memory("queue"))
        await journal.close()
    }

    /// Appends at a steady rate until it is cancelled.
    private func arrive(
        at journal: SegmentJournal, from first: Int, to destination: String, _ times: Times
    ) async -> HubError? {
        let start = ContinuousClock.now
        let fault = Fault()
        await withDiscardingTaskGroup { group in
            var number = 0
            while !Task.isCancelled, self.plan.arriving > 0, fault.first == nil {
                let own = first + number
                group.addTask {
                    let (message, payload) = self.message(own, to: destination)
                    let start = ContinuousClock.now
                    do throws(HubError) {
                        _ = try await journal.append(.accepted(message), payload: payload)
                        times.add([start.duration(to: .now)])
                    } catch {
                        fault.note(error)
                    }
                }
                number += 1
                try? await Task.sleep(until: start + .seconds(1) * number / self.plan.arriving, clock: .continuous)
            }
        }
        return fault.first
    }

    private final class Fault: Sendable {
        private let state = Mutex<HubError?>(nil)
        var first: HubError? { self.state.withLock { $0 } }
        func note(_ error: HubError) { self.state.withLock { $0 = $0 ?? error } }
    }

    private func worker(_ sink: Returning, _ journal: SegmentJournal) throws(HubError) -> DeliveryWorker {
        var configuration = DeliveryConfiguration()
        configuration.concurrency = 64
        let keys = KeyRing(KeyRing.Keys(own: self.key, registry: try KeyRegistry([])))
        return DeliveryWorker(
            destination: sink, journal: journal,
            parcels: ParcelMaker(journal: journal, keys: keys) { _, _, _ throws(HubError) in
                throw HubError(.internalFault, "Nothing is mapped here.")
            },
            configuration: configuration, clock: self.clock, random: SystemRandom(), metrics: HubMetrics(clock: self.clock)
        )
    }

    private static func running<Value>(
        _ worker: DeliveryWorker, _ body: () async throws(HubError) -> Value
    ) async throws(HubError) -> Value {
        let running = Task { await worker.run() }
        let result: Result<Value, HubError>
        do throws(HubError) {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        running.cancel()
        await running.value
        return try result.get()
    }
}
