import ArgumentParser
import Foundation
import HubApp
import HubJSON
import HubModel
import Synchronization

extension JournalCommand {
    struct Measure: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measure what a journal costs on a disk: acceptance, starts, delivery. (Đo nhật ký trên ổ đĩa.)",
            discussion: """
                Makes a journal of its own in the folder and removes it. Run it where the hub's journal is, while the hub is stopped or idle.

                Example: lgsp journal measure --folder /srv/lgsp --json
                """
        )

        @Option(help: "A folder on the disk that is meant.")
        var folder: String

        @Option(help: "Bytes of a message.")
        var size = 4096

        @Option(help: "Messages that one sender writes, one after the other; as many syncs of the disk alone.")
        var alone = 2000

        @Option(help: "Messages written by many senders at once.")
        var messages = 100_000

        @Option(help: "Senders at once.")
        var senders = 96

        @Option(help: "Messages delivered within the process.")
        var deliveries = 50_000

        @Option(help: "Deliveries that wait at a start and are worked off while others arrive; 0 leaves it out.")
        var pending = 0

        @Option(help: "Messages a second that arrive meanwhile.")
        var arriving = 500

        @Option(help: "Seconds that the receiver is away before they are worked off; they pass faster than real ones.")
        var away = 0

        @Flag(help: "Make a backup while the senders go on; it needs as much room as the journal.")
        var backup = false

        @Flag(help: "Print one JSON object.")
        var json = false

        func validate() throws {
            guard (0...10_000_000).contains(self.pending), (0...10_000).contains(self.arriving) else {
                throw ValidationError("--pending 0 to 10000000, --arriving 0 to 10000.")
            }
            guard (0...1_000_000).contains(self.away), self.away == 0 || self.pending > 0 else {
                throw ValidationError("--away 0 to 1000000, with --pending.")
            }
            guard (1...200_000).contains(self.size), (1...10_000).contains(self.senders), (100...1_000_000).contains(self.alone),
                (self.senders...10_000_000).contains(self.messages), (1...10_000_000).contains(self.deliveries)
            else { throw ValidationError("--size 1 to 200000, --senders 1 to 10000, --alone 100 to 1000000, --messages from the senders to 10000000.") }
        }

        func run() async throws {
            var plan = JournalMeasure.Plan(folder: self.folder)
            plan.size = self.size
            plan.messages = self.messages
            plan.senders = self.senders
            plan.alone = self.alone
            plan.deliveries = self.deliveries
            plan.pending = self.pending
            plan.arriving = self.arriving
            plan.away = self.away
            plan.backup = self.backup
            let box = Figures()
            let asJSON = self.json
            try await JournalMeasure(plan).run { figure in
                box.add(figure)
                guard !asJSON else { return }
                Terminal.say(
                    "\(figure.name.padding(toLength: 22, withPad: " ", startingAt: 0)) "
                        + "\(String(format: "%12.2f", figure.value)) \(figure.unit.padding(toLength: 10, withPad: " ", startingAt: 0)) "
                        + "\(figure.title.vi) / \(figure.title.en)"
                )
            }
            if asJSON { Terminal.show(box.json) }
        }

        private final class Figures: Sendable {
            private let object = Mutex(JSONObject())

            func add(_ figure: JournalMeasure.Figure) {
                self.object.withLock {
                    $0[figure.name] = JSONNumber(text: String(format: "%.3f", figure.value)).map { .number($0) } ?? .null
                }
            }

            var json: JSONValue { .object(self.object.withLock { $0 }) }
        }
    }
}
