import HubModel

/// Where an operator takes its input from: a path, and from which piece of the source it starts.
final class SourceReading: Sendable {
    enum Origin: String, CaseIterable, Sendable {
        /// The item inside `each`; elsewhere the same as the document.
        case item
        case document
    }

    let path: SourcePath
    let origin: Origin
    /// Whether the target is left out when there is nothing, or only blanks.
    let isOptional: Bool

    init(path: SourcePath, origin: Origin, isOptional: Bool) {
        self.path = path
        self.origin = origin
        self.isOptional = isOptional
    }

    func nodes(in scope: MappingScope) throws(HubError) -> [SourceNode] {
        try self.start(in: scope).nodes(at: self.path, scope.run.budget)
    }

    /// The first piece, whatever it is; `nil` when there is none.
    func found(in scope: MappingScope) throws(HubError) -> SourceNode? {
        try self.start(in: scope).first(at: self.path, scope.run.budget)
    }

    /// The first piece, `nil` when it is absent or blank and that is allowed.
    ///
    /// - Throws: `mapping.failed` when it is absent and not optional.
    func first(in scope: MappingScope) throws(HubError) -> SourceNode? {
        let first = try self.found(in: scope)
        if self.isOptional { return first.flatMap { $0.isBlank ? nil : $0 } }
        guard let first else { throw self.failure("The source has no such value.", .absent) }
        return first
    }

    /// The text of the first piece, `nil` when it is absent or blank and that is allowed.
    ///
    /// - Throws: `mapping.failed` when it is absent and not optional, or has no text.
    func firstText(in scope: MappingScope) throws(HubError) -> String? {
        guard let node = try self.first(in: scope) else { return nil }
        guard let text = node.text else { throw self.failure("The value has no text.", .notText) }
        return text
    }

    func failure(_ summary: StaticString, _ reason: MappingReason) -> HubError {
        .mapping(reason, summary, ErrorDetail("path", self.path.description))
    }

    private func start(in scope: MappingScope) -> SourceNode {
        switch self.origin {
        case .item: scope.item
        case .document: scope.document
        }
    }
}
