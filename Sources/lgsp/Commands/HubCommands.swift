import ArgumentParser
import HubApp
import HubJSON
import HubModel

/// Where the configuration of a hub is.
struct ConfigurationOption: ParsableArguments {
    @Option(name: [.customLong("config"), .customShort("c")], help: "The hub's configuration file.")
    var file = "hub.yaml"

    func load() throws -> HubConfiguration { try HubConfiguration.load(file: self.file) }
}

/// What every change of a running hub asks for.
struct ChangeOptions: ParsableArguments {
    @Option(help: "Why, for the record.")
    var reason = ""

    @OptionGroup var configuration: ConfigurationOption

    @Flag(help: "Print one JSON object.")
    var json = false
}

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make the folder of a hub: configuration, keys, secrets, adapters. (Tạo thư mục cho một trục.)",
        discussion: """
            Keys and secrets are made anew; there are no default ones. The private keys of the province's systems are \
            in systems/ to be handed over to them; their certificates are in trust/systems/.

            Example: lgsp init hub-h44 --province H44 --national http://127.0.0.1:8080
            """
    )

    @Argument(help: "The folder to be made; it must be empty or absent.")
    var folder: String

    @Option(help: "The level-1 code of the province, such as H44.")
    var province: String

    @Option(help: "The port for systems.")
    var port = 8044

    @Option(help: "The port for operators.")
    var adminPort = 9044

    @Option(help: "The address of the national platform, such as http://127.0.0.1:8080.")
    var national: String?

    @Flag(help: "Make RSA-2048 keys for the systems instead of P-256.")
    var rsa = false

    @Option(help: "The folder that holds schemas/ and adapters/; found by itself when they are near.")
    var library: String?

    func run() async throws {
        guard let home = AgencyCode(self.province), home == home.root else {
            throw ValidationError("'\(self.province)' is not the level-1 code of a province, such as H44.")
        }
        var plan = HubFolder.Plan(folder: self.folder, home: home)
        plan.port = self.port
        plan.adminPort = self.adminPort
        plan.national = self.national
        if self.rsa { plan.useRSA() }
        let made = try HubFolder(library: Library.find(self.library)).make(plan)
        Terminal.say(
            """
            Đã tạo / Made: \(self.folder)
              cấu hình / configuration : \(made.configurationFile)
              hệ thống / systems       : \(made.systems.map(\.system.description).joined(separator: ", "))
            Tiếp theo / Next:
              lgsp config check --config \(made.configurationFile)
              lgsp serve --config \(made.configurationFile)
            """
        )
    }
}

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run a hub until SIGTERM or Ctrl-C. (Chạy trục.)"
    )

    @OptionGroup var configuration: ConfigurationOption

    @Flag(help: ArgumentHelp("Stop when standard input ends.", visibility: .hidden))
    var stopWithInput = false

    func run() async throws {
        if self.stopWithInput { Mocks.stopWithInput() }
        let configuration = try self.configuration.load()
        try await Hub(configuration).run { started in
            for note in started.notes { Terminal.complain("nhật ký / journal: \(note)") }
            Terminal.say(
                """
                Trục \(started.home) sẵn sàng / Hub \(started.home) is ready
                  hệ thống / systems   : http://\(started.exchange.host):\(started.exchange.port)
                  vận hành / operators : http://\(started.admin.host):\(started.admin.port)  (/readyz /metrics)
                """
            )
        }
    }
}

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Look at a hub's configuration. (Kiểm tra cấu hình.)",
        subcommands: [Check.self, Reload.self]
    )

    struct Reload: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have a running hub read schemas, adapters, rules and agencies again: all or nothing. Exit 1 if refused."
        )

        @OptionGroup var change: ChangeOptions

        func run() async throws {
            let answer = try await HubClient(try self.change.configuration.load()).reloadContracts(reason: self.change.reason)
            try AdapterCommand.List.refuse(answer, json: self.change.json)
            if self.change.json { return Terminal.show(answer.body) }
            Terminal.say(
                "Đã đọc lại / Read again: \(answer.body["adapters"]?.int ?? 0) adapters, \(answer.body["types"]?.int ?? 0) message types, "
                    + "\(answer.body["rules"]?.int ?? 0) rules, \(answer.body["agencies"]?.int ?? 0) agencies."
            )
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the configuration and every file it names. Exit 1 if something is wrong."
        )

        @OptionGroup var configuration: ConfigurationOption

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            do {
                let found = try Hub(try self.configuration.load()).check()
                if self.json {
                    Terminal.show(
                        .object([
                            "well": true, "adapters": .array(found.adapters.map { .string($0.description) }),
                            "types": .array(found.types.map { .string($0.description) }),
                            "agencies": .init(integerLiteral: found.agencies),
                        ])
                    )
                } else {
                    Terminal.say("Tốt / Well: \(found.adapters.count) adapters, \(found.types.count) message types, "
                        + "\(found.agencies) agencies.")
                }
            } catch let error as HubError {
                if self.json {
                    Terminal.show(
                        .object([
                            "well": false, "code": .string(error.code.rawValue), "summary": .string("\(error.summary)"),
                            "details": .array(
                                error.details.map { .object(["key": .string($0.key), "value": .string($0.value)]) }
                            ),
                        ])
                    )
                } else {
                    Terminal.report(error)
                }
                throw ExitCode(1)
            }
        }
    }
}

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Examine everything a hub depends on. Exit 1 if something is ill. (Khám bệnh cho trục.)"
    )

    @OptionGroup var configuration: ConfigurationOption

    @Flag(help: "Print one JSON array.")
    var json = false

    func run() async throws {
        let findings = await Doctor(try self.configuration.load()).examine()
        if self.json {
            Terminal.show(.array(findings.map(\.json)))
        } else {
            for finding in findings {
                let mark =
                    switch finding.verdict {
                    case .well: "  ok "
                    case .warning: "  !  "
                    case .ill: " XX  "
                    }
                Terminal.say("\(mark) \(finding.subject): \(finding.text.vi)\n       \(finding.text.en)")
            }
        }
        if findings.contains(where: { $0.verdict == .ill }) { throw ExitCode(1) }
    }
}
