import Foundation
import HubModel

/// The platform's ledger and the bodies it keeps, as files.
///
/// Lines are written before an answer leaves and not synced: they must outlive the process, not the machine.
final class NationalLedger {
    private let folder: String
    private let file: FileHandle

    var path: String { self.folder + "/ledger.ndjson" }

    /// Opens the ledger of a folder, which is made when it is missing, and reads what is in it.
    ///
    /// A last line without an end is cut off: the process was killed while writing it, and nobody was answered.
    ///
    /// - Throws: `configuration.invalid` when the folder cannot be used or the ledger holds something else.
    static func open(folder: String) throws(HubError) -> (ledger: NationalLedger, events: [NationalEvent]) {
        let path = folder + "/ledger.ndjson"
        do {
            try FileManager.default.createDirectory(
                atPath: folder + "/bodies", withIntermediateDirectories: true)
            if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
            let file = try FileHandle(forUpdating: URL(filePath: path))
            let bytes = [UInt8](try file.readToEnd() ?? Data())
            let length = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            try file.truncate(atOffset: UInt64(length))
            try file.seekToEnd()
            var events: [NationalEvent] = []
            for (index, line) in bytes[..<length].split(separator: 0x0A).enumerated() {
                guard let event = NationalEvent(line: Array(line)) else {
                    throw HubError(
                        .configurationInvalid,
                        "The ledger of the national platform has a line that cannot be read.",
                        details: [ErrorDetail("file", path), ErrorDetail("line", index + 1)]
                    )
                }
                events.append(event)
            }
            return (NationalLedger(folder: folder, file: file), events)
        } catch let error as HubError {
            throw error
        } catch {
            throw HubError(
                .configurationInvalid, "The folder of the national platform cannot be used.",
                details: [ErrorDetail("folder", folder)], cause: error
            )
        }
    }

    private init(folder: String, file: FileHandle) {
        self.folder = folder
        self.file = file
    }

    deinit {
        try? self.file.close()
    }

    /// Writes lines in one piece.
    ///
    /// - Throws: `internal.fault` when the disk refuses; nothing may be answered then.
    func append(_ events: [NationalEvent]) throws(HubError) {
        do {
            try self.file.write(contentsOf: Data(events.flatMap { $0.line() }))
        } catch {
            throw HubError(
                .internalFault, "The ledger of the national platform cannot be written.", cause: error)
        }
    }

    /// Everything so far.
    func read() -> [UInt8] {
        (try? Data(contentsOf: URL(filePath: self.path))).map { [UInt8]($0) } ?? []
    }
}

/// Bodies as files named by their digests.
///
/// Used by many tasks at once, since a name stands for one content.
struct NationalBodies: Sendable {
    let folder: String

    /// Keeps a body, unless it is there.
    ///
    /// - Throws: `internal.fault` when the disk refuses.
    func keep(_ bytes: [UInt8], digest: Digest) throws(HubError) {
        let path = self.path(of: digest)
        guard !FileManager.default.fileExists(atPath: path) else { return }
        do {
            let url = URL(filePath: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true
            )
            // Atomic: a body that is there is there in full.
            try Data(bytes).write(to: url, options: .atomic)
        } catch {
            throw HubError(.internalFault, "A body cannot be written by the national platform.", cause: error)
        }
    }

    /// - Throws: `message.not_found`.
    func body(_ digest: Digest) throws(HubError) -> [UInt8] {
        guard let data = try? Data(contentsOf: URL(filePath: self.path(of: digest))) else {
            throw HubError(
                .messageNotFound, "The body of a packet is missing.", details: [ErrorDetail("digest", digest)]
            )
        }
        return [UInt8](data)
    }

    private func path(of digest: Digest) -> String {
        let name = digest.description
        return "\(self.folder)/bodies/\(name.prefix(2))/\(name)"
    }
}
