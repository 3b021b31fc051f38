import Foundation
import HubJSON
import HubModel
import HubYAML
import Testing

/// `docker-compose.yml` and `Dockerfile`, read and run without an engine: not every machine has one.
@Suite("docker-compose.yml")
struct ComposeTests {
    struct Service {
        let name: String
        let command: [String]
        let dependsOn: [String: String]
        let probe: String?
        let isOptional: Bool
    }

    static func services() throws -> [Service] {
        let file = Program.repository + "/docker-compose.yml"
        let reader = SettingsReader(try YAMLReader.read(file: file).get(), file: file)
        let map = try #require(reader.map("services"))
        let services = map.keys.compactMap { name -> Service? in
            guard let service = map.map(name) else { return nil }
            var dependsOn: [String: String] = [:]
            if let depends = service.map("depends_on") {
                for other in depends.keys { dependsOn[other] = depends.map(other)?.string("condition") }
            }
            let probe = service.map("healthcheck")?.strings("test").last?.text
            return Service(
                name: name, command: service.strings("command").map(\.text), dependsOn: dependsOn, probe: probe,
                isOptional: !service.strings("profiles").isEmpty
            )
        }
        #expect(reader.faults.isEmpty, "\(reader.faults)")
        return services
    }

    @Test("names two hubs, the mock and the systems, each waiting for what it needs")
    func parsed() throws {
        let services = try Self.services()
        let names = Set(services.map(\.name))
        #expect(
            names == [
                "landscape", "national", "hub-h44", "hub-h55", "systems-h44", "systems-h55", "suite",
            ])
        for service in services {
            for (other, condition) in service.dependsOn {
                let dependency = try #require(services.first { $0.name == other }, "\(service.name) needs \(other)")
                if condition == "service_healthy" { #expect(dependency.probe != nil, "\(other) has no health check") }
            }
            let help = try Program.run(Array(service.command.prefix { $0.first?.isLetter == true }.prefix(2)) + ["--help"])
            #expect(help.code == 0, "\(service.command)")
        }
    }

    @Test("publishes ports on this machine only")
    func ports() throws {
        let file = Program.repository + "/docker-compose.yml"
        let reader = SettingsReader(try YAMLReader.read(file: file).get(), file: file)
        let published = reader.map("services")?.map("national")?.strings("ports").map(\.text) ?? []
        #expect(!published.isEmpty && published.allSatisfy { $0.hasPrefix("127.0.0.1:") })
    }

    @Test("copies what there is into the image, and installs what the build needs")
    func dockerfile() throws {
        let text = try String(contentsOfFile: Program.repository + "/Dockerfile", encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix("COPY ") && !line.contains("--from") {
            for source in line.split(separator: " ").dropFirst().dropLast() {
                #expect(FileManager.default.fileExists(atPath: "\(Program.repository)/\(source)"), "\(source)")
            }
        }
        #expect(text.contains("RUN scripts/setup.sh") && text.contains(#"ENTRYPOINT ["lgsp"]"#))
        #expect(text.contains("USER lgsp"), "Nothing in the image needs to be root.")
    }

    @Test("starts, by its own commands in its own order, a landscape that carries a document from hub to hub")
    func landscape() async throws {
        let folder = TestFolder()
        let first = try Self.freePorts()
        let services = try Self.services()
        var running: [Process] = []
        defer {
            for process in running.reversed() where process.isRunning {
                process.terminate()
                process.waitUntilExit()
            }
        }
        var ended: Set<String> = []
        var waiting = services.filter { !$0.isOptional }
        while let next = waiting.firstIndex(where: { Set($0.dependsOn.keys).isSubset(of: ended) }) {
            let service = waiting.remove(at: next)
            let command = service.command.map { Self.here($0, folder: folder.path, first: first) }
            guard let probe = service.probe.map({ Self.here($0, folder: folder.path, first: first) }) else {
                #expect(try Program.run(command).code == 0, "\(service.name)")
                ended.insert(service.name)
                continue
            }
            let process = Program.process(command)
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            running.append(process)
            _ = try await eventually("\(service.name) is healthy") {
                try #require(process.isRunning, "\(service.name) ended")
                return try Program.shell("curl -fsS -o /dev/null '\(probe)' 2>/dev/null") == 0 ? true : nil
            }
            ended.insert(service.name)
        }
        #expect(waiting.isEmpty)
        try Self.writeSuite(in: folder)
        let suite = try #require(services.first { $0.name == "suite" })
        var command = suite.command.map { Self.here($0, folder: folder.path, first: first) }
        #expect(command.contains("quickstart"), "The suite of the file is the demo's; here a short one stands for it.")
        command = command.map { $0 == "quickstart" ? folder.path + "/suite" : $0 } + ["--json"]
        let played = try Program.run(command)
        #expect(played.code == 0, "\(played.output) \(played.complaint)")
        // Statuses are messages too: the document came to two provinces and a ministry, and three from each came back.
        #expect(played.json["passed"]?.bool == true && (played.json["delivered"]?.int ?? 0) >= 12, "\(played.output)")
        for figure in ["lost", "duplicated", "out_of_order", "pending"] {
            #expect(played.json[figure]?.int == 0, "\(figure): \(played.output)")
        }
        // Once more: the folder is kept, as it is when the containers come up again.
        let again = try #require(services.first { $0.name == "landscape" })
        #expect(try Program.run(again.command.map { Self.here($0, folder: folder.path, first: first) }).code == 0)
    }

    /// What stands for a container's folder, addresses and ports on this machine.
    private static func here(_ text: String, folder: String, first: Int) -> String {
        if let port = Int(text), (8440..<8450).contains(port) { return String(first + port - 8440) }
        if text.hasPrefix("/landscape") { return folder + text }
        var text = text.replacing("0.0.0.0", with: "127.0.0.1")
        for offset in 0..<10 { text = text.replacing("127.0.0.1:\(8440 + offset)", with: "127.0.0.1:\(first + offset)") }
        return text
    }

    /// Ten neighbouring ports that were free a moment ago.
    private static func freePorts() throws -> Int {
        for _ in 0..<50 {
            let first = Int.random(in: 20_000..<32_000)
            let line = (first..<first + 10).map { "! (exec 3<>/dev/tcp/127.0.0.1/\($0)) 2>/dev/null" }
            if try Program.shell(line.joined(separator: " && ")) == 0 { return first }
        }
        throw CancellationError()
    }

    private static func writeSuite(in folder: TestFolder) throws {
        let source = Program.repository + "/suites/quickstart/messages"
        try FileManager.default.createDirectory(atPath: folder.path + "/suite", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: source, toPath: folder.path + "/suite/messages")
        try folder.write(
            """
            format: suite-1
            title: { vi: "Một văn bản", en: "One document" }
            quiet-limit: 60s
            steps:
              - title: { vi: "Ba đường", en: "Three roads" }
                do:
                  - submit: three-roads
                    as: qlvb-so-tttt-h44
                    file: messages/document-three-roads.xml
                  - await: statuses
                    of: three-roads
                    statuses: ["01", "03", "06"]
                    from: [000.00.11.H55, 000.00.00.G14, 000.00.11.H44]

            """, "suite/suite.yaml")
    }
}
