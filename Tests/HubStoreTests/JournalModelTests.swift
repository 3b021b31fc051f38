import FoundationEssentials
import HubCore
import HubEnvelope
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
        try await Self.compare(seed: seed, origin: nil)
    }

    @Test("does so near the last number that a record can have, and after very many attempts", arguments: UInt64(0)..<12)
    func end(seed: UInt64) async throws {
        try await Self.compare(seed: seed, origin: DeliveryPosition.lastSequence - 121)
    }

    /// - Parameter origin: The number of the record that the journal begins with; `nil` for an empty journal.
    private static func compare(seed: UInt64, origin: Int64?) async throws {
        var random = SeededGenerator(seed: seed)
        let model = InMemoryJournal(hub: "H44", clock: SteppingClock(), origin: origin ?? 0)
        var folder = TestFolder()
        if let origin {
            try Self.makeJournal(in: folder, from: origin)
            _ = try await model.append(.refused(JournalSamples.refusal(0)), payload: nil)
        }
        let attempts = origin == nil ? 0 : Int.max - 119
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
            let place = "step \(number) of seed \(seed)"
            let step = Step.random(number, &random)
            switch step {
            case .accept(let id, let identity, let size):
                let payload = JournalSamples.payload(identity * 4 + size, count: [0, 10, 500, 2000][size])
                let message = JournalSamples.message(
                    id, identity: "số \(identity)", payload: payload,
                    destinations: Array(["push:a", "mailbox:b", "push:a"].prefix(1 + identity % 3))
                )
                try await Self.both(.accepted(message), payload, journal, model, place)
            case .event(let id, let ordinal, let kind):
                let event = JournalSamples.event(id, ordinal: ordinal, kind, attempt: attempts + number, at: number)
                try await Self.both(.delivery(event), nil, journal, model, place)
            case .refuse(let id):
                try await Self.both(.refused(JournalSamples.refusal(id)), nil, journal, model, place)
            case .crash, .crashAndLoseProjection:
                let left = try folder.copy()
                journal.abandon()
                folder = left
                // Where the segments do not begin with the first block, no database can be made of them.
                if case .crashAndLoseProjection = step, origin == nil { try folder.removeProjection() }
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

    /// A journal that has come to record `origin`, a refusal in a block of the same number: the segment that holds it, and
    /// the database beside it. What came before is not there, which a start does not look for.
    private static func makeJournal(in folder: TestFolder, from origin: Int64) throws {
        for name in ["segments", "spool"] {
            try FileManager.default.createDirectory(
                atPath: folder.path + "/" + name, withIntermediateDirectories: true)
        }
        let key = try Fixture.key.get()
        let record = JournalRecord.refused(JournalSamples.refusal(0)).bytes
        let header = BlockHeader(
            hub: "H44", number: origin, previous: .zero, count: 1, firstSequence: origin, time: JournalSamples.time(0),
            root: MerkleTree.root([MerkleTree.leaf(record)])
        ).bytes
        var block: [UInt8] = []
        BlockLayout.encode(
            [BlockLayout.Entry(record: record, payload: nil)], header: header, signature: try key.sign(header),
            key: key.publicKey.fingerprint, into: &block
        )
        try folder.write(SegmentHeader(number: 0, firstBlock: origin).bytes + block, Fixture.segment)
        var scan = try SegmentScan(0, in: SegmentFiles(folder: folder.path + "/segments"))
        guard case .block(let stored) = try scan.next() else { throw HubError(.internalFault, "There is no block.") }
        let projection = try Projection.open(folder.path + "/projection.sqlite")
        var writer = ProjectionWriter(projection)
        let before = Chain(number: origin - 1, nextSequence: origin)
        try writer.apply([try ProjectionWriter.Block(stored, after: before)])
        projection.close()
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
