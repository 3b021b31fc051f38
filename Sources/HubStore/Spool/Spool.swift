internal import HubCore
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
    /// - Throws: `journal.unavailable`; `journal.overloaded` when the system has no descriptor left, and nothing was
    ///   written.
    func store(_ payload: [UInt8], _ digest: Digest) throws(HubError) {
        let path = self.path(digest)
        if try self.has(digest, count: payload.count) { return }
        // Whatever needs a descriptor comes before the first write: behind it there is no way back.
        let folder = try self.openSubfolder(digest)
        let partial = path + ".part"
        try Folder.remove(partial)
        let file = try OpenFile(partial, .create, with: self.disk)
        do throws(HubError) {
            try self.write(payload, to: file)
            try Folder.rename(partial, to: path)
            try folder.sync(with: self.disk)
        } catch {
            // Nor may a name stand that is perhaps not on the disk: it would be believed the next time.
            for name in [partial, path] { try? Folder.remove(name) }
            throw error
        }
    }

    /// Gives a payload that was received into this spool its name, and makes sure that it is on disk.
    /// - Throws: As `store`.
    func adopt(_ payload: SpooledFile) throws(HubError) {
        guard payload.isDraft, try !self.has(payload.digest, count: payload.count) else { return }
        let folder = try self.openSubfolder(payload.digest)
        try payload.file.sync(with: self.disk)
        try Folder.rename(payload.file.path, to: self.path(payload.digest))
        payload.settle()
        try folder.sync(with: self.disk)
    }

    /// A place for a payload that is not known yet.
    /// - Throws: `journal.overloaded`, `journal.unavailable`.
    func reception(
        _ number: UInt64, count: Int, room: SpoolRoom, thread: WorkerThread
    ) throws(HubError) -> SpoolReception {
        // In the folder of no payload in particular, so that whoever looks for what was left behind finds it.
        let folder = self.folder + "/00"
        if try !Folder.exists(folder) { _ = try self.openSubfolder(.zero) }
        return try SpoolReception(
            at: "\(folder)/incoming-\(number).part", count: count, room: room, thread: thread, disk: self.disk)
    }

    private func has(_ digest: Digest, count: Int) throws(HubError) -> Bool {
        let path = self.path(digest)
        guard try Folder.exists(path) else { return false }
        return try OpenFile(path, .read, with: self.disk).size() == count
    }

    /// - Throws: `journal.damaged` if it is not there or not what its name says.
    func payload(_ digest: Digest) throws(HubError) -> [UInt8] {
        let file = try self.open(digest)
        let bytes = try file.read(try file.size(), at: 0)
        guard SHA256.hash(bytes) == digest else { throw Self.changed(file.path) }
        return bytes
    }

    /// The same for one that is not to be held, read once to see that it is what its name says.
    /// - Throws: As `payload`.
    func largePayload(_ digest: Digest) throws(HubError) -> SpooledFile {
        let file = try self.open(digest)
        let payload = SpooledFile(file, count: try file.size(), digest: digest, isDraft: false)
        var hasher = SHA256Hasher()
        try payload.forEachPiece(of: 0..<payload.count) { piece throws(HubError) in hasher.update(piece) }
        guard hasher.finish() == digest else { throw Self.changed(file.path) }
        return payload
    }

    private func open(_ digest: Digest) throws(HubError) -> OpenFile {
        let path = self.path(digest)
        guard try Folder.exists(path) else {
            throw HubError(
                .journalDamaged, "A spooled payload is missing. Restore it from a backup.",
                details: [ErrorDetail("path", path)]
            )
        }
        return try OpenFile(path, .read)
    }

    private static func changed(_ path: String) -> HubError {
        HubError(
            .journalDamaged, "A spooled payload is not the one that was accepted. Restore it from a backup.",
            details: [ErrorDetail("path", path)]
        )
    }

    /// Payloads of which the database knows no message: what a crash left behind, and those of messages that turned out to
    /// be repeats; and any, if the database is damaged.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func orphans(in listing: SpoolListing, _ projection: Projection) throws(HubError) -> Set<Digest> {
        Set(listing.payloads).subtracting(try projection.spooled(among: listing.payloads))
    }

    /// Brings to the disk the names that a killed process may have left in memory.
    /// - Throws: `journal.unavailable`.
    func syncFolders() throws(HubError) {
        try Folder.sync(self.folder, with: self.disk)
        for subfolder in try self.subfolders() { try Folder.sync(subfolder, with: self.disk) }
    }

    func path(_ digest: Digest) -> String { self.subfolder(digest) + "/" + digest.description }

    /// The file of a payload, as an archive names it: `spool/ab/abcdef…`.
    static func name(_ digest: Digest) -> String { "spool/\(Self.subfolderName(digest))/\(digest)" }

    private func subfolder(_ digest: Digest) -> String { self.folder + "/" + Self.subfolderName(digest) }

    private static func subfolderName(_ digest: Digest) -> String { Hex.text(digest.bytes.prefix(1)) }

    private func subfolders() throws(HubError) -> [String] {
        var subfolders: [String] = []
        for name in try Folder.names(in: self.folder) where name.utf8.count == 2 {
            let path = self.folder + "/" + name
            if try Folder.isFolder(path) { subfolders.append(path) }
        }
        return subfolders
    }

    /// The folder of a payload, made if it is missing, its name on disk.
    private func openSubfolder(_ digest: Digest) throws(HubError) -> OpenFile {
        let path = self.subfolder(digest)
        if try !Folder.exists(path) {
            // Opened first: a folder whose name could not be synced would pass for a synced one the next time.
            let spool = try OpenFile(self.folder, .read, with: self.disk)
            let number = Folder.add(path)
            guard number == 0 else { throw DiskFault.untouched(number, "make folder", path) }
            try spool.sync(with: self.disk)
        }
        return try OpenFile(path, .read, with: self.disk)
    }

    private func write(_ payload: [UInt8], to file: OpenFile) throws(HubError) {
        var position = 0
        while position < payload.count {
            let end = min(position + Self.writeLength, payload.count)
            let fault = payload.withUnsafeBytes {
                self.disk.write(
                    file.descriptor, UnsafeRawBufferPointer(rebasing: $0[position..<end]), position)
            }
            guard fault == 0 else { throw DiskFault.error(fault, "write", file.path) }
            position = end
        }
        try file.sync(with: self.disk)
    }
}
