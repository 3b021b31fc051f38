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
            adapters: adapters, schemaTexts: province.schemaTexts
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
}
