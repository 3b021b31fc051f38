import HubJSON
public import HubModel
import HubXML

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension SchemaCatalogue {
    /// Reads and compiles every `<domain>/<type>/<version>/` below `folder`.
    ///
    /// What stands elsewhere below it (`hub/`, `directory/`) is not a message type and is left alone.
    ///
    /// - Throws: `schema.invalid` with all faults at once: a `file` and a `reason` for each, and its `line` where that
    ///   is known.
    public static func load(folder: String) throws(HubError) -> SchemaCatalogue {
        var schemas: [MessageType: Schema] = [:]
        var folders: [MessageType: String] = [:]
        var faults: [ErrorDetail] = []
        guard Folder.isFolder(folder) else {
            throw HubError(
                .schemaInvalid, "The folder of the schemas cannot be read.",
                details: [ErrorDetail("file", folder)]
            )
        }
        for domain in Folder.folders(in: folder) {
            for name in Folder.folders(in: "\(folder)/\(domain)") {
                for version in Folder.folders(in: "\(folder)/\(domain)/\(name)") {
                    let path = "\(folder)/\(domain)/\(name)/\(version)"
                    guard let type = MessageType("\(domain)/\(name)/\(version)") else {
                        faults += [
                            ErrorDetail("file", path),
                            ErrorDetail("reason", "The folder is not named domain/type/version."),
                        ]
                        continue
                    }
                    do throws(HubError) {
                        schemas[type] = try Schema(type: type, folder: path)
                        folders[type] = path
                    } catch {
                        faults += Self.details(of: error, in: path)
                    }
                }
            }
        }
        guard faults.isEmpty else {
            throw HubError(.schemaInvalid, "There are schemas that cannot be used.", details: faults)
        }
        return SchemaCatalogue(schemas: schemas, folders: folders)
    }

    /// The file, as a path that leads to it from here, then what else the error says, then a sentence.
    private static func details(of error: HubError, in folder: String) -> [ErrorDetail] {
        let file = error.detail("file") ?? folder
        let others = error.details.filter { !["file", "message", "reason"].contains($0.key) }
        return [ErrorDetail("file", file.hasPrefix(folder) ? file : "\(folder)/\(file)")] + others
            + [ErrorDetail("reason", error.detail("reason") ?? error.detail("message") ?? "\(error.summary)")]
    }
}

extension Schema {
    /// Compiles the one schema file of `folder`.
    ///
    /// An XML schema may include or import others of the folder; a JSON Schema refers to itself only.
    ///
    /// - Throws: `schema.invalid`, naming the file.
    public init(type: MessageType, folder: String) throws(HubError) {
        let files = Folder.files(in: folder)
        switch (files.contains(MediaType.xml.schemaFile), files.contains(MediaType.json.schemaFile)) {
        case (true, false):
            let file = "\(folder)/\(MediaType.xml.schemaFile)"
            self.init(type: type, rules: .xml(try XMLSchema(file: file, within: folder)))
        case (false, true):
            self.init(type: type, rules: .json(try Self.jsonSchema(in: folder)))
        default:
            throw HubError(
                .schemaInvalid, "A schema folder has either a schema.xsd or a schema.json.",
                details: [ErrorDetail("file", folder)]
            )
        }
    }

    private static func jsonSchema(in folder: String) throws(HubError) -> JSONSchema {
        let file = "\(folder)/\(MediaType.json.schemaFile)"
        let bytes = try Folder.bytes(of: file)
        do throws(HubError) {
            return try JSONSchema.compile(try JSONDocument.parse(bytes).value)
        } catch {
            throw HubError(
                .schemaInvalid, "The JSON schema cannot be used.",
                details: [ErrorDetail("file", file)] + error.details + [ErrorDetail("reason", error.summary)]
            )
        }
    }
}

/// What is in a folder, by name; names that begin with a dot are not looked at.
private enum Folder {
    static func isFolder(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
    }

    static func names(in path: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: path)
        return (names ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    static func folders(in path: String) -> [String] {
        self.names(in: path).filter { self.isFolder("\(path)/\($0)") }
    }

    static func files(in path: String) -> [String] {
        self.names(in: path).filter { !self.isFolder("\(path)/\($0)") }
    }

    static func bytes(of path: String) throws(HubError) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw HubError(
                .schemaInvalid, "A file of a schema folder cannot be read.",
                details: [ErrorDetail("file", path)],
                cause: error
            )
        }
    }
}
