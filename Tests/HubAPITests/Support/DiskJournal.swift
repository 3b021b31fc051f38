import Foundation
import HubCore
import HubEnvelope
import HubModel
import HubStore
import HubTesting

/// A journal in a folder of its own, and what lies in the folder in which large payloads are kept.
struct DiskJournal: Sendable {
    let journal: any Journal
    private let folder: URL

    /// Lends a journal, and removes it with everything in it.
    static func run(_ body: (DiskJournal) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "hub-api-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let key = try Province.shared.get().hubKey
        let clock = ManualClock(start: Timestamp(seconds: 1_760_000_000))
        let journal = try await SegmentJournal.open(
            JournalConfiguration(folder: folder.path, hub: "H44", clock: clock) {
                BlockSigner(key: key.publicKey.fingerprint) { bytes throws(HubError) in try key.sign(bytes) }
            }
        )
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(DiskJournal(journal: journal, folder: folder)))
        } catch {
            result = .failure(error)
        }
        await journal.close()
        try result.get()
    }

    /// The paths of all files in the spool.
    private func spooled() throws -> [String] {
        let spool = self.folder.path + "/spool"
        guard FileManager.default.fileExists(atPath: spool) else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: spool).map { "\(spool)/\($0)" }.filter {
            path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
        }
    }

    /// The digests of what the spool holds once it has so many files: the thread that wrote may be the last to let go of one.
    func spool(of count: Int) async throws -> [Digest] {
        try await within(.seconds(30)) {
            while true {
                let paths = try self.spooled()
                if paths.count == count {
                    return try paths.map { SHA256.hash(Array(try Data(contentsOf: URL(filePath: $0)))) }
                }
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }
}
