import HubModel

/// Where an operator takes its input from: a path, and from which piece of the source it starts.
struct SourceReading: Sendable {
    enum Origin: String, CaseIterable, Sendable {
        /// The item inside `each`; elsewhere the same as the document.
        case item
        case document
    }

    let path: SourcePath
    let origin: Origin
    /// Whether the target is left out when there is nothing, or only blanks.
    let isOptional: Bool

    func nodes(in scope: MappingScope) -> [SourceNode] {
        switch self.origin {
        case .item: scope.item.nodes(at: self.path)
        case .document: scope.document.nodes(at: self.path)
        }
    }

    /// The first piece, `nil` when it is absent or blank and that is allowed.
    ///
    /// - Throws: `mapping.failed` when it is absent and not optional.
    func first(in scope: MappingScope) throws(HubError) -> SourceNode? {
        let first = self.nodes(in: scope).first
        if self.isOptional { return first.flatMap { $0.isBlank ? nil : $0 } }
        guard let first else { throw self.failure("The source has no such value.", reason: "absent") }
        return first
    }

    /// The text of the first piece, `nil` when it is absent or blank and that is allowed.
    ///
    /// - Throws: `mapping.failed` when it is absent and not optional, or has no text.
    func firstText(in scope: MappingScope) throws(HubError) -> String? {
        guard let node = try self.first(in: scope) else { return nil }
        guard let text = node.text else { throw self.failure("The value has no text.", reason: "not-text") }
        return text
    }

    func failure(_ summary: StaticString, reason: String) -> HubError {
        HubError(
            .mappingFailed, summary,
            details: [ErrorDetail("reason", reason), ErrorDetail("path", self.path.description)]
        )
    }
}
