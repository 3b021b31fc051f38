import HubModel
import HubYAML
import Testing

@testable import HubMocks

@Suite("systems.yaml")
struct SystemsConfigurationTests {
    static let good = """
        format: systems-1
        folder: run
        hub: http://127.0.0.1:8080/
        control: { port: 9000 }
        hub-key: keys/hub.pem
        systems:
          - id: qlvb-so-tttt-h44
            agencies: [H44.13]
            name: Sở Thông tin và Truyền thông
            speaks: axis
            secret: s3
            key: keys/a.pem
            certificate: keys/a.crt
            poll: 50ms
            answers: { new: ["01", "03"], update: [], status-13: ["16"] }
          - id: ioc-h44
            agencies: [000.00.13.H44]
            speaks: exchange
            secret: s4
            key: /keys/b.pem
            listen: 0

        """

    static func read(_ text: String) throws -> SystemsConfiguration {
        let tree = try YAMLReader.read(Array(text.utf8), file: "systems.yaml").get()
        return try SystemsConfiguration.read(tree, file: "systems.yaml", base: "/base")
    }

    @Test("is read with paths from its folder and defaults for what is left out")
    func good() throws {
        let configuration = try Self.read(Self.good)
        #expect(configuration.folder == "/base/run")
        #expect(configuration.hub == "http://127.0.0.1:8080")
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.controlPort == 9000)
        #expect(configuration.hubKeyFile == "/base/keys/hub.pem")
        let document = try #require(configuration.systems.first)
        #expect(document.keyFile == "/base/keys/a.pem")
        #expect(document.poll == .milliseconds(50))
        #expect(document.answers.new == ["01", "03"])
        #expect(document.answers.update == [])
        #expect(document.answers.recall == ["15"])
        #expect(document.answers.takeBack == ["16"])
        #expect(document.listen == nil)
        let centre = try #require(configuration.systems.last)
        #expect(centre.agencies.map(\.text) == ["H44.13"])
        #expect(centre.keyFile == "/keys/b.pem")
        #expect(centre.listen == 0)
        #expect(centre.name == "ioc-h44")
    }

    @Test(
        "names each fault with its place",
        arguments: [
            ("folder: run", "fodler: run", "The key 'fodler' is not known here"),
            ("speaks: axis", "speaks: axes", "did you mean 'axis'"),
            ("[H44.13]", "[H44-13]", "'H44-13' is not an agency code."),
            ("poll: 50ms", "poll: soon", "is not a duration"),
            (#"["01", "03"]"#, #"["1"]"#, "must have two digits"),
            ("format: systems-1", "format: systems-2", "is not 'systems-1'"),
            ("hub: http://127.0.0.1:8080/", "hub: 127.0.0.1:8080", "must begin with http://"),
            ("id: ioc-h44", "id: qlvb-so-tttt-h44", "stands twice"),
            ("secret: s4\n", "\n", "The key 'secret' is missing."),
            ("port: 9000", "port: 90000", "a whole number from 0 to 65535"),
        ])
    func faults(part: String, replacement: String, message: String) throws {
        let text = Self.good.split(separator: part, maxSplits: 1, omittingEmptySubsequences: false)
        let spoilt = text.joined(separator: replacement)
        let error = try #require(throws: HubError.self) { try Self.read(spoilt) }
        #expect(error.code == .configurationInvalid)
        #expect(error.description.contains(message), "\(error.description)")
        #expect(error.description.contains("systems.yaml:"))
    }
}
