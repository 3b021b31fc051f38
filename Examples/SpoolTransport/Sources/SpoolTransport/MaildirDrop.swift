internal import Dispatch
internal import Foundation
internal import HubCore
internal import HubModel

/// Writes the deliveries of one system into its Maildirs.
///
/// A file is named by its delivery, so a repeat replaces the mail that is still unread. What the reader has moved to
/// `cur/` meanwhile comes once more, under the `Message-ID` by which the reader recognises it.
struct MaildirDrop: Destination {
    let id: DestinationID
    private let system: SystemID
    private let maildirs: [MessageType: String]
    private let domain: String
    /// Disks block, and the threads that everything else runs on must not.
    private let queue: DispatchQueue

    init(system: SystemID, maildirs: [MessageType: String], domain: String) {
        self.id = .push(system)
        self.system = system
        self.maildirs = maildirs
        self.domain = domain
        self.queue = DispatchQueue(label: "maildrop.\(system)")
    }

    func deliver(_ parcel: Parcel) async -> DeliveryOutcome {
        let delivery = parcel.delivery
        guard let maildir = self.maildirs[delivery.plan.type] else {
            return .refused(.routeMissing, answer: "the adapter names no Maildir for \(delivery.plan.type)")
        }
        if Task.isCancelled { return .tryLater(.deliveryUnavailable, answer: "called off", after: nil) }
        let name = "\(delivery.acceptedAt.nanoseconds / 1_000_000_000).\(delivery.id).\(self.domain)"
        let mail: [UInt8]
        do throws(HubError) {
            mail = try MailMessage(parcel, to: self.system, domain: self.domain).bytes
        } catch {
            return .refused(error.code, answer: "\(error.summary)")
        }
        return await withCheckedContinuation { continuation in
            self.queue.async {
                do {
                    try Self.write(mail, as: name, into: maildir)
                    continuation.resume(returning: .delivered(answer: name))
                } catch {
                    // The words of the system, which may name a long path: the journal keeps 200 characters.
                    let reason = "the Maildir cannot be written: \(error.localizedDescription.prefix(150))"
                    continuation.resume(returning: .tryLater(.deliveryUnavailable, answer: reason, after: nil))
                }
            }
        }
    }

    /// Writes to `tmp/`, syncs and renames, so that a reader of `new/` never sees half a mail, and a crash after the
    /// answer loses none.
    private static func write(_ mail: [UInt8], as name: String, into maildir: String) throws {
        for folder in ["tmp", "new", "cur"] {
            try FileManager.default.createDirectory(
                atPath: "\(maildir)/\(folder)", withIntermediateDirectories: true
            )
        }
        let draft = "\(maildir)/tmp/\(name)"
        // Overwrites what a crash has left under this name.
        try Data(mail).write(to: URL(filePath: draft))
        try Self.sync(draft)
        guard rename(draft, "\(maildir)/new/\(name)") == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        try Self.sync("\(maildir)/new")
    }

    private static func sync(_ path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }
}
