import HubEnvelope
import HubModel
import Testing

@testable import HubCore

@Suite("The registry of keys")
struct KeyRegistryTests {
    private static func code(_ text: String) throws -> AgencyCode { try #require(AgencyCode(text)) }

    @Test("knows no key of two owners, for it could not say who signed")
    func twoOwners() throws {
        let key = try Landscape.shared.get().key("G14").publicKey
        do throws(HubError) {
            _ = try KeyRegistry([
                .init(owner: .system(.national), key: key), .init(owner: .agency(try Self.g14()), key: key),
            ])
            Issue.record("one key was registered for two owners")
        } catch {
            #expect(error.code == .configurationInvalid)
            #expect(error.detail("key") == key.fingerprint.description)
        }
    }

    private static func g14() throws(HubError) -> AgencyCode {
        guard let code = AgencyCode("G14") else { throw HubError(.internalFault, "G14 is no code.") }
        return code
    }

    @Test("keeps several keys of one owner, and finds the nearest agency above that has any")
    func nearest() throws {
        let landscape = try Landscape.shared.get()
        let (first, second) = (try landscape.key("G14").publicKey, try landscape.key("H55").publicKey)
        let own = try landscape.key("stranger").publicKey
        let registry = try KeyRegistry([
            .init(owner: .agency(try Self.code("G14")), key: first),
            .init(owner: .agency(try Self.code("G14")), key: second),
            .init(owner: .agency(try Self.code("G14.05")), key: own),
        ])
        #expect(registry.keys(of: try Self.code("G14.01.02")).map(\.fingerprint) == [first, second].map(\.fingerprint))
        #expect(registry.keys(of: try Self.code("G14.05.01")).map(\.fingerprint) == [own.fingerprint])
        #expect(registry.keys(of: try Self.code("G15")).isEmpty)
        #expect(registry.keys(of: .national).isEmpty)
        #expect(registry.entry(of: first.fingerprint)?.owner == .agency(try Self.code("G14")))
        #expect(registry.entry(of: .zero) == nil)
    }
}
