import ArgumentParser
import Foundation
import HubApp
import HubJSON
import HubModel

struct AdapterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adapter", abstract: "Describe systems, check them, and register them with a running hub. (Kết nối hệ thống.)",
        discussion: "docs/adapters.md explains the files, docs/connect.md how a system is connected, step by step.",
        subcommands: [New.self, Check.self, List.self, Register.self, Retire.self]
    )

    /// Where schemas and the other adapters are taken from.
    struct Place: ParsableArguments {
        @Option(name: [.customLong("config"), .customShort("c")], help: "The hub whose schemas and adapters are meant.")
        var file: String?

        @Option(help: "Without --config: the folder that holds schemas/ and adapters/; found by itself when they are near.")
        var library: String?

        /// The same options again, for a command that is to be run next.
        var text: String {
            (self.file.map { " --config \($0)" } ?? "") + (self.library.map { " --library \($0)" } ?? "")
        }

        func desk() throws -> AdapterDesk {
            if let file { return AdapterDesk(try HubConfiguration.load(file: file)) }
            return AdapterDesk(library: try Library.find(self.library))
        }
    }

    struct New: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the folder of an adapter that passes the check; asks on a terminal for what is not given.",
            discussion: """
                Example: lgsp adapter new qlvb-so-y-te --title-vi "Quản lý văn bản, Sở Y tế" --title-en "Documents, Health" \
                --agency H44.16 --speaks axis --sends edoc/document/1 --receives edoc/document/1
                """
        )

        @Argument(help: "The name of the system: lower-case letters, digits, hyphens, dots.")
        var system: String?

        @Option(help: "Its title in Vietnamese.") var titleVi: String?
        @Option(help: "Its title in English.") var titleEn: String?
        @Option(help: "\(AdapterDesk.kinds.joined(separator: ", ")).") var kind: String?
        @Option(help: "An agency that it sends and receives for; may be repeated.") var agency: [String] = []
        @Option(help: "\(AdapterDesk.dialects.joined(separator: " or ")).") var speaks: String?
        @Option(help: "A type that it sends; may be repeated.") var sends: [String] = []
        @Option(help: "A type that it receives; may be repeated.") var receives: [String] = []
        @Option(help: "A service that it calls; may be repeated.") var uses: [String] = []
        @Option(help: "The folder in which the adapter's folder is made.") var out = "."
        @OptionGroup var place: Place

        func run() async throws {
            let desk = try self.place.desk()
            let asks = isatty(STDIN_FILENO) == 1 && Terminal.isInteractive
            func ask(_ given: String?, _ question: String, _ fallback: String) throws -> String {
                if let given { return given }
                guard asks else {
                    if fallback.isEmpty { throw ValidationError("Missing: \(question)") }
                    return fallback
                }
                FileHandle.standardError.write(Data("\(question)\(fallback.isEmpty ? "" : " [\(fallback)]"): ".utf8))
                let answer = readLine()?.trimmingCharacters(in: .whitespaces) ?? ""
                return answer.isEmpty ? fallback : answer
            }
            func askAll(_ given: [String], _ question: String) throws -> [String] {
                guard given.isEmpty, asks else { return given }
                return try ask(nil, question, "-").split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init).filter { $0 != "-" }
            }
            let types = try desk.messageTypes().map(\.description).joined(separator: ", ")
            let system = try ask(self.system, "Tên hệ thống / name of the system", "")
            var plan = AdapterDesk.Plan(
                system: system, titleVI: try ask(self.titleVi, "Tên tiếng Việt / title in Vietnamese", system),
                titleEN: try ask(self.titleEn, "Tên tiếng Anh / title in English", system)
            )
            plan.kind = try ask(self.kind, "Loại / kind (\(AdapterDesk.kinds.joined(separator: ", ")))", "document-management")
            plan.speaks = try ask(self.speaks, "Giao thức / speaks (\(AdapterDesk.dialects.joined(separator: ", ")))", "exchange")
            plan.agencies = try askAll(self.agency, "Mã đơn vị / agencies, such as H44.16")
            plan.sends = try askAll(self.sends, "Gửi / sends (\(types))")
            plan.receives = try askAll(self.receives, "Nhận / receives")
            plan.uses = self.uses
            let made = Result { () throws(HubError) in try desk.make(plan, in: self.out) }
            switch made {
            case .success(let folder):
                Terminal.say(
                    """
                    Đã tạo / Made: \(folder)
                    Tiếp theo / Next:
                      lgsp adapter check \(folder)\(self.place.text)
                      lgsp keys new --out \(system).key.pem --cert \(system).pem --name \(system)
                      lgsp adapter register \(folder) --certificate \(system).pem --config \(self.place.file ?? "hub.yaml")
                    """
                )
            case .failure(let error):
                Terminal.report(error)
                throw ExitCode(error.code == .adapterInvalid ? 1 : 3)
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check adapters: every fault at once with its place, then all samples. Exit 1 if something is wrong.",
            discussion: "Example: lgsp adapter check adapters/qlvb-so-y-te"
        )

        @Argument(help: "An adapter's folder, or one with adapters in it; all known adapters when absent.")
        var folder: String?

        @OptionGroup var place: Place

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let report = try self.place.desk().check(self.folder)
            if self.json {
                Terminal.show(report.json)
            } else {
                for fault in report.faults { Terminal.say(fault.description) }
                for difference in report.differences { Terminal.say("--- \(difference.sample)\n\(difference.text)") }
                Terminal.say(
                    report.isClean
                        ? "Tốt / Well: \(report.systems.count) adapters, \(report.samples) samples."
                        : "\(report.faults.count) lỗi / faults; \(report.passed) of \(report.samples) samples as they say."
                )
            }
            if !report.isClean { throw ExitCode(1) }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the adapters of a running hub with version, what waits for each, and health."
        )

        @OptionGroup var configuration: ConfigurationOption

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let answer = try await HubClient(try self.configuration.load()).adapters()
            try Self.refuse(answer, json: self.json)
            if self.json { return Terminal.show(answer.body) }
            for adapter in answer.body["adapters"]?.array ?? [] {
                func text(_ key: String) -> String { adapter[key]?.string ?? "" }
                Terminal.say(
                    "\(text("system"))  \(text("version"))  \(text("kind"))  \(text("speaks"))  "
                        + "chờ / pending \(adapter["pending"]?.int ?? 0)  \(text("health"))\n    \(adapter["title"]?["vi"]?.string ?? "")"
                )
            }
        }

        /// Says what a hub refused, and ends with 1.
        static func refuse(_ answer: HubClient.Answer, json: Bool) throws {
            guard let code = answer.code else { return }
            if json { Terminal.show(answer.body) } else { Terminal.say(refusal: code, answer.body) }
            throw ExitCode(1)
        }
    }

    struct Register: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hand an adapter to a running hub: all or nothing, while messages pass. Exit 1 if it is refused.",
            discussion: """
                A system of the province that has no secret yet gets one, which is printed this once.

                Example: lgsp adapter register adapters/qlvb-so-y-te --certificate qlvb-so-y-te.pem --config hub-h44/hub.yaml
                """
        )

        @Argument(help: "The adapter's folder.")
        var folder: String

        @Option(help: "A file with the certificate or public key that the system signs with.")
        var certificate: String?

        @Option(help: "The address of an endpoint that the adapter names, NAME=URL; may be repeated.")
        var endpoint: [String] = []

        @OptionGroup var change: ChangeOptions

        func run() async throws {
            var endpoints: [String: String] = [:]
            for text in self.endpoint {
                guard let sign = text.firstIndex(of: "=") else { throw ValidationError("'\(text)' is not NAME=URL.") }
                endpoints[String(text[..<sign])] = String(text[text.index(after: sign)...])
            }
            let answer = try await HubClient(try self.change.configuration.load()).registerAdapter(
                folder: self.folder, certificate: self.certificate, endpoints: endpoints, reason: self.change.reason
            )
            try List.refuse(answer, json: self.change.json)
            if self.change.json { return Terminal.show(answer.body) }
            Terminal.say(
                "Đã đăng ký / Registered: \(answer.body["system"]?.string ?? "") \(answer.body["version"]?.string ?? ""), "
                    + "\(answer.body["samples"]?.int ?? 0) samples"
            )
            if let secret = answer.body["secret"]?.string {
                Terminal.say("  mật khẩu, chỉ hiện một lần / secret, shown this once: \(secret)")
            }
        }
    }

    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a system away from a running hub. Exit 1 if messages wait for it or others need it."
        )

        @Argument(help: "The name of the system.")
        var system: String

        @Flag(help: "Messages that it has not got yet stay in the journal.")
        var leavePending = false

        @OptionGroup var change: ChangeOptions

        func run() async throws {
            guard let system = SystemID(self.system) else {
                throw ValidationError("'\(self.system)' is not the name of a system.")
            }
            let answer = try await HubClient(try self.change.configuration.load())
                .retireAdapter(system, leavesPending: self.leavePending, reason: self.change.reason)
            try List.refuse(answer, json: self.change.json)
            if self.change.json { return Terminal.show(answer.body) }
            Terminal.say("Đã gỡ / Retired: \(system), \(answer.body["pending"]?.int ?? 0) pending")
        }
    }
}
