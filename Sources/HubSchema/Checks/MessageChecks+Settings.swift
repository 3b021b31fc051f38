public import HubModel
import HubXML

extension MessageChecks {
    /// The version of the file format that `init(settings:)` reads.
    public static let format = "checks-1"
    static let file = "checks.yaml"

    /// Reads the `checks.yaml` of a schema folder.
    ///
    /// The keys are listed in docs/edxml.md. `nil` when something needed is missing or unreadable; the reader then has
    /// the faults.
    public init?(settings: SettingsReader) {
        if settings.requiredTree("format") != nil { _ = settings.choice("format", [Self.format]) }
        let below = settings.requiredString("below") ?? ""
        var slots = CheckSlots(below: below)
        if FieldPath(below) == nil, let place = settings.tree("below")?.place {
            settings.note("'\(below)' is not a path.", at: place)
        }
        var checks: [Check] = []
        _ = settings.requiredTree("checks")
        for item in settings.list("checks") {
            let reader = settings.reader(of: item)
            let check = slots.check(reader)
            if reader.requiredTree("sure") != nil { _ = reader.choice("sure", SettingsReader.labels) }
            _ = reader.string("note")
            reader.refuseOtherKeys()
            if let check { checks.append(check) }
        }
        settings.refuseOtherKeys()
        guard settings.faults.isEmpty else { return nil }
        let isXML = !below.hasPrefix("/")
        self.checks = checks
        self.slots = slots.paths
        self.places = slots.places
        self.items = isXML || below == "/" ? nil : FieldPath(below)
        self.paths = isXML ? XMLPathSet(slots.paths.map(\.description)) : nil
    }
}

/// Gives a number to each value that is asked for.
private struct CheckSlots {
    /// What all paths begin with: in XML it is part of them, in JSON each item there is looked at by itself.
    let below: String
    private(set) var paths: [FieldPath] = []
    /// Where each was named first.
    private(set) var places: [SourcePlace] = []

    init(below: String) {
        self.below = below
    }

    private mutating func slot(_ text: String, at place: SourcePlace) -> Int? {
        let isXML = !self.below.hasPrefix("/")
        guard text.hasPrefix("/") != isXML, let path = FieldPath(isXML ? "\(self.below)/\(text)" : text)
        else { return nil }
        return self.number(of: path, at: place)
    }

    private mutating func number(of path: FieldPath, at place: SourcePlace) -> Int {
        if let known = self.paths.firstIndex(of: path) { return known }
        self.paths.append(path)
        self.places.append(place)
        return self.paths.count - 1
    }

    private mutating func slot(_ key: String, in reader: SettingsReader) -> Int? {
        guard let tree = reader.requiredTree(key), let text = reader.string(key) else { return nil }
        guard let slot = self.slot(text, at: tree.place) else {
            reader.note("'\(text)' is not a path below '\(self.below)'.", at: tree.place)
            return nil
        }
        return slot
    }

    /// A path from the root, whatever all others begin with: for what stands in two parts of a document.
    private mutating func slotFromRoot(_ key: String, in reader: SettingsReader) -> Int? {
        guard let tree = reader.requiredTree(key), let text = reader.string(key) else { return nil }
        guard !self.below.hasPrefix("/"), !text.hasPrefix("/"), let path = FieldPath(text) else {
            reader.note("'\(text)' is not a path in XML from the root.", at: tree.place)
            return nil
        }
        return self.number(of: path, at: tree.place)
    }

    private mutating func slots(_ key: String, in reader: SettingsReader) -> [Int] {
        guard reader.requiredTree(key) != nil else { return [] }
        var slots: [Int] = []
        for (text, place) in reader.strings(key) {
            if let slot = self.slot(text, at: place) {
                slots.append(slot)
            } else {
                reader.note("'\(text)' is not a path below '\(self.below)'.", at: place)
            }
        }
        return slots
    }

    private mutating func moment(_ key: String, in reader: SettingsReader) -> Check.Moment? {
        guard reader.requiredTree(key) != nil, let map = reader.map(key) else { return nil }
        let slot = self.slot("path", in: map)
        let form = self.form(map)
        map.refuseOtherKeys()
        guard let slot, let form else { return nil }
        return Check.Moment(slot: slot, form: form)
    }

    private func form(_ reader: SettingsReader) -> DateForm? {
        guard reader.requiredTree("form") != nil else { return nil }
        return reader.parsed("form", expected: "a form such as yyyy/MM/dd", DateForm.init)
    }

    mutating func check(_ reader: SettingsReader) -> Check? {
        guard reader.requiredTree("code") != nil,
            let code = reader.choice("code", CheckCode.allCases.map(\.rawValue)).flatMap(
                CheckCode.init(rawValue:))
        else { return nil }
        switch code {
        case .dateInFuture:
            let slots = self.slots("paths", in: reader)
            return self.form(reader).map { form in .future(slots.map { Check.Moment(slot: $0, form: form) }) }
        case .dateOrder, .statusBeforeDocument:
            guard let earlier = self.moment("earlier", in: reader),
                let later = self.moment("later", in: reader)
            else {
                return nil
            }
            return .order(code, earlier: earlier, later: later)
        case .filler:
            let slots = self.slots("paths", in: reader)
            return .filler(FillerCheck(slots: slots, texts: self.texts("texts", in: reader)))
        case .documentType:
            let slots = ["type", "detail", "name"].map { self.slot($0, in: reader) }
            let annex = self.annex(reader)
            guard let type = slots[0], let detail = slots[1], let name = slots[2] else { return nil }
            return .documentType(type: type, detail: detail, name: name, annex: annex)
        case .codeUnknown:
            let known = self.texts("codes", in: reader)
            return self.slot("path", in: reader).map { .code(slot: $0, known: known) }
        case .documentID:
            let slots = ["id", "agency", "date"].map { self.slot($0, in: reader) }
            let code = self.slots("parts", in: reader)
            guard let id = slots[0], let agency = slots[1], let date = slots[2] else { return nil }
            return .documentID(DocumentIDCheck(id: id, agency: agency, date: date, code: code))
        case .tooLong:
            let slots = self.slots("paths", in: reader)
            _ = reader.requiredTree("most")
            return reader.integer("most", in: 1...100_000).map { .length(slots: slots, most: $0) }
        case .valueMissing:
            let texts = self.texts("texts", in: reader)
            guard let slot = self.slot("path", in: reader), let given = self.slot("given", in: reader) else {
                return nil
            }
            return .missing(slot: slot, given: given, texts: texts)
        case .contentID:
            let slots = ["references", "attachments"].map { self.slotFromRoot($0, in: reader) }
            guard let references = slots[0], let attachments = slots[1] else { return nil }
            return .contentIDs(references: references, attachments: attachments)
        case .statusTransition:
            return self.transitions(reader)
        }
    }

    private func texts(_ key: String, in reader: SettingsReader) -> [String] {
        guard let tree = reader.requiredTree(key) else { return [] }
        let texts = reader.strings(key).map(\.text)
        if texts.isEmpty { reader.note("'\(key)' needs at least one text.", at: tree.place) }
        return texts
    }

    /// `annex`: rows of the regulation's table, each with its number, its names and how sure it is.
    private func annex(_ reader: SettingsReader) -> DocumentTypeAnnex {
        _ = reader.requiredTree("annex")
        var seen: Set<DocumentTypeAnnex.Row> = []
        let entries = reader.labelled("annex") { entry -> (row: DocumentTypeAnnex.Row, names: [String])? in
            let (type, detail) = (entry.requiredString("type"), entry.requiredString("detail"))
            let names = self.texts("names", in: entry)
            guard let type, let detail else { return nil }
            let row = DocumentTypeAnnex.Row(type: type, detail: detail)
            if !seen.insert(row).inserted {
                entry.note("Row \(type)/\(detail) is there twice.", at: entry.place)
            }
            return (row, names)
        }
        return DocumentTypeAnnex(entries)
    }

    private mutating func transitions(_ reader: SettingsReader) -> Check? {
        let slot = self.slot("path", in: reader)
        let key = reader.tree("key").flatMap { _ in self.slot("key", in: reader) }
        let first = self.texts("first", in: reader)
        var after: [String: Set<String>] = [:]
        if reader.requiredTree("after") != nil, let map = reader.map("after") {
            for code in map.keys { after[code] = Set(self.texts(code, in: map)) }
        }
        let asides = Set(reader.strings("asides").map(\.text))
        let resuming = Set(reader.strings("resuming").map(\.text))
        let known = Set(first).union(after.keys).union(after.values.joined())
        for (text, place) in reader.strings("asides") + reader.strings("resuming") where !known.contains(text)
        {
            reader.note("The code '\(text)' follows on nothing.", at: place)
        }
        return slot.map {
            .transitions(
                StatusTransitions(first: Set(first), after: after, resuming: resuming, asides: asides),
                slot: $0, key: key)
        }
    }
}
