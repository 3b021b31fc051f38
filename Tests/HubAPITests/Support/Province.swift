import Foundation
import HubAdapters
import HubCore
import HubEnvelope
import HubModel
import HubSchema

/// What the hub of Phú Thọ knows from the files of this repository, with keys and secrets made for the test.
struct Province: Sendable {
    let schemas: SchemaCatalogue
    let forms: [MessageType: MessageForm]
    let adapters: [Adapter]
    let directory: AgencyDirectory
    let home: AgencyCode
    /// The hub's own key.
    let hubKey: SigningKey
    /// Of each system, and of somebody whom nobody knows.
    private let keys: [String: SigningKey]

    /// Loaded once for all tests.
    static let shared = Result { try Province() }

    static let stranger = "stranger"

    struct Missing: Error {
        let what: String
    }

    /// Where the repository is, also when the sources are reached through a link.
    static var root: String {
        let support = URL(filePath: #filePath).deletingLastPathComponent().resolvingSymlinksInPath()
        return support.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .path
    }

    private init() throws {
        self.schemas = try SchemaCatalogue.load(folder: Self.root + "/schemas")
        let catalogue = try AdapterCatalogue.load(folder: Self.root + "/adapters", schemas: self.schemas)
            .get()
        self.forms = Dictionary(uniqueKeysWithValues: catalogue.forms.all.map { ($0.type, $0) })
        guard let home = AgencyCode("H44") else { throw Missing(what: "H44") }
        self.home = home
        self.adapters = catalogue.adapters.filter { adapter in
            !adapter.speaks.hasAccount || adapter.agencies.contains { $0.isWithin(home) }
        }
        let files = ["agencies", "h44"].map { Self.root + "/schemas/directory/\($0).yaml" }
        self.directory = try DirectoryReader.load(files: files).get()
        self.hubKey = try SigningKey.generate(.p256)
        var keys = [Self.stranger: try SigningKey.generate(.p256)]
        for adapter in self.adapters { keys[adapter.system.description] = try SigningKey.generate(.p256) }
        self.keys = keys
    }

    /// The schema files of the types that services name.
    var schemaTexts: [MessageType: [UInt8]] {
        self.schemas.texts(of: self.adapters.flatMap(\.provides).flatMap(\.types))
    }

    func key(of name: String) throws -> SigningKey {
        guard let key = self.keys[name] else { throw Missing(what: name) }
        return key
    }

    func registry() throws -> KeyRegistry {
        try KeyRegistry(
            self.adapters.compactMap { adapter in
                self.keys[adapter.system.description].map {
                    KeyRegistry.Entry(owner: .system(adapter.system), key: $0.publicKey)
                }
            }
        )
    }

    /// The secret of a system, as it would stand in `secrets.yaml`.
    static func secret(of system: String) -> [UInt8] { Array("khóa của \(system)".utf8) }

    var secrets: [SystemID: [UInt8]] {
        Dictionary(
            uniqueKeysWithValues: self.adapters.map { ($0.system, Self.secret(of: $0.system.description)) }
        )
    }
}
