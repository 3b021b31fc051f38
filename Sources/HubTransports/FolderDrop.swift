internal import Foundation
public import HubCore
internal import HubJSON
public import HubModel

/// Puts messages into a folder, for systems that take files: `by: { transport: folder, endpoint: NAME, path: /inbox }`.
///
/// The address of the endpoint is a folder. Of each delivery there are two files, named by the id of the delivery: the
/// payload, and `….json` with what is known about it, written last. Both are written under another name, synced, and
/// renamed, so that a reader never sees half of one; a repeat writes the same names again.
public struct FolderTransport: Transport {
    public let name = "folder"

    public init() {}

    public func destination(for system: SystemID, roads: [TransportRoad]) throws(HubError) -> any Destination {
        for road in roads {
            guard road.address.hasPrefix("/"), !road.path.split(separator: "/").contains("..") else {
                throw HubError(
                    .configurationInvalid, "The address of a folder is an absolute path, and the path of the adapter stays inside.",
                    details: [ErrorDetail("system", system), ErrorDetail("address", road.address)]
                )
            }
        }
        return FolderDrop(
            id: .push(system),
            folders: Dictionary(roads.map { ($0.type, $0.address + $0.path) }, uniquingKeysWith: { first, _ in first })
        )
    }
}

/// Writes deliveries of one system into its folders.
struct FolderDrop: Destination {
    let id: DestinationID
    let folders: [MessageType: String]

    func deliver(_ parcel: Parcel) async -> DeliveryOutcome {
        guard let folder = self.folders[parcel.delivery.plan.type] else {
            return .refused(.routeMissing, answer: "the adapter names no folder for \(parcel.delivery.plan.type)")
        }
        // Not by the message: a system may get one twice, for two of its agencies or in two forms.
        let name = parcel.delivery.id.description
        let file = name + Self.ending(of: parcel.contentType)
        do throws(Failure) {
            try Self.make(folder)
            try Self.write(parcel.payload, to: "\(folder)/\(file)")
            try Self.write(.whole(Self.note(parcel, file: file)), to: "\(folder)/\(name).json")
            try Self.sync(folder)
        } catch {
            return .tryLater(.deliveryUnavailable, answer: "the folder cannot be written: \(error.text)", after: nil)
        }
        return .delivered(answer: file)
    }

    private struct Failure: Error {
        let text: String
    }

    /// What stands beside the payload.
    private static func note(_ parcel: Parcel, file: String) -> [UInt8] {
        let delivery = parcel.delivery
        return JSONValue.object([
            "message": .string(delivery.id.message.description), "delivery": .string(delivery.id.description),
            "file": .string(file), "type": .string(delivery.plan.type.description), "from": .string(delivery.agency),
            "to": .string(delivery.plan.recipient), "sender": .string(delivery.sender.description),
            "contentType": .string(parcel.contentType), "correlation": .string(delivery.correlation),
            "signature": .string(parcel.signature), "accepted_at": .string(delivery.acceptedAt.description),
        ]).serialised(pretty: true)
    }

    private static func ending(of contentType: String) -> String {
        switch contentType.prefix(while: { $0 != ";" }) {
        case "application/xml": ".xml"
        // The note is NAME.json.
        case "application/json": ".payload.json"
        case "application/pkcs7-mime": ".p7m"
        default: ".bin"
        }
    }

    private static func make(_ folder: String) throws(Failure) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw Failure(text: (error as NSError).localizedDescription)
        }
    }

    private static func write(_ payload: Payload, to path: String) throws(Failure) {
        let draft = path + ".part"
        var fault: String?
        do {
            try Data().write(to: URL(filePath: draft))
            let file = try FileHandle(forWritingTo: URL(filePath: draft))
            defer { try? file.close() }
            try payload.forEachPiece { piece throws(HubError) in
                do {
                    try file.write(contentsOf: piece)
                } catch {
                    fault = (error as NSError).localizedDescription
                    throw HubError(.deliveryUnavailable, "The folder cannot be written.", cause: error)
                }
            }
        } catch let error as HubError {
            throw Failure(text: fault ?? "\(error.summary)")
        } catch {
            throw Failure(text: (error as NSError).localizedDescription)
        }
        try Self.sync(draft)
        guard rename(draft, path) == 0 else { throw Failure(text: String(cString: strerror(errno))) }
    }

    private static func sync(_ path: String) throws(Failure) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure(text: String(cString: strerror(errno))) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw Failure(text: String(cString: strerror(errno))) }
    }
}
