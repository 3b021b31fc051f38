import ArgumentParser
import HubApp

/// What the demo and the replay of a suite have in common.
struct ReplayOptions: ParsableArguments {
    @Flag(help: "Print one JSON object instead of the summary.")
    var json = false

    @Flag(help: "Leave the processes running and the folders in place afterwards.")
    var keep = false

    @Option(help: "The folder for hubs, keys and ledgers; a new one below the temporary folder when absent.")
    var folder: String?

    @Option(help: "The folder that holds schemas/, adapters/ and suites/; found by itself when they are near.")
    var library: String?

    func replay(_ suite: String, landscape: String?, afterwards: Replay.Afterwards) async throws {
        let replay = Replay(
            library: try Library.find(self.library), suite: suite, folder: self.folder, landscape: landscape,
            afterwards: self.keep ? .keep : afterwards
        )
        let outcome = try await replay.run { text in
            if !self.json { Terminal.say(text) } else { Terminal.progress(text) }
        }
        if self.json { Terminal.show(outcome.json) } else { Terminal.say(outcome.summary) }
        if !outcome.passed { throw ExitCode(1) }
    }
}

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Two hubs, the mock national platform and simulated systems on this machine; the quick-start suite "
            + "through them. (Chạy thử trọn vẹn trên máy này.)",
        discussion: "Exit 0 when nothing was lost, nothing arrived twice and every step was as expected; 1 otherwise."
    )

    @Flag(help: "Stop after the suite. Without it the landscape stays up until Ctrl-C, to look around.")
    var once = false

    @OptionGroup var options: ReplayOptions

    func run() async throws {
        try await self.options.replay("quickstart", landscape: nil, afterwards: self.once ? .stop : .stayUntilSignal)
    }
}

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Play a suite of messages and reconcile every ledger. Exit 1 if something is not as expected. "
            + "(Phát lại một bộ thông điệp.)"
    )

    @Argument(help: "The folder of the suite, or the name of one that comes with the program, such as quickstart.")
    var suite: String

    @Option(help: "landscape.json of processes that run already; started anew when absent.")
    var landscape: String?

    @OptionGroup var options: ReplayOptions

    func run() async throws {
        try await self.options.replay(self.suite, landscape: self.landscape, afterwards: .stop)
    }
}
