internal import Foundation
internal import HubCore
internal import HubEnvelope
internal import HubModel
internal import HubYAML

/// What an operator hands to a running hub to register a system: a `ustar` archive of the adapter's folder, and what the
/// deployment needs beside it.
///
/// `adapter/…` is the folder; `certificate.pem` the system's certificate or public key; `endpoints/NAME` the address of an
/// endpoint that the adapter names.
struct AdapterParcel: Sendable {
    /// Bytes of an archive.
    static let limit = 16 << 20
    private static let mostFiles = 2000

    let system: SystemID
    /// Relative to the folder.
    let files: [TarArchive.File]
    let certificate: [UInt8]?
    let endpoints: [String: String]

    /// - Throws: `adapter.invalid` for anything else than such an archive.
    init(_ archive: [UInt8]) throws(HubError) {
        let members: [TarArchive.File]
        do throws(HubError) {
            members = try TarArchive.read(archive)
        } catch {
            throw HubError(
                .adapterInvalid, "An adapter is handed in as a tar archive of plain files.", details: error.details, cause: error
            )
        }
        guard members.count <= Self.mostFiles else { throw Self.fault("it has more than \(Self.mostFiles) files") }
        var files: [TarArchive.File] = []
        var endpoints: [String: String] = [:]
        var certificate: [UInt8]?
        for member in members {
            let parts = member.name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") }) else { throw Self.fault("a name is empty or hidden: \(member.name)") }
            switch (parts[0], parts.count) {
            case ("adapter", 2...): files.append(TarArchive.File(parts.dropFirst().joined(separator: "/"), member.bytes))
            case ("certificate.pem", 1): certificate = member.bytes
            case ("endpoints", 2):
                let address = String(decoding: member.bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
                guard SystemID(parts[1]) != nil, Self.isAddress(address) else { throw Self.fault("the endpoint \(parts[1]) has no address such as http://127.0.0.1:8080 or /folder, without a slash at the end") }
                endpoints[parts[1]] = address
            default: throw Self.fault("it has something else: \(member.name)")
            }
        }
        guard let manifest = files.first(where: { $0.name == "adapter.yaml" }) else { throw Self.fault("it has no adapter/adapter.yaml") }
        switch YAMLReader.read(manifest.bytes, file: "adapter.yaml") {
        case .failure(let faults): throw faults.error(.adapterInvalid, "The adapter cannot be read.")
        case .success(let tree):
            guard let system = SettingsReader(tree, file: "adapter.yaml").string("system").flatMap(SystemID.init) else {
                throw Self.fault("adapter.yaml names no system")
            }
            self.system = system
        }
        self.files = files
        self.certificate = certificate
        self.endpoints = endpoints
    }

    /// Writes the folder anew, with everything in it on disk.
    func write(to folder: String) throws(HubError) {
        do {
            if FileManager.default.fileExists(atPath: folder) { try FileManager.default.removeItem(atPath: folder) }
            for file in self.files {
                let path = "\(folder)/\(file.name)"
                try FileManager.default.createDirectory(
                    atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true
                )
                try Data(file.bytes).write(to: URL(filePath: path))
            }
        } catch {
            throw KeysDesk.failure(error, folder)
        }
    }

    /// Of those that the configuration takes, the ones that can stand between quotes as they are.
    private static func isAddress(_ text: String) -> Bool {
        HubConfiguration.isEndpoint(text) && text.utf8.count <= 500
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }

    private static func fault(_ what: String) -> HubError {
        HubError(.adapterInvalid, "The archive is not an adapter.", details: [ErrorDetail("fault", what)])
    }

    /// Makes the archive from a folder, as `lgsp adapter register` does.
    ///
    /// - Throws: `configuration.invalid` for what cannot be read.
    static func archive(
        folder: String, certificate: String?, endpoints: [String: String], time: Timestamp
    ) throws(HubError) -> [UInt8] {
        var files: [TarArchive.File] = []
        let root = URL(filePath: folder).standardizedFileURL.path
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String }.sorted() ?? []
        for name in names {
            guard !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) else { continue }
            let path = "\(root)/\(name)"
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else { continue }
            guard "adapter/\(name)".utf8.count <= 100 else {
                throw HubError(.adapterInvalid, "The name of a file is too long.", details: [ErrorDetail("path", path)])
            }
            files.append(TarArchive.File("adapter/\(name)", try KeysDesk.read(path)))
        }
        guard !files.isEmpty else {
            throw HubError(.configurationInvalid, "There is no adapter in this folder.", details: [ErrorDetail("path", folder)])
        }
        if let certificate { files.append(TarArchive.File("certificate.pem", try KeysDesk.read(certificate))) }
        for (name, address) in endpoints.sorted(by: { $0.key < $1.key }) {
            files.append(TarArchive.File("endpoints/\(name)", Array(address.utf8)))
        }
        return TarArchive.write(files, time: time)
    }
}
