import ArgumentParser
import HubApp
import HubModel

extension JournalCommand {
    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Make a journal's database anew from its segments. The hub must be stopped. (Dựng lại cơ sở dữ liệu.)",
            discussion: """
                The database that is there stays until the new one is whole; a crash in between leaves a journal that opens.
                Nothing is lost by it, since the segments hold everything; but do not do it while the check says
                projection-ahead: then the old database is the only one that remembers what is missing.

                Examples: lgsp journal rebuild --config hub-h44/hub.yaml
                          lgsp journal rebuild --journal copy/journal
                """
        )

        @Option(
            name: [.customLong("config"), .customShort("c")],
            help: "hub.yaml of the hub (default: hub.yaml here).")
        var config: String?

        @Option(help: "A journal's folder, instead of that of a configured hub.")
        var journal: String?

        @Flag(help: "Print one JSON object.")
        var json = false

        func validate() throws {
            if self.journal != nil, self.config != nil {
                throw ValidationError("Give --journal or --config, not both.")
            }
        }

        func run() async throws {
            let place = try JournalCommand.place(journal: self.journal, config: self.config)
            let answer = try await JournalDesk().rebuild(place) {
                Terminal.progress("… \($0) bản ghi / records")
            }
            try JournalCommand.show(answer, asJSON: self.json)
        }
    }
}
