internal import Glibc
internal import HubCore
internal import HubModel

/// A backup that is read; nothing in it is believed yet.
struct BackupSource {
    private enum Form {
        case folder(String)
        case archive(TarFileReader)
    }

    /// More than any manifest has.
    static let longestManifest = 1 << 30

    private let form: Form

    /// - Parameter path: Of a folder, or of an archive.
    /// - Throws: `backup.invalid`, `backup.unavailable`.
    init(_ path: String) throws(HubError) {
        // A link to a backup is as good as its name.
        let kind = try BackupFault.converting { () throws(HubError) in try Folder.kind(try Folder.resolved(path)) }
        guard kind == S_IFREG else {
            self.form = .folder(path)
            return
        }
        self.form = .archive(
            try Self.converting { () throws(HubError) in try TarFileReader(try OpenFile(path, .read), folder: BackupArchive.folder) })
    }

    /// What an archive says that is none, said of a backup.
    static func converting<Value>(_ body: () throws(HubError) -> Value) throws(HubError) -> Value {
        do throws(HubError) {
            return try BackupFault.converting(body)
        } catch {
            guard error.code == .evidenceInvalid else { throw error }
            throw BackupFault.invalid("-", error.detail("fault") ?? "it is no archive")
        }
    }

    /// - Throws: `backup.invalid`, `backup.unavailable`.
    func manifest() throws(HubError) -> BackupManifest {
        let file = try self.open(BackupManifest.name)
        guard file.count <= Self.longestManifest else {
            throw BackupFault.invalid(BackupManifest.name, "it is too long")
        }
        let manifest = try BackupManifest(try file.read(file.count, at: 0))
        if case .archive(let archive) = self.form {
            let named = Set(manifest.files.map(\.name))
            let others = archive.files.keys.filter { $0 != BackupManifest.name && !named.contains($0) }
            if let name = others.min() { throw BackupFault.invalid(name, "the MANIFEST does not name it") }
        }
        return manifest
    }

    /// Copies a file, which must be what the manifest says.
    /// - Throws: `backup.invalid`, `backup.unavailable`.
    func copy(_ file: BackupManifest.File, to folder: PartialFolder) throws(HubError) {
        let source = try self.open(file.name)
        guard source.count == file.count else {
            throw BackupFault.invalid(file.name, "it has \(source.count) bytes, and the manifest says \(file.count)")
        }
        let written = try folder.write(file.name) { add throws(HubError) in
            var position = 0
            while position < file.count {
                let bytes = try source.read(min(FileExtent.piece, file.count - position), at: position)
                guard !bytes.isEmpty else { return }
                try add(bytes)
                position += bytes.count
            }
        }
        guard written == file else { throw BackupFault.invalid(file.name, "its bytes are others") }
    }

    private func open(_ name: String) throws(HubError) -> FileExtent {
        switch self.form {
        case .folder(let folder): return try Self.open(name, in: folder)
        case .archive(let archive):
            guard let file = archive.files[name] else { throw BackupFault.invalid(name, "it is missing") }
            return file
        }
    }

    /// Opens a plain file that stands where its name says, and not behind a link.
    private static func open(_ name: String, in folder: String) throws(HubError) -> FileExtent {
        var path = folder
        for part in name.split(separator: "/").dropLast() {
            path += "/" + part
            guard try Folder.kind(path) == S_IFDIR else { throw BackupFault.invalid(name, "it is missing") }
        }
        path = folder + "/" + name
        switch try Folder.kind(path) {
        case S_IFREG:
            return try BackupFault.converting { () throws(HubError) in
                try FileExtent(try OpenFile(path, .readPlain))
            }
        case nil: throw BackupFault.invalid(name, "it is missing")
        default: throw BackupFault.invalid(name, "it is no plain file")
        }
    }
}
