internal import Glibc
internal import HubModel

/// Folders and the names in them.
enum Folder {
    /// Makes a folder and those above it.
    ///
    /// Its name is on disk afterwards, also when the folder exists: a process may have made it that was killed
    /// before it could sync the name.
    ///
    /// - Throws: `journal.unavailable`.
    static func make(_ path: String, with disk: DiskCalls) throws(HubError) {
        switch Self.add(path) {
        case 0: break
        case EEXIST:
            guard try Self.isFolder(path) else { throw DiskFault.error(EEXIST, "make folder", path) }
        case ENOENT:
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
                throw DiskFault.error(ENOENT, "make folder", path)
            }
            try Self.make(String(path[..<slash]), with: disk)
            let number = Self.add(path)
            guard number == 0 || number == EEXIST else { throw DiskFault.error(number, "make folder", path) }
        case let number: throw DiskFault.error(number, "make folder", path)
        }
        try Self.syncName(of: path, with: disk)
    }

    /// Makes a folder in one that exists.
    /// - Returns: 0 or an `errno`.
    static func add(_ path: String) -> Int32 { mkdir(path, 0o700) == 0 ? 0 : errno }

    /// The names in a folder, sorted, without `.` and `..`.
    /// - Throws: `journal.unavailable`.
    static func names(in path: String) throws(HubError) -> [String] {
        guard let stream = opendir(path) else { throw DiskFault.error(errno, "list", path) }
        defer { closedir(stream) }
        var names: [String] = []
        // The end of a folder and a failure look the same but for this.
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw DiskFault.error(errno, "list", path) }
        return names.sorted()
    }

    /// Brings the names in a folder to the disk.
    /// - Throws: `journal.unavailable`.
    static func sync(_ path: String, with disk: DiskCalls) throws(HubError) {
        try OpenFile(path, .read, with: disk).sync(with: disk)
    }

    /// Whether something has this name.
    ///
    /// `false` only if it is known to be missing: a disk that does not answer says nothing about what it holds.
    ///
    /// - Throws: `journal.unavailable`; `journal.overloaded` when the system has no memory left.
    static func exists(_ path: String) throws(HubError) -> Bool {
        guard access(path, F_OK) != 0 else { return true }
        let number = errno
        guard number == ENOENT || number == ENOTDIR else {
            throw DiskFault.untouched(number, "look for", path)
        }
        return false
    }

    /// - Throws: As `exists`.
    static func isFolder(_ path: String) throws(HubError) -> Bool {
        guard try Self.exists(path) else { return false }
        return try Self.status(path).st_mode & S_IFMT == S_IFDIR
    }

    /// A file that is not there counts as removed.
    /// - Throws: `journal.unavailable`.
    static func remove(_ path: String) throws(HubError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw DiskFault.error(errno, "remove", path) }
    }

    /// Removes a folder with everything in it; what links point to stays.
    /// - Throws: `journal.unavailable`.
    static func removeTree(_ path: String) throws(HubError) {
        try Self.removeContents(of: path)
        guard rmdir(path) == 0 || errno == ENOENT else { throw DiskFault.error(errno, "remove", path) }
    }

    /// - Throws: `journal.unavailable`.
    static func removeContents(of path: String) throws(HubError) {
        for name in try Self.names(in: path) {
            let path = path + "/" + name
            if try Self.kind(path) == S_IFDIR { try Self.removeTree(path) } else { try Self.remove(path) }
        }
    }

    /// `S_IFDIR`, `S_IFREG` and so on of what has this name, a link itself being one; `nil` when nothing has it.
    /// - Throws: `journal.unavailable`.
    static func kind(_ path: String) throws(HubError) -> mode_t? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw DiskFault.untouched(errno, "look for", path) }
            return nil
        }
        return status.st_mode & S_IFMT
    }

    /// The path without links, of something that may not be there yet.
    /// - Throws: `journal.unavailable`.
    static func resolved(_ path: String) throws(HubError) -> String {
        if let real = realpath(path, nil) {
            defer { free(real) }
            return String(cString: real)
        }
        let number = errno
        guard number == ENOENT, let (parent, name) = Self.split(path) else {
            throw DiskFault.untouched(number, "look for", path)
        }
        let above = try Self.resolved(parent)
        return above == "/" ? "/" + name : above + "/" + name
    }

    /// The folder and the name in it; `nil` for a path that ends in no name.
    static func split(_ path: String) -> (parent: String, name: String)? {
        var path = Substring(path)
        while path.count > 1, path.last == "/" { path.removeLast() }
        let slash = path.lastIndex(of: "/")
        let name = slash.map { path[path.index(after: $0)...] } ?? path
        guard !name.isEmpty, name != ".", name != ".." else { return nil }
        guard let slash else { return (".", String(name)) }
        let parent = path[..<slash]
        return (parent.isEmpty ? "/" : String(parent), String(name))
    }

    /// - Throws: `journal.unavailable`.
    static func rename(_ path: String, to target: String) throws(HubError) {
        guard Glibc.rename(path, target) == 0 else { throw DiskFault.error(errno, "rename", path) }
    }

    /// Brings a file to the disk under its name, with all of its bytes or not at all.
    ///
    /// - Parameter partial: The name of the file until it is complete; one that an earlier run left is replaced.
    /// - Throws: `journal.unavailable`. What had the name before is there, or the file is.
    static func write(
        _ bytes: [UInt8], as name: String, partial: String, in folder: String, with disk: DiskCalls
    ) throws(HubError) {
        let partial = folder + "/" + partial
        try Self.remove(partial)
        let file = try OpenFile(partial, .create, with: disk)
        let fault = bytes.withUnsafeBytes { disk.write(file.descriptor, $0, 0) }
        guard fault == 0 else { throw DiskFault.error(fault, "write", partial) }
        try file.sync(with: disk)
        try Self.rename(partial, to: folder + "/" + name)
        try Self.sync(folder, with: disk)
    }

    /// Since a file was last written, by the clock of the system.
    /// - Throws: `journal.unavailable`.
    static func age(_ path: String) throws(HubError) -> Duration {
        .seconds(time(nil) - (try Self.status(path).st_mtim.tv_sec))
    }

    /// Gives a file a name that nothing has, not even a link to nowhere.
    ///
    /// - Throws: `journal.unavailable`, also for a name that is taken; the file keeps its old one then.
    static func name(_ path: String, _ target: String) throws(HubError) {
        // A second name is given only when nothing has it; a new name in place of the old one would take it from another file.
        if link(path, target) == 0 { return try Self.remove(path) }
        // A file system without links.
        guard errno == EPERM || errno == ENOTSUP || errno == ENOSYS, try Self.kind(target) == nil else {
            throw DiskFault.error(errno, "rename", path)
        }
        try Self.rename(path, to: target)
    }

    /// Brings the name of a folder to the disk.
    ///
    /// Where another file system is mounted there is no name of ours; and a folder above that may not be read is
    /// not one in which the hub makes anything.
    private static func syncName(of path: String, with disk: DiskCalls) throws(HubError) {
        let parent = path + "/.."
        guard try Self.status(path).st_dev == Self.status(parent).st_dev else { return }
        guard access(parent, R_OK) == 0 || errno != EACCES else { return }
        try Self.sync(parent, with: disk)
    }

    private static func status(_ path: String) throws(HubError) -> stat {
        var status = stat()
        guard stat(path, &status) == 0 else { throw DiskFault.untouched(errno, "measure", path) }
        return status
    }

    /// Bytes free on the disk of a folder; 0 when it cannot be asked.
    static func freeBytes(_ path: String) -> Int64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return 0 }
        return Int64(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    }
}
