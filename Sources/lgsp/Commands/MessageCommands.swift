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
            let problem = answer.body["problem"] ?? answer.body
            Terminal.say("Bị từ chối / Refused: \(code)")
            Terminal.say("  \(problem["title_vi"]?.string ?? "")\n  \(problem["detail"]?.string ?? "")")
            for violation in problem["violations"]?.array ?? [] {
                let place = "\(violation["line"]?.int ?? 0):\(violation["column"]?.int ?? 0)"
                Terminal.say("  \(place) \(violation["path"]?.string ?? ""): \(violation["message"]?["vi"]?.string ?? "")")
            }
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
        subcommands: [Show.self]
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
            for step in message["process"]?.array ?? [] {
                Terminal.say(
                    "  · \(step["step"]?.string ?? "")  \(step["outcome"]?.string ?? "")  \(step["service"]?.string ?? "")  "
                        + "\(step["code"]?.string ?? "")"
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
}
