import Foundation
import HubAdapters
import HubMapping
import HubModel
import HubSchema
import Testing

@Suite("The adapters of the repository")
struct RepositoryAdaptersTests {
    private func catalogue() throws -> (AdapterCatalogue, SchemaCatalogue) {
        let schemas = try Repository.catalogue.get()
        return (try AdapterCatalogue.load(folder: Repository.adapters, schemas: schemas).get(), schemas)
    }

    @Test("have no faults, and each of their samples ends as it says")
    func clean() throws {
        let report = try AdapterCheck.run(adapters: Repository.adapters, schemas: Repository.catalogue.get())
        #expect(report.faults.map(\.description) == [])
        #expect(report.systems.count >= 20)
        #expect(report.samples.count >= 100)
    }

    @Test("show with samples what succeeds and what fails")
    func samples() throws {
        let report = try AdapterCheck.run(adapters: Repository.adapters, schemas: Repository.catalogue.get())
        for system in report.systems {
            let cases = try report.samples.filter { $0.system == system }.map { outcome in
                try String(
                    contentsOfFile: "\(Repository.adapters)/\(system)/samples/\(outcome.name)/case.yaml",
                    encoding: .utf8
                )
            }
            #expect(cases.contains { $0.contains("expect: accepted") }, "\(system)")
            #expect(cases.contains { $0.contains("code: ") }, "\(system)")
        }
    }

    @Test("name the rules that routing needs")
    func rules() throws {
        let (catalogue, _) = try self.catalogue()
        let documents = try #require(SystemID("qlvb-so-tc-h55").flatMap(catalogue.adapter))
        #expect(documents.agencies.map(\.text) == ["H55.11", "H55.12"])
        #expect(documents.speaks == .axis)
        let rule = try #require(documents.sendRule(for: .edocDocument))
        #expect(rule.identity == ["DocumentId", "BussinessDocType", "Revision"])
        #expect(rule.orderBy == "Thread")
        #expect(rule.signature == .required)
        #expect(documents.receiveRule(for: .edocStatus)?.by == .mailbox)
        #expect(documents.sendRule(for: .dossierSync) == nil)

        let centre = try #require(SystemID("ioc-h44").flatMap(catalogue.adapter))
        #expect(
            centre.subscribes.map(\.message) == [.edocDocument, .edocStatus, .dossierSync, .dossierProgress])
        for subscription in centre.subscribes {
            #expect(subscription.by == .http(endpoint: "ioc", path: "/indicators"))
            let mapping = try #require(catalogue.mapping(of: subscription, for: centre.system))
            #expect(mapping.source == subscription.message)
        }
    }

    /// The service of this name, and whose it is.
    private static func provider(of name: String, _ catalogue: AdapterCatalogue) -> (system: SystemID, service: ProvidedService)? {
        catalogue.adapters.lazy.compactMap { adapter in
            adapter.provides.first { $0.service == name }.map { (adapter.system, $0) }
        }.first
    }

    @Test("provide each service that a system uses")
    func services() throws {
        let (catalogue, _) = try self.catalogue()
        let enterprise = try #require(Self.provider(of: "doanh-nghiep/chi-tiet/1", catalogue))
        #expect(enterprise.system.description == "doanh-nghiep")
        #expect(
            enterprise.service.call
                == .gateway(
                    path: "/apiCSDLDKDN/1.0/chiTietDoanhNghiep", method: .get,
                    query: [QueryParameter(name: "msdn", pointer: "/msdn")]
                )
        )
        #expect(
            Self.provider(of: "ho-so/tra-cuu/1", catalogue)?.service.call == .dossierPortal(service: "TraCuuHoSo"))
        #expect(Self.provider(of: "none/at/1", catalogue) == nil)
        for service in catalogue.adapters.flatMap(\.uses) {
            #expect(Self.provider(of: service, catalogue) != nil, "\(service)")
        }
    }

    @Test("can be checked one system at a time")
    func only() throws {
        let report = try AdapterCheck.run(
            adapters: Repository.adapters, schemas: Repository.catalogue.get(), only: SystemID("mot-cua-h44")
        )
        #expect(report.systems.map(\.description) == ["mot-cua-h44"])
        #expect(!report.samples.isEmpty)
        #expect(report.samples.allSatisfy { $0.system.description == "mot-cua-h44" })
    }
}
