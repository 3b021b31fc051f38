import ArgumentParser
import Foundation
import HubApp
import HubModel

extension JournalCommand {
    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Copy a journal, also of a running hub, so that it can be restored. (Sao lưu nhật ký, cả khi trục chạy.)",
            discussion: """
                A folder with segments, large payloads and timestamps, up to a block that is on disk, and a MANIFEST with the
                digest of each file. It gets its name when it is whole, and nothing is ever replaced: give each a name of its own.
                With --tar it is one file, an archive that tar opens too; --tar - writes it to standard output, and what there is
                to say to standard error. Exit code 0 says that it is whole; a part of one is refused by the restore.

                Not in it: hub.yaml, keys/ (without the private key nobody can sign as this hub, without the public keys nobody
                can check the chain), secrets, trust/, adapters/, data/approvals.json. Keep those too, and the keys apart from
                the backups. docs/journal.md has a list.

                Examples: lgsp journal backup --out /backup/h44-2026-11-27 --config hub-h44/hub.yaml
                          lgsp journal backup --out /backup/copy --journal hub-h44/data/journal --json
                          lgsp journal backup --tar /backup/h44-2026-11-27.tar --config hub-h44/hub.yaml
                          lgsp journal backup --tar - --config hub-h44/hub.yaml | ssh vault 'cat > h44.tar.part && mv h44.tar.part h44.tar'
                """
        )

        @Option(help: "The folder that is made; nothing must be there.")
        var out: String?

        @Option(help: "The archive that is made instead, one file; nothing must be there. - for standard output.")
        var tar: String?

        @OptionGroup var folder: JournalFolderOptions

        @Flag(help: "Copy a journal too of which payloads are missing that nobody removed.")
        var withMissing = false

        @Flag(help: "Print one JSON object.")
        var json = false

        func validate() throws {
            guard let path = self.out ?? self.tar, self.out == nil || self.tar == nil else {
                throw ValidationError("Give --out or --tar, one of them.")
            }
            if path.isEmpty { throw ValidationError(self.tar == nil ? "--out is empty." : "--tar is empty.") }
            if self.tar == "-", isatty(STDOUT_FILENO) == 1 {
                throw ValidationError("Standard output is a terminal: send the archive into a pipe or a file.")
            }
        }

        func run() async throws {
            let answer = try JournalDesk().backup(
                try self.folder.place(), to: self.out ?? self.tar ?? "", isArchive: self.tar != nil, allowsMissing: self.withMissing
            ) { Terminal.progress("… \($0 >> 20) MB") }
            try JournalCommand.show(answer, asJSON: self.json, isAside: self.tar == "-")
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a journal of a backup, where there is none. (Khôi phục nhật ký từ bản sao lưu.)",
            discussion: """
                Every file is held against the MANIFEST and the chain against the hub's keys before the journal gets its name;
                the database is made anew. A folder that holds anything is refused: move the old journal away, and keep it.

                What was accepted behind the last block of the backup is not in it, and the hub will give its block numbers to
                other blocks. It writes the restore to the chain first; receipts of the lost blocks no longer fit, and
                lgsp evidence audit --receipt shows that. A late receipt given here tells how many blocks are lost.

                Examples: lgsp journal restore /backup/h44-2026-11-27 --config hub-h44/hub.yaml --receipt last.json
                          lgsp journal restore /backup/h44-2026-11-27.tar --config hub-h44/hub.yaml
                          ssh vault cat h44.tar | lgsp journal restore - --config hub-h44/hub.yaml
                          lgsp journal restore /backup/h44-2026-11-27 --into /tmp/journal --key hub.pub.pem
                """
        )

        @Argument(help: "The backup: a folder, or the file of an archive; - for an archive from standard input.")
        var backup: String

        @Option(
            name: [.customLong("config"), .customShort("c")],
            help: "hub.yaml of the hub (default: hub.yaml here).")
        var config: String?

        @Option(help: "The folder of the journal that is made, instead of that of a configured hub.")
        var into: String?

        @Option(help: "The hub's public keys, PEM; can stand several times. Needed with --into.")
        var key: [String] = []

        @Option(
            help: "Public keys, PEM, that count once a record of the chain announces them (GET /v1/keys).")
        var announced: [String] = []

        @Option(help: "A receipt that the hub gave, JSON, as late as can be had; can stand several times.")
        var receipt: [String] = []

        @Flag(help: "Print one JSON object.")
        var json = false

        func validate() throws {
            if self.into != nil, self.config != nil {
                throw ValidationError("Give --into or --config, not both.")
            }
            if self.into != nil, self.key.isEmpty { throw ValidationError("--into needs --key.") }
        }

        func run() async throws {
            let place = try JournalCommand.place(journal: self.into, config: self.config, keys: self.key)
            let answer = try JournalDesk().restore(
                self.backup, to: place, announced: self.announced, receipts: self.receipt
            ) { Terminal.progress("… \($0 >> 20) MB") }
            try JournalCommand.show(answer, asJSON: self.json)
        }
    }

    /// The journal in a folder, or else that of a configured hub.
    static func place(journal: String?, config: String?, keys: [String] = []) throws -> JournalDesk.Place {
        if let journal { return .folder(journal, keys: keys) }
        return .hub(try HubConfiguration.load(file: config ?? "hub.yaml"), keys: keys)
    }
}
