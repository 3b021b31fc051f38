import HubJSON
import HubModel
import HubSchema
import HubXML
import HubYAML
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The project's own files, as the tests find them.
enum Repository {
    static let root: String = {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/")
    }()

    static let schemas = Self.root + "/schemas"

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path)))
    }

    static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    static func tree(_ path: String) throws -> SettingsTree {
        try YAMLReader.read(file: path).get()
    }

    static func reader(_ path: String) throws -> SettingsReader {
        SettingsReader(try Self.tree(path), file: path)
    }

    static func document(_ path: String) throws(HubError) -> Document {
        let bytes: [UInt8]
        do {
            bytes = try Self.bytes(path)
        } catch {
            throw HubError(.internalFault, "The example cannot be read.", cause: error)
        }
        return path.hasSuffix(".xml")
            ? .xml(try XMLDocument.parse(bytes)) : .json(try JSONDocument.parse(bytes))
    }

    /// The catalogue of the project, compiled once for all tests.
    static func catalogue() throws -> SchemaCatalogue { try Self.loaded.get() }

    private static let loaded = Result<SchemaCatalogue, any Error> {
        try SchemaCatalogue.load(folder: Self.schemas)
    }

    static func form(of type: MessageType) throws -> MessageForm {
        try #require(try Self.forms.get().first { $0.type == type })
    }

    private static let forms = Result<[MessageForm], any Error> {
        try messageTypes.filter { Self.names(in: "\(Self.schemas)/\($0)").contains("form.yaml") }.map {
            type in
            let reader = try Self.reader("\(Self.schemas)/\(type)/form.yaml")
            guard let form = MessageForm(settings: reader, type: type), reader.faults.isEmpty else {
                throw SettingsFaults(reader.faults)
            }
            return form
        }
    }
}

/// The message types that have a folder, found without the code under test.
let messageTypes: [MessageType] = {
    var types: [MessageType] = []
    for domain in Repository.names(in: Repository.schemas) where !["hub", "directory"].contains(domain) {
        for name in Repository.names(in: "\(Repository.schemas)/\(domain)") {
            for version in Repository.names(in: "\(Repository.schemas)/\(domain)/\(name)") {
                if let type = MessageType("\(domain)/\(name)/\(version)") { types.append(type) }
            }
        }
    }
    return types
}()
