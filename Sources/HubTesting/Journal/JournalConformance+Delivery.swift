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
