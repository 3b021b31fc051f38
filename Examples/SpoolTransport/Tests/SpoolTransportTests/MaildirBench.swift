import Foundation
import HubCore
import HubModel
import HubTesting
import HubTransports
import SpoolTransport

/// Two Maildirs of one system in a folder that goes with the test.
final class MaildirBench: Sendable {
    struct BadName: Error {}

    let folder: String
    let destination: any Destination

    init() throws {
        self.folder = FileManager.default.temporaryDirectory.appending(path: "spool-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        self.destination = try Self.destination([
            TransportRoad(type: .edocDocument, address: self.folder + "/hub", path: "/văn bản"),
            TransportRoad(type: .dossierSync, address: self.folder + "/hub", path: "/ho-so"),
        ])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.folder)
    }

    static func destination(_ roads: [TransportRoad]) throws -> any Destination {
        guard let system = SystemID("qlvb-mau-2") else { throw BadName() }
        return try MaildirTransport().destination(for: system, roads: roads)
    }

    /// Where documents go.
    var maildir: String { self.folder + "/hub/văn bản" }

    var subject: DestinationConformance.Subject {
        let (folder, maildirs) = (self.folder, [self.maildir, self.folder + "/hub/ho-so"])
        return DestinationConformance.Subject(
            destination: self.destination, types: [.edocDocument, .dossierSync],
            receiver: DestinationConformance.Receiver(
                leave: { try Self.leave(folder) }, comeBack: { try Self.comeBack(folder) },
                arrivals: { try maildirs.flatMap(MaildirReader.arrivals) }
            )
        )
    }

    /// Puts a file where the folder was; rights would not keep out a test that runs as root.
    static func leave(_ folder: String) throws {
        if FileManager.default.fileExists(atPath: folder + "/hub") {
            try FileManager.default.moveItem(atPath: folder + "/hub", toPath: folder + "/away")
        }
        try Data().write(to: URL(filePath: folder + "/hub"))
    }

    static func comeBack(_ folder: String) throws {
        try FileManager.default.removeItem(atPath: folder + "/hub")
        guard FileManager.default.fileExists(atPath: folder + "/away") else { return }
        try FileManager.default.moveItem(atPath: folder + "/away", toPath: folder + "/hub")
    }
}
