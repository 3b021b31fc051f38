import HubModel

/// The tables of a mapping file, and which of them no lookup has used yet.
struct MappingTables {
    private var tables: [String: [String: String]] = [:]
    /// In the order of the file.
    private var unused: [(name: String, place: SourcePlace)] = []
    private var missesTable = false

    init(_ reader: SettingsReader?) {
        guard let reader else { return }
        for name in reader.keys {
            guard let tree = reader.tree(name) else { continue }
            let table = reader.reader(of: tree)
            var entries: [String: String] = [:]
            for key in table.keys { entries[key] = table.string(key) }
            self.tables[name] = entries
            self.unused.append((name, tree.place))
        }
    }

    /// Marks a table as used; `nil` and a fault when there is none of that name.
    mutating func use(_ name: String, at place: SourcePlace, _ compiler: MappingCompiler) -> [String: String]?
    {
        guard let table = self.tables[name] else {
            self.missesTable = true
            compiler.note(
                "There is no table '\(name)'.", at: place,
                suggestion: SettingsReader.nearest(to: name, among: self.tables.keys.sorted())
            )
            return nil
        }
        self.unused.removeAll { $0.name == name }
        return table
    }

    func refuseUnused(_ compiler: MappingCompiler) {
        // A table whose name was mistyped in a lookup would be a second fault for one mistake.
        guard !self.missesTable else { return }
        for (name, place) in self.unused {
            compiler.note("The table '\(name)' is used by no lookup.", at: place)
        }
    }
}
