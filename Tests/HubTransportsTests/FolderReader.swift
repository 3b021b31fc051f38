import Foundation
import HubJSON
import HubTesting

/// Reads an inbox as a system does that takes files: by the notes, and never what is still being written.
enum FolderReader {
    struct Unreadable: Error {
        let file: String
    }

    static func arrivals(in folder: String) throws -> [DestinationConformance.Arrival] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            .filter { $0.hasSuffix(".json") && !$0.hasSuffix(".payload.json") }
            .map { try Self.arrival(in: folder, note: $0) }
    }

    /// - Throws: `Unreadable` for a note that is not whole or names a payload that is not there.
    private static func arrival(in folder: String, note name: String) throws -> DestinationConformance.Arrival {
        let note = try JSONDocument.parse(Self.bytes(folder + "/" + name)).value
        func text(_ key: String) throws -> String {
            guard let text = note[key]?.string else { throw Unreadable(file: name) }
            return text
        }
        return DestinationConformance.Arrival(
            message: try text("message"), delivery: try text("delivery"), type: try text("type"),
            contentType: try text("contentType"), signature: try text("signature"), recipient: try text("to"),
            payload: try Self.bytes(folder + "/" + text("file"))
        )
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw Unreadable(file: path) }
        return Array(data)
    }
}
