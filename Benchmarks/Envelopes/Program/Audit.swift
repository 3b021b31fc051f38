import HubCore
import HubEnvelope
import HubModel
import HubStore
import Synchronization

/// Reading a whole journal again: checksums, chain, roots, signatures, records, payloads.
struct Audit {
    private static let limit = 100_000.0
    /// Callers that wait for the disk at any time, so that every block is full.
    private static let callers = 512
    private static let repeats = 5

    static func measure(_ options: Options, into report: inout Report) async throws {
        for together in [64, 16] {
            let folder = "\(options.folder)/journal-\(together)"
            let key = try SigningKey.generate(.p256)
            let signatures = try await Self.write(options, folder, together, key)
            var seconds: [Double] = []
            var processor: [Double] = []
            var last: JournalAudit?
            for _ in 0..<Self.repeats {
                let start = ContinuousClock.now
                processor.append(
                    try nanoseconds { last = try SegmentReader.verify(folder: folder, keys: [key.publicKey]) }
                )
                seconds.append(start.duration(to: .now) / .seconds(1))
            }
            guard let found = last, found.faults.isEmpty, found.records >= options.records,
                found.blocks == signatures
            else {
                throw Samples.Fault(
                    reason: "the journal is not as it was written: \(last?.faults.prefix(3) ?? [])")
            }
            let name = "blocks of \(together)"
            report.add(.audit, "\(name): records", Double(found.records), "")
            report.add(.audit, "\(name): in a block", Double(found.records) / Double(found.blocks), "records")
            report.add(.audit, "\(name): signatures a commit", Double(signatures) / Double(found.blocks), "")
            report.add(
                .audit, "\(name): processor, all cores together",
                median(processor) / Double(found.records) / 1000, "us a record")
            report.add(
                .audit, "\(name): read and checked", Double(found.records) / median(seconds),
                "records a second",
                .atLeast(Self.limit))
        }
    }

    /// Fills a journal through the journal itself.
    ///
    /// - Returns: how often it signed.
    private static func write(
        _ options: Options, _ folder: String, _ together: Int, _ key: SigningKey
    ) async throws -> Int {
        let count = SignatureCount()
        let fingerprint = key.publicKey.fingerprint
        var configuration = JournalConfiguration(folder: folder, hub: "H44", clock: RisingClock()) {
            BlockSigner(key: fingerprint) { bytes throws(HubError) in
                count.add()
                return try key.sign(bytes)
            }
        }
        configuration.maxBatch = together
        let journal = try await SegmentJournal.open(configuration)
        let payload = (0..<options.payload).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
        let digest = SHA256.hash(payload)
        let messages = (options.records + 1) / 2
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<Self.callers {
                group.addTask {
                    for number in stride(from: caller, to: messages, by: Self.callers) {
                        let message = JournalSample.message(number, payload.count, digest, salt: 0)
                        _ = try await journal.append(.accepted(message), payload: payload)
                        _ = try await journal.append(JournalSample.delivery(of: message), payload: nil)
                    }
                }
            }
            try await group.waitForAll()
        }
        await journal.close()
        return count.value
    }
}

/// How often a journal signed.
private final class SignatureCount: Sendable {
    private let count = Mutex(0)

    var value: Int { self.count.withLock { $0 } }

    func add() { self.count.withLock { $0 += 1 } }
}

/// A clock that goes on a millisecond whenever it is read.
private final class RisingClock: HubClock {
    private let reads = Mutex<Int64>(0)
    private let start = ContinuousClock.now

    var now: Timestamp {
        let reads = self.reads.withLock { reads in
            reads += 1
            return reads
        }
        return Timestamp(nanoseconds: 1_767_225_600_000_000_000 + reads * 1_000_000)
    }

    var uptime: Duration { self.start.duration(to: .now) }

    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}
