import ArgumentParser
import HubApp
import HubJSON
import HubModel

struct DeliveryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delivery",
        abstract: "See what waits and what was given up at a running hub, and steer it. (Điều hành việc giao thông điệp.)",
        discussion: """
            Every act is a record with its reason, and holds over restarts. docs/delivery.md says what each does.
            """,
        subcommands: [
            Destinations.self, List.self, Pause.self, Drain.self, Resume.self, Retry.self, Redrive.self, Redirect.self,
            Expire.self,
        ]
    )

    struct Destinations: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the destinations: what waits, whether it is held back, whether the system answers."
        )

        @OptionGroup var configuration: ConfigurationOption

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let answer = try await HubClient(try self.configuration.load()).destinations()
            try AdapterCommand.List.refuse(answer, json: self.json)
            if self.json { return Terminal.show(answer.body) }
            for entry in answer.body["destinations"]?.array ?? [] { DeliveryCommand.show(entry) }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List dead letters, or with --phase pending what waits for one destination. Exit 1 if there are none.",
            discussion: """
                Examples: lgsp delivery list --config hub-h44/hub.yaml
                          lgsp delivery list --phase pending --destination push:ioc-h44 --config hub-h44/hub.yaml
                """
        )

        @OptionGroup var selection: Selection

        @Option(help: "At most this many.")
        var limit = 100

        @OptionGroup var configuration: ConfigurationOption

        @Flag(help: "Print one JSON object a line.")
        var json = false

        func run() async throws {
            let client = HubClient(try self.configuration.load())
            var (found, next): (Int, Int?) = (0, nil)
            repeat {
                let answer = try await client.deliveries(
                    self.selection.values, after: next, limit: min(1000, max(1, self.limit - found))
                )
                try AdapterCommand.List.refuse(answer, json: self.json)
                for entry in answer.body["deliveries"]?.array ?? [] {
                    found += 1
                    if self.json { Terminal.line(entry) } else { Self.show(entry) }
                }
                next = answer.body["next"]?.int
            } while next != nil && found < self.limit
            if !self.json { Terminal.say("\(found)\(next == nil ? "" : "+")") }
            if found == 0 { throw ExitCode(1) }
        }

        private static func show(_ entry: JSONValue) {
            func text(_ key: String) -> String { entry[key]?.string ?? "" }
            Terminal.say(
                "\(text("id"))  \(text("phase"))  \(text("destination"))  \(text("recipient"))  \(text("type"))\n"
                    + "    \(text("accepted_at"))  ×\(entry["attempts"]?.int ?? 0)  \(text("code"))  \(text("answer"))"
            )
        }
    }

    /// Which deliveries are meant.
    struct Selection: ParsableArguments {
        @Option(help: "dead-lettered or pending.")
        var phase = "dead-lettered"

        @Option(help: "A destination, such as push:ioc-h44 or national:axis.")
        var destination: String?

        @Option(help: "The code of the last attempt, such as delivery.refused.")
        var code: String?

        @Option(help: "The type of the message.")
        var type: String?

        @Option(help: "The system that sent the message.")
        var sender: String?

        @Option(help: "Accepted at this moment or later, such as 2026-10-01T00:00:00Z.")
        var from: String?

        @Option(help: "Accepted before this moment.")
        var until: String?

        var values: [String: String] {
            var values = ["phase": self.phase]
            for (key, value) in [
                ("destination", self.destination), ("code", self.code), ("type", self.type), ("sender", self.sender),
                ("from", self.from), ("until", self.until),
            ] { values[key] = value }
            return values
        }

        func validate() throws {
            guard ["dead-lettered", "pending"].contains(self.phase) else {
                throw ValidationError("--phase is dead-lettered or pending.")
            }
        }
    }

    /// Deliveries by their ids, or a selection.
    struct Change: ParsableArguments {
        @Argument(help: "Deliveries, MESSAGE.0; or --all with what they have in common.")
        var ids: [String] = []

        @Flag(help: "All that have what the options say.")
        var all = false

        @OptionGroup var selection: Selection
        @OptionGroup var change: ChangeOptions

        func validate() throws {
            if self.ids.isEmpty == !self.all { throw ValidationError("Give ids of deliveries, or --all, and not both.") }
        }

        func run(_ action: String, to: String? = nil, phase: String? = nil) async throws {
            var wish: JSONObject = ["reason": .string(self.change.reason)]
            if let to { wish["to"] = .string(to) }
            if self.all {
                var selection = JSONObject()
                for (key, value) in self.selection.values.sorted(by: { $0.key < $1.key }) { selection[key] = .string(value) }
                if let phase { selection["phase"] = .string(phase) }
                wish["selection"] = .object(selection)
            } else {
                wish["ids"] = .array(self.ids.map { .string($0) })
            }
            let answer = try await HubClient(try self.change.configuration.load()).changeDeliveries(action, .object(wish))
            try AdapterCommand.List.refuse(answer, json: self.change.json)
            let changed = answer.body["changed"]?.int ?? 0
            if self.change.json {
                Terminal.show(answer.body)
            } else {
                Terminal.say("\(changed) đã đổi / changed, \(answer.body["skipped"]?.int ?? 0) bỏ qua / left as they are")
            }
            if changed == 0 { throw ExitCode(1) }
        }
    }

    struct Redrive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send dead letters again. Exit 1 if nothing was changed.",
            discussion: """
                Examples: lgsp delivery redrive 01a20bf6-00f9-7557-a328-73a26fc97371.0 --config hub-h44/hub.yaml
                          lgsp delivery redrive --all --destination push:ioc-h44 --code delivery.refused --reason "lỗi đã sửa"
                """
        )
        @OptionGroup var change: Change
        func run() async throws { try await self.change.run("redrive", phase: "dead-lettered") }
    }

    struct Redirect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send pending deliveries or dead letters to another destination. Exit 1 if nothing was changed.",
            discussion:
                "Example: lgsp delivery redirect --all --phase pending --destination push:ioc-h44 --to mailbox:qlvb-so-tc-h44"
        )
        @Option(help: "The destination, such as mailbox:SYSTEM or push:SYSTEM.") var to: String
        @OptionGroup var change: Change
        func run() async throws { try await self.change.run("redirect", to: self.to) }
    }

    struct Expire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give up pending deliveries: they become dead letters. Exit 1 if nothing was changed.",
            discussion: "Example: lgsp delivery expire --all --destination push:ioc-h44 --until 2026-10-01T00:00:00Z"
        )
        @OptionGroup var change: Change
        func run() async throws { try await self.change.run("expire", phase: "pending") }
    }

    /// What is done with a destination as a whole.
    struct Steering: ParsableArguments {
        @Argument(help: "The destination, such as push:ioc-h44.") var destination: String
        @OptionGroup var change: ChangeOptions

        func run(_ action: String) async throws {
            let answer = try await HubClient(try self.change.configuration.load())
                .steer(self.destination, action, reason: self.change.reason)
            try AdapterCommand.List.refuse(answer, json: self.change.json)
            if self.change.json { return Terminal.show(answer.body) }
            DeliveryCommand.show(answer.body)
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start no delivery to a destination; messages for it wait.")
        @OptionGroup var steering: Steering
        func run() async throws { try await self.steering.run("pause") }
    }

    struct Drain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deliver what a destination was promised up to now; what comes later waits."
        )
        @OptionGroup var steering: Steering
        func run() async throws { try await self.steering.run("drain") }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a pause or drain.")
        @OptionGroup var steering: Steering
        func run() async throws { try await self.steering.run("resume") }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Try what waits for its next attempt now.")
        @OptionGroup var steering: Steering
        func run() async throws { try await self.steering.run("retry") }
    }

    fileprivate static func show(_ entry: JSONValue) {
        func text(_ key: String) -> String { entry[key]?.string ?? "" }
        Terminal.say(
            "\(text("destination"))  \(text("state"))  \(entry["pending"]?.int ?? 0) chờ / pending"
                + (entry["here"]?.bool == false ? "  không có hệ thống / no system" : "")
                + (entry["answers"]?.bool == false ? "  không trả lời / does not answer" : "")
        )
    }
}
