internal import Glibc
internal import HubCore
internal import HubEnvelope
internal import HubModel

/// A folder that is written under another name, and gets its own when everything in it is on disk.
///
/// So a folder with that name is whole, whenever a crash comes. What a crash left is emptied by the next one who writes there;
/// two at a time are refused.
final class PartialFolder {
    static let suffix = ".part"

    let path: String
    private let target: String
    private let disk: DiskCalls
    /// Open for as long as it is ours; the lock ends with the process.
    private let lock: Int32
    /// Folders below it that were made.
    private var folders: Set<String> = []

    /// - Parameter target: Must not exist, or be an empty folder.
    /// - Throws: `backup.unavailable`.
    init(for target: String, disk: DiskCalls) throws(HubError) {
        guard let (parent, name) = Folder.split(target) else {
            throw HubError(
                .configurationInvalid, "This is no name for a folder.", details: [ErrorDetail("path", target)]
            )
        }
        let path = parent + "/" + name + Self.suffix
        self.target = parent + "/" + name
        self.path = path
        self.disk = disk
        self.lock = try BackupFault.converting { () throws(HubError) in
            try Folder.make(parent, with: disk)
            let number = Folder.add(path)
            guard number == 0 || number == EEXIST else { throw DiskFault.error(number, "make folder", path) }
            let descriptor = disk.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            guard descriptor >= 0 else { throw DiskFault.untouched(-descriptor, "open", path) }
            return descriptor
        }
        guard flock(self.lock, LOCK_EX | LOCK_NB) == 0 else {
            throw HubError(
                .backupUnavailable, "Another process is writing here. Wait for it, or choose another name.",
                details: [ErrorDetail("path", path)]
            )
        }
        try BackupFault.converting { () throws(HubError) in try Folder.removeContents(of: path) }
    }

    deinit {
        close(self.lock)
    }

    /// Writes a file; what `body` gives to the function it is lent comes one behind the other.
    ///
    /// - Parameter name: Plain, below the folder.
    /// - Returns: Its length and digest. The bytes are on disk.
    /// - Throws: `backup.unavailable`, and what `body` throws.
    func write(
        _ name: String, _ body: (_ add: ([UInt8]) throws(HubError) -> Void) throws(HubError) -> Void
    ) throws(HubError) -> BackupManifest.File {
        let file = try BackupFault.converting { () throws(HubError) in
            try self.makeFolder(of: name)
            return try OpenFile(self.path + "/" + name, .create, with: self.disk)
        }
        var count = 0
        var hasher = SHA256Hasher()
        try body { bytes throws(HubError) in
            guard !bytes.isEmpty else { return }
            try BackupFault.converting { () throws(HubError) in
                let fault = bytes.withUnsafeBytes { self.disk.write(file.descriptor, $0, count) }
                guard fault == 0 else { throw DiskFault.error(fault, "write", file.path) }
            }
            hasher.update(bytes)
            count += bytes.count
        }
        try BackupFault.converting { () throws(HubError) in try file.sync(with: self.disk) }
        return BackupManifest.File(name: name, count: count, digest: hasher.finish())
    }

    /// Makes an empty folder below.
    /// - Throws: `backup.unavailable`.
    func makeFolder(_ name: String) throws(HubError) {
        try BackupFault.converting { () throws(HubError) in try self.makeFolder(of: name + "/") }
    }

    /// Syncs the names and gives the folder its own.
    ///
    /// - Throws: `backup.unavailable`; also when something has that name by now.
    func finish() throws(HubError) {
        try BackupFault.converting { () throws(HubError) in
            for folder in self.folders.sorted().reversed() {
                try Folder.sync(self.path + "/" + folder, with: self.disk)
            }
            try Folder.sync(self.path, with: self.disk)
            // Takes the place of nothing, or of an empty folder; the system refuses anything else.
            guard try Folder.kind(self.target).map({ $0 == S_IFDIR }) ?? true else {
                throw DiskFault.error(EEXIST, "rename", self.path)
            }
            try Folder.rename(self.path, to: self.target)
            guard let (parent, _) = Folder.split(self.target) else { return }
            try Folder.sync(parent, with: self.disk)
        }
    }

    /// Removes what was written.
    func discard() {
        try? Folder.removeTree(self.path)
    }

    private func makeFolder(of name: String) throws(HubError) {
        var folder = ""
        for part in name.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
            folder += (folder.isEmpty ? "" : "/") + part
            guard !self.folders.contains(folder) else { continue }
            let number = Folder.add(self.path + "/" + folder)
            guard number == 0 || number == EEXIST else {
                throw DiskFault.error(number, "make folder", self.path + "/" + folder)
            }
            self.folders.insert(folder)
        }
    }
}
