package import HubModel

/// What a run met on its way, when it is to go on past the steps that fail.
final class MappingFailures {
    private static let most = 100

    private(set) var errors: [HubError] = []
    /// Whether a step failed in whose place nothing could be put.
    var hasGaps = false

    /// Whether the run goes on.
    func take(_ error: HubError) -> Bool {
        // What has become too large grows with every step.
        guard error.detail("reason") != MappingReason.tooLarge.rawValue, self.errors.count < Self.most else { return false }
        self.errors.append(error)
        return true
    }
}

extension Mapping {
    /// Runs the mapping past the steps that fail, for whoever is told everything at once.
    ///
    /// - Returns: Every failure, what the other steps made, with null where one that failed was to set something, and
    ///   whether more may be missing than the mapping leaves out.
    package func trial(
        on source: MappingSource, context: [String: String], digest: MappingDigest?
    ) -> (failures: [HubError], made: MappingResult?, hasGaps: Bool) {
        let failures = MappingFailures()
        let run = MappingRun(context: context, digest: digest, trace: nil, failures: failures)
        do throws(HubError) {
            let made = try self.run(on: source, run)
            return (failures.errors, made, failures.hasGaps)
        } catch {
            return (failures.errors + [error], nil, true)
        }
    }
}
