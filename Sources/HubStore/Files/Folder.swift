private import Glibc
internal import HubModel

/// Folders and the names in them.
enum Folder {
    /// Makes a folder and those above it; one that exists is left alone.
    /// - Throws: `journal.unavailable`.
    static func make(_ path: String) throws(HubError) {
        if mkdir(path, 0o700) == 0 { return }
        switch errno {
        case EEXIST where Self.isFolder(path): return
        case ENOENT:
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
                throw DiskFault.error(ENOENT, "make folder", path)
            }
            try Self.make(String(path[..<slash]))
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
                throw DiskFault.error(errno, "make folder", path)
            }
        default: throw DiskFault.error(errno, "make folder", path)
        }
    }

    /// The names in a folder, sorted, without `.` and `..`.
    /// - Throws: `journal.unavailable`.
    static func names(in path: String) throws(HubError) -> [String] {
        guard let stream = opendir(path) else { throw DiskFault.error(errno, "list", path) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Brings the names in a folder to the disk.
    /// - Throws: `journal.unavailable`.
    static func sync(_ path: String, with disk: DiskCalls) throws(HubError) {
        let folder = try OpenFile(path, .read)
        let number = disk.sync(folder.descriptor)
        guard number == 0 else { throw DiskFault.error(number, "sync folder", path) }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// A file that is not there counts as removed.
    /// - Throws: `journal.unavailable`.
    static func remove(_ path: String) throws(HubError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw DiskFault.error(errno, "remove", path) }
    }

    /// - Throws: `journal.unavailable`.
    static func rename(_ path: String, to target: String) throws(HubError) {
        guard Glibc.rename(path, target) == 0 else { throw DiskFault.error(errno, "rename", path) }
    }

    /// Bytes free on the disk of a folder; 0 when it cannot be asked.
    static func freeBytes(_ path: String) -> Int64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return 0 }
        return Int64(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    }
}
