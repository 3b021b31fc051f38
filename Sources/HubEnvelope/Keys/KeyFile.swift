public import HubModel

#if canImport(Darwin)
    private import Darwin
#else
    private import Glibc
#endif

/// Files that hold private keys and secrets: readable by their owner and by nobody else.
public enum KeyFile {
    /// Nothing that belongs in such a file is longer.
    private static let maxBytes = 64 << 10

    /// Reads a private key.
    ///
    /// - Throws: `configuration.invalid` if the file cannot be read or others may read it, `envelope.key_unusable` if
    ///   there is no usable key in it; both with the path.
    public static func load(_ path: String) throws(HubError) -> SigningKey {
        let bytes = try Self.contents(of: path)
        do throws(HubError) {
            return try SigningKey(pem: bytes)
        } catch {
            throw error.adding(ErrorDetail("path", path))
        }
    }

    /// Writes a private key to a new file.
    ///
    /// - Throws: `configuration.invalid` if there is such a file already or it cannot be written.
    public static func store(_ key: SigningKey, at path: String) throws(HubError) {
        try Self.create(path, contents: try key.pem)
    }

    /// Reads a file that only its owner may read, such as a shared secret.
    ///
    /// The mode is that of the opened file, so it cannot be changed between the look and the reading.
    public static func contents(of path: String) throws(HubError) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Self.failure("The key file cannot be opened.", path) }
        defer { _ = close(file) }
        var facts = stat()
        guard unsafe fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw Self.failure("The key file is not an ordinary file.", path)
        }
        guard facts.st_mode & 0o077 == 0 else {
            let mode = String(facts.st_mode & 0o777, radix: 8)
            throw HubError(
                .configurationInvalid, "The key file may be read by others; its mode must be 0600.",
                details: [ErrorDetail("path", path), ErrorDetail("mode", "0" + mode)]
            )
        }
        guard facts.st_size <= Self.maxBytes else { throw Self.failure("The key file is too long.", path) }
        var contents: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while contents.count <= Self.maxBytes {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure("The key file cannot be read.", path)
            }
            contents += piece[..<count]
        }
        return contents
    }

    /// Writes a new file with mode 0600 and syncs it. A file that exists is never replaced.
    public static func create(_ path: String, contents: [UInt8]) throws(HubError) {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure("The key file cannot be created.", path) }
        defer { _ = close(file) }
        // The process' mask may have taken bits away, and on some file systems added none; this settles it.
        guard fchmod(file, 0o600) == 0 else {
            throw Self.failure("The mode of the key file cannot be set.", path)
        }
        var rest = contents[...]
        while !rest.isEmpty {
            let status = unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
            if status < 0 {
                if errno == EINTR { continue }
                throw Self.failure("The key file cannot be written.", path)
            }
            rest = rest.dropFirst(status)
        }
        guard fsync(file) == 0 else { throw Self.failure("The key file cannot be synced.", path) }
    }

    private static func failure(_ summary: StaticString, _ path: String) -> HubError {
        let reason = unsafe String(cString: strerror(errno))
        return HubError(
            .configurationInvalid, summary,
            details: [ErrorDetail("path", path), ErrorDetail("reason", reason)]
        )
    }
}
