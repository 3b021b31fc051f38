internal import HubCore
internal import HubModel

extension JournalConformance {
    static let reading: [Check] = [
        Check("says that a message is not there") { subject in
            let id = JournalSamples.id(1)
            try expect(try await subject.journal.message(id) == nil, "a message that nobody sent")
            try expectEqual(try await subject.journal.attempts(of: id), [], "attempts")
            try await expectCode(.messageNotFound, "payload") {
                _ = try await subject.journal.payload(of: id)
            }
            try await expectCode(.messageNotFound, "receipt") {
                _ = try await subject.journal.receipt(of: id)
            }
        },
        Check("gives payloads, each by itself, and says of each that is not there") { subject in
            for number in 0..<3 {
                let payload = JournalSamples.payload(number, count: 50)
                try await subject.accept(JournalSamples.message(number, payload: payload), payload)
            }
            let wanted = [2, 7, 0, 2]
            let found = try await subject.journal.payloads(of: wanted.map { JournalSamples.id($0) })
            try expectEqual(found.count, wanted.count, "answers")
            for (number, payload) in zip(wanted, found) {
                if number == 7 {
                    try await expectCode(.messageNotFound, "payload") { _ = try payload.get() }
                } else {
                    try expectEqual(try payload.get(), JournalSamples.payload(number, count: 50), "payload \(number)")
                }
            }
        },
        Check("is empty when it is new") { subject in
            let totals = try await subject.journal.totals()
            try expectEqual(totals.records, 0, "records")
            try expectEqual(totals.blocks, 0, "blocks")
            try expect(try await subject.journal.pendingCounts().isEmpty, "something is pending")
            try expect(
                try await subject.journal.messages(before: nil, limit: 5).isEmpty, "there are messages")
            let health = await subject.journal.health()
            try expect(health.fault == nil, "a new journal has a fault")
            try expect(health.freeBytes > 0, "there is no room")
        },
        Check("pages messages from the newest to the oldest") { subject in
            for number in 0..<7 {
                try await subject.accept(JournalSamples.message(number, payload: [1]), [1])
            }
            var found: [MessageID] = []
            while true {
                let page = try await subject.journal.messages(before: found.last, limit: 3)
                if page.isEmpty { break }
                found += page.map(\.message.id)
            }
            try expectEqual(found, (0..<7).reversed().map { JournalSamples.id($0) }, "the messages")
            let unknown = try await subject.journal.messages(before: JournalSamples.id(99), limit: 3)
            try expect(unknown.isEmpty, "there are messages before one that is not there")
        },
        Check("tells the course of a matter in the order of acceptance, whatever its id looks like") { subject in
            let ids = ["000.00.13.H44,2024/03/15,1/VP", "000.00.13.H44,2024/03/15,1/VP\u{0}", "ộ", "o\u{323}\u{302}"]
            for (place, matter) in ids.enumerated() {
                for (step, status) in ["", "01", "03"].enumerated() {
                    let note = CourseNote(matter: matter, status: status, agency: "H55", told: "2024/03/15 0\(9 - step):00:00")
                    let number = step * ids.count + place
                    try await subject.accept(JournalSamples.message(number, payload: [1], course: note), [1])
                }
            }
            try await subject.accept(JournalSamples.message(100, payload: [1]), [1])
            for (place, matter) in ids.enumerated() {
                let steps = try await subject.journal.course(of: matter)
                try expectEqual(steps.map(\.note.status), ["", "01", "03"], "the statuses")
                try expectEqual(steps.map(\.message), (0..<3).map { JournalSamples.id($0 * ids.count + place) }, "the messages")
            }
            try expect(try await subject.journal.course(of: "other").isEmpty, "there is a course of what nobody named")
        },
        Check("pages what began a matter from the newest to the oldest") { subject in
            for number in 0..<9 {
                let note = CourseNote(matter: "\(number)", status: number.isMultiple(of: 3) ? "01" : "", agency: "H55", told: "")
                try await subject.accept(JournalSamples.message(number, payload: [1], course: note), [1])
            }
            var found: [(sequence: Int64, message: StoredMessage)] = []
            while true {
                let page = try await subject.journal.openings(before: found.last?.sequence, limit: 4)
                if page.isEmpty { break }
                found += page
            }
            let expected = [8, 7, 5, 4, 2, 1].map { JournalSamples.id($0) }
            try expectEqual(found.map(\.message.message.id), expected, "the messages")
        },
        Check("pages refusals from the newest to the oldest") { subject in
            for number in 0..<5 {
                _ = try await subject.journal.append(.refused(JournalSamples.refusal(number)), payload: nil)
                _ = try await subject.journal.append(
                    .operation(JournalSamples.operation(number)), payload: nil)
            }
            var found: [(sequence: Int64, refusal: Refusal)] = []
            while true {
                let page = try await subject.journal.refusals(before: found.last?.sequence, limit: 2)
                if page.isEmpty { break }
                found += page
            }
            try expectEqual(found.map(\.sequence), [8, 6, 4, 2, 0], "the sequence numbers")
            try expectEqual(
                found.map(\.refusal), (0..<5).reversed().map { JournalSamples.refusal($0) }, "the refusals"
            )
        },
        Check("counts everything that happened") { subject in
            for number in 0..<4 {
                try await subject.accept(
                    JournalSamples.message(number, payload: [1], destinations: ["mailbox:a", "push:b"]), [1]
                )
            }
            try await subject.record(JournalSamples.event(0, ordinal: 0, .delivered))
            try await subject.record(JournalSamples.event(0, ordinal: 1, .deadLettered))
            try await subject.record(JournalSamples.event(1, ordinal: 0, .delivered))
            try await subject.record(JournalSamples.event(1, ordinal: 1, .postponed))
            for code in [ErrorCode.accessDenied, .accessDenied, .xmlMalformed] {
                _ = try await subject.journal.append(.refused(JournalSamples.refusal(1, code)), payload: nil)
            }
            _ = try await subject.journal.append(.lookup(JournalSamples.lookup(9)), payload: nil)
            let totals = try await subject.journal.totals()
            try expectEqual(
                [totals.messages, totals.pending, totals.delivered, totals.deadLettered, totals.lookups],
                [4, 5, 2, 1, 1], "totals"
            )
            try expectEqual(totals.refusals, [.accessDenied: 2, .xmlMalformed: 1], "refusals")
            try expectEqual(totals.records, 12, "records")
            try expect(totals.blocks > 0 && totals.blocks <= 12, "there are \(totals.blocks) blocks")
            try expectEqual(
                try await subject.journal.pendingCounts(),
                [DestinationID(unchecked: "mailbox:a"): 2, DestinationID(unchecked: "push:b"): 3],
                "what is pending"
            )
        },
    ]
}
