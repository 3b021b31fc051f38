internal import GRDB
public import HubModel

extension SegmentJournal {
    /// Makes the whole database anew from the segments.
    ///
    /// The journal must not be open. The database that is there stays until the new one is whole and on disk; a crash, or
    /// damage in the segments, leaves a journal that opens as before. What a start repairs is repaired here too: a torn tail
    /// is set aside, and spooled payloads that no message refers to are removed.
    ///
    /// - Parameter progress: Told how far it is now and then, on another thread.
    /// - Throws: `configuration.invalid` when there is no journal in the folder, otherwise as `open`.
    public static func rebuild(
        _ configuration: JournalConfiguration, progress: @escaping @Sendable (StartReport) -> Void = { _ in }
    ) async throws(HubError) -> StartReport {
        try configuration.validate()
        guard try Folder.isFolder(configuration.segmentsFolder) else {
            throw JournalCheck.noJournal(configuration.folder)
        }
        let thread = try WorkerThread.start()
        defer { thread.stop() }
        return try await thread.run { () throws(HubError) in
            let lock = try FolderLock(configuration.lockPath, folder: configuration.folder)
            defer { withExtendedLifetime(lock) {} }
            return try ProjectionRebuild(configuration).run(progress)
        }
    }
}

/// A database made beside another one, and put in its place.
struct ProjectionRebuild {
    private let configuration: JournalConfiguration

    init(_ configuration: JournalConfiguration) {
        self.configuration = configuration
    }

    /// - Throws: `journal.damaged`, `journal.unavailable`.
    func run(_ progress: @escaping @Sendable (StartReport) -> Void) throws(HubError) -> StartReport {
        let path = self.configuration.rebuiltPath
        let applying = try WorkerThread.start()
        defer { applying.stop() }
        try Projection.remove(path)
        do throws(HubError) {
            var start = try JournalStart(
                self.configuration, applying: applying, projectionPath: path, progress: progress)
            defer { start.projection.close() }
            _ = try start.run()
            var report = start.report
            report.isRebuilt = true
            start.projection.close()
            try self.finish(path)
            try self.exchange()
            return report
        } catch {
            try? Projection.remove(path)
            throw error
        }
    }

    /// Brings the log into the database and the database to the disk, so that it is one file.
    private func finish(_ path: String) throws(HubError) {
        try Projection.converting(path) {
            let queue = try DatabaseQueue(path: path, configuration: Projection.configuration())
            defer { try? queue.close() }
            try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        }
        try OpenFile(path, .write, with: self.configuration.disk).sync(with: self.configuration.disk)
    }

    /// Puts the new database in the place of the old one.
    ///
    /// A log belongs to one database: beside another one it would be copied into it. So the old one goes first, its log
    /// next, and then the new one gets the name. A crash in between leaves none, and a start makes one from the segments.
    private func exchange() throws(HubError) {
        let (path, folder, disk) = (
            self.configuration.projectionPath, self.configuration.folder, self.configuration.disk
        )
        for suffix in ["-wal", "-shm"] { try Folder.remove(self.configuration.rebuiltPath + suffix) }
        try Folder.remove(path)
        try Folder.sync(folder, with: disk)
        for suffix in ["-wal", "-shm"] { try Folder.remove(path + suffix) }
        try Folder.sync(folder, with: disk)
        try Folder.rename(self.configuration.rebuiltPath, to: path)
        try Folder.sync(folder, with: disk)
    }
}
