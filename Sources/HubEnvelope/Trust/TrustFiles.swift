public import HubModel

#if canImport(Darwin)
    private import Darwin
#else
    private import Glibc
#endif

/// Certificates, revocation lists and OCSP responses from files.
///
/// A path is a file or a folder; of a folder all files with a known ending are read, in the order of their
/// names, and folders in it are not. PEM files may hold many blocks; a file without any is read as DER.
public enum TrustFiles {
    /// No list of a national authority is longer.
    public static let maxBytes = 32 << 20

    /// Certificates: `.pem`, `.crt`, `.cer`, `.der`.
    ///
    /// - Throws: `configuration.invalid` if a file cannot be read or holds no certificate,
    ///   `envelope.key_unusable` for one that is damaged; both with the path.
    public static func certificates(_ path: String) throws(HubError) -> [Certificate] {
        try Self.values(path, endings: ["pem", "crt", "cer", "der"], labels: ["CERTIFICATE"]) {
            (der) throws(HubError) in try Certificate(der: der)
        }
    }

    /// Revocation lists: `.crl`, `.pem`, `.der`.
    ///
    /// - Throws: `configuration.invalid` if a file cannot be read or holds no list,
    ///   `trust.revocation_unknown` for one that is damaged, `trust.weak` for one signed with SHA-1 or MD5;
    ///   all with the path.
    public static func revocationLists(_ path: String) throws(HubError) -> [RevocationList] {
        try Self.values(path, endings: ["crl", "pem", "der"], labels: ["X509 CRL"]) {
            (der) throws(HubError) in try RevocationList(der: der)
        }
    }

    /// OCSP responses in DER: `.ors`, `.ocsp`, `.der`.
    ///
    /// - Throws: `configuration.invalid` if a file cannot be read, `trust.revocation_unknown` for one that
    ///   is not an answer; both with the path.
    public static func statusResponses(_ path: String) throws(HubError) -> [StatusResponse] {
        try Self.values(path, endings: ["ors", "ocsp", "der"], labels: ["OCSP RESPONSE"]) {
            (der) throws(HubError) in try StatusResponse(der: der)
        }
    }

    private static func values<Value>(
        _ path: String, endings: Set<String>, labels: [String], _ make: ([UInt8]) throws(HubError) -> Value
    ) throws(HubError) -> [Value] {
        var values: [Value] = []
        for file in try Self.files(path, endings: endings) {
            for der in try Self.blocks(of: file, labels: labels) {
                do throws(HubError) {
                    values.append(try make(der))
                } catch {
                    throw error.adding(ErrorDetail("path", file))
                }
            }
        }
        return values
    }

    private static func blocks(of file: String, labels: [String]) throws(HubError) -> [[UInt8]] {
        let contents = try Self.contents(of: file)
        // DER begins with a sequence, and PEM with a letter or a dash.
        if contents.first == 0x30 { return [contents] }
        guard let blocks = PEM.blocks(labels, in: contents) else {
            throw HubError(
                .configurationInvalid, "A block of the file is cut off or not base64.",
                details: [ErrorDetail("path", file)]
            )
        }
        guard !blocks.isEmpty else {
            throw HubError(
                .configurationInvalid, "The file holds neither DER nor a PEM block of the expected kind.",
                details: [ErrorDetail("path", file), ErrorDetail("expected", labels[0])]
            )
        }
        return blocks
    }

    /// The file itself, or the files of the folder.
    private static func files(_ path: String, endings: Set<String>) throws(HubError) -> [String] {
        var facts = stat()
        guard unsafe stat(path, &facts) == 0 else { throw Self.failure("There is no such file.", path) }
        guard facts.st_mode & S_IFMT == S_IFDIR else { return [path] }
        guard let folder = unsafe opendir(path) else {
            throw Self.failure("The folder cannot be read.", path)
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let ending = name.split(separator: ".").last, !name.hasPrefix("."),
                endings.contains(String(ending).lowercased()), name.contains(".")
            else { continue }
            let file = path + "/" + name
            guard unsafe stat(file, &facts) == 0 else { throw Self.failure("The file cannot be read.", file) }
            if facts.st_mode & S_IFMT == S_IFREG { names.append(file) }
        }
        return names.sorted()
    }

    private static func contents(of path: String) throws(HubError) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Self.failure("The file cannot be opened.", path) }
        defer { _ = close(file) }
        var facts = stat()
        guard unsafe fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw Self.failure("It is not an ordinary file.", path)
        }
        guard facts.st_size <= Self.maxBytes else { throw Self.failure("The file is too long.", path) }
        var contents: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while contents.count <= Self.maxBytes {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure("The file cannot be read.", path)
            }
            contents += piece[..<count]
        }
        return contents
    }

    private static func failure(_ summary: StaticString, _ path: String) -> HubError {
        let reason = unsafe String(cString: strerror(errno))
        return HubError(
            .configurationInvalid, summary,
            details: [ErrorDetail("path", path), ErrorDetail("reason", reason)]
        )
    }
}

extension TrustStore {
    /// Reads a store from a folder: `anchors/`, and if they are there `intermediates/`, `crl/` and `ocsp/`.
    ///
    /// - Throws: `configuration.invalid` if there is no root in it or a file cannot be read; what
    ///   `TrustFiles` throws for a damaged one. All with the path.
    public static func load(
        _ folder: String, purpose: TrustPurpose, settings: TrustSettings = TrustSettings()
    ) throws(HubError) -> TrustStore {
        let anchors = try TrustFiles.certificates(folder + "/anchors")
        guard !anchors.isEmpty else {
            throw HubError(
                .configurationInvalid, "The trust store has no root, so it would trust nobody.",
                details: [ErrorDetail("path", folder + "/anchors")]
            )
        }
        let hasIntermediates = Self.exists(folder + "/intermediates")
        do throws(HubError) {
            return try TrustStore(
                purpose: purpose, anchors: anchors,
                intermediates: hasIntermediates ? TrustFiles.certificates(folder + "/intermediates") : [],
                lists: Self.exists(folder + "/crl") ? TrustFiles.revocationLists(folder + "/crl") : [],
                responses: Self.exists(folder + "/ocsp") ? TrustFiles.statusResponses(folder + "/ocsp") : [],
                settings: settings
            )
        } catch  where error.detail("path") == nil {
            throw error.adding(ErrorDetail("path", folder))
        } catch {
            throw error
        }
    }

    private static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }
}
