internal import Foundation
internal import HubCore
internal import HubJSON
internal import HubModel
internal import Logging
internal import ServiceLifecycle

/// Keeps how many calls of a day each system has made, so that a restart does not begin the day anew.
///
/// Written every few seconds while it changes and at an orderly end, and no call waits for it: a hub that is killed
/// forgets at most the calls of those seconds.
struct QuotaKeeper: Service {
    static let interval = Duration.seconds(5)

    static func file(in dataFolder: String) -> String { dataFolder + "/quotas.json" }

    let file: String
    let budget: CallBudget
    let clock: any HubClock

    /// The budget as it was when it was written last; a file that cannot be read counts for nothing and is reported.
    static func load(_ file: String) -> CallBudget {
        guard FileManager.default.fileExists(atPath: file) else { return CallBudget() }
        do throws(HubError) {
            return CallBudget(try Self.tallies(try JSONDocument.parse(try KeysDesk.read(file)).value))
        } catch {
            Logger(label: "hub.quotas").error(
                "The calls of this day are not known; they are counted from nought.",
                metadata: ["path": "\(file)", "code": "\(error.code.rawValue)"]
            )
            return CallBudget()
        }
    }

    func run() async {
        var written = self.budget.tallies
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: Self.interval) }
            let tallies = self.budget.tallies
            guard tallies != written else { continue }
            do throws(HubError) {
                try KeysDesk.overwrite(self.file, Self.text(tallies))
                written = tallies
            } catch {
                Logger(label: "hub.quotas").error(
                    "The calls of this day could not be written.",
                    metadata: ["path": "\(self.file)", "code": "\(error.code.rawValue)"]
                )
            }
        }
    }

    private static func text(_ tallies: [CallBudget.Tally]) -> [UInt8] {
        let calls = tallies.map { tally in
            JSONValue.object([
                "system": .string(tally.system.description), "service": .string(tally.service),
                "day": .number(JSONNumber(Int(tally.day))), "calls": .number(JSONNumber(tally.calls)),
            ])
        }
        return JSONValue.object(["format": "quotas-1", "calls": .array(calls)]).serialised(pretty: true)
    }

    private static func tallies(_ json: JSONValue) throws(HubError) -> [CallBudget.Tally] {
        guard json["format"]?.string == "quotas-1" else {
            throw HubError(.configurationInvalid, "The file of the calls of a day cannot be read.")
        }
        return (json["calls"]?.array ?? []).compactMap { item in
            guard let system = item["system"]?.string.flatMap(SystemID.init), let service = item["service"]?.string,
                let day = item["day"]?.int, let calls = item["calls"]?.int, calls >= 0
            else { return nil }
            return CallBudget.Tally(system: system, service: service, day: Int64(day), calls: calls)
        }
    }
}
