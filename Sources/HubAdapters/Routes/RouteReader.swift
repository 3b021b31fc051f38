package import HubCore
import HubJSON
package import HubModel
import HubSchema
import HubYAML

/// Reads the routing rules of a hub: every `.yaml` file of a folder, in the order of their names. The keys are listed in
/// docs/routing.md.
package struct RouteReader {
    package static let format = "routes-1"
    private static let tests = ["present", "equals", "not", "in", "contains", "begins-with", "matches", "at-least", "at-most"]

    private let catalogue: AdapterCatalogue

    package init(_ catalogue: AdapterCatalogue) {
        self.catalogue = catalogue
    }

    /// - Returns: All faults of all files at once, if there is one.
    package func load(folder: String) -> Result<[RoutingRule], SettingsFaults> {
        let (rules, faults) = self.read(folder: folder)
        return faults.isEmpty ? .success(rules) : .failure(SettingsFaults(faults))
    }

    /// The same as far as it can be read, for whoever looks for faults elsewhere too.
    package func read(folder: String) -> (rules: [RoutingRule], faults: [SettingsFault]) {
        guard SettingsFolder.isFolder(folder) else {
            return ([], [SettingsFolder.fault("There is no such folder.", in: folder)])
        }
        var rules: [RoutingRule] = []
        var places: [String: String] = [:]
        var faults: [SettingsFault] = []
        for name in SettingsFolder.files(in: folder, ending: ".yaml") {
            let file = "\(folder)/\(name)"
            switch YAMLReader.read(file: file) {
            case .failure(let found): faults += found.faults
            case .success(let tree):
                let reader = SettingsReader(tree, file: file)
                reader.refuseOtherFormat(than: Self.format)
                if reader.requiredTree("rules") != nil {
                    rules += reader.maps("rules").compactMap { self.rule($0, &places) }
                }
                reader.refuseOtherKeys()
                faults += reader.faults
            }
        }
        return (rules, faults)
    }

    /// - Parameter places: Where the names of rules stand, of all files so far.
    private func rule(_ reader: SettingsReader, _ places: inout [String: String]) -> RoutingRule? {
        let before = reader.faults.count
        let name = reader.requiredParsed("rule", expected: "a name of lower-case letters, digits, hyphens and dots") {
            SystemID($0)?.description
        }
        if let name, let first = places.updateValue("\(reader.file), line \(reader.place.line)", forKey: name) {
            reader.note("The rule '\(name)' stands in \(first) already.", at: reader.place)
        }
        let title = reader.bilingual("title")
        let messages = self.types(reader)
        let senders = reader.codes("from").map(\.code)
        let conditions: [ContentCondition] =
            reader.maps("when").compactMap { self.condition($0, messages, of: reader) }
        let isLast = reader.boolean("stop") ?? false
        let action = self.action(reader, messages)
        reader.refuseOtherKeys()
        guard reader.faults.count == before, let name, let title, let action else { return nil }
        return RoutingRule(
            name: name, title: title, messages: messages, senders: senders, conditions: conditions, action: action,
            isLast: isLast
        )
    }

    /// `message: TYPE` or a list of types.
    private func types(_ reader: SettingsReader) -> [MessageType] {
        guard let tree = reader.tree("message") else { return [] }
        let texts: [(text: String, place: SourcePlace)] =
            if case .scalar(let text, let place) = tree { [(text, place)] } else { reader.strings("message") }
        return texts.compactMap { text, place in
            guard let type = MessageType(text), self.catalogue.types.contains(type) else {
                reader.note(
                    "There is no message type '\(text)'.", at: place,
                    suggestion: SettingsReader.nearest(to: text, among: self.catalogue.types.map(\.description).sorted())
                )
                return nil
            }
            return type
        }
    }

    private static func namesNoMessage(_ rule: SettingsReader) -> Bool {
        switch rule.tree("message") {
        case nil, .list([], _)?: true
        default: false
        }
    }

    // MARK: Conditions

    private func condition(
        _ reader: SettingsReader, _ messages: [MessageType], of rule: SettingsReader
    ) -> ContentCondition? {
        let field = reader.string("field")
        let path = reader.parsed("path", expected: "a path such as edXMLEnvelope/edXMLHeader, or /data/0/MaHoSo", FieldPath.init)
        let given = Self.tests.filter { reader.tree($0) != nil }
        let test = self.test(reader)
        reader.refuseOtherKeys()
        if (field == nil) == (path == nil && reader.tree("path") == nil) {
            reader.note("A condition names a 'field' of the form, or a 'path'.", at: reader.place)
        }
        if given.count != 1 {
            reader.note("A condition has exactly one of: \(Self.tests.joined(separator: ", ")).", at: reader.place)
        }
        if let field, let place = reader.tree("field")?.place {
            if Self.namesNoMessage(rule) { reader.note("A rule that asks for a field says of which 'message'.", at: place) }
            self.refuseUnknown(field, messages, reader, at: place)
        }
        if let path, let place = reader.tree("path")?.place { self.refuseForeign(path, messages, reader, at: place) }
        guard let test else { return nil }
        if let field { return ContentCondition(.field(field), test) }
        return path.map { ContentCondition(.path($0), test) }
    }

    private func refuseUnknown(_ field: String, _ messages: [MessageType], _ reader: SettingsReader, at place: SourcePlace) {
        for form in messages.compactMap({ self.catalogue.forms[$0] }) where form.fields[field] == nil {
            reader.note(
                "The form of \(form.type) has no field '\(field)'.", at: place,
                suggestion: SettingsReader.nearest(to: field, among: form.fields.keys.sorted())
            )
        }
    }

    private func refuseForeign(_ path: FieldPath, _ messages: [MessageType], _ reader: SettingsReader, at place: SourcePlace) {
        for form in messages.compactMap({ self.catalogue.forms[$0] }) where form.mediaType != path.mediaType {
            reader.note("This path is for \(path.mediaType.rawValue), but \(form.type) is \(form.mediaType.rawValue).", at: place)
        }
    }

    private func test(_ reader: SettingsReader) -> ContentCondition.Test? {
        func number(_ key: String) -> JSONNumber? { reader.parsed(key, expected: "a number") { JSONNumber(text: $0) } }
        if let present = reader.boolean("present") { return .present(present) }
        if let text = reader.string("equals") { return .equals(text) }
        if let text = reader.string("not") { return .differs(from: text) }
        if let place = reader.tree("in")?.place {
            let choices = reader.strings("in").map(\.text)
            if choices.isEmpty { reader.note("'in' needs at least one text.", at: place) }
            return .oneOf(choices)
        }
        if let text = reader.string("contains") { return .contains(text) }
        if let text = reader.string("begins-with") { return .begins(with: text) }
        if let text = reader.string("matches"), let place = reader.tree("matches")?.place {
            do {
                return .matches(try Pattern(text))
            } catch {
                reader.note("'\(text)' is not a pattern: \(error.reason.rawValue).", at: place)
                return nil
            }
        }
        if let bound = number("at-least") { return .atLeast(bound) }
        return number("at-most").map { .atMost($0) }
    }

    // MARK: Actions

    private func action(_ reader: SettingsReader, _ messages: [MessageType]) -> RoutingRule.Action? {
        let keys = ["copy-to", "redirect-to", "split", "refuse"]
        let given = keys.filter { reader.tree($0) != nil }
        defer {
            if given.first != "copy-to" {
                for key in ["as", "mapping"] {
                    guard let tree = reader.tree(key) else { continue }
                    reader.note("'\(key)' belongs to 'copy-to'.", at: tree.place)
                }
            }
        }
        guard given.count == 1 else {
            reader.note("A rule does exactly one of: \(keys.joined(separator: ", ")).", at: reader.place)
            for key in given where key.hasSuffix("-to") { _ = self.system(key, reader) }
            return nil
        }
        switch given[0] {
        case "copy-to": return self.copy(reader, messages)
        case "redirect-to":
            guard let (adapter, place) = self.system("redirect-to", reader) else { return nil }
            return self.road(to: adapter, messages, reader, at: place).map { .redirect(to: adapter.system, by: $0) }
        case "split":
            guard let split = reader.boolean("split"), let place = reader.tree("split")?.place else { return nil }
            if !split { reader.note("'split' is true; without the rule nothing is split.", at: place) }
            return .split
        default: return reader.bilingual("refuse").map { .refuse($0) }
        }
    }

    private func copy(_ reader: SettingsReader, _ messages: [MessageType]) -> RoutingRule.Action? {
        guard let (adapter, place) = self.system("copy-to", reader) else { return nil }
        let target = reader.parsed("as", expected: RuleReader.typeExample, MessageType.init)
        let mapping = reader.string("mapping")
        guard target != nil || mapping != nil else {
            return self.road(to: adapter, messages, reader, at: place)
                .map { .copy(to: adapter.system, by: $0, target: nil, mapping: "") }
        }
        // A mapped copy goes the way on which the system takes the same from its own subscriptions.
        guard let target, let mapping,
            let rule = adapter.subscribes.first(where: {
                $0.target == target && $0.mapping == mapping && messages == [$0.message]
            })
        else {
            reader.note(
                "'as' and 'mapping' name one of the mappings with which \(adapter.system) subscribes to this 'message'.", at: place
            )
            return nil
        }
        return .copy(to: adapter.system, by: rule.by, target: target, mapping: "\(adapter.system)/\(mapping)")
    }

    private func system(_ key: String, _ reader: SettingsReader) -> (Adapter, SourcePlace)? {
        guard let name = reader.string(key), let place = reader.tree(key)?.place else { return nil }
        guard let adapter = SystemID(name).flatMap(self.catalogue.adapter) else {
            // The faults of an adapter that is there are told with it.
            if let system = SystemID(name), self.catalogue.folders[system] != nil { return nil }
            reader.note(
                "There is no adapter of '\(name)'.", at: place,
                suggestion: SettingsReader.nearest(to: name, among: self.catalogue.folders.keys.map(\.description).sorted())
            )
            return nil
        }
        return (adapter, place)
    }

    /// How a system takes all of these types; it has to say so for each, in the same way.
    private func road(
        to adapter: Adapter, _ messages: [MessageType], _ reader: SettingsReader, at place: SourcePlace
    ) -> DeliveryRoad? {
        guard !messages.isEmpty else {
            // One that is not known was told already.
            if Self.namesNoMessage(reader) {
                reader.note("A rule that sends somewhere says which 'message' it sends.", at: place)
            }
            return nil
        }
        var roads: [DeliveryRoad] = []
        for type in messages {
            guard let rule = adapter.receiveRule(for: type) else {
                reader.note("\(adapter.system) does not receive \(type); add it to 'receives' of its adapter.", at: place)
                return nil
            }
            if !roads.contains(rule.by) { roads.append(rule.by) }
        }
        guard Set(roads.map { $0 == .mailbox }).count == 1 else {
            reader.note("\(adapter.system) fetches some of these types and is sent others; write two rules.", at: place)
            return nil
        }
        return roads.first
    }
}
