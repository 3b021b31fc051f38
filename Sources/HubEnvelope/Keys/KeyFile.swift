public import HubModel

#if canImport(Darwin)
    private import Darwin
#else
    private import Glibc
#endif

/// Files that hold private keys and secrets: readable by their owner and by nobody else, or encrypted.
public enum KeyFile {
    /// Nothing that belongs in such a file is longer.
    private static let maxBytes = 64 << 10

    /// Reads a private key.
    ///
    /// - Parameter passphrase: For an encrypted key; another key is read without it.
    /// - Throws: `configuration.invalid` if the file cannot be read, others may read a key that is not encrypted, or a
    ///   passphrase is missing; `envelope.key_unusable` if there is no usable key in it; all with the path.
    public static func load(_ path: String, passphrase: [UInt8]? = nil) throws(HubError) -> SigningKey {
        let (bytes, mode) = try Self.look(into: path)
        let isEncrypted = PEM.firstBlock([SigningKey.encryptedLabel], in: bytes) != nil
        if !isEncrypted { try Self.check(mode, path) }
        do throws(HubError) {
            guard isEncrypted else { return try SigningKey(pem: bytes) }
            guard let passphrase else {
                throw HubError(.configurationInvalid, "The private key is encrypted, and no passphrase is given.")
            }
            return try SigningKey(pem: bytes, passphrase: passphrase)
        } catch {
            throw error.adding(ErrorDetail("path", path))
        }
    }

    /// Writes a private key to a new file.
    ///
    /// - Parameter passphrase: Encrypts it; a file without one is for its owner alone all the same.
    /// - Throws: `configuration.invalid` if there is such a file already or it cannot be written.
    public static func store(
        _ key: SigningKey, at path: String, passphrase: [UInt8]? = nil
    ) throws(HubError) {
        guard let passphrase else { return try Self.create(path, contents: try key.pem) }
        try Self.create(path, contents: try key.pem(passphrase: passphrase))
    }

    /// Reads the first line of a file that only its owner may read: a passphrase or PIN.
    ///
    /// - Throws: `configuration.invalid` as `contents(of:)` does, and for an empty line.
    public static func passphrase(_ path: String) throws(HubError) -> [UInt8] {
        let line = try Self.contents(of: path).prefix { $0 != 0x0A && $0 != 0x0D }
        guard !line.isEmpty else {
            throw HubError(
                .configurationInvalid, "The file of a passphrase begins with an empty line.",
                details: [ErrorDetail("path", path)]
            )
        }
        return Array(line)
    }

    /// Puts a file in the place of another, whole or not at all, and syncs the folder.
    public static func replace(_ path: String, with other: String) throws(HubError) {
        guard unsafe rename(other, path) == 0 else { throw Self.failure("The key file cannot be replaced.", path) }
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let file = unsafe open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw Self.failure("The folder of the key file cannot be opened.", folder) }
        defer { _ = close(file) }
        guard fsync(file) == 0 else { throw Self.failure("The folder of the key file cannot be synced.", folder) }
    }

    /// Reads a file that only its owner may read, such as a shared secret.
    ///
    /// The mode is that of the opened file, so it cannot be changed between the look and the reading.
    public static func contents(of path: String) throws(HubError) -> [UInt8] {
        let (bytes, mode) = try Self.look(into: path)
        try Self.check(mode, path)
        return bytes
    }

    private static func check(_ mode: mode_t, _ path: String) throws(HubError) {
        guard mode & 0o077 == 0 else {
            throw HubError(
                .configurationInvalid, "The key file may be read by others; its mode must be 0600.",
                details: [ErrorDetail("path", path), ErrorDetail("mode", "0" + String(mode & 0o777, radix: 8))]
            )
        }
    }

    private static func look(into path: String) throws(HubError) -> (bytes: [UInt8], mode: mode_t) {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Self.failure("The key file cannot be opened.", path) }
        defer { _ = close(file) }
        var facts = stat()
        guard unsafe fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw Self.failure("The key file is not an ordinary file.", path)
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
        return (contents, facts.st_mode)
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
