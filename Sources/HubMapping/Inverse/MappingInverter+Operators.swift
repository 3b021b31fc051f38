import HubModel

extension MappingInverter {
    /// The inverse of one operator, as no step or one.
    ///
    /// - Parameter read: The path of what the step sets.
    func inverted(
        _ kind: OperatorKind, _ argument: SettingsTree, reading read: SettingsTree, _ level: Level,
        at place: SourcePlace
    ) -> [SettingsTree] {
        switch kind {
        case .constant, .context: return []
        case .copy: return self.copy(argument, read, level, place)
        case .date: return self.date(argument, read, level, place)
        case .decimal: return self.decimal(argument, read, level, place)
        case .lookup: return self.lookup(argument, read, level, place)
        case .base64: return self.base64(argument, read, level, place)
        case .unbase64: return self.step("base64", from: argument, read, level, place, [])
        case .json:
            return self.document(
                argument, form: "json", read, Level(isXML: false, isInEach: level.isInEach), place)
        case .xml:
            return self.document(
                argument, form: "xml", read, Level(isXML: true, isInEach: level.isInEach), place)
        case .each: return self.each(argument, read, level, place)
        case .count, .join, .text, .split, .first, .digest:
            self.note("What '\(kind.rawValue)' makes does not say what it was made from.", at: argument)
            return []
        }
    }

    /// One step that sets what `argument` reads, with an operator that reads `read`.
    private func step(
        _ name: String, from argument: SettingsTree, _ read: SettingsTree, _ level: Level,
        _ place: SourcePlace,
        _ more: [(String, SettingsTree)], isList: Bool = false
    ) -> [SettingsTree] {
        guard let set = self.place(of: argument, level, dropsWildcard: isList) else { return [] }
        var entries = [SettingsEntry(key: "from", place: read.place, value: read)]
        if let optional = argument["optional"] {
            entries.append(SettingsEntry(key: "optional", place: optional.place, value: optional))
        }
        entries += more.map { SettingsEntry(key: $0.0, place: place, value: $0.1) }
        return [.map(at: place, ("set", set), (name, .map(entries, at: argument.place)))]
    }

    private func copy(
        _ argument: SettingsTree, _ read: SettingsTree, _ level: Level, _ place: SourcePlace
    ) -> [SettingsTree] {
        if let otherwise = argument["otherwise"] {
            self.note("'otherwise' stands for nothing, for a blank and for itself.", at: otherwise)
            return []
        }
        var more: [(String, SettingsTree)] = []
        var read = read
        if let form = argument["as"]?.text.flatMap(TargetForm.init(rawValue:)) {
            switch (form, level.isXML) {
            case (.text, true): break
            case (.number, true), (.boolean, true): more.append(("as", .scalar(form.rawValue, at: place)))
            case (.number, false): more.append(("as", .scalar(TargetForm.text.rawValue, at: place)))
            case (.text, false), (.boolean, false):
                self.note("'as: \(form.rawValue)' makes one value of several.", at: argument["as"])
                return []
            }
        }
        let isList = argument["all"]?.text == "true"
        if isList {
            guard (argument["from"]?.text ?? "").hasSuffix("/" + SourcePath.wildcard) else {
                self.note("A list can be turned around when its path ends in '/*'.", at: argument["from"])
                return []
            }
            more.append(("all", .scalar("true", at: place)))
            if !level.isXML { read = .scalar((read.text ?? "") + "/" + SourcePath.wildcard, at: read.place) }
        }
        return self.step("copy", from: argument, read, level, place, more, isList: isList)
    }

    private func date(
        _ argument: SettingsTree, _ read: SettingsTree, _ level: Level, _ place: SourcePlace
    ) -> [SettingsTree] {
        guard let reads = argument["reads"], let writes = argument["writes"] else { return [] }
        let dayOnly = argument["day-only"]?.text == "true"
        if writes.text == DateForm.year.rawValue, reads.text != writes.text {
            self.note("A year does not say the day it was made from.", at: writes)
            return []
        }
        if dayOnly, writes.text != DateForm.isoLocal.rawValue {
            self.note("A day does not say the time it was made from.", at: argument["day-only"])
            return []
        }
        var more = [("reads", writes), ("writes", reads)]
        if dayOnly { more.append(("day-only", .scalar("true", at: place))) }
        return self.step("date", from: argument, read, level, place, more)
    }

    /// The number is the same, though not always the zeros around it.
    private func decimal(
        _ argument: SettingsTree, _ read: SettingsTree, _ level: Level, _ place: SourcePlace
    ) -> [SettingsTree] {
        let plain = SettingsTree.scalar(DecimalForm.plain.rawValue, at: place)
        return self.step(
            "decimal", from: argument, read, level, place,
            [("reads", argument["writes"] ?? plain), ("writes", argument["reads"] ?? plain)]
        )
    }

    private func lookup(
        _ argument: SettingsTree, _ read: SettingsTree, _ level: Level, _ place: SourcePlace
    ) -> [SettingsTree] {
        if let otherwise = argument["otherwise"] {
            self.note("'otherwise' stands for every value that the table lacks.", at: otherwise)
            return []
        }
        guard let table = argument["table"], let name = table.text else { return [] }
        self.uses(table: name)
        let isReversed = argument["reverse"]?.text == "true"
        return self.step(
            "lookup", from: argument, read, level, place,
            [("table", table), ("reverse", .scalar(isReversed ? "false" : "true", at: table.place))]
        )
    }

    private func base64(
        _ argument: SettingsTree, _ read: SettingsTree, _ level: Level, _ place: SourcePlace
    ) -> [SettingsTree] {
        guard argument["from"] == nil, let part = argument["of"] else {
            return self.step("unbase64", from: argument, read, level, place, [])
        }
        let inner = Level(isXML: part["xml"] != nil, isInEach: level.isInEach)
        if let json = part["json"] { return self.document(json, form: "base64-json", read, inner, place) }
        if let xml = part["xml"] { return self.document(xml, form: "base64-xml", read, inner, place) }
        if let copy = part["copy"], copy["as"] == nil, copy["all"] == nil, copy["otherwise"] == nil {
            return self.step("unbase64", from: copy, read, level, place, [])
        }
        self.note("What is inside this base64 cannot be turned around.", at: part)
        return []
    }

    /// - Parameter inner: The level of the steps that make the document.
    private func document(
        _ argument: SettingsTree, form: String, _ read: SettingsTree, _ inner: Level, _ place: SourcePlace
    ) -> [SettingsTree] {
        let steps = self.inverted(argument["steps"]?.items ?? [], inner)
        guard !steps.isEmpty else { return [] }
        let within = SettingsTree.map(at: place, ("from", read), ("form", .scalar(form, at: place)))
        return [.map(at: place, ("within", within), ("steps", .list(steps, at: place)))]
    }

    private func each(
        _ argument: SettingsTree, _ read: SettingsTree, _ level: Level, _ place: SourcePlace
    ) -> [SettingsTree] {
        if let condition = argument["when"] {
            self.note("Items that were left out cannot be made again.", at: condition)
            return []
        }
        let faults = self.faults.count
        let steps = self.inverted(
            argument["steps"]?.items ?? [], Level(isXML: level.isXML, isInEach: true))
        if steps.isEmpty, self.faults.count == faults {
            self.note("No step takes anything from the items.", at: argument["steps"])
        }
        guard !steps.isEmpty else { return [] }
        return self.step(
            "each", from: argument, read, level, place, [("steps", .list(steps, at: place))], isList: true)
    }
}
