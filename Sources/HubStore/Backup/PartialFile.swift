internal import Glibc
internal import HubCore
internal import HubModel

/// A file that is written under another name, and gets its own when all of it is on disk; as `PartialFolder`.
final class PartialFile {
    /// Open for as long as it is ours; the lock ends with the process.
    let file: OpenFile
    private let target: String
    private let disk: DiskCalls

    /// - Parameter target: Must not exist.
    /// - Throws: `backup.unavailable`.
    init(for target: String, disk: DiskCalls) throws(HubError) {
        guard let (parent, name) = Folder.split(target) else {
            throw HubError(
                .configurationInvalid, "This is no name for a file.", details: [ErrorDetail("path", target)]
            )
        }
        let path = parent + "/" + name + PartialFolder.suffix
        self.target = parent + "/" + name
        self.disk = disk
        self.file = try BackupFault.converting { () throws(HubError) in
            try Folder.make(parent, with: disk)
            let descriptor = disk.open(path, O_RDWR | O_CREAT | O_NOFOLLOW)
            guard descriptor >= 0 else { throw DiskFault.untouched(-descriptor, "open", path) }
            return OpenFile(adopting: descriptor, path: path)
        }
        guard flock(self.file.descriptor, LOCK_EX | LOCK_NB) == 0, self.isStillHere else {
            throw HubError(
                .backupUnavailable, "Another process is writing here. Wait for it, or choose another name.",
                details: [ErrorDetail("path", path)]
            )
        }
        try BackupFault.converting { () throws(HubError) in try self.file.resize(0) }
    }

    /// Whether the name still means the file: it may have got its own name between the opening and the lock, and is whole.
    private var isStillHere: Bool {
        var (opened, named) = (stat(), stat())
        return fstat(self.file.descriptor, &opened) == 0 && lstat(self.file.path, &named) == 0
            && opened.st_mode & S_IFMT == S_IFREG && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
    }

    /// Gives the file, whose bytes are on disk, its own name.
    ///
    /// - Throws: `backup.unavailable`; also when something has that name by now.
    func finish() throws(HubError) {
        try BackupFault.converting { () throws(HubError) in
            try Folder.name(self.file.path, self.target)
            guard let (parent, _) = Folder.split(self.target) else { return }
            try Folder.sync(parent, with: self.disk)
        }
    }

    /// Removes what was written.
    func discard() {
        try? Folder.remove(self.file.path)
    }
}
