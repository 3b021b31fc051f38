import HubModel

/// What an operator may look at while a mapping runs.
struct MappingScope {
    /// The whole source, or inside `within` the document that was found in a text.
    let document: SourceNode
    /// The same, or the item inside `each`.
    let item: SourceNode
    let run: MappingRun

    func entering(_ item: SourceNode) -> MappingScope {
        MappingScope(document: self.document, item: item, run: self.run)
    }

    func reading(_ document: SourceNode) -> MappingScope {
        MappingScope(document: document, item: document, run: self.run)
    }
}

/// What stays the same from the first step of a run to the last.
final class MappingRun {
    let context: [String: String]
    let digest: MappingDigest?
    /// `nil` unless the steps are to be shown.
    let trace: MappingTraceLog?
    let budget: MappingBudget
    /// `nil` unless the run is to go on past steps that fail.
    let failures: MappingFailures?

    init(
        context: [String: String], digest: MappingDigest?, trace: MappingTraceLog?,
        budget: MappingBudget = MappingBudget(), failures: MappingFailures? = nil
    ) {
        self.budget = budget
        self.failures = failures
        self.context = context
        self.digest = digest
        self.trace = trace
    }
}
