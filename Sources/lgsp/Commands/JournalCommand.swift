import ArgumentParser
import HubApp
import HubModel

struct JournalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract:
            "Examine and keep a journal, and remove payloads by policy. (Kiểm tra, lưu trữ và thời hạn lưu giữ nhật ký.)",
        discussion:
            "docs/journal.md is for operators. docs/journal-format.md describes the files.",
        subcommands: [Check.self, Rebuild.self, Backup.self, Restore.self, Archive.self, Drop.self, Forget.self, Measure.self]
    )

    struct Archive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Write a month into one file that verifies alone. Exit 1 if the month is not over, or not there.",
            discussion: """
                Reads closed segments only, so the hub may be running. A file that exists is never replaced.

                Examples: lgsp journal archive --month 2026-10 --out archives --config hub-h44/hub.yaml
                          lgsp evidence audit --archive archives/H44-2026-10.tar --trust hub.pub.pem
                """
        )

        @Option(help: "The month, YYYY-MM, by Viet Nam's clock.")
        var month: String

        @Option(help: "The folder in which the archive is written.")
        var out: String

        @Option(help: "hub.yaml of the hub (default: hub.yaml here).")
        var config: String?

        @Option(help: "A journal's folder, instead of that of a configured hub.")
        var journal: String?

        @Option(help: "The hub's public keys, PEM; can stand several times. Needed with --journal.")
        var key: [String] = []

        @Flag(help: "Print one JSON object.")
        var json = false

        func validate() throws {
            if self.journal != nil, self.config != nil {
                throw ValidationError("Give --journal or --config, not both.")
            }
            if self.journal != nil, self.key.isEmpty { throw ValidationError("--journal needs --key.") }
        }

        func run() async throws {
            guard let month = CivilMonth(iso: self.month) else {
                throw ValidationError("'\(self.month)' is not a month, such as 2026-10.")
            }
            let desk = JournalDesk()
            let answer: JournalDesk.Answer
            if let journal = self.journal {
                answer = try desk.archive(month, journal: journal, keys: self.key, to: self.out)
            } else {
                let configuration = try HubConfiguration.load(file: self.config ?? "hub.yaml")
                answer = try desk.archive(month, of: configuration, keys: self.key, to: self.out)
            }
            if self.json { Terminal.show(answer.json) } else { answer.lines.forEach { Terminal.say($0) } }
            if !answer.isDone { throw ExitCode(1) }
        }
    }

    struct Forget: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Remove payloads by policy; their digests, receipts and proofs stay. The hub must be stopped.",
            discussion: """
                Only messages in closed segments whose deliveries have all ended. The decision is signed and written to the
                chain before a byte goes. What was removed cannot be had back, except from an archive or the sender.

                A running hub does the same by itself, and for identities too, with the section journal of hub.yaml.

                Example: lgsp journal forget --before 2026-01-01 --type edoc/document/1 --reason "QĐ 12/2026" \
                --config hub-h44/hub.yaml
                """
        )

        @Option(help: "Payloads of messages accepted before this day go, YYYY-MM-DD by Viet Nam's clock.")
        var before: String

        @Option(help: "Only of this message type, such as edoc/document/1.")
        var type: String?

        @OptionGroup var decision: DecisionOptions

        @OptionGroup var configuration: ConfigurationOption

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            guard let before = CivilDate(iso: self.before) else {
                throw ValidationError("'\(self.before)' is not a day, such as 2026-01-01.")
            }
            let type = self.type.map { MessageType($0) }
            if case .some(nil) = type {
                throw ValidationError("'\(self.type ?? "")' is not a message type, such as edoc/document/1.")
            }
            let removal = JournalDesk.Removal(
                before: before, type: type.flatMap(\.self), reason: self.decision.reason,
                actor: self.decision.who
            )
            let answer = try await JournalDesk().forget(removal, of: try self.configuration.load())
            if self.json { Terminal.show(answer.json) } else { answer.lines.forEach { Terminal.say($0) } }
        }
    }
}
