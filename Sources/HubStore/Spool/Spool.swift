internal import HubEnvelope
internal import HubModel

/// Large payloads, each in a file named by its digest, stored once however many messages carry it.
///
/// A file with its final name is complete and synced. Writing happens on one thread, so the same payload is never
/// written twice at a time.
struct Spool: Sendable {
    let folder: String
    let disk: DiskCalls
    /// One write is at most this long.
    private static let writeLength = 1 << 20

    /// Makes sure that the payload is on disk.
    /// - Throws: `journal.unavailable`.
    func store(_ payload: [UInt8], _ digest: Digest) throws(HubError) {
        let path = self.path(digest)
        if Folder.exists(path), try OpenFile(path, .read).size() == payload.count { return }
        let folder = self.subfolder(digest)
        if !Folder.exists(folder) {
            try Folder.make(folder)
            try Folder.sync(self.folder, with: self.disk)
        }
        let partial = path + ".part"
        try Folder.remove(partial)
        do throws(HubError) {
            try self.write(payload, to: partial)
            try Folder.rename(partial, to: path)
            try Folder.sync(folder, with: self.disk)
        } catch {
            try? Folder.remove(partial)
            throw error
        }
    }

    /// - Throws: `journal.damaged` if it is not there or not what its name says.
    func payload(_ digest: Digest) throws(HubError) -> [UInt8] {
        let path = self.path(digest)
        guard Folder.exists(path) else {
            throw HubError(
                .journalDamaged, "A spooled payload is missing. Restore it from a backup.",
                details: [ErrorDetail("path", path)]
            )
        }
        let file = try OpenFile(path, .read)
        let bytes = try file.read(try file.size(), at: 0)
        guard SHA256.hash(bytes) == digest else {
            throw HubError(
                .journalDamaged,
                "A spooled payload is not the one that was accepted. Restore it from a backup.",
                details: [ErrorDetail("path", path)]
            )
        }
        return bytes
    }

    /// Removes the files that no accepted message refers to: what a crash left behind, and payloads of messages
    /// that turned out to be repeats.
    ///
    /// - Parameter referenced: Those among the given digests that are still needed.
    /// - Returns: How many were removed.
    /// - Throws: `journal.unavailable`.
    func removeOrphans(referenced: ([Digest]) throws(HubError) -> Set<Digest>) throws(HubError) -> Int {
        var removed = 0
        for name in try Folder.names(in: self.folder) where name.utf8.count == 2 {
            let subfolder = self.folder + "/" + name
            guard Folder.isFolder(subfolder) else { continue }
            var digests: [Digest] = []
            for file in try Folder.names(in: subfolder) {
                if file.hasSuffix(".part") {
                    try Folder.remove(subfolder + "/" + file)
                    removed += 1
                } else if let digest = Digest(hex: file), self.path(digest) == subfolder + "/" + file {
                    digests.append(digest)
                }
            }
            let needed = try referenced(digests)
            for digest in digests where !needed.contains(digest) {
                try Folder.remove(self.path(digest))
                removed += 1
            }
        }
        return removed
    }

    func path(_ digest: Digest) -> String { self.subfolder(digest) + "/" + digest.description }

    private func subfolder(_ digest: Digest) -> String {
        self.folder + "/" + Hex.text(digest.bytes.prefix(1))
    }

    private func write(_ payload: [UInt8], to path: String) throws(HubError) {
        let file = try OpenFile(path, .create)
        var position = 0
        while position < payload.count {
            let end = min(position + Self.writeLength, payload.count)
            let fault = payload.withUnsafeBytes {
                self.disk.write(
                    file.descriptor, UnsafeRawBufferPointer(rebasing: $0[position..<end]), position)
            }
            guard fault == 0 else { throw DiskFault.error(fault, "write", path) }
            position = end
        }
        let fault = self.disk.sync(file.descriptor)
        guard fault == 0 else { throw DiskFault.error(fault, "sync", path) }
    }
}
