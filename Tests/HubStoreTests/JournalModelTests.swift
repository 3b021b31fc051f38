import HubCore
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("The journal against a model")
struct JournalModelTests {
    enum Step: Sendable {
        case accept(Int, identity: Int, payload: Int)
        case event(Int, ordinal: UInt16, DeliveryEvent.Kind)
        case refuse(Int)
        case crash
        case crashAndLoseProjection
        case restart

        static func random(_ number: Int, _ random: inout SeededGenerator) -> Step {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<45:
                // Small ranges, so that identities and ids meet again.
                .accept(
                    Int.random(in: 0..<8, using: &random) == 0 ? number / 2 : number,
                    identity: Int.random(in: 0..<60, using: &random),
                    payload: Int.random(in: 0..<4, using: &random)
                )
            case 45..<85:
                .event(
                    Int.random(in: 0...number, using: &random),
                    ordinal: UInt16.random(in: 0..<3, using: &random),
                    [.delivered, .postponed, .postponed, .deadLettered].randomElement(using: &random)
                        ?? .delivered
                )
            case 85..<92: .refuse(number)
            case 92..<96: .crash
            case 96..<98: .crashAndLoseProjection
            default: .restart
            }
        }
    }

    @Test("forgets nothing it accepted, whatever happens and whenever it crashes", arguments: UInt64(0)..<24)
    func remembers(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let model = InMemoryJournal(hub: "H44", clock: SteppingClock())
        var folder = TestFolder()
        let segmentSize = [4096, 16_384, 1 << 20].randomElement(using: &random) ?? 4096
        let threshold = [100, 1000].randomElement(using: &random) ?? 100
        func open() async throws -> SegmentJournal {
            try await Fixture.open(folder) {
                $0.segmentSize = segmentSize
                $0.spoolThreshold = threshold
            }
        }
        var journal = try await open()
        for number in 0..<120 {
            let step = Step.random(number, &random)
            switch step {
            case .accept(let id, let identity, let size):
                let payload = JournalSamples.payload(identity * 4 + size, count: [0, 10, 500, 2000][size])
                let message = JournalSamples.message(
                    id, identity: "số \(identity)", payload: payload,
                    destinations: Array(["push:a", "mailbox:b", "push:a"].prefix(1 + identity % 3))
                )
                try await Self.both(
                    .accepted(message), payload, journal, model, "step \(number) of seed \(seed)")
            case .event(let id, let ordinal, let kind):
                let event = JournalSamples.event(id, ordinal: ordinal, kind, attempt: number, at: number)
                try await Self.both(.delivery(event), nil, journal, model, "step \(number) of seed \(seed)")
            case .refuse(let id):
                let refusal = JournalSamples.refusal(id)
                try await Self.both(.refused(refusal), nil, journal, model, "step \(number) of seed \(seed)")
            case .crash, .crashAndLoseProjection:
                let left = try folder.copy()
                journal.abandon()
                folder = left
                if case .crashAndLoseProjection = step { try folder.removeProjection() }
                journal = try await open()
                #expect(journal.startReport.tornBytes == 0)
            case .restart:
                await journal.close()
                journal = try await open()
                #expect(journal.startReport.replayedBlocks == 0)
            }
        }
        #expect(try await Self.answers(journal) == Self.answers(model), "seed \(seed)")
        await journal.close()
    }

    private static func both(
        _ record: JournalRecord, _ payload: [UInt8]?, _ journal: SegmentJournal, _ model: InMemoryJournal,
        _ place: String
    ) async throws {
        let found = try await journal.append(record, payload: payload)
        let wanted = try await model.append(record, payload: payload)
        switch (found, wanted) {
        case (.committed(_, let left), .committed(_, let right)): #expect(left == right, "\(place)")
        case (.repeated(let first, let same), .repeated(let other, let alike)):
            #expect(first == other && same == alike, "\(place)")
        default: Issue.record("the answers differ: \(place)")
        }
    }

    private static func answers(_ journal: any Journal) async throws -> [String] {
        let totals = try await journal.totals()
        var answers = [
            "\(totals.messages) \(totals.pending) \(totals.delivered) \(totals.deadLettered) \(totals.refusals)",
            "\(totals.records)", "\(try await journal.refusals(before: nil, limit: 500))",
        ]
        for stored in try await journal.messages(before: nil, limit: 500) {
            answers.append("\(stored)")
            answers.append("\(try await journal.attempts(of: stored.message.id))")
            answers.append(SHA(try await journal.payload(of: stored.message.id)))
        }
        for (destination, count) in try await journal.pendingCounts().sorted(by: { $0.key < $1.key }) {
            answers.append("\(destination) \(count)")
            answers.append("\(try await journal.pending(for: destination, after: .start, limit: 500))")
        }
        return answers
    }

    private static func SHA(_ bytes: [UInt8]) -> String { "\(bytes.count) bytes, \(bytes.hashValue)" }
}
