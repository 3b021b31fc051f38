import ArgumentParser
import HubApp
import HubJSON
import HubModel

/// Which journal is meant: that of a configured hub, or a folder.
struct JournalFolderOptions: ParsableArguments {
    @Option(
        name: [.customLong("config"), .customShort("c")],
        help: "hub.yaml of the hub (default: hub.yaml here).")
    var config: String?

    @Option(help: "A journal's folder, instead of that of a configured hub.")
    var journal: String?

    func validate() throws {
        if self.journal != nil, self.config != nil {
            throw ValidationError("Give --journal or --config, not both.")
        }
    }

    func place(keys: [String] = []) throws -> JournalDesk.Place {
        try JournalCommand.place(journal: self.journal, config: self.config, keys: keys)
    }
}

/// The same with the keys that prove it.
struct JournalPlaceOptions: ParsableArguments {
    @OptionGroup var folder: JournalFolderOptions

    @Option(help: "The hub's public keys, PEM; can stand several times. Needed with --journal.")
    var key: [String] = []

    func validate() throws {
        if self.folder.journal != nil, self.key.isEmpty { throw ValidationError("--journal needs --key.") }
    }

    func place() throws -> JournalDesk.Place { try self.folder.place(keys: self.key) }
}

extension JournalCommand {
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Examine a journal and list all damage. Exit 1 when there is some. (Kiểm tra nhật ký, kể hết chỗ hỏng.)",
            discussion: """
                Reads segments, spool and database, changes nothing, and may run beside the hub. Each finding says which file,
                block and messages it is about, and what to do. Damage at one place hides nothing at another.

                Examples: lgsp journal check --config hub-h44/hub.yaml
                          lgsp journal check --journal copy/journal --key hub.pub.pem --json
                """
        )

        @OptionGroup var place: JournalPlaceOptions

        @Option(
            help: "Public keys, PEM, that count once a record of the chain announces them (GET /v1/keys).")
        var announced: [String] = []

        @Flag(
            inversion: .prefixedNo,
            help: "Compare every row of the database with the blocks; needs room in TMPDIR.")
        var rows = true

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let answer = try JournalDesk().check(
                try self.place.place(), announced: self.announced, comparesRows: self.rows
            ) { Terminal.progress("… \($0) bản ghi / records") }
            try JournalCommand.show(answer, asJSON: self.json)
        }
    }

    /// - Parameter isAside: Whether standard output holds something else, so that it goes to standard error.
    static func show(_ answer: JournalDesk.Answer, asJSON: Bool, isAside: Bool = false) throws {
        let lines = asJSON ? [String(decoding: answer.json.serialised(pretty: true), as: UTF8.self)] : answer.lines
        lines.forEach { isAside ? Terminal.complain($0) : Terminal.say($0) }
        if !answer.isDone { throw ExitCode(1) }
    }
}
