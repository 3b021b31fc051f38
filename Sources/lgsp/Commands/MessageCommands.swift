import ArgumentParser
import HubApp
import HubJSON
import HubModel

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Sign a file as one of the province's systems and hand it in. Exit 1 if it is refused. (Gửi một thông điệp.)",
        discussion: """
            Works in the folder that lgsp init made, where the keys of the systems are.

            Example: lgsp send document.xml --as qlvb-so-tttt-h44 --config hub-h44/hub.yaml
            """
    )

    @Argument(help: "The payload: an edXML document or status, or a JSON packet.")
    var file: String

    @Option(name: .customLong("as"), help: "The system that sends.")
    var system: String

    @Option(help: "The message type, such as dossier/sync/1; recognised from the content when absent.")
    var type: String?

    @Option(help: "The receiving agency, for types whose payload names none.")
    var to: String?

    @Flag(help: "Send it unsigned, to see it refused.")
    var unsigned = false

    @OptionGroup var configuration: ConfigurationOption

    @Flag(help: "Print what the hub answered, as it came.")
    var json = false

    func run() async throws {
        guard let system = SystemID(self.system) else {
            throw ValidationError("'\(self.system)' is not the name of a system.")
        }
        let answer = try await HubClient(try self.configuration.load()).send(
            file: self.file, as: system, type: self.type, recipient: self.to, signs: !self.unsigned
        )
        if self.json {
            Terminal.show(answer.body)
        } else if let code = answer.code {
            Terminal.say(refusal: code, answer.body["problem"] ?? answer.body)
        } else {
            let id = answer.body["id"]?.string ?? answer.body["DocId"]?.string ?? "?"
            Terminal.say("Đã nhận / Accepted: \(id)")
            Terminal.say("  lgsp message show \(id) --config \(self.configuration.file)")
        }
        if answer.code != nil { throw ExitCode(1) }
    }
}

struct MessageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "message", abstract: "Look at messages of a running hub. (Xem thông điệp.)",
        subcommands: [Show.self, Course.self, Unanswered.self]
    )

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one message and what became of it. Exit 1 if there is none."
        )

        @Argument(help: "The id that the hub gave.")
        var id: String

        @OptionGroup var configuration: ConfigurationOption

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            guard let id = MessageID(self.id) else {
                throw ValidationError("'\(self.id)' is not the id of a message.")
            }
            let answer = try await HubClient(try self.configuration.load()).message(id)
            if self.json {
                Terminal.show(answer.body)
            } else if answer.code == nil {
                self.show(answer.body)
            } else {
                Terminal.say("Không có / None: \(answer.body["detail"]?.string ?? "")")
            }
            if answer.code != nil { throw ExitCode(1) }
        }

        private func show(_ message: JSONValue) {
            func text(_ key: String) -> String { message[key]?.string ?? "" }
            Terminal.say(
                """
                \(text("id"))
                  loại / type          : \(text("type"))
                  gửi / from           : \(text("agency")) (\(text("sender")))
                  định danh / identity : \(text("identity"))
                  lúc / accepted       : \(text("accepted_at")), \(message["size"]?.int ?? 0) bytes
                  chữ ký / signature   : \(message["signature"]?["verdict"]?.string ?? "") \
                \(message["signature"]?["algorithm"]?.string ?? "")
                """
            )
            let warnings = (message["warnings"]?.array ?? []).compactMap(\.string)
            if !warnings.isEmpty { Terminal.say("  cảnh báo / warnings  : " + warnings.joined(separator: ", ")) }
            for step in message["process"]?.array ?? [] {
                Terminal.say(
                    "  · \(step["step"]?.string ?? "")  \(step["outcome"]?.string ?? "")  \(step["service"]?.string ?? "")  "
                        + [step["code"]?.string, step["reason"]?.string].compactMap(\.self).joined(separator: "  ")
                )
            }
            for delivery in message["deliveries"]?.array ?? [] {
                let parts = [
                    delivery["recipient"]?.string ?? "", delivery["destination"]?.string ?? "",
                    delivery["phase"]?.string ?? "", "×\(delivery["attempts"]?.int ?? 0)",
                    delivery["code"]?.string ?? "", delivery["answer"]?.string ?? "",
                ]
                Terminal.say("  → " + parts.filter { !$0.isEmpty }.joined(separator: "  "))
            }
        }
    }

    struct Course: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show where a document stands with each receiver. Exit 1 if nothing is known of it.",
            discussion: """
                In the order in which things happened; what came late, twice or against the rules is marked.

                Example: lgsp message course 000.00.13.H44,2024/03/15,412/STTTT-VP --config hub-h44/hub.yaml
                """
        )

        @Argument(help: "The id of the document, as edXML has it (DocumentId).")
        var document: String

        @OptionGroup var configuration: ConfigurationOption

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let answer = try await HubClient(try self.configuration.load()).course(of: self.document)
            if self.json {
                Terminal.show(answer.body)
            } else if answer.code == nil {
                self.show(answer.body)
            } else {
                Terminal.say("Không có / None: \(answer.body["detail"]?.string ?? "")")
            }
            if answer.code != nil { throw ExitCode(1) }
        }

        private func show(_ matter: JSONValue) {
            func text(_ value: JSONValue, _ key: String) -> String { value[key]?.string ?? "" }
            Terminal.say(self.document)
            for message in matter["messages"]?.array ?? [] {
                Terminal.say("  gửi / sent  \(text(message, "accepted_at"))  \(text(message, "agency"))  \(text(message, "id"))")
            }
            for receiver in (matter["receivers"]?.array ?? []) + (matter["others"]?.array ?? []) {
                let who = text(receiver, "recipient").isEmpty ? text(receiver, "agency") : text(receiver, "recipient")
                let status = receiver["status"]?.string ?? "chưa có trạng thái / no status"
                Terminal.say("  → \(who)  \(text(receiver, "phase"))  \(status)")
                for step in receiver["steps"]?.array ?? [] {
                    let warnings = (step["warnings"]?.array ?? []).compactMap(\.string)
                    Terminal.say(
                        "      \(text(step, "status"))  \(text(step, "told"))  \(text(step, "message"))"
                            + (step["late"]?.bool == true ? "  đến muộn / late" : "")
                            + (warnings.isEmpty ? "" : "  " + warnings.joined(separator: ", "))
                    )
                }
            }
        }
    }

    struct Unanswered: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List documents that were sent and that a receiver has told no status of. Exit 1 if there are any.",
            discussion: "Example: lgsp message unanswered --hours 24 --days 30 --config hub-h44/hub.yaml"
        )

        @Option(help: "Documents younger than this have time left.")
        var hours = 24

        @Option(help: "Documents older than this are not looked at.")
        var days = 30

        @OptionGroup var configuration: ConfigurationOption

        @Flag(help: "Print one JSON object a line: each document and receiver, and at the end how many documents were looked at.")
        var json = false

        func validate() throws {
            guard (0...100_000).contains(self.hours), (1...100_000).contains(self.days) else {
                throw ValidationError("--hours is 0 to 100000, --days 1 to 100000.")
            }
        }

        func run() async throws {
            let client = HubClient(try self.configuration.load())
            var (before, documents, found): (Int?, Int, Int) = (nil, 0, 0)
            repeat {
                let answer = try await client.unanswered(hours: self.hours, days: self.days, before: before)
                try AdapterCommand.List.refuse(answer, json: self.json)
                for entry in answer.body["unanswered"]?.array ?? [] {
                    found += 1
                    self.show(entry)
                }
                documents += answer.body["documents"]?.int ?? 0
                before = answer.body["next"]?.int
            } while before != nil
            if self.json {
                Terminal.line(.object(["documents": .init(integerLiteral: documents), "unanswered": .init(integerLiteral: found)]))
            } else {
                Terminal.say("\(found) nơi nhận chưa trả lời / receivers without an answer, \(documents) văn bản / documents")
            }
            if found > 0 { throw ExitCode(1) }
        }

        private func show(_ entry: JSONValue) {
            if self.json { return Terminal.line(entry) }
            func text(_ key: String) -> String { entry[key]?.string ?? "" }
            Terminal.say(
                "\(text("accepted_at"))  \(text("matter"))  → \(text("recipient"))  \(text("phase"))  \(text("code"))  \(text("message"))"
            )
        }
    }
}
