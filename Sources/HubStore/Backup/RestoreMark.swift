internal import HubCore
public import HubModel

/// Says of a journal that it was made of a backup, until the hub has written so to the chain: the file `restored`.
struct RestoreMark: Sendable, Hashable {
    static let name = "restored"
    private static let longest = 4096

    /// The last block of the backup; what comes behind it may have been something else before.
    let block: Int64
    let digest: Digest
    /// When the backup was made.
    let made: Timestamp
    /// The last block that a receipt named at the restore, when the backup does not reach so far.
    let seenBlock: Int64?

    /// A line; also the subject of the operation.
    var subject: String {
        var text = "last-block=\(self.block) digest=\(self.digest) made=\(self.made)"
        if let seen = self.seenBlock { text += " seen-block=\(seen)" }
        return text
    }

    /// What the mark of a journal says; `nil` when there is none.
    /// - Throws: `journal.unavailable`.
    static func subject(in folder: String) throws(HubError) -> String? {
        let path = folder + "/" + Self.name
        guard try Folder.exists(path) else { return nil }
        let text = String(decoding: try OpenFile(path, .read).read(Self.longest, at: 0), as: UTF8.self)
        return text.split(separator: "\n").first.map(String.init) ?? ""
    }

    static func remove(in folder: String, with disk: DiskCalls) throws(HubError) {
        try Folder.remove(folder + "/" + Self.name)
        try Folder.sync(folder, with: disk)
    }
}

extension SegmentJournal {
    /// Writes to the chain that the journal was made of a backup, before anything else is written to it.
    ///
    /// Blocks behind the last one of the backup may have been others once, and receipts of those may be out there. The
    /// operation `journal.restore` is where the two part: whoever compares a receipt with the chain finds it, signed, in the
    /// first block that the journal wrote after the restore. Written once; a crash in between may write it twice.
    ///
    /// - Returns: What was written; `nil` when the journal was not made of a backup, or has said so.
    /// - Throws: As `append`.
    public func announceRestore(at time: Timestamp) async throws(HubError) -> String? {
        let (folder, disk) = (self.folder, self.disk)
        guard
            let subject = try await self.threads.spool.run({ () throws(HubError) in
                try RestoreMark.subject(in: folder)
            })
        else { return nil }
        let operation = Operation(
            at: time, actor: "hub", action: "journal.restore", subject: subject,
            reason: "blocks behind this one may have been others before"
        )
        _ = try await self.append(.operation(operation), payload: nil)
        try await self.threads.spool.run { () throws(HubError) in
            try RestoreMark.remove(in: folder, with: disk)
        }
        return subject
    }
}
