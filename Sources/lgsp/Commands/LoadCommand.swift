import ArgumentParser
import Foundation
import HubApp
import HubJSON

struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Load a hub of its own with signed documents inside one province and measure it. (Đo tải.)",
        discussion: """
            The documents are signed beforehand and sent at a steady rate, whatever the hub does; times count from when \
            a document was due. Exit 1 when a document was refused, lost or delivered twice.

            Example: lgsp load --rate 1000 --count 20000
            """
    )

    @Option(help: "Documents a second; 0 sends as fast as answers come.")
    var rate = 1000

    @Option(help: "Documents in all.")
    var count = 20_000

    @Option(help: "Requests under way at once.")
    var connections = 64

    @Option(help: "The folder that holds schemas/, adapters/ and suites/; found by itself when they are near.")
    var library: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard (0...1_000_000).contains(self.rate), (1...10_000_000).contains(self.count),
            (1...4096).contains(self.connections)
        else { throw ValidationError("The rate is 0-1000000, the count 1-10000000, the connections 1-4096.") }
    }

    func run() async throws {
        let outcome = try await LoadRun(
            library: Library.find(self.library), rate: self.rate, count: self.count, connections: self.connections
        ).run { Terminal.progress($0) }
        if self.json {
            Terminal.show(outcome.json)
        } else {
            for (key, value) in outcome.json.object?.members ?? [] {
                let name = key.padding(toLength: 24, withPad: " ", startingAt: 0)
                Terminal.say("  \(name) \(value.text)")
            }
        }
        if !outcome.passed { throw ExitCode(1) }
    }
}
