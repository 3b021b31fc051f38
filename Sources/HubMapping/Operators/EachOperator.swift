import HubJSON
import HubModel

/// `each: { from: PATH, when: …, steps: [ … ] }`: one object or element for every match; for a JSON array, for every item.
///
/// Inside, paths begin at the item; `of: document` begins at the source again.
final class EachOperator: Sendable {
    private let source: SourceReading
    private let condition: WhenCondition?
    let body: TargetBody

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler, making syntax: TargetSyntax) {
        var condition: WhenCondition??
        var body: TargetBody?
        let source = compiler.source(tree) { reader in
            condition = reader.tree("when").map { WhenCondition($0, compiler) }
            body = reader.requiredTree("steps").flatMap { compiler.body($0, making: syntax) }
        }
        guard let source, let body, condition.map({ $0 != nil }) ?? true else { return nil }
        self.source = source
        self.condition = condition ?? nil
        self.body = body
    }

    /// Sets the list; `false` when it is left out.
    ///
    /// - Throws: `mapping.failed`.
    func set(_ place: Int, in scope: MappingScope, into target: inout TargetFill) throws(HubError) -> Bool {
        if self.body.syntax.isXML {
            let elements = try self.made(in: scope) { $0.element }
            if elements.isEmpty, self.source.isOptional { return false }
            try target.set(elements, at: place)
        } else {
            let objects = try self.made(in: scope) { JSONValue.object($0.object) }
            if objects.isEmpty, self.source.isOptional { return false }
            try target.set(.array(objects), at: place)
        }
        return true
    }

    private func made<Made>(in scope: MappingScope, _ finish: (TargetFill) -> Made) throws(HubError) -> [Made]
    {
        var all: [Made] = []
        var fill = self.body.blank
        for node in try self.source.nodes(in: scope) {
            guard case .value(.array(let items)) = node else {
                try self.add(node, scope, &fill, &all, finish)
                continue
            }
            try scope.run.budget.visit(items.count)
            all.reserveCapacity(all.count + items.count)
            for item in items { try self.add(.value(item), scope, &fill, &all, finish) }
        }
        return all
    }

    private func add<Made>(
        _ item: SourceNode, _ scope: MappingScope, _ fill: inout TargetFill, _ all: inout [Made],
        _ finish: (TargetFill) -> Made
    ) throws(HubError) {
        let inner = scope.entering(item)
        if let condition = self.condition, try !condition.holds(in: inner) { return }
        try scope.run.budget.take()
        try self.body.run(in: inner, into: &fill)
        all.append(finish(fill))
        fill.clear()
    }
}
