import Glibc
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Synchronization
import Testing

@testable import HubStore

/// Each test kills a process of its own at one step of a removal and looks at what is left.
@Suite("A removal of payloads that is killed")
struct ForgettingCrashTests {
    enum Moment: Int, CaseIterable, Sendable {
        case beforeWrite, halfWritten, written, beforeSync, synced
    }

    /// The decision is one write and one sync; each of three segments is a write a block, a sync of the file and one of the
    /// folder.
    static let moments = Moment.allCases.flatMap { moment in
        (moment == .beforeSync || moment == .synced ? Array(1...7) : [1, 2, 3, 6, 9]).map { (moment, $0) }
    }

    @Test(
        "leaves every payload there or removed by policy, and is finished by the next",
        arguments: Self.moments)
    func killed(_ moment: Moment, step: Int) async throws {
        let months = try await ThreeMonths()
        let (path, kind) = (months.folder.path, moment.rawValue)
        let key = try Fixture.key.get()
        let pem = try key.pem
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, kind = kind as Int, step = step as Int, pem = pem as [UInt8]] in
            try await ForgettingCrashTests.forgetUntilKilled(
                path, Moment(rawValue: kind) ?? .synced, step, pem)
        }
        // As it was left, before anything is opened.
        #expect(try months.audit(receipts: months.receipts).audit.faults == [])
        let journal = try await months.open()
        #expect(try months.folder.names("segments").allSatisfy { !$0.hasSuffix(".part") })
        for number in 0..<18 {
            do {
                #expect(
                    try await journal.payload(of: JournalSamples.id(number)) == ThreeMonths.payload(number))
            } catch {
                #expect(error.code == .messagePayloadForgotten && ThreeMonths.october.contains(number))
                #expect(number != ThreeMonths.waiting)
            }
        }
        await journal.close()
        let (left, differences) = try months.audit(receipts: months.receipts)
        #expect(left.faults == [] && differences == [])
        _ = try await months.forget()
        let (audit, none) = try months.audit(receipts: months.receipts)
        #expect(audit.faults == [] && none == [] && audit.forgotten == 11)
    }

    /// Counts writes, or syncs, from the decision on.
    static func forgetUntilKilled(_ path: String, _ moment: Moment, _ step: Int, _ pem: [UInt8]) async throws
    {
        let key = try SigningKey(pem: pem)
        let steps = Mutex((writes: 0, syncs: 0))
        let real = DiskCalls.system
        var settings = JournalConfiguration(
            folder: path, hub: "H44", clock: SetClock("2025-12-03T00:00:00Z")
        ) { BlockSigner(key: key.publicKey.fingerprint) { bytes throws(HubError) in try key.sign(bytes) } }
        settings.segmentSize = 8192
        settings.spoolThreshold = 4096
        let sync: @Sendable (Int32, @Sendable (Int32) -> Int32) -> Int32 = { file, call in
            let isDue = steps.withLock { steps in
                guard steps.writes > 0 else { return false }
                steps.syncs += 1
                return steps.syncs >= step
            }
            if isDue, moment == .beforeSync { CrashTests.die() }
            let status = call(file)
            if isDue, moment == .synced { CrashTests.die() }
            return status
        }
        settings.disk = DiskCalls(
            open: real.open,
            write: { file, bytes, offset in
                let isDue = steps.withLock { steps in
                    steps.writes += 1
                    return steps.writes >= step
                }
                guard isDue else { return real.write(file, bytes, offset) }
                switch moment {
                case .beforeWrite: CrashTests.die()
                case .halfWritten:
                    _ = real.write(
                        file, UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count / 2)), offset)
                    CrashTests.die()
                case .written:
                    _ = real.write(file, bytes, offset)
                    CrashTests.die()
                case .beforeSync, .synced: return real.write(file, bytes, offset)
                }
                return EIO
            },
            syncData: { sync($0, real.syncData) }, sync: { sync($0, real.sync) }, allocate: real.allocate
        )
        _ = try await SegmentJournal.forget(ThreeMonths.policy, in: settings)
    }
}
