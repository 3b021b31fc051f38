import HubModel

/// Turns the settings of a mapping into steps and notes what does not fit.
final class MappingCompiler {
    /// Tables by name, for `lookup`.
    private(set) var tables: [String: [String: String]] = [:]
    private let reader: SettingsReader
    /// Where the tables stand that no lookup has used yet.
    private var unusedTables: [String: SourcePlace] = [:]
    private var missesTable = false
    /// The form of the first path that has one, and its line: a mapping reads either XML or JSON.
    private var form: (isXML: Bool, line: Int)?

    init(_ tree: SettingsTree, file: String) {
        self.reader = SettingsReader(tree, file: file)
    }

    var faults: [SettingsFault] { self.reader.faults }

    func mapping() -> Mapping? {
        if self.reader.requiredTree("format") != nil { _ = self.reader.choice("format", [Mapping.format]) }
        let source = self.type("source")
        let target = self.type("target")
        self.readTables()
        let steps = self.reader.requiredTree("steps").map { self.steps($0) } ?? []
        self.reader.refuseOtherKeys()
        self.refuseUnusedTables()
        guard self.faults.isEmpty, let source, let target else { return nil }
        return Mapping(
            file: self.reader.file, source: source, target: target, steps: steps,
            readsXML: self.form?.isXML
        )
    }

    func note(_ message: String, at place: SourcePlace, suggestion: String? = nil) {
        self.reader.note(message, at: place, suggestion: suggestion)
    }

    func reader(of tree: SettingsTree) -> SettingsReader { self.reader.reader(of: tree) }

    /// The steps of a mapping, of `each` or of a group, with their targets checked against each other.
    func steps(_ tree: SettingsTree) -> [MappingStep] {
        guard case .list(let items, let place) = tree else {
            self.note("The value of 'steps' must be a list.", at: tree.place)
            return []
        }
        if items.isEmpty { self.note("'steps' needs at least one step.", at: place) }
        let steps = items.compactMap { MappingStep(self.reader(of: $0), self) }
        var targets = TargetCheck()
        targets.visit(steps, isCertain: true, self)
        return steps
    }

    /// Reads the input of an operator: a path alone, or a map with `from`, `of`, `optional` and what `more` asks for.
    func source(_ tree: SettingsTree, more: (SettingsReader) -> Void = { _ in }) -> SourceReading? {
        if case .scalar(let text, let place) = tree {
            more(self.emptyReader(at: place))
            return self.path(text, at: place).map {
                SourceReading(path: $0, origin: .item, isOptional: false)
            }
        }
        let reader = self.reader(of: tree)
        let text = reader.requiredString("from")
        let origin = reader.choice("of", SourceReading.Origin.allCases.map(\.rawValue))
            .flatMap(SourceReading.Origin.init(rawValue:))
        let isOptional = reader.boolean("optional") ?? false
        more(reader)
        reader.refuseOtherKeys()
        guard let text, let place = reader.tree("from")?.place, let path = self.path(text, at: place) else {
            return nil
        }
        return SourceReading(path: path, origin: origin ?? .item, isOptional: isOptional)
    }

    /// Marks a table as used; `nil` and a fault when there is none of that name.
    func table(_ name: String, at place: SourcePlace) -> [String: String]? {
        guard let table = self.tables[name] else {
            self.missesTable = true
            self.note(
                "There is no table '\(name)'.", at: place,
                suggestion: SettingsReader.nearest(to: name, among: self.tables.keys.sorted())
            )
            return nil
        }
        self.unusedTables[name] = nil
        return table
    }

    private func path(_ text: String, at place: SourcePlace) -> SourcePath? {
        guard let path = SourcePath(text) else {
            self.note(
                "'\(text)' is not a path: local names such as a/b for XML, a pointer such as /a/b for JSON, or '.'.",
                at: place
            )
            return nil
        }
        let isXML: Bool? =
            switch path.steps {
            case .elements: true
            case .members: false
            case .itself: nil
            }
        if let isXML {
            if let form = self.form, form.isXML != isXML {
                self.note(
                    "This path is for \(isXML ? "XML" : "JSON"), the one on line \(form.line) for "
                        + "\(isXML ? "JSON" : "XML"); a mapping reads one of them.", at: place
                )
            }
            self.form = self.form ?? (isXML, place.line)
        }
        return path
    }

    private func type(_ key: String) -> MessageType? {
        guard self.reader.requiredTree(key) != nil else { return nil }
        return self.reader.parsed(key, expected: "a message type such as edoc/document/1", MessageType.init)
    }

    private func readTables() {
        guard let tables = self.reader.map("tables") else { return }
        for name in tables.keys {
            guard let tree = tables.tree(name) else { continue }
            let table = tables.reader(of: tree)
            self.unusedTables[name] = tree.place
            self.tables[name] = [:]
            for key in table.keys {
                self.tables[name]?[key] = table.string(key)
            }
        }
    }

    private func refuseUnusedTables() {
        // A table whose name was mistyped in a lookup would be a second fault for one mistake.
        guard !self.missesTable else { return }
        for (name, place) in self.unusedTables {
            self.note("The table '\(name)' is used by no lookup.", at: place)
        }
    }

    /// Stands for the keys of an operator that was written as a path alone.
    private func emptyReader(at place: SourcePlace) -> SettingsReader {
        self.reader(of: .map([], at: place))
    }
}

/// Finds steps that would write over each other.
private struct TargetCheck {
    /// Targets that are always written.
    private var certain: [[String]: SourcePlace] = [:]

    mutating func visit(_ steps: [MappingStep], isCertain: Bool, _ compiler: MappingCompiler) {
        for step in steps {
            let isCertain = isCertain && step.condition == nil
            switch step.action {
            case .set(let target, _):
                for length in 1...max(1, target.count) {
                    guard let place = self.certain[Array(target.prefix(length))] else { continue }
                    compiler.note(
                        "'/\(target.joined(separator: "/"))' was set on line \(place.line) already.",
                        at: step.place
                    )
                    break
                }
                if isCertain { self.certain[target] = step.place }
            case .group(let steps):
                self.visit(steps, isCertain: isCertain, compiler)
            }
        }
    }
}
