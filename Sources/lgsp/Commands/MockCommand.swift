import ArgumentParser
import HubApp

struct MockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mock", abstract: "Run what is around a hub. (Chạy các hệ thống mô phỏng.)",
        subcommands: [National.self, Systems.self]
    )

    struct National: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The mock national platform: document axis, dossier portal, API gateway. "
                + "(Nền tảng quốc gia mô phỏng.)",
            discussion: "Its control port takes POST /control/outage, /control/expire-tokens, /control/fault and "
                + "answers GET /control/ledger. docs/simulation.md explains them."
        )

        @Option(name: [.customLong("config"), .customShort("c")], help: "The configuration file.")
        var configuration = "national.yaml"

        @Flag(help: ArgumentHelp("Stop when standard input ends.", visibility: .hidden))
        var stopWithInput = false

        func run() async throws {
            if self.stopWithInput { Mocks.stopWithInput() }
            try await Mocks.runNational(configuration: self.configuration)
        }
    }

    struct Systems: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The simulated shared-software systems of a province. (Các phần mềm dùng chung mô phỏng.)"
        )

        @Option(name: [.customLong("config"), .customShort("c")], help: "The configuration file.")
        var configuration = "systems.yaml"

        @Flag(help: ArgumentHelp("Stop when standard input ends.", visibility: .hidden))
        var stopWithInput = false

        func run() async throws {
            if self.stopWithInput { Mocks.stopWithInput() }
            try await Mocks.runSystems(configuration: self.configuration)
        }
    }
}
