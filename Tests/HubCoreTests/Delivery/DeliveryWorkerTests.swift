import HubCore
import HubModel
import HubTesting
import ServiceLifecycle
import Synchronization
import Testing

@Suite("A delivery worker", .timeLimit(.minutes(1)))
struct DeliveryWorkerTests {
    @Test("brings what is committed to the receiver as it came, and records the answer")
    func delivered() async throws {
        let bench = try DeliveryBench()
        let destination = FakeDestination { .delivered(answer: "số \($0.delivery.id.ordinal)") }
        let worker = bench.worker(for: destination)
        try await running([worker]) { _ in
            let outbox = Outbox(workers: [destination.id: worker], mailboxes: [])
            for number in 0..<5 { try await bench.accept(number, outbox: outbox) }
            let events = await bench.journal.next(5)
            #expect(events.allSatisfy { $0.kind == .delivered && $0.attempt == 1 && $0.answer == "số 0" })
        }
        #expect(destination.parcels.count == 5)
        for parcel in destination.parcels {
            let stored = try await bench.journal.payload(of: parcel.delivery.id.message)
            #expect(parcel.payload.inMemory == stored)
        }
        #expect(await bench.journal.totals().delivered == 5)
    }

    @Test("makes a dead letter of what is refused, and goes on with the lane")
    func refused() async throws {
        let bench = try DeliveryBench()
        let destination = FakeDestination { parcel in
            parcel.delivery.id.message == JournalSamples.id(1)
                ? .refused(.deliveryRefused, answer: "không nhận") : .delivered(answer: "")
        }
        let worker = bench.worker(for: destination)
        try await running([worker]) { _ in
            let outbox = Outbox(workers: [destination.id: worker], mailboxes: [])
            for number in 1...2 { try await bench.accept(number, lane: "a", outbox: outbox) }
            let events = await bench.journal.next(2)
            #expect(events.map(\.kind) == [.deadLettered, .delivered])
            #expect(events[0].code == .deliveryRefused)
            #expect(events[0].answer == "không nhận")
        }
        #expect(destination.parcels.count == 2)
        #expect(await bench.phase(of: 1) == .deadLettered)
    }

    @Test("tries again what cannot be delivered now, and keeps the rest of the lane behind it")
    func tryLater() async throws {
        let bench = try DeliveryBench()
        let count = Mutex(0)
        let destination = FakeDestination { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return number <= 3
                ? .tryLater(.deliveryUnavailable, answer: "đang bảo trì", after: nil) : .delivered(answer: "")
        }
        let worker = bench.worker(for: destination)
        try await running([worker]) { _ in
            let outbox = Outbox(workers: [destination.id: worker], mailboxes: [])
            for number in 1...3 { try await bench.accept(number, lane: "a", outbox: outbox) }
            let events = await bench.journal.next(6)
            #expect(events.map(\.kind) == [.postponed, .postponed, .postponed, .delivered, .delivered, .delivered])
            #expect(events.map(\.attempt) == [1, 2, 3, 4, 1, 1])
            #expect(events[0].code == .deliveryUnavailable)
            for event in events.prefix(3) { #expect(event.notBefore.map { $0 > event.at } ?? false) }
        }
        #expect(destination.parcels.map(\.delivery.id.message) == [1, 1, 1, 1, 2, 3].map { JournalSamples.id($0) })
    }

    @Test("waits as long as the receiver asked for")
    func retryAfter() async throws {
        let clock = ManualClock()
        let bench = try DeliveryBench(clock: clock)
        let destination = FakeDestination { parcel in
            parcel.delivery.attempts == 0
                ? .tryLater(.deliveryUnavailable, answer: "", after: .seconds(30)) : .delivered(answer: "")
        }
        let worker = bench.worker(for: destination)
        try await running([worker]) { _ in
            try await bench.accept(1, outbox: Outbox(workers: [destination.id: worker], mailboxes: []))
            let postponed = await bench.journal.next(1)
            #expect(postponed.first?.notBefore == JournalSamples.time(0).advanced(by: .seconds(30)))
            await clock.waitForSleep(1)
            #expect(clock.firstWake == .seconds(30))
            clock.advanceToNextSleeper()
            let delivered = await bench.journal.next(1)
            #expect(delivered.map(\.kind) == [.delivered])
            #expect(delivered.map(\.attempt) == [2])
        }
    }

    @Test("does not try earlier than the receiver asked for, even to see whether it is back")
    func retryAfterWithBreaker() async throws {
        let clock = ManualClock()
        let bench = try DeliveryBench(clock: clock)
        let destination = FakeDestination { parcel in
            parcel.delivery.attempts == 0
                ? .tryLater(.deliveryUnavailable, answer: "", after: .seconds(90)) : .delivered(answer: "")
        }
        for number in 0..<8 { try await bench.accept(number) }
        let worker = bench.worker(for: destination)
        try await running([worker]) { _ in
            _ = await bench.journal.next(8)
            #expect(await worker.isBroken)
            // The probe of the breaker may be due later than the receiver asked for.
            while destination.parcels.count < 16 {
                if clock.uptime < .seconds(90) { #expect(destination.parcels.count == 8) }
                if clock.firstWake != nil { clock.advanceToNextSleeper() }
                await Task.yield()
            }
            #expect(await bench.journal.next(8).allSatisfy { $0.kind == .delivered })
        }
    }

    @Test("gives up what has become too old, and says so")
    func expired() async throws {
        let bench = try DeliveryBench()
        let destination = FakeDestination { _ in .tryLater(.deliveryTimeout, answer: "im lặng", after: nil) }
        let worker = bench.worker(for: destination)
        try await running([worker]) { _ in
            let old = bench.clock.now.advanced(by: .seconds(-4 * 86_400))
            try await bench.accept(1, at: old, outbox: Outbox(workers: [destination.id: worker], mailboxes: []))
            let events = await bench.journal.next(1)
            #expect(events.map(\.kind) == [.deadLettered])
            #expect(events.map(\.code) == [.deliveryExpired])
        }
    }

    @Test("brings old messages too when the receiver takes them")
    func oldButTaken() async throws {
        let bench = try DeliveryBench()
        let destination = FakeDestination { _ in .delivered(answer: "") }
        let old = bench.clock.now.advanced(by: .seconds(-30 * 86_400))
        try await bench.accept(1, at: old)
        try await running([bench.worker(for: destination)]) { _ in
            #expect(await bench.journal.next(1).map(\.kind) == [.delivered])
        }
    }

    @Test("is not delayed by another whose receiver does not answer")
    func slow() async throws {
        let bench = try DeliveryBench()
        let gate = Gate()
        let slow = FakeDestination("push:cham") { _ in
            await gate.pass()
            return .delivered(answer: "")
        }
        let fast = FakeDestination("push:nhanh") { _ in .delivered(answer: "") }
        let workers = [slow.id: bench.worker(for: slow), fast.id: bench.worker(for: fast)]
        try await running(Array(workers.values)) { _ in
            let outbox = Outbox(workers: workers, mailboxes: [])
            for number in 0..<50 { try await bench.accept(number, to: ["push:cham", "push:nhanh"], outbox: outbox) }
            let events = await bench.journal.next(50)
            #expect(events.allSatisfy { $0.delivery.ordinal == 1 && $0.kind == .delivered })
            gate.open()
            #expect(await bench.journal.next(50).allSatisfy { $0.delivery.ordinal == 0 })
        }
    }

    @Test("has no more under way than it may, and one of a lane", arguments: [1, 3, 16])
    func concurrency(limit: Int) async throws {
        var bench = try DeliveryBench()
        bench.configuration.concurrency = limit
        bench.configuration.window = 32
        let destination = FakeDestination { _ in
            await Task.yield()
            return .delivered(answer: "")
        }
        for number in 0..<200 { try await bench.accept(number, lane: "lane \(number % 7)") }
        try await running([bench.worker(for: destination)]) { _ in _ = await bench.journal.next(200) }
        #expect(destination.most <= limit)
        #expect(!destination.clash)
        #expect(destination.parcels.count == 200)
        for lane in 0..<7 {
            let order = destination.parcels.filter { $0.delivery.orderKey == "lane \(lane)" }.map(\.delivery.position)
            #expect(order == order.sorted())
        }
    }

    @Test("finishes what is under way at shutdown, leaves the rest pending, and takes it up at the next start")
    func restart() async throws {
        var bench = try DeliveryBench()
        bench.configuration.concurrency = 2
        let began = AsyncStream.makeStream(of: Void.self)
        let first = FakeDestination { _ in
            began.continuation.yield()
            try? await gracefulShutdown()
            return .delivered(answer: "lần đầu")
        }
        for number in 0..<6 { try await bench.accept(number) }
        try await running([bench.worker(for: first)]) { shutDown in
            var starts = began.stream.makeAsyncIterator()
            for _ in 0..<2 { await starts.next() }
            await shutDown()
        }
        #expect(first.parcels.count == 2)
        #expect(await bench.journal.totals().pending == 4)
        let second = FakeDestination { _ in .delivered(answer: "lần sau") }
        try await running([bench.worker(for: second)]) { _ in _ = await bench.journal.next(6) }
        #expect(second.parcels.count == 4)
        let ids = Set((first.parcels + second.parcels).map(\.delivery.id))
        #expect(ids.count == 6)
        #expect(await bench.journal.totals().delivered == 6)
    }

    @Test("records an outcome as soon as it can be, and does not go to the receiver again meanwhile", arguments: [1, 4])
    func unrecorded(failures: Int) async throws {
        let clock = ManualClock()
        let bench = try DeliveryBench(clock: clock)
        let destination = FakeDestination { _ in .delivered(answer: "") }
        try await bench.accept(1)
        await bench.journal.inner.fail(with: HubError(.journalUnavailable, "The disk is full."))
        try await running([bench.worker(for: destination)]) { _ in
            for failure in 1...failures {
                await clock.waitForSleep(1)
                #expect(await bench.phase(of: 1) == .pending)
                if failure == failures { await bench.journal.inner.fail(with: nil) }
                clock.advanceToNextSleeper()
            }
            #expect(await bench.journal.next(1).map(\.kind) == [.delivered])
        }
        #expect(destination.parcels.count == 1)
    }

    @Test("ends when it is told to, also while an outcome cannot be recorded")
    func unrecordedShutdown() async throws {
        let clock = ManualClock()
        let bench = try DeliveryBench(clock: clock)
        let destination = FakeDestination { _ in .delivered(answer: "") }
        try await bench.accept(1)
        await bench.journal.inner.fail(with: HubError(.journalUnavailable, "The disk is full."))
        try await running([bench.worker(for: destination)]) { _ in await clock.waitForSleep(1) }
        #expect(await bench.phase(of: 1) == .pending)
    }

    @Test("reads the journal again when it could not be read")
    func unreadable() async throws {
        let bench = try DeliveryBench()
        let destination = FakeDestination { _ in .delivered(answer: "") }
        bench.journal.failReads([1, 2].map { _ in HubError(.journalDamaged, "The projection cannot be read.") })
        try await bench.accept(1)
        try await running([bench.worker(for: destination)]) { _ in
            #expect(await bench.journal.next(1).map(\.kind) == [.delivered])
        }
    }

    @Test(
        "makes a dead letter of what can never be made, without calling the receiver",
        arguments: [ErrorCode.mappingFailed, .schemaPayloadInvalid, .journalDamaged]
    )
    func unmade(code: ErrorCode) async throws {
        let bench = try DeliveryBench()
        let destination = FakeDestination { _ in .delivered(answer: "") }
        try await bench.accept(1)
        try await bench.accept(2)
        bench.journal.failPayload(of: JournalSamples.id(1), with: HubError(code, "It cannot be made."))
        try await running([bench.worker(for: destination)]) { _ in
            let events = await bench.journal.next(2)
            #expect(events.first { $0.delivery.message == JournalSamples.id(1) }?.code == code)
            #expect(events.first { $0.delivery.message == JournalSamples.id(2) }?.kind == .delivered)
        }
        #expect(destination.parcels.count == 1)
    }

    @Test("records where a mapping failed, the line before a path that may be long")
    func whereMappingFailed() async throws {
        var bench = try DeliveryBench()
        let path = String(repeating: "a/", count: 200) + "z"
        bench.transform = { _, _, _ throws(HubError) in
            throw HubError(
                .mappingFailed, "The source has no such value.",
                details: [
                    ErrorDetail("reason", "absent"), ErrorDetail("path", path), ErrorDetail("line", 12),
                    ErrorDetail("target", "/Phone"), ErrorDetail("file", "ioc-h44/mapping/edoc-document.yaml"),
                ]
            )
        }
        let destination = FakeDestination { _ in .delivered(answer: "") }
        try await bench.accept(1, mapping: "ioc-h44/mapping/edoc-document.yaml")
        try await running([bench.worker(for: destination)]) { _ in
            let event = await bench.journal.next(1).first
            #expect(event?.code == .mappingFailed)
            #expect(event?.answer.hasPrefix("ioc-h44/mapping/edoc-document.yaml:12 absent a/a/") == true)
            #expect(event?.answer.utf8.count == 200)
        }
    }

    @Test("says what a mapping made that does not fit, and which line made it")
    func unfit() {
        let error = HubError(
            .mappingFailed, "What the mapping made does not fit the schema of its target.",
            details: [ErrorDetail("reason", "result-invalid"), ErrorDetail("file", "a/mapping/b.yaml"), ErrorDetail("line", 5)],
            violations: [
                Violation(line: 1, column: 2, path: "/Fone", rule: "#/additionalProperties", message: Bilingual(vi: "v", en: "secret value"))
            ]
        )
        #expect(error.answer == "a/mapping/b.yaml:5 result-invalid /Fone. What the mapping made does not fit the schema of its target.")
        #expect(HubError(.journalDamaged, "It is damaged.").answer == "It is damaged.")
    }

    @Test("hands over the mapped form where the plan asks for one")
    func mapped() async throws {
        var bench = try DeliveryBench()
        bench.transform = { payload, _, delivery throws(HubError) in
            (payload.reversed(), "application/json", "chữ ký của " + delivery.plan.mapping)
        }
        let destination = FakeDestination { _ in .delivered(answer: "") }
        try await bench.accept(1, mapping: "ioc/chi-tieu")
        try await running([bench.worker(for: destination)]) { _ in _ = await bench.journal.next(1) }
        let parcel = try #require(destination.parcels.first)
        #expect(parcel.payload.inMemory == JournalSamples.payload(1, count: 20).reversed())
        #expect(parcel.contentType == "application/json")
        #expect(parcel.signature == "chữ ký của ioc/chi-tieu")
    }

    @Test("rests while its receiver is away, and comes back when it is there again")
    func outage() async throws {
        let clock = CountingClock()
        let bench = try DeliveryBench(clock: clock)
        let count = Mutex(0)
        let destination = FakeDestination { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return number <= 40 ? .tryLater(.deliveryUnavailable, answer: "", after: nil) : .delivered(answer: "")
        }
        let worker = bench.worker(for: destination)
        for number in 0..<30 { try await bench.accept(number) }
        try await running([worker]) { _ in
            _ = await bench.journal.next(30)
            #expect(await worker.isBroken)
            _ = await bench.journal.next(40)
            #expect(await !worker.isBroken)
        }
        #expect(await bench.journal.totals().delivered == 30)
        // One sleep for each probe and each delay, not one a millisecond.
        #expect(clock.slept < 400, "\(clock.slept) sleeps")
    }
}
