import HubJSON
import HubModel

/// What an operator may look at while a mapping runs.
struct MappingScope {
    /// The whole source.
    let document: SourceNode
    /// The source, or the item inside `each`.
    let item: SourceNode
    let context: [String: String]
    let budget: Budget

    /// Bounds the size of the result: nested `each` could multiply a large message with itself.
    final class Budget {
        private var left: Int

        init(_ values: Int) {
            self.left = values
        }

        /// - Throws: `mapping.failed` when the result grows beyond the bound.
        func take(_ count: Int = 1) throws(HubError) {
            self.left -= count
            guard self.left >= 0 else {
                throw HubError(
                    .mappingFailed, "The result of the mapping is too large.",
                    details: [ErrorDetail("reason", "too-large")]
                )
            }
        }
    }

    func entering(_ item: SourceNode) -> MappingScope {
        MappingScope(document: self.document, item: item, context: self.context, budget: self.budget)
    }
}
