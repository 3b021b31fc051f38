internal import HubCore
internal import HubModel

extension JournalConformance {
    static let acceptance: [Check] = [
        Check("gives back message and payload as they were accepted") { subject in
            for (number, size) in [0, 1, 4096, 300_000].enumerated() {
                let payload = JournalSamples.payload(number, count: size)
                let message = JournalSamples.message(number, payload: payload)
                try await subject.accept(message, payload)
                try expectEqual(
                    try await subject.journal.message(message.id)?.message, message, "the message")
                try expect(
                    try await subject.journal.payload(of: message.id) == payload,
                    "a payload of \(size) bytes differs"
                )
            }
        },
        Check("answers with a receipt that verifies with the hub's key, and makes the same one again") {
            subject in
            for number in 0..<5 {
                let payload = JournalSamples.payload(number, count: 100)
                let message = JournalSamples.message(number, payload: payload)
                let (receipt, sequence) = try await subject.accept(message, payload)
                let (block, record) = try receipt.verified(with: subject.key)
                try expectEqual(record, .accepted(message), "the record in the receipt")
                try expectEqual(
                    block.firstSequence + Int64(receipt.proof.index), sequence, "the sequence number")
                try expectEqual(
                    try await subject.journal.receipt(of: message.id), receipt, "the receipt made anew")
            }
        },
        Check("numbers its records without gaps and chains its blocks") { subject in
            var blocks: [Int64: BlockHeader] = [:]
            for number in 0..<8 {
                let payload = JournalSamples.payload(number, count: 10)
                let (receipt, sequence) = try await subject.accept(
                    JournalSamples.message(number, payload: payload), payload
                )
                try expectEqual(sequence, Int64(number), "the sequence number")
                let block = try BlockHeader(bytes: receipt.header)
                blocks[block.number] = block
                let head = try await subject.journal.head()
                try expectEqual(head?.number, block.number, "the number of the last block")
                try expectEqual(head?.digest, block.digest, "the digest of the last block")
                if block.number > 0 {
                    try expectEqual(block.previous, blocks[block.number - 1]?.digest, "the predecessor")
                }
            }
        },
        Check("gives the headers of its blocks by their numbers") { subject in
            try expect(try await subject.journal.head() == nil, "a last block of an empty journal")
            var headers: [[UInt8]] = []
            for number in 0..<6 {
                let payload = JournalSamples.payload(number, count: 10)
                headers.append(
                    try await subject.accept(JournalSamples.message(number, payload: payload), payload).0.header)
            }
            let journal = subject.journal
            try expectEqual(try await journal.headers(from: 2, through: 4), Array(headers[2...4]), "headers 2 to 4")
            try expectEqual(try await journal.headers(from: 5, through: 9), [headers[5]], "headers from 5 on")
            try expectEqual(try await journal.headers(from: 7, through: 9), [], "headers that are not there")
        },
        Check("answers a repeat with the first message and does not keep it twice") { subject in
            let payload = JournalSamples.payload(1, count: 50)
            let first = JournalSamples.message(1, identity: "một", payload: payload)
            try await subject.accept(first, payload)
            let again = JournalSamples.message(2, identity: "một", payload: payload)
            try expectRepeat(try await subject.append(again, payload), of: first.id, sameContent: true)
            try expect(try await subject.journal.message(again.id) == nil, "the repeat was kept")
            let journal = subject.journal
            try expectEqual(
                try await journal.message(from: first.sender, identity: "một")?.id, first.id, "the one of that identity")
            try expect(
                try await journal.message(from: first.sender, identity: "hai") == nil, "an identity nobody used")
            try expectEqual(try await subject.journal.totals().messages, 1, "messages")
        },
        Check("tells a repeat with other content from one with the same") { subject in
            let first = JournalSamples.message(1, identity: "một", payload: [1])
            try await subject.accept(first, [1])
            let other = JournalSamples.message(2, identity: "một", payload: [2])
            try expectRepeat(try await subject.append(other, [2]), of: first.id, sameContent: false)
        },
        Check("takes an id that exists for a repeat") { subject in
            let first = JournalSamples.message(1, identity: "một", payload: [1])
            try await subject.accept(first, [1])
            let same = JournalSamples.message(1, identity: "hai", payload: [1])
            try expectRepeat(try await subject.append(same, [1]), of: first.id, sameContent: true)
        },
        Check("keeps identities of different senders apart") { subject in
            try await subject.accept(
                JournalSamples.message(1, sender: "a", identity: "một", payload: [1]), [1])
            try await subject.accept(
                JournalSamples.message(2, sender: "b", identity: "một", payload: [1]), [1])
            // The parts must not run together either.
            try await subject.accept(
                JournalSamples.message(3, sender: "c", identity: "dmột", payload: [1]), [1])
            try await subject.accept(
                JournalSamples.message(4, sender: "cd", identity: "một", payload: [1]), [1])
        },
        Check("compares identities byte by byte") { subject in
            // Alike to the eye and to Swift, differing behind a NUL, or merely empty.
            let identities = ["\u{1ED9}", "o\u{0323}\u{0302}", "a\u{0}b", "a\u{0}c", "a", "", "A"]
            for (number, identity) in identities.enumerated() {
                try await subject.accept(
                    JournalSamples.message(number, identity: identity, payload: [1]), [1])
            }
            try expectEqual(try await subject.journal.totals().messages, identities.count, "messages")
        },
        Check("lets exactly one of many win who race with one identity") { subject in
            for round in 0..<5 {
                let results = try await race(subject, round: round, count: 32)
                let winners = results.filter { $0.1 == nil }.map(\.0)
                try expectEqual(winners.count, 1, "winners of a race")
                for (_, first) in results {
                    if let first { try expectEqual(first, winners.first, "the first message of a repeat") }
                }
            }
            try expectEqual(try await subject.journal.totals().messages, 5, "messages")
        },
        Check("takes many records at once, each with a receipt that verifies") { subject in
            try await withThrowingTaskGroup(of: (Receipt, Int64).self) { group in
                for number in 0..<300 {
                    group.addTask {
                        let payload = JournalSamples.payload(number, count: number)
                        return try await subject.accept(
                            JournalSamples.message(number, payload: payload), payload)
                    }
                }
                var sequences: Set<Int64> = []
                for try await (receipt, sequence) in group {
                    _ = try receipt.verified(with: subject.key)
                    sequences.insert(sequence)
                }
                try expectEqual(sequences, Set(0..<300), "the sequence numbers")
            }
        },
        Check("gives a receipt for every kind of record") { subject in
            let records: [JournalRecord] = [
                .refused(JournalSamples.refusal(1)), .lookup(JournalSamples.lookup(2)),
                .operation(JournalSamples.operation(3)), .delivery(JournalSamples.event(4, .delivered)),
            ]
            for record in records {
                guard case .committed(let receipt, _) = try await subject.journal.append(record, payload: nil)
                else {
                    throw Failure(description: "a record that is no message was taken for a repeat")
                }
                try expectEqual(try receipt.verified(with: subject.key).record, record, "the record")
            }
        },
        Check("refuses a message whose payload is not the one it names") { subject in
            let message = JournalSamples.message(1, payload: [1, 2])
            try await expectCode(.internalFault, "no payload") {
                _ = try await subject.journal.append(.accepted(message), payload: nil)
            }
            try await expectCode(.internalFault, "another size") {
                _ = try await subject.append(message, [1])
            }
        },
    ]

    private static func race(
        _ subject: Subject, round: Int, count: Int
    ) async throws -> [(MessageID, MessageID?)] {
        try await withThrowingTaskGroup(of: (MessageID, MessageID?).self) { group in
            for number in 0..<count {
                group.addTask {
                    let payload = JournalSamples.payload(number, count: 20)
                    let message = JournalSamples.message(
                        round * 1000 + number, identity: "vòng \(round)", payload: payload
                    )
                    return switch try await subject.append(message, payload) {
                    case .committed: (message.id, nil)
                    case .repeated(let first, _): (message.id, first)
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private static func expectRepeat(_ result: AppendResult, of id: MessageID, sameContent: Bool) throws {
        guard case .repeated(let first, let same) = result else {
            throw Failure(description: "a repeat was taken for a new message")
        }
        try Self.expectEqual(first, id, "the first message")
        try Self.expectEqual(same, sameContent, "whether the content is the same")
    }
}
