import ArgumentParser
import HubApp
import HubModel

extension JournalCommand {
    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Drop the first month, which an archive holds. The hub must be stopped. Exit 1 if it must stay. (Loại tháng đầu đã lưu trữ khỏi nhật ký.)",
            discussion: """
                Removes the month's segments and what the database says of its messages. Only with an archive that verifies \
                and holds the very same blocks, once the period keep-identities of hub.yaml is over. What has not ended stays and is \
                delivered as before. The decision is signed and written to the chain first; the file base says from then on \
                where the journal begins. What a kill cuts off is finished by the next start, or by the same command.

                Keep the archives: without them nothing before the base can be shown or checked.

                Examples: lgsp journal archive --month 2026-10 --out archives --config hub-h44/hub.yaml
                          lgsp journal drop --month 2026-10 --archive archives/H44-2026-10.tar --reason "QĐ 12/2026" \
                --config hub-h44/hub.yaml
                """
        )

        @Option(help: "The month, YYYY-MM, by Viet Nam's clock; the first one in the journal.")
        var month: String

        @Option(help: "The file of its archive, outside of the journal's folder.")
        var archive: String

        @Option(help: "Further public keys of the hub, PEM, if it had others; can stand several times.")
        var key: [String] = []

        @OptionGroup var decision: DecisionOptions

        @OptionGroup var configuration: ConfigurationOption

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            guard let month = CivilMonth(iso: self.month) else {
                throw ValidationError("'\(self.month)' is not a month, such as 2026-10.")
            }
            let drop = JournalDesk.Drop(
                month: month, archive: self.archive, keys: self.key, reason: self.decision.reason,
                actor: self.decision.who
            )
            let answer = try await JournalDesk().drop(drop, of: try self.configuration.load())
            if self.json { Terminal.show(answer.json) } else { answer.lines.forEach { Terminal.say($0) } }
            if !answer.isDone { throw ExitCode(1) }
        }
    }
}
