import ArgumentParser
import HubApp
import HubJSON
import HubModel

struct MappingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mapping", abstract: "Try mappings. (Thử ánh xạ.)", subcommands: [Run.self]
    )

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run a mapping over a document and print what it makes. Exit 1 if it fails or the result does not fit.",
            discussion: """
                The operators are in docs/mapping.md. What a running hub knows has the values of samples (docs/adapters.md): the agency is \
                the one that the document names, if its type has a form.

                Example: lgsp mapping run adapters/ioc-h44/mapping/edoc-document.yaml \
                adapters/ioc-h44/samples/van-ban-moi/message.xml --steps
                """
        )

        @Argument(help: "The mapping file.")
        var mapping: String

        @Argument(help: "The document: XML or JSON.")
        var document: String

        @Flag(help: "Print every step: its line, whether its condition held, what it set or why it failed.")
        var steps = false

        @Flag(help: "Run the inverse, from the target to the source; says which steps cannot be turned around.")
        var reverse = false

        @Option(help: "A value of the context, NAME=TEXT, such as sender=H44.13; may be repeated.")
        var context: [String] = []

        @Option(help: "The folder that holds schemas/, against which the result is held; found by itself when it is near.")
        var library: String?

        @Flag(help: "Do not hold the result against its schema.")
        var unchecked = false

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            var context: [String: String] = [:]
            for text in self.context {
                guard let sign = text.firstIndex(of: "=") else { throw ValidationError("'\(text)' is not NAME=TEXT.") }
                context[String(text[..<sign])] = String(text[text.index(after: sign)...])
            }
            let library = self.unchecked ? nil : try Library.find(self.library)
            let ran = try MappingDesk().run(
                mapping: self.mapping, document: self.document, reverse: self.reverse, context: context, library: library
            )
            switch ran {
            case .failure(let faults):
                for fault in faults.faults { Terminal.complain(fault.description) }
                throw ExitCode(1)
            case .success(let outcome):
                if self.json { Terminal.show(outcome.json) } else { self.show(outcome) }
                if case .failure = outcome.result { throw ExitCode(1) }
                if !outcome.violations.isEmpty { throw ExitCode(1) }
            }
        }

        private func show(_ outcome: MappingDesk.Outcome) {
            if self.steps {
                for step in outcome.steps {
                    let indent = String(repeating: "  ", count: step.depth)
                    let condition = step.condition.map { $0 ? " when ✓" : " when ✗" } ?? ""
                    Terminal.complain(
                        "\(step.line): \(indent)\(step.name)\(condition) \(step.target.isEmpty ? "" : "→ \(step.target) ")"
                            + "\(step.outcome)\(step.text.isEmpty ? "" : ": \(step.text)")"
                    )
                }
                if outcome.dropped > 0 { Terminal.complain("… \(outcome.dropped) more") }
            }
            switch outcome.result {
            case .success(let bytes): Terminal.say(String(decoding: bytes, as: UTF8.self))
            case .failure(let error): Terminal.report(error)
            }
            for violation in outcome.violations {
                Terminal.complain("\(violation.line):\(violation.column) \(violation.path): \(violation.message.vi)\n      \(violation.message.en)")
            }
        }
    }
}
