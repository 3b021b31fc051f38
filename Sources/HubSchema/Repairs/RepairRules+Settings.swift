public import HubModel

extension RepairRules {
    /// The version of the file format that `init(settings:)` reads.
    public static let format = "repairs-1"
    static let file = "repairs.yaml"

    /// Reads the `repairs.yaml` of a schema folder.
    ///
    /// The keys are listed in docs/edxml.md. `nil` when something needed is missing or unreadable; the reader then has
    /// the faults.
    public init?(settings: SettingsReader) {
        if settings.requiredTree("format") != nil { _ = settings.choice("format", [Self.format]) }
        let namespace = settings.requiredString("namespace")
        let namespaces = settings.labelled("namespaces") { $0.requiredString("uri") }
        let spellings = settings.labelled("spellings") { entry -> Synonym? in
            guard let found = entry.requiredString("found"), let read = entry.requiredString("read") else {
                return nil
            }
            return Synonym(found: found, read: read)
        }
        let dates = settings.dateForms("dates", needsTime: false)
        let stamps = settings.dateForms("stamps", needsTime: true)
        let codes = settings.codeLists("codes")
        let shape = ShapeReader(spellings: spellings, lists: Set(codes.keys))
        let types =
            settings.requiredTree("types").flatMap { _ in settings.map("types") }.map(shape.types) ?? [:]
        let root = settings.map("root").map { reader in
            (reader, shape.part(reader, types: Set(types.keys)), shape.names(reader), reader.string("alone"))
        }
        if root == nil { _ = settings.requiredTree("root") }
        root?.0.refuseOtherKeys()
        settings.refuseOtherKeys()
        guard settings.faults.isEmpty, let namespace, let root, let part = root.1 else { return nil }
        self.namespace = namespace
        self.namespaces = Set(namespaces)
        self.dates = dates
        self.stamps = stamps
        self.codes = codes
        self.types = types
        self.root = part
        self.rootNames = Set(root.2)
        self.loneRoot = root.3
        self.names = Set(types.values.flatMap(\.byName.keys) + [part.name] + root.2)
        if let lone = root.3, self.part(lone, of: part) == nil {
            settings.note(
                "The root has no part '\(lone)'.", at: root.0.tree("alone")?.place ?? settings.place)
            return nil
        }
    }

    /// A part by name, of an element that has parts.
    func part(_ name: String, of part: Part) -> Part? {
        guard case .elements(let type) = part.content, let type = self.types[type],
            let index = type.byName[name]
        else {
            return nil
        }
        return type.parts[index]
    }
}

extension SettingsReader {
    /// How sure a fact about the field is; required with everything that is taken for something else.
    static let labels = ["S", "S2", "D", "K"]

    /// A list of maps that all say how `sure` they are.
    func labelled<Value>(_ key: String, _ read: (SettingsReader) -> Value?) -> [Value] {
        self.list(key).compactMap { item in
            let entry = self.reader(of: item)
            let value = read(entry)
            if entry.requiredTree("sure") != nil { _ = entry.choice("sure", Self.labels) }
            _ = entry.string("note")
            entry.refuseOtherKeys()
            return value
        }
    }

    func dateForms(_ key: String, needsTime: Bool) -> [DateForm] {
        var forms: [DateForm] = []
        _ = self.labelled(key) { entry in
            guard entry.requiredTree("form") != nil,
                let form = entry.parsed("form", expected: "a form such as dd/MM/yyyy", DateForm.init)
            else { return }
            if needsTime, !form.hasTime {
                entry.note("A stamp needs a time.", at: entry.place)
            }
            if let other = forms.first(where: form.isConfused) {
                entry.note(
                    "One text could be read as '\(form)' and as '\(other)', as two different days.",
                    at: entry.place)
            }
            forms.append(form)
        }
        return forms
    }

    /// `codes`: for each list, what is read for other texts.
    fileprivate func codeLists(_ key: String) -> [String: [String: String]] {
        guard let map = self.map(key) else { return [:] }
        var lists: [String: [String: String]] = [:]
        for name in map.keys {
            lists[name] = [:]
            _ = map.labelled(name) { entry in
                guard let read = entry.requiredString("read"), entry.requiredTree("found") != nil else {
                    return
                }
                for (text, place) in entry.strings("found") {
                    if lists[name]?.updateValue(read, forKey: text.foldedForComparison) != nil {
                        entry.note("'\(text)' is listed twice.", at: place)
                    }
                }
            }
        }
        return lists
    }
}

/// Reads the elements of a type and their parts.
private struct ShapeReader {
    let spellings: [RepairRules.Synonym]
    let lists: Set<String>

    func types(_ map: SettingsReader) -> [String: RepairRules.Shape] {
        let names = Set(map.keys)
        var types: [String: RepairRules.Shape] = [:]
        for name in map.keys {
            if let type = self.type(name, in: map, names) { types[name] = type }
        }
        return types
    }

    /// A list of parts in their order, or a map `any-order` with such a list.
    private func type(_ name: String, in map: SettingsReader, _ names: Set<String>) -> RepairRules.Shape? {
        guard let tree = map.tree(name) else { return nil }
        var (items, isOrdered) = (tree, true)
        if case .map = tree {
            let details = map.reader(of: tree)
            guard let list = details.requiredTree("any-order") else { return nil }
            details.refuseOtherKeys()
            (items, isOrdered) = (list, false)
        }
        guard case .list(let entries, _) = items else {
            map.note("A type is a list of elements.", at: items.place)
            return nil
        }
        var parts: [RepairRules.Part] = []
        var byName: [String: Int] = [:]
        for entry in entries {
            let reader = map.reader(of: entry)
            guard let part = self.part(reader, types: names) else { continue }
            for other in [part.name] + self.names(reader) + self.respelled(part.name) {
                if byName.updateValue(parts.count, forKey: other) != nil {
                    reader.note("Two elements of '\(name)' are read for '\(other)'.", at: reader.place)
                }
            }
            reader.refuseOtherKeys()
            parts.append(part)
        }
        return RepairRules.Shape(parts: parts, isOrdered: isOrdered, byName: byName)
    }

    /// The names in `also`.
    func names(_ reader: SettingsReader) -> [String] {
        reader.labelled("also") { $0.requiredString("name") }
    }

    private func respelled(_ name: String) -> [String] {
        self.spellings.filter { name.contains($0.read) }.map { name.replacing($0.read, with: $0.found) }
    }

    func part(_ reader: SettingsReader, types: Set<String>) -> RepairRules.Part? {
        let name = reader.requiredString("name")
        let content = self.content(reader, types)
        let isMany = reader.boolean("many") ?? false
        let mayLead = reader.boolean("may-lead") ?? false
        let attributes = reader.strings("attributes").map(\.text)
        guard let name, let content else { return nil }
        return RepairRules.Part(
            name: name, content: content, isMany: isMany, mayLead: mayLead, attributes: attributes)
    }

    private func content(_ reader: SettingsReader, _ types: Set<String>) -> RepairRules.Content? {
        let form = reader.choice("form", ["text", "date", "stamp", "content-id", "base64"])
        let type = reader.choice("type", types.sorted())
        let list = reader.choice("codes", self.lists.sorted())
        let namespace = reader.string("namespace")
        let keys = ["form", "type", "codes", "namespace"].filter { reader.tree($0) != nil }
        guard keys.count <= 1 else {
            reader.note("Only one of 'form', 'type', 'codes' and 'namespace' can hold.", at: reader.place)
            return nil
        }
        if let type { return .elements(type) }
        if let list { return .code(list) }
        if let namespace { return .foreign(namespace: namespace) }
        return switch form {
        case "date": .date
        case "stamp": .stamp
        case "content-id": .contentID
        case "base64": .base64
        case "text": .text
        default: keys.isEmpty ? .text : nil
        }
    }
}
