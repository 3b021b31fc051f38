internal import HubCore
internal import HubModel

extension JournalConformance {
    static let delivery: [Check] = [
        Check("lists what is pending in the order of acceptance, page by page") { subject in
            let place = DestinationID(unchecked: "push:ioc-mau")
            for number in 0..<10 {
                let destinations =
                    number.isMultiple(of: 2) ? ["push:ioc-mau"] : ["mailbox:a", "push:ioc-mau"]
                try await subject.accept(
                    JournalSamples.message(number, payload: [1], destinations: destinations), [1]
                )
            }
            var position = DeliveryPosition.start
            var found: [MessageID] = []
            while true {
                let page = try await subject.journal.pending(for: place, after: position, limit: 3)
                try expect(page.count <= 3, "a page is longer than its limit")
                guard let last = page.last else { break }
                try expect(page.map(\.position) == page.map(\.position).sorted(), "a page is out of order")
                try expect(
                    page.allSatisfy { $0.plan.destination == place }, "a delivery of another destination")
                found += page.map(\.id.message)
                position = last.position
            }
            try expectEqual(found, (0..<10).map { JournalSamples.id($0) }, "what is pending")
        },
        Check("hands out a pending delivery with everything needed to make it") { subject in
            let payload = JournalSamples.payload(3, count: 30)
            let message = JournalSamples.message(
                3, payload: payload, orderKey: "hồ sơ 3", destinations: ["mailbox:a", "push:b"]
            )
            let (_, sequence) = try await subject.accept(message, payload)
            let page = try await subject.journal.pending(
                for: DestinationID(unchecked: "push:b"), after: .start, limit: 10
            )
            let wanted = PendingDelivery(message, ordinal: 1, sequence: sequence)
            guard let found = page.first, page.count == 1 else {
                throw Failure(description: "one delivery was planned, \(page.count) are pending")
            }
            try expectEqual(found.id, wanted.id, "the delivery")
            try expectEqual(found.position, wanted.position, "its position")
            try expectEqual(found.plan, wanted.plan, "its plan")
            try expectEqual(found.orderKey, wanted.orderKey, "its ordering key")
            try expectEqual(found.digest, wanted.digest, "its digest")
            try expectEqual(found.acceptedAt, wanted.acceptedAt, "its time")
            try expectEqual(found.attempts, 0, "its attempts")
            try expectEqual(found.notBefore, nil, "its delay")
        },
        Check("lets a message of priority 4 wait for the time that it names, and no other") { subject in
            let told = CivilTime(JournalSamples.time(0).advanced(by: .seconds(3600)), offset: CivilTime.vietnamOffset).edxmlStamp
            let note = CourseNote(matter: "VB", status: "", agency: "H00", told: told)
            for (number, priority) in [(1, 4), (2, 3)] as [(Int, UInt8)] {
                let message = JournalSamples.message(number, payload: [1], priority: priority, course: note)
                try await subject.accept(message, [1])
            }
            let page = try await subject.journal.pending(
                for: DestinationID(unchecked: "mailbox:qlvb-mau-2"), after: .start, limit: 10
            )
            try expectEqual(page.map(\.notBefore), [JournalSamples.time(0).advanced(by: .seconds(3600)), nil], "the delays")
        },
        Check("keeps a postponed delivery pending, with its attempts and its delay") { subject in
            try await subject.accept(JournalSamples.message(1, payload: [1]), [1])
            for attempt in 1...3 {
                try await subject.record(JournalSamples.event(1, .postponed, attempt: attempt, at: attempt))
            }
            let page = try await subject.journal.pending(
                for: DestinationID(unchecked: "mailbox:qlvb-mau-2"), after: .start, limit: 10
            )
            try expectEqual(page.map(\.attempts), [3], "attempts")
            try expectEqual(page.map(\.notBefore), [JournalSamples.time(2_000_003)], "the delay")
            let state = try await subject.journal.message(JournalSamples.id(1))?.deliveries.first
            try expectEqual(state?.phase, .pending, "the phase")
            try expectEqual(state?.code, .deliveryUnavailable, "the code")
            try expectEqual(state?.at, JournalSamples.time(1_000_003), "the time of the last attempt")
        },
        Check("takes a delivered and a dead-lettered delivery off the list, each alone") { subject in
            let destinations = ["mailbox:a", "mailbox:a", "mailbox:b"]
            try await subject.accept(JournalSamples.message(1, payload: [1], destinations: destinations), [1])
            try await subject.record(JournalSamples.event(1, ordinal: 0, .delivered))
            try await subject.record(JournalSamples.event(1, ordinal: 2, .deadLettered))
            let phases = try await subject.journal.message(JournalSamples.id(1))?.deliveries.map(\.phase)
            try expectEqual(phases, [.delivered, .pending, .deadLettered], "the phases")
            let counts = try await subject.journal.pendingCounts()
            try expectEqual(counts, [DestinationID(unchecked: "mailbox:a"): 1], "what is pending")
        },
        Check("leaves what has ended as it ended, and still records what comes later") { subject in
            try await subject.accept(JournalSamples.message(1, payload: [1]), [1])
            try await subject.record(JournalSamples.event(1, .delivered, attempt: 1))
            let before = try await subject.journal.message(JournalSamples.id(1))?.deliveries
            try await subject.record(JournalSamples.event(1, .deadLettered, attempt: 2))
            try await subject.record(JournalSamples.event(1, .postponed, attempt: 3))
            try expectEqual(
                try await subject.journal.message(JournalSamples.id(1))?.deliveries, before, "the state")
            try expectEqual(try await subject.journal.attempts(of: JournalSamples.id(1)).count, 3, "attempts")
            let totals = try await subject.journal.totals()
            try expectEqual([totals.pending, totals.delivered, totals.deadLettered], [0, 1, 0], "totals")
        },
        Check("lists every attempt, oldest first") { subject in
            let destinations = ["mailbox:a", "mailbox:b"]
            try await subject.accept(JournalSamples.message(1, payload: [1], destinations: destinations), [1])
            let events = [
                JournalSamples.event(1, ordinal: 1, .postponed, attempt: 1, at: 1),
                JournalSamples.event(1, ordinal: 0, .delivered, attempt: 1, at: 2),
                JournalSamples.event(1, ordinal: 1, .delivered, attempt: 2, at: 3),
            ]
            for event in events { try await subject.record(event) }
            try expectEqual(
                try await subject.journal.attempts(of: JournalSamples.id(1)), events, "the attempts")
        },
        Check("frees the identity of a message once all its deliveries were given up, and not before") { subject in
            let destinations = ["push:a", "push:b"]
            func send(_ number: Int, _ payload: [UInt8]) async throws -> AppendResult {
                let message = JournalSamples.message(number, identity: "VB 1", payload: payload, destinations: destinations)
                return try await subject.journal.append(.accepted(message), payload: payload)
            }
            func isRepeat(_ result: AppendResult, of number: Int) -> Bool {
                if case .repeated(let first, _) = result { first == JournalSamples.id(number) } else { false }
            }
            try expect(!isRepeat(try await send(1, [1]), of: 1), "the first is a repeat")
            try await subject.record(JournalSamples.event(1, ordinal: 0, .deadLettered))
            try expect(isRepeat(try await send(2, [2]), of: 1), "one that still waits does not hold its identity")
            try await subject.record(JournalSamples.event(1, ordinal: 1, .deadLettered))
            try expect(!isRepeat(try await send(3, [3]), of: 1), "one that was given up holds its identity")
            let sender = SystemID("qlvb-mau-1") ?? .national
            try expectEqual(
                try await subject.journal.message(from: sender, identity: "VB 1")?.id, JournalSamples.id(3), "the holder"
            )
            try expect(isRepeat(try await send(4, [4]), of: 3), "the second does not hold the identity")
            // A message is never accepted under an id that is taken, whatever became of the first.
            try await subject.record(JournalSamples.event(3, ordinal: 0, .deadLettered))
            try await subject.record(JournalSamples.event(3, ordinal: 1, .deadLettered))
            try expect(isRepeat(try await send(3, [3]), of: 3), "an id was given twice")
        },
        Check("sends a dead letter again: pending with its attempts, its age counted from then, and it may end again") { subject in
            let place = DestinationID(unchecked: "mailbox:qlvb-mau-2")
            try await subject.accept(JournalSamples.message(1, payload: [1]), [1])
            try await subject.record(JournalSamples.event(1, .redriven, at: 1))
            try await subject.record(JournalSamples.event(1, .deadLettered, attempt: 4, at: 2))
            try expectEqual(try await subject.journal.totals().deadLettered, 1, "dead letters")
            try await subject.record(JournalSamples.event(1, .redriven, attempt: 4, at: 3))
            let pending = try await subject.journal.pending(for: place, after: .start, limit: 10)
            try expectEqual(pending.map(\.attempts), [4], "attempts")
            try expectEqual(pending.map(\.notBefore), [nil], "the delay")
            try expectEqual(pending.map(\.since), [JournalSamples.time(1_000_003)], "from when it counts")
            var totals = try await subject.journal.totals()
            try expectEqual([totals.pending, totals.delivered, totals.deadLettered], [1, 0, 0], "totals")
            try await subject.record(JournalSamples.event(1, .postponed, attempt: 5, at: 4))
            try expectEqual(
                try await subject.journal.pending(for: place, after: .start, limit: 10).map(\.since),
                [JournalSamples.time(1_000_003)], "from when it counts after another attempt"
            )
            try await subject.record(JournalSamples.event(1, .delivered, attempt: 6, at: 5))
            try await subject.record(JournalSamples.event(1, .redriven, attempt: 6, at: 6))
            totals = try await subject.journal.totals()
            try expectEqual([totals.pending, totals.delivered, totals.deadLettered], [0, 1, 0], "totals at the end")
            try expect(try await subject.journal.pendingCounts().isEmpty, "something is pending")
        },
        Check("sends a delivery to another destination, pending or dead, and tells where it is") { subject in
            let (old, new) = (DestinationID(unchecked: "push:cũ"), DestinationID(unchecked: "mailbox:moi"))
            for number in 1...2 {
                try await subject.accept(JournalSamples.message(number, payload: [1], destinations: [old.description]), [1])
            }
            try await subject.record(JournalSamples.event(2, .deadLettered))
            for number in 1...2 {
                try await subject.record(
                    DeliveryEvent(
                        delivery: DeliveryID(message: JournalSamples.id(number), ordinal: 0), at: JournalSamples.time(9),
                        kind: .redirected, attempt: number, answer: new.description
                    )
                )
            }
            try expectEqual(try await subject.journal.pendingCounts(), [new: 2], "what is pending")
            try expectEqual(try await subject.journal.pending(for: old, after: .start, limit: 9).count, 0, "at the old one")
            let pending = try await subject.journal.pending(for: new, after: .start, limit: 9)
            try expectEqual(pending.map(\.plan.destination), [new, new], "the destinations")
            try expectEqual(pending.map(\.since), [JournalSamples.time(9), JournalSamples.time(9)], "from when they count")
            let state = try await subject.journal.message(JournalSamples.id(1))?.deliveries.first
            try expectEqual(state?.plan.destination, new, "the destination of the message")
            try await subject.record(JournalSamples.event(1, .delivered))
            try expectEqual(try await subject.journal.pendingCounts(), [new: 1], "what is pending then")
        },
        Check("remembers where operators hold deliveries back") { subject in
            let (paused, drained) = (DestinationID(unchecked: "push:a"), DestinationID(unchecked: "mailbox:b"))
            func note(_ action: String, _ subject: String) -> JournalRecord {
                .operation(Operation(at: JournalSamples.time(1), actor: "admin", action: action, subject: subject, reason: ""))
            }
            _ = try await subject.journal.append(note("delivery.pause", "push:a"), payload: nil)
            _ = try await subject.journal.append(note("delivery.pause", "push:gone"), payload: nil)
            guard case .committed(_, let sequence) = try await subject.journal.append(
                note("delivery.drain", "mailbox:b"), payload: nil
            ) else { throw Failure(description: "an operation is a repeat") }
            _ = try await subject.journal.append(note("delivery.resume", "push:gone"), payload: nil)
            _ = try await subject.journal.append(note("delivery.stop", "push:other"), payload: nil)
            try expectEqual(
                try await subject.journal.holds(),
                [paused: .start, drained: DeliveryPosition(sequence: sequence, ordinal: 0)], "the holds"
            )
        },
        Check("selects deliveries by everything that can be said, page by page") { subject in
            for number in 0..<12 {
                let sender = number.isMultiple(of: 2) ? "qlvb-mau-1" : "qlvb-mau-3"
                try await subject.accept(
                    JournalSamples.message(number, sender: sender, payload: [1], destinations: ["push:a", "push:b"]), [1]
                )
                try await subject.record(JournalSamples.event(number, ordinal: 0, .deadLettered))
            }
            func found(_ change: (inout DeliverySelection) -> Void, limit: Int = 5) async throws -> [DeliveryID] {
                var selection = DeliverySelection(phase: .deadLettered)
                change(&selection)
                var found: [DeliveryID] = []
                var position: DeliveryPosition? = .start
                while let after = position {
                    let page = try await subject.journal.deliveries(selection, after: after, limit: limit)
                    try expect(page.deliveries.count <= limit, "a page is longer than its limit")
                    found += page.deliveries.map(\.id)
                    position = page.next
                }
                return found
            }
            func ids(_ numbers: some Sequence<Int>, _ ordinal: UInt16 = 0) -> [DeliveryID] {
                numbers.map { DeliveryID(message: JournalSamples.id($0), ordinal: ordinal) }
            }
            try expectEqual(try await found { _ in }, ids(0..<12), "all dead letters")
            try expectEqual(try await found { $0.destination = DestinationID(unchecked: "push:b") }, [], "of another destination")
            try expectEqual(
                try await found {
                    $0.phase = .pending
                    $0.destination = DestinationID(unchecked: "push:b")
                }, ids(0..<12, 1), "what is pending there"
            )
            try expectEqual(
                try await found({ $0.sender = SystemID("qlvb-mau-3") }, limit: 1), ids(stride(from: 1, to: 12, by: 2)), "of one sender"
            )
            try expectEqual(try await found { $0.code = .deliveryExpired }, [], "of another code")
            try expectEqual(
                try await found {
                    $0.from = JournalSamples.time(3)
                    $0.until = JournalSamples.time(6)
                }, ids(3..<6), "of a time"
            )
        },
        Check("is not confused by an outcome that belongs to nothing") { subject in
            try await subject.accept(JournalSamples.message(1, payload: [1]), [1])
            try await subject.record(JournalSamples.event(99, .delivered))
            try await subject.record(JournalSamples.event(1, ordinal: 9, .delivered))
            try await subject.record(JournalSamples.event(1, ordinal: 5000, .delivered))
            try expectEqual(try await subject.journal.totals().pending, 1, "pending")
            try expectEqual(try await subject.journal.attempts(of: JournalSamples.id(1)), [], "attempts")
        },
    ]
}
