import ArgumentParser
import HubApp
import HubJSON
import HubModel

struct RouteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "route", abstract: "Ask where messages go and why. (Định tuyến.)", subcommands: [Explain.self]
    )

    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which receivers, rules and subscriptions a message meets and where it goes. Nothing is sent.",
            discussion: """
                Exit 1 if it would be refused. The keys of rules are in docs/routing.md.

                Example: lgsp route explain document.xml --config hub-h44/hub.yaml
                """
        )

        @Argument(help: "The message.")
        var file: String

        @Option(name: .customLong("as"), help: "The system that would send it; found by the agency in it when absent.")
        var system: String?

        @Option(help: "The message type; recognised from the content when absent.")
        var type: String?

        @Option(help: "The receiving agency, for types whose payload names none.")
        var to: String?

        @OptionGroup var configuration: ConfigurationOption

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            if let system, SystemID(system) == nil { throw ValidationError("'\(system)' is not the name of a system.") }
            let found = try RouteDesk(try self.configuration.load()).explain(
                file: self.file, as: self.system.flatMap(SystemID.init), type: self.type, recipient: self.to
            )
            if self.json {
                Terminal.show(found.json)
            } else {
                Terminal.say("\(found.type), từ / from \(found.sender)")
                for step in found.steps {
                    Terminal.say(
                        " \(step.holds ? "✓" : "–") \(step.kind) \(step.subject)\(step.destination.isEmpty ? "" : " → \(step.destination)")\n"
                            + "     \(step.reason.vi)\n     \(step.reason.en)"
                    )
                }
                Terminal.say("Giao / Deliveries: \(found.deliveries.count)")
                for delivery in found.deliveries {
                    Terminal.say(
                        "  \(delivery.destination)  \(delivery.recipient)  \(delivery.type)"
                            + (delivery.mapping.isEmpty ? "" : "  (\(delivery.mapping))")
                    )
                }
                if let refusal = found.refusal { Terminal.report(refusal) }
            }
            if found.refusal != nil { throw ExitCode(1) }
        }
    }
}

struct SubscriptionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscription", abstract: "See and decide which systems may call services that need approval. (Duyệt dịch vụ.)",
        subcommands: [List.self, Approve.self, Reject.self, Revoke.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what systems asked for and what was decided.")

        @OptionGroup var configuration: ConfigurationOption

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let answer = try await HubClient(try self.configuration.load()).subscriptions()
            try AdapterCommand.List.refuse(answer, json: self.json)
            if self.json { return Terminal.show(answer.body) }
            for entry in answer.body["subscriptions"]?.array ?? [] {
                func text(_ key: String) -> String { entry[key]?.string ?? "" }
                Terminal.say("\(text("state"))  \(text("system"))  \(text("service"))  \(text("at"))\n    \(text("purpose"))")
            }
        }
    }

    struct Decision: ParsableArguments {
        @Argument(help: "The system.") var system: String
        @Argument(help: "The service, such as dan-cu/xac-thuc/1.") var service: String
        @OptionGroup var change: ChangeOptions

        func run(_ decision: String) async throws {
            guard let system = SystemID(self.system) else {
                throw ValidationError("'\(self.system)' is not the name of a system.")
            }
            let answer = try await HubClient(try self.change.configuration.load())
                .decide(decision, system, self.service, reason: self.change.reason)
            try AdapterCommand.List.refuse(answer, json: self.change.json)
            if self.change.json { return Terminal.show(answer.body) }
            Terminal.say("\(answer.body["state"]?.string ?? ""): \(system) \(self.service)")
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a system call a service.")
        @OptionGroup var decision: Decision
        func run() async throws { try await self.decision.run("approve") }
    }

    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Refuse what a system asked for.")
        @OptionGroup var decision: Decision
        func run() async throws { try await self.decision.run("reject") }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take back an approval.")
        @OptionGroup var decision: Decision
        func run() async throws { try await self.decision.run("revoke") }
    }
}
