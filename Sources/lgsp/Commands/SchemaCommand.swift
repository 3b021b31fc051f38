import ArgumentParser
import HubApp
import HubJSON
import HubModel

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Look at schemas. (Lược đồ.)", subcommands: [Check.self, Read.self, Suite.self]
    )

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every schema, form and example of a folder, all faults at once. Exit 1 if something is wrong.",
            discussion: "What a folder holds is in docs/schemas.md.\n\nExample: lgsp schema check schemas"
        )

        @Argument(help: "The folder; the one that comes with the program when absent.")
        var folder: String?

        @Option(help: "The folder that holds schemas/ and adapters/; found by itself when they are near.")
        var library: String?

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let report = try SchemaDesk().check(self.folder, library: self.library)
            if self.json {
                Terminal.show(report.json)
            } else {
                for fault in report.faults { Terminal.say(fault.description) }
                Terminal.say(
                    report.faults.isEmpty
                        ? "Tốt / Well: \(report.types) message types, \(report.examples) examples."
                        : "\(report.faults.count) lỗi / faults in \(report.types) message types, \(report.examples) examples."
                )
            }
            if !report.faults.isEmpty { throw ExitCode(1) }
        }
    }

    struct Read: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hold one file against the schema of its type, without a hub. Exit 1 if it does not fit. (Kiểm tra một tệp.)",
            discussion: """
                Says every place that does not fit, with line, column and path. Signatures and agencies are not looked at.

                Example: lgsp schema read document.xml --tolerant
                """
        )

        @Argument(help: "The file: XML or JSON.")
        var file: String

        @Option(help: "The message type, such as dossier/sync/1; recognised from the content when absent.")
        var type: String?

        @Flag(help: "Read it as from a system with the tolerant profile, and print what is read otherwise.")
        var tolerant = false

        @Option(help: "The folder that holds schemas/ and adapters/; found by itself when they are near.")
        var library: String?

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            var named: MessageType?
            if let text = self.type {
                named = MessageType(text)
                guard named != nil else { throw ValidationError("'\(text)' is not a message type, such as dossier/sync/1.") }
            }
            let reading = try SchemaDesk().read(self.file, as: named, isTolerant: self.tolerant, library: self.library)
            if self.json { Terminal.show(reading.json) } else { self.show(reading) }
            if !reading.fits { throw ExitCode(1) }
        }

        private func show(_ reading: SchemaDesk.Reading) {
            let type = reading.type?.description ?? ""
            if let refusal = reading.refusal {
                let place = [refusal.detail("line"), refusal.detail("column")].compactMap(\.self).map { ":" + $0 }.joined()
                Terminal.say("\(reading.file)\(place): \(refusal.code.title.vi)\n      \(refusal.summary) [\(refusal.code.rawValue)]")
                for detail in refusal.details where detail.key != "line" && detail.key != "column" {
                    Terminal.say("      \(detail.key): \(detail.value)")
                }
                return
            }
            Terminal.say(reading.violations, in: reading.file)
            if !reading.violations.isEmpty {
                Terminal.say("Không đúng lược đồ / Does not fit: \(type), \(reading.violations.count) chỗ / places.")
            } else if reading.repairs.isEmpty {
                Terminal.say("Đúng lược đồ / Fits: \(type).")
            } else {
                Terminal.say("Đọc được sau khi sửa / Read with repairs: \(type), \(reading.repairs.count) chỗ / places.")
            }
            Terminal.say(reading.repairs)
            if !reading.warnings.isEmpty { Terminal.say("Cảnh báo / Warnings: \(reading.warnings.count)") }
            Terminal.say(reading.warnings)
        }
    }

    struct Suite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run a folder of the JSON Schema test suite. Exit 1 when a test that is not optional failed.",
            discussion: """
                Drafts 2020-12 and 7. The folder is the suite, one of its folders, or one file.

                Example: lgsp schema suite JSON-Schema-Test-Suite/tests/draft2020-12 --json
                """
        )

        @Argument(help: "The folder or file.")
        var folder: String

        @Option(help: "The folder of documents that schemas may refer to; found by itself beside tests/.")
        var remotes: String?

        @Flag(help: "Print one JSON object.")
        var json = false

        @Flag(help: "Print every failed test.")
        var verbose = false

        func run() async throws {
            let run = try SchemaSuiteRun(folder: self.folder, remotes: self.remotes)
            if self.json {
                Terminal.show(run.json)
            } else {
                for file in run.files where !file.failures.isEmpty || file.skipped > 0 || self.verbose {
                    Terminal.say(
                        "\(file.name)\(file.isOptional ? " (optional)" : ""): \(file.passed) passed, "
                            + "\(file.failures.count) failed\(file.skipReason.map { ", skipped: \($0)" } ?? "")")
                    if self.verbose { for failure in file.failures { Terminal.say("  ✗ \(failure)") } }
                }
                Terminal.say(
                    "đạt / passed \(run.passed), không đạt / failed \(run.failed), bỏ qua / skipped \(run.skipped), "
                        + "tổng / total \(run.passed + run.failed + run.skipped)")
            }
            if run.requiredFailures > 0 { throw ExitCode(1) }
        }
    }
}
