internal import Glibc
internal import HubModel

/// An open file, closed when nobody holds it any more.
///
/// Reads are positional, so many may share it.
final class OpenFile: Sendable {
    enum Mode {
        case read
        /// Reading, of a plain file that stands under this very name and not behind a link.
        case readPlain
        case write
        /// The file must not exist.
        case create
    }

    let descriptor: Int32
    let path: String

    /// - Throws: `journal.unavailable`; `journal.overloaded` when the system has no descriptor left.
    init(_ path: String, _ mode: Mode, with disk: DiskCalls = .system) throws(HubError) {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .readPlain: O_RDONLY | O_NOFOLLOW | O_NONBLOCK
            case .write: O_RDWR
            case .create: O_RDWR | O_CREAT | O_EXCL
            }
        let descriptor = disk.open(path, flags)
        guard descriptor >= 0 else { throw DiskFault.untouched(-descriptor, "open", path) }
        self.descriptor = descriptor
        self.path = path
        if mode == .readPlain {
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                throw DiskFault.error(EINVAL, "open", path)
            }
        }
    }

    /// Takes over what is open already.
    init(adopting descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        Glibc.close(self.descriptor)
    }

    /// - Throws: `journal.unavailable`.
    func size() throws(HubError) -> Int {
        var status = stat()
        guard fstat(self.descriptor, &status) == 0 else { throw DiskFault.error(errno, "measure", self.path) }
        return Int(status.st_size)
    }

    /// Whether this very file is what stands at a path.
    /// - Throws: `journal.unavailable`.
    func isAt(_ path: String) throws(HubError) -> Bool {
        var (own, named) = (stat(), stat())
        guard fstat(self.descriptor, &own) == 0 else { throw DiskFault.error(errno, "measure", self.path) }
        guard stat(path, &named) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw DiskFault.untouched(errno, "measure", path) }
            return false
        }
        return own.st_dev == named.st_dev && own.st_ino == named.st_ino && own.st_size == named.st_size
    }

    /// As many bytes as there are, at most `count`.
    /// - Throws: `journal.unavailable`.
    func read(_ count: Int, at offset: Int) throws(HubError) -> [UInt8] {
        var fault: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            while filled < count {
                let rest = UnsafeMutableBufferPointer(rebasing: buffer[filled..<count])
                let step = pread(self.descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
                if step > 0 {
                    filled += step
                } else if step == 0 {
                    break
                } else if errno != EINTR {
                    fault = errno
                    break
                }
            }
        }
        guard fault == 0 else { throw DiskFault.error(fault, "read", self.path) }
        return bytes
    }

    /// Brings contents and size of a file, or the names in a folder, to the disk.
    /// - Throws: `journal.unavailable`.
    func sync(with disk: DiskCalls) throws(HubError) {
        let number = disk.sync(self.descriptor)
        guard number == 0 else { throw DiskFault.error(number, "sync", self.path) }
    }

    /// Cuts the file, or makes it longer by zeros.
    /// - Throws: `journal.unavailable`.
    func resize(_ count: Int) throws(HubError) {
        guard ftruncate(self.descriptor, off_t(count)) == 0 else {
            throw DiskFault.error(errno, "resize", self.path)
        }
    }
}

/// An exclusive lock that ends with the process, however it ends.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `journal.unavailable` if another hub has it.
    init(_ path: String, folder: String) throws(HubError) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DiskFault.error(errno, "open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            Glibc.close(descriptor)
            guard number == EWOULDBLOCK else { throw DiskFault.error(number, "lock", path) }
            throw HubError(
                .journalUnavailable,
                "Another hub has this journal open. Stop it, or give this hub a data folder of its own.",
                details: [ErrorDetail("folder", folder)]
            )
        }
        self.descriptor = descriptor
    }

    deinit {
        Glibc.close(self.descriptor)
    }
}
