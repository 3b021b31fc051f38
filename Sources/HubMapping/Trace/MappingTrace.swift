public import HubModel

/// What each step of one run did, and how the run ended.
public struct MappingTrace: Sendable {
    /// In the order in which they were begun; steps inside others follow them.
    public let steps: [MappingTraceStep]
    /// How many further steps are not listed.
    public let dropped: Int
    /// The document, or why there is none.
    public let result: Result<MappingResult, HubError>
}

/// One step of one run.
public struct MappingTraceStep: Sendable {
    /// What became of a step.
    public enum Outcome: Sendable {
        /// The target has this value, shortened.
        case set(String)
        /// The steps inside follow.
        case entered
        /// The condition did not hold.
        case skipped
        /// There was nothing, and that is allowed.
        case leftOut
        /// With the reason of the step in which it happened.
        case failed(reason: String)
    }

    public let line: Int
    /// In how many other steps this one is.
    public let depth: Int
    /// Whether the condition held; `nil` when the step has none.
    public let condition: Bool?
    /// What the step sets, as the file writes it; `nil` for a group.
    public let target: String?
    /// The name of the operator; `steps` for a group.
    public let name: String
    public let outcome: Outcome
}

extension Mapping {
    /// Runs the mapping and notes what each step does, for people who write mappings.
    ///
    /// Values are in it, shortened to 80 characters and without the secret of the context: it is for samples, not for logs.
    public func trace(
        on source: MappingSource, context: [String: String] = [:], digest: MappingDigest? = nil
    ) -> MappingTrace {
        let log = MappingTraceLog(secret: context[MappingContext.secret.rawValue])
        let run = MappingRun(context: context, digest: digest, trace: log)
        let result: Result<MappingResult, HubError>
        do throws(HubError) {
            result = .success(try self.run(on: source, run))
        } catch {
            result = .failure(error)
        }
        return MappingTrace(steps: log.steps, dropped: log.dropped, result: result)
    }
}
