internal import Glibc
internal import HubCore
internal import HubModel

/// A backup that comes as an archive through a pipe, and is taken apart as it comes; nothing in it is believed yet.
struct BackupStream {
    /// More files than any backup has.
    private static let mostFiles = 8_000_000
    /// Zeros behind the end, at most: some programs fill up.
    private static let longestEnd = 1 << 20

    private let descriptor: Int32

    /// - Parameter descriptor: Of what is open for reading, and stays so.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Writes the files, which must be those of the MANIFEST that ends the archive.
    ///
    /// - Throws: `backup.invalid`, `backup.unavailable`.
    func extract(to folder: PartialFolder, _ progress: (Int) -> Void) throws(HubError) -> BackupManifest {
        var files: [String: BackupManifest.File] = [:]
        var manifest: BackupManifest?
        var copied = 0
        while true {
            let header = try self.read(TarArchive.block)
            if header.allSatisfy({ $0 == 0 }) { break }
            let (name, size) = try Self.member(header)
            guard manifest == nil else { throw BackupFault.invalid(name, "it stands behind the MANIFEST") }
            if name == BackupManifest.name {
                guard size <= BackupSource.longestManifest else {
                    throw BackupFault.invalid(name, "it is too long")
                }
                var bytes: [UInt8] = []
                try self.pass(size) { piece throws(HubError) in bytes += piece }
                manifest = try BackupManifest(bytes)
            } else {
                guard BackupManifest.isOwn(name) else { throw BackupFault.invalid(name, "no journal has such a file") }
                guard files[name] == nil else { throw BackupFault.invalid(name, "it is there twice") }
                guard files.count < Self.mostFiles else { throw BackupFault.invalid(name, "it is one file too many") }
                files[name] = try folder.write(name) { add throws(HubError) in try self.pass(size, to: add) }
                copied += size
                progress(copied)
            }
            _ = try self.read(TarArchive.padding(size))
        }
        try self.checkEnd()
        guard let manifest else { throw BackupFault.invalid(BackupManifest.name, "it is missing") }
        for file in manifest.files {
            guard let written = files.removeValue(forKey: file.name) else {
                throw BackupFault.invalid(file.name, "it is missing")
            }
            guard written == file else { throw BackupFault.invalid(file.name, "its bytes are others") }
        }
        if let name = files.keys.min() { throw BackupFault.invalid(name, "the MANIFEST does not name it") }
        return manifest
    }

    private static func member(_ header: [UInt8]) throws(HubError) -> (name: String, size: Int) {
        let (name, size) = try BackupSource.converting { () throws(HubError) in try TarArchive.member(header) }
        guard name.hasPrefix(BackupArchive.folder) else {
            throw BackupFault.invalid(name, "it stands outside of \(BackupArchive.folder)")
        }
        return (String(name.dropFirst(BackupArchive.folder.utf8.count)), size)
    }

    private func pass(_ count: Int, to add: ([UInt8]) throws(HubError) -> Void) throws(HubError) {
        var left = count
        while left > 0 {
            let bytes = try self.read(min(left, FileExtent.piece))
            try add(bytes)
            left -= bytes.count
        }
    }

    private func checkEnd() throws(HubError) {
        let rest = try self.available(Self.longestEnd + 1)
        guard rest.count <= Self.longestEnd, rest.allSatisfy({ $0 == 0 }) else {
            throw BackupFault.invalid("-", "something stands behind its end")
        }
    }

    /// Exactly so many bytes.
    /// - Throws: `backup.invalid` when it ends before.
    private func read(_ count: Int) throws(HubError) -> [UInt8] {
        let bytes = try self.available(count)
        guard bytes.count == count else { throw BackupFault.invalid("-", "it breaks off") }
        return bytes
    }

    /// As many bytes as come, at most `count`.
    /// - Throws: `backup.unavailable`.
    private func available(_ count: Int) throws(HubError) -> [UInt8] {
        var fault: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = UnsafeMutableBufferPointer(rebasing: buffer[filled..<count])
                let step = Glibc.read(self.descriptor, rest.baseAddress, rest.count)
                if step > 0 {
                    filled += step
                } else if step == 0 {
                    break
                } else if errno == EAGAIN {
                    var waiting = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
                    _ = poll(&waiting, 1, -1)
                } else if errno != EINTR {
                    fault = errno
                    break
                }
            }
        }
        guard fault == 0 else {
            throw HubError(
                .backupUnavailable, "The backup cannot be read.",
                details: [ErrorDetail("path", "-"), ErrorDetail("error", String(cString: strerror(fault)))]
            )
        }
        return bytes
    }
}
