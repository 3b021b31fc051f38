import ArgumentParser
import HubApp

/// What is said of a decision that is written into the chain.
struct DecisionOptions: ParsableArguments {
    @Option(help: "Why; it stands in the chain for ever.")
    var reason: String

    @Option(help: "Who says so; it stands in the chain for ever (default: the user of the system).")
    var actor: String?

    var who: String { self.actor ?? JournalDesk.user }

    func validate() throws {
        guard self.reason.contains(where: { !$0.isWhitespace }) else { throw ValidationError("--reason is empty.") }
    }
}
