private import Glibc
internal import HubModel

/// The calls to the operating system on which durability rests.
///
/// Each answers with 0 or an `errno`, unless it says otherwise.
package struct DiskCalls: Sendable {
    /// Opens a file, for its owner alone if the flags make it.
    ///
    /// Answers with its descriptor, or with an `errno` below zero.
    package var open: @Sendable (_ path: String, _ flags: Int32) -> Int32
    /// Writes all of `bytes` at `offset`.
    package var write: @Sendable (_ file: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int32
    /// Brings the contents of a file to the disk.
    package var syncData: @Sendable (_ file: Int32) -> Int32
    /// Brings contents and size of a file, or the names in a folder, to the disk.
    package var sync: @Sendable (_ file: Int32) -> Int32
    /// Sets `count` bytes aside from the start of a file.
    package var allocate: @Sendable (_ file: Int32, _ count: Int) -> Int32

    /// The real ones.
    package static let system = DiskCalls(
        open: { path, flags in
            let file = Glibc.open(path, flags | O_CLOEXEC, 0o600)
            return file >= 0 ? file : -errno
        },
        write: { file, bytes, offset in
            var written = 0
            while written < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let count = pwrite(file, rest.baseAddress, rest.count, off_t(offset + written))
                if count > 0 {
                    written += count
                } else if count == 0 {
                    return ENOSPC
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        },
        syncData: { fdatasync($0) == 0 ? 0 : errno },
        sync: { fsync($0) == 0 ? 0 : errno },
        allocate: { file, count in
            var status = EINTR
            while status == EINTR { status = posix_fallocate(file, 0, off_t(count)) }
            return status
        }
    )

    /// Those for a pipe, or whatever else standard output is: each write goes behind the one before, and what cannot be synced
    /// need not be.
    package static let stream: DiskCalls = {
        var calls = DiskCalls.system
        calls.write = { file, bytes, _ in
            var written = 0
            while written < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let count = Glibc.write(file, rest.baseAddress, rest.count)
                if count > 0 {
                    written += count
                } else if count == 0 {
                    return ENOSPC
                } else if errno == EAGAIN {
                    var waiting = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&waiting, 1, -1)
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
        calls.sync = { fsync($0) == 0 || errno == EINVAL || errno == ENOTSUP ? 0 : errno }
        return calls
    }()
}

/// Turns an `errno` into the error that tells an operator what to do.
enum DiskFault {
    static func error(_ number: Int32, _ step: String, _ path: String) -> HubError {
        let summary: StaticString =
            switch number {
            case ENOSPC, EDQUOT, EFBIG:
                "The disk of the journal is full; nothing was accepted. Free space, then start the hub again."
            case EROFS, EACCES, EPERM:
                "The journal may not be read or written; nothing was accepted. Give the hub's user the rights to its folder, then start the hub again."
            default:
                "The disk of the journal failed; nothing was accepted. Check the disk, then start the hub again."
            }
        return HubError(.journalUnavailable, summary, details: Self.details(number, step, path))
    }

    /// The error of a call that left everything as it was.
    ///
    /// A process that is short of descriptors or memory for a moment says nothing about the disk: what was asked
    /// may be asked again.
    static func untouched(_ number: Int32, _ step: String, _ path: String) -> HubError {
        switch number {
        case EMFILE, ENFILE, ENOMEM:
            HubError(
                .journalOverloaded,
                "The system has no open file or memory left for the journal; try again shortly. If it lasts, raise the hub's limit of open files.",
                details: Self.details(number, step, path)
            )
        default: Self.error(number, step, path)
        }
    }

    private static func details(_ number: Int32, _ step: String, _ path: String) -> [ErrorDetail] {
        [
            ErrorDetail("path", path), ErrorDetail("step", step),
            ErrorDetail("error", String(cString: strerror(number))),
        ]
    }
}

extension HubError {
    /// Where it happened and what the system says, of an error of the disk.
    var diskFault: String {
        [self.detail("path"), self.detail("error")].compactMap(\.self).joined(separator: ": ")
    }
}
