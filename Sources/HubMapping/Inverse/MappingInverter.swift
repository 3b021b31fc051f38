import HubModel

/// Writes the file of the inverse of a mapping, step by step, with the places of the file it comes from.
final class MappingInverter {
    /// Where the steps of a list stand.
    struct Level {
        /// Whether they set elements of XML.
        var isXML: Bool
        /// Whether there are items around them, which `of: document` leaves.
        var isInEach = false
    }

    private let mapping: Mapping
    private(set) var faults: [SettingsFault] = []
    private var tables: [String] = []

    /// - Parameter mapping: One that compiled, so that its file has the form it should.
    init(_ mapping: Mapping) {
        self.mapping = mapping
    }

    /// `nil` when a fault was noted.
    func tree() -> SettingsTree? {
        let file = self.mapping.tree
        if self.mapping.readsXML == true {
            self.note(
                "The source is XML: the mapping does not say the names and namespaces of its elements.",
                at: file["source"])
            return nil
        }
        let steps = self.inverted(file["steps"]?.items ?? [], Level(isXML: self.mapping.writesXML))
        if steps.isEmpty, self.faults.isEmpty {
            self.note("No step takes anything from the source.", at: file["steps"])
        }
        guard self.faults.isEmpty else { return nil }
        let place = file.place
        return .map(
            at: place, ("format", .scalar(Mapping.format, at: place)),
            ("source", .scalar(self.mapping.target.description, at: place)),
            ("target", .scalar(self.mapping.source.description, at: place)),
            ("tables", self.usedTables(file["tables"])), ("steps", .list(steps, at: place))
        )
    }

    func note(_ why: String, at tree: SettingsTree?) {
        let place = tree?.place ?? self.mapping.tree.place
        self.faults.append(SettingsFault(file: self.mapping.file, place: place, message: why))
    }

    func uses(table: String) {
        if !self.tables.contains(table) { self.tables.append(table) }
    }

    /// The inverse of a list of steps, without those that take nothing from the source.
    func inverted(_ steps: [SettingsTree], _ level: Level) -> [SettingsTree] {
        self.refuseAmbiguous(steps, level)
        return steps.flatMap { self.inverted($0, level) }
    }

    private func inverted(_ step: SettingsTree, _ level: Level) -> [SettingsTree] {
        if let condition = step["when"] {
            self.note(
                "A step under a condition cannot be turned around: the target does not say whether it ran.",
                at: condition)
            return []
        }
        if let within = step["within"] {
            return self.inverted(within, around: step["steps"]?.items ?? [], level, step.place)
        }
        guard let target = step["set"],
            let kind = OperatorKind.allCases.first(where: { step[$0.rawValue] != nil }),
            let argument = step[kind.rawValue], let read = self.path(of: target, level)
        else { return [] }
        return self.inverted(kind, argument, reading: read, level, at: step.place)
    }

    /// A document inside a text is made again by the operator `json`.
    private func inverted(
        _ within: SettingsTree, around steps: [SettingsTree], _ level: Level, _ place: SourcePlace
    ) -> [SettingsTree] {
        let form = within["form"]?.text.flatMap(WithinReading.Form.init(rawValue:))
        if form?.isXML == true {
            self.note(
                "The inside is XML: the mapping does not say the names and namespaces of its elements.",
                at: within)
            return []
        }
        if within["optional"]?.text == "true" {
            self.note(
                "An inside that may be absent cannot be turned around: it would always be made.", at: within)
            return []
        }
        let inner = self.inverted(steps, Level(isXML: level.isXML))
        guard let set = self.place(of: within, level), !inner.isEmpty else {
            if inner.isEmpty, self.faults.isEmpty {
                self.note("No step takes anything from the inside.", at: within)
            }
            return []
        }
        let json = SettingsTree.map(at: place, ("steps", .list(inner, at: place)))
        if form == .base64JSON {
            let of = SettingsTree.map(at: place, ("json", json))
            return [.map(at: place, ("set", set), ("base64", .map(at: place, ("of", of))))]
        }
        return [.map(at: place, ("set", set), ("json", json))]
    }

    private func usedTables(_ tables: SettingsTree?) -> SettingsTree? {
        guard case .map(let entries, let place)? = tables, !self.tables.isEmpty else { return nil }
        return .map(entries.filter { self.tables.contains($0.key) }, at: place)
    }
}

// MARK: Paths

extension MappingInverter {
    /// The path that reads what a step of this mapping sets.
    private func path(of target: SettingsTree, _ level: Level) -> SettingsTree? {
        guard let text = target.text, text != ".", let tokens = SourcePath.pointer(text) else {
            return target
        }
        if level.isXML {
            return .scalar(tokens.map(Self.localName).joined(separator: "/"), at: target.place)
        }
        if tokens.contains(SourcePath.wildcard) {
            self.note("A member called '*' cannot be read by name.", at: target)
            return nil
        }
        return target
    }

    /// The place that a step of the inverse sets: where this mapping reads.
    ///
    /// - Parameter source: A path, or a map with `from`.
    func place(of source: SettingsTree, _ level: Level, dropsWildcard: Bool = false) -> SettingsTree? {
        let from = source["from"] ?? source
        guard let text = from.text, var tokens = SourcePath.pointer(text) else {
            self.note("The whole source, or item, cannot be set.", at: from)
            return nil
        }
        if level.isInEach, source["of"]?.text == "document" {
            self.note("Inside 'each' nothing of the whole source can be set.", at: source["of"])
            return nil
        }
        if dropsWildcard, tokens.last == SourcePath.wildcard { tokens.removeLast() }
        guard !tokens.isEmpty, !tokens.contains(where: { $0 == SourcePath.wildcard || Int($0) != nil }) else {
            self.note("'\(text)' leads to items of a list, which cannot be set one by one.", at: from)
            return nil
        }
        guard dropsWildcard, text.hasSuffix("/" + SourcePath.wildcard) else {
            return .scalar(text, at: from.place)
        }
        return .scalar(String(text.dropLast(2)), at: from.place)
    }

    /// Local names do not tell elements of two namespaces apart.
    private func refuseAmbiguous(_ steps: [SettingsTree], _ level: Level) {
        guard level.isXML else { return }
        var seen: [String: String] = [:]
        for target in self.targets(of: steps) {
            guard let text = target.text else { continue }
            let tokens = SourcePath.pointer(text) ?? []
            for length in tokens.indices.map({ $0 + 1 }) {
                let names = tokens.prefix(length).joined(separator: "/")
                let local = tokens.prefix(length).map(Self.localName).joined(separator: "/")
                if let other = seen[local], other != names {
                    self.note("'\(names)' and '\(other)' have the same local names.", at: target)
                    return
                }
                seen[local] = names
            }
        }
    }

    private func targets(of steps: [SettingsTree]) -> [SettingsTree] {
        steps.flatMap { step in step["set"].map { [$0] } ?? self.targets(of: step["steps"]?.items ?? []) }
    }

    private static func localName(_ token: String) -> String {
        let isAttribute = token.hasPrefix("@")
        let name = token.split(separator: ":").last.map(String.init) ?? token
        return isAttribute && !name.hasPrefix("@") ? "@" + name : name
    }
}
