import ArgumentParser
import Foundation
import HubApp
import HubModel

struct EvidenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence",
        abstract: "Prove what happened, without trusting the hub. (Bằng chứng kiểm tra được mà không cần tin trục.)",
        discussion: "docs/evidence.md describes the pack and shows the same checks with openssl alone.",
        subcommands: [Export.self, Verify.self, Audit.self]
    )

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the evidence about one message to a file. Exit 1 if there is no such message.",
            discussion: """
                Asks the running hub, or opens the journal of one that is stopped.

                Example: lgsp evidence export 01a20bf6-00f9-7557-a328-73a26fc97371 --config hub-h44/hub.yaml --out e.tar
                """
        )

        @Argument(help: "The id that the hub gave.")
        var id: String

        @OptionGroup var configuration: ConfigurationOption

        @Option(help: "Where the pack goes; evidence-ID.tar when absent.")
        var out: String?

        func run() async throws {
            guard let id = MessageID(self.id) else {
                throw ValidationError("'\(self.id)' is not the id of a message.")
            }
            let configuration = try self.configuration.load()
            guard let pack = try await EvidenceDesk().export(id, configuration) else {
                Terminal.say("Không có / None: \(id)")
                throw ExitCode(1)
            }
            let path = self.out ?? "evidence-\(id).tar"
            try Data(pack).write(to: URL(fileURLWithPath: path))
            Terminal.say("Đã ghi / Written: \(path) (\(pack.count) bytes)")
            Terminal.say("  lgsp evidence verify \(path) --trust HUB.pem")
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check an evidence pack. Needs no hub and no database. Exit 0 when it is valid, 1 when it is not."
        )

        @Argument(help: "The pack.")
        var file: String

        @Option(help: "Public keys or certificates of the hub, PEM, known from elsewhere; can stand several times.")
        var trust: [String] = []

        @Option(help: "Roots, PEM, below which the sender's certificate must lie. Can stand several times.")
        var signers: [String] = []

        @Option(
            name: .customLong("tsa"),
            help: "Roots of timestamp authorities, PEM; the pack must then hold a timestamp of one. Can stand several times.")
        var authorities: [String] = []

        @Flag(help: "Believe roots that are marked as a test.")
        var testAuthority = false

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            guard !self.trust.isEmpty else {
                throw ValidationError("--trust is missing: without a key from elsewhere a pack proves nothing.")
            }
            let finding = try EvidenceDesk().verify(
                file: self.file, trust: self.trust, signers: self.signers, authorities: self.authorities,
                allowsTestAuthority: self.testAuthority
            )
            if self.json { Terminal.show(finding.json) } else { finding.lines.forEach { Terminal.say($0) } }
            if !finding.isValid { throw ExitCode(1) }
        }
    }

    struct Audit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Re-compute the chain of a whole journal and name what does not fit. Exit 1 when something does not.",
            discussion: """
                Checks blocks, signatures, records, payloads and receipts, and whether the database says what the blocks
                say. Changes nothing and may run beside the hub.

                Examples: lgsp evidence audit --config hub-h44/hub.yaml --receipt receipt.json
                          lgsp evidence audit --journal copy/journal --key hub.pub.pem
                          lgsp evidence audit --archive H44-2026-10.tar --archive H44-2026-11.tar --trust hub.pub.pem

                An archive (lgsp journal archive) is checked from the block that it begins with, without hub and database;
                several, in any order, must also join. Together with --config or --journal, the journal must go on where the last
                of them ends: for one from which months were dropped (lgsp journal drop).
                """
        )

        @Option(help: "hub.yaml of the hub (default: hub.yaml here).")
        var config: String?

        @Option(help: "A journal's folder, instead of that of a configured hub.")
        var journal: String?

        @Option(help: "An archive of a month, alone or before what the journal still has; can stand several times.")
        var archive: [String] = []

        @Option(
            name: [.customLong("key"), .customLong("trust")],
            help: "The hub's public keys, PEM; can stand several times. Needed with --journal and --archive.")
        var key: [String] = []

        @Option(help: "Public keys, PEM, that count once a record of the chain announces them (GET /v1/keys).")
        var announced: [String] = []

        @Option(
            name: .customLong("tsa"),
            help: "Roots of timestamp authorities, PEM; each archive must then be covered by a timestamp of one.")
        var authorities: [String] = []

        @Flag(help: "Believe a timestamp authority that is marked as a test.")
        var testAuthority = false

        @Option(help: "A receipt that the hub gave, JSON; can stand several times.")
        var receipt: [String] = []

        @Flag(inversion: .prefixedNo, help: "Compare the database with the blocks.")
        var projection = true

        @Flag(help: "Print one JSON object.")
        var json = false

        func validate() throws {
            if self.journal != nil, self.config != nil { throw ValidationError("Give one of --journal and --config.") }
            if self.journal != nil, self.key.isEmpty { throw ValidationError("--journal needs --key.") }
            if !self.archive.isEmpty, self.key.isEmpty, self.config == nil {
                throw ValidationError("--archive needs --trust: without a key from elsewhere it proves nothing.")
            }
            if self.archive.isEmpty, !self.authorities.isEmpty { throw ValidationError("--tsa goes with --archive.") }
        }

        func run() async throws {
            let desk = EvidenceDesk()
            if !self.archive.isEmpty, self.journal == nil, self.config == nil {
                let finding = try desk.run(self.archiveAudit) { Terminal.progress("… \($0) bản ghi / records") }
                return try Self.show(finding, asJSON: self.json)
            }
            var audit: EvidenceDesk.Audit
            if let journal = self.journal {
                audit = EvidenceDesk.Audit(folder: journal, keys: self.key)
            } else {
                audit = try desk.audit(of: try HubConfiguration.load(file: self.config ?? "hub.yaml"))
                audit.keys += self.key
            }
            audit.announced = self.announced
            audit.receipts = self.receipt
            audit.archives = self.archive
            audit.authorities = self.authorities
            audit.allowsTestAuthority = self.testAuthority
            audit.comparesProjection = self.projection
            let finding = try desk.run(audit) { Terminal.progress("… \($0) bản ghi / records") }
            try Self.show(finding, asJSON: self.json)
        }

        private var archiveAudit: EvidenceDesk.ArchiveAudit {
            var audit = EvidenceDesk.ArchiveAudit(files: self.archive, keys: self.key)
            audit.receipts = self.receipt
            audit.authorities = self.authorities
            audit.allowsTestAuthority = self.testAuthority
            return audit
        }

        private static func show(_ finding: EvidenceDesk.Finding, asJSON: Bool) throws {
            if asJSON { Terminal.show(finding.json) } else { finding.lines.forEach { Terminal.say($0) } }
            if !finding.isValid { throw ExitCode(1) }
        }
    }
}
