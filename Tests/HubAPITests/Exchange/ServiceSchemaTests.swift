import Foundation
import HubCore
import HubJSON
import HubModel
import HubSchema
import Testing

@testable import HubAPI

@Suite("The schemas of a contract", .timeLimit(.minutes(5)))
struct ServiceSchemaTests {
    /// The values of all `$ref`s that stand where a schema may stand; names of members are not among ours.
    private static func references(in value: JSONValue) -> [String] {
        switch value {
        case .array(let items): items.flatMap(Self.references)
        case .object(let object):
            object.members.flatMap { key, value in
                key == "$ref" ? [value.string].compactMap(\.self) : Self.references(in: value)
            }
        default: []
        }
    }

    private static func contracts(_ schemas: SchemaCatalogue, _ adapters: [Adapter]) throws -> Contracts {
        let province = try Province.shared.get()
        return Contracts(
            schemas: schemas, forms: [:],
            router: Router(
                directory: province.directory, home: province.home, adapters: adapters, isConnected: true),
            adapters: adapters, schemaTexts: schemas.texts(of: adapters.flatMap(\.provides).flatMap(\.types))
        )
    }

    private static func description(_ contracts: Contracts, _ service: String) throws -> ServiceDescription {
        ServiceDescription(
            offered: try #require(contracts.services[service]), contracts: contracts,
            day: try #require(CivilDate(year: 2026, month: 11, day: 27)))
    }

    @Test("as OpenAPI lead nowhere but to components of the document, for every service of the repository")
    func repository() throws {
        let province = try Province.shared.get()
        let contracts = try Self.contracts(province.schemas, province.adapters)
        #expect(contracts.services.count > 40)
        for service in contracts.services.keys {
            let document = try Self.description(contracts, service).openAPI(server: "http://hub")
            for reference in Self.references(in: document) {
                let parts = reference.split(separator: "/", omittingEmptySubsequences: false)
                #expect(
                    parts.count == 4 && reference.hasPrefix("#/components/schemas/"),
                    "\(service): \(reference)")
                #expect(document.value(at: String(reference.dropFirst())) != nil, "\(service): \(reference)")
            }
            let body = document["paths"]?["/v1/services/\(service)"]?["post"]?["requestBody"]?["content"]
            #expect(body?.object?.members.first?.value["schema"] != nil)
            for name in document["components"]?["schemas"]?.object?.keys ?? [] {
                #expect(name.utf8.allSatisfy { $0 < 0x80 } && !name.contains("/"), "\(name)")
            }
        }
    }

    @Test("come with those of the types that they use, and of those that these use")
    func used() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "contract-\(UInt64.random(in: 0...UInt64.max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ text: String, _ file: String) throws {
            let url = folder.appending(path: file)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        let line = "status: draft, schema: draft2020-12, format-assertion: false"
        try write(
            """
            format: catalogue-1
            domains:
              sms:
                title: { vi: A, en: A }
                owner: { vi: B, en: B }
                types:
                  send/1: { \(line), uses: [sms/common/1] }
                  common/1: { \(line), uses: [sms/code/1] }
                  code/1: { \(line) }
                  other/1: { \(line) }

            """, "catalogue.yaml")
        try write(
            ##"{"properties":{"kq":{"$ref":"urn:lgsp-hub:schema:sms:common:1#/$defs/kq"}}}"##,
            "sms/send/1/schema.json")
        try write(
            ##"{"$defs":{"kq":{"$ref":"urn:lgsp-hub:schema:sms:code:1"}}}"##, "sms/common/1/schema.json")
        try write(#"{"type":"integer"}"#, "sms/code/1/schema.json")
        try write("true", "sms/other/1/schema.json")
        let province = try Province.shared.get()
        let adapter = try #require(province.adapters.first { !$0.provides.isEmpty })
        let call = try #require(adapter.provides.first).call
        let type = try #require(MessageType("sms/send/1"))
        let provider = Adapter(
            system: adapter.system, title: adapter.title, kind: adapter.kind, agencies: [],
            speaks: adapter.speaks,
            provides: [ProvidedService(service: "sms/gui/1", title: adapter.title, request: type, call: call)]
        )
        let contracts = try Self.contracts(try SchemaCatalogue.load(folder: folder.path), [provider])
        let description = try Self.description(contracts, "sms/gui/1")
        let contract = description.json(isAllowed: true, subscription: nil, isWhole: true)
        #expect(contract["schemas"]?.object?.keys == ["sms/send/1", "sms/code/1", "sms/common/1"])
        let document = description.openAPI(server: "http://hub")
        let schemas = document["components"]?["schemas"]
        #expect(
            schemas?.value(at: "/sms.send.1/properties/kq/$ref") == "#/components/schemas/sms.common.1.kq")
        #expect(schemas?["sms.common.1.kq"]?["$ref"] == "#/components/schemas/sms.code.1")
        #expect(schemas?["sms.code.1"]?["type"] == "integer")
    }
}
