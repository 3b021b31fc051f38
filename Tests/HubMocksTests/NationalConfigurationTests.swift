import FoundationEssentials
import HubMocks
import HubModel
import Testing

@Suite struct NationalConfigurationTests {
    static func read(_ text: String) async throws -> Result<NationalPlatformConfiguration, SettingsFaults> {
        try await withFolder { folder in
            let file = folder + "/national.yaml"
            try Data(text.utf8).write(to: URL(filePath: file))
            return Result { () throws(SettingsFaults) in
                var configuration = try NationalPlatformConfiguration.read(file: file)
                configuration.folder = configuration.folder.replacing(folder, with: "FOLDER")
                return configuration
            }
        }
    }

    @Test func `a whole file is read`() async throws {
        let configuration = try await Self.read(
            """
            format: national-1
            folder: data
            host: 127.0.0.1
            port: 18080
            control-port: 0
            seed: 44
            token-lifetime: 30m
            clock-skew: 2m
            max-body: 50MB
            payment-secret: bí mật 3
            systems:
              - { id: 00.44.W00, secret: "bí mật 1", codes: [H44, H28, H62] }
              - { id: 00.55.W00, secret: bí mật 2, codes: [H55] }
            dossier-accounts:
              - { username: h44, password: p }
            gateway-clients:
              - { key: k, secret: s }
            ministries:
              - code: G14
                name: Bộ Thông tin và Truyền thông
                statuses: [{ code: "01", after: 10ms }, { code: "06" }]
              - { code: G22, name: Văn phòng Chính phủ }
            """
        ).get()
        #expect(
            configuration.folder == "FOLDER/data" && configuration.port == 18080 && configuration.seed == 44)
        #expect(configuration.tokenLifetime == .seconds(1800) && configuration.clockSkew == .seconds(120))
        #expect(configuration.maxBody == 50 << 20 && configuration.paymentSecret == "bí mật 3")
        #expect(configuration.systems.map { $0.codes.map(\.text) } == [["H44", "H28", "H62"], ["H55"]])
        #expect(configuration.systems.first?.secret == "bí mật 1")
        #expect(configuration.dossierAccounts == [.init(username: "h44", password: "p")])
        #expect(configuration.gatewayClients == [.init(key: "k", secret: "s")])
        #expect(configuration.ministries.map(\.code.text) == ["G14", "G22"])
        #expect(configuration.ministries[0].statuses.map(\.code) == ["01", "06"])
        #expect(configuration.ministries[0].statuses.map(\.after) == [.milliseconds(10), .milliseconds(50)])
        #expect(configuration.ministries[1].statuses.map(\.code) == ["01", "03", "06"])
    }

    @Test func `every fault is told at once, with its line`() async throws {
        let result = try await Self.read(
            """
            format: national-2
            fodler: data
            port: 70000
            payment-secret: ""
            systems:
              - { id: 00.44.W00, codes: [H44.13] }
              - { id: 00.55.W00, secret: "", codes: [] }
              - { id: 00.55.W00, secret: s, codes: [H55] }
              - { id: 00.03.W00, secret: s, codes: [H55] }
            ministries:
              - { code: G14.1, name: X, statuses: [{ code: "1" }] }
            """
        )
        guard case .failure(let faults) = result else {
            Issue.record("The file has faults.")
            return
        }
        let text = faults.description
        for part in [
            ":1:9:", "'folder' is missing", "'fodler' is not known", "did you mean 'folder'", "'70000'",
            "'secret' is missing", "'payment-secret' is empty",
            "'H44.13' is not an agency code of level 1", "'secret' is empty", "'codes' needs at least one",
            "'H55' stands twice", "'G14.1'", "two digits",
        ] {
            #expect(text.contains(part), "missing \(part) in\n\(text)")
        }
    }

    @Test func `a file that is not there is a fault, not a crash`() {
        #expect(throws: SettingsFaults.self) {
            try NationalPlatformConfiguration.read(file: "/nowhere/national.yaml")
        }
    }
}
