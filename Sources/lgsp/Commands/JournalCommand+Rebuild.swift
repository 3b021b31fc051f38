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

        @OptionGroup var folder: JournalFolderOptions

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let place = try self.folder.place()
            let answer = try await JournalDesk().rebuild(place) {
                Terminal.progress("… \($0) bản ghi / records")
            }
            try JournalCommand.show(answer, asJSON: self.json)
        }
    }
}
