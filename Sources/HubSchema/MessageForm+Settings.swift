public import HubModel

extension MessageForm {
    /// The version of the file format that `init(settings:type:)` reads.
    public static let format = "form-1"
    static let file = "form.yaml"

    /// Reads the `form.yaml` of a schema folder.
    ///
    /// The keys are listed in docs/schemas.md. `nil` when something needed is missing or unreadable; the reader then has the faults.
    public init?(settings: SettingsReader, type: MessageType) {
        if settings.requiredTree("format") != nil { _ = settings.choice("format", [Self.format]) }
        let title = settings.bilingual("title")
        let mediaType = settings.requiredTree("media-type")
            .flatMap { _ in settings.choice("media-type", MediaType.allCases.map(\.rawValue)) }
            .flatMap(MediaType.init(rawValue:))
        let paths = PathReader(mediaType: mediaType)
        let recognise = paths.conditions(settings)
        let sender = settings.requiredTree("sender").flatMap { _ in paths.path("sender", in: settings) }
        let recipients = paths.path("recipients", in: settings)
        let goesTo = settings.parsed(
            "goes-to", expected: "a platform and its service, such as national:dossier"
        ) {
            Self.isPlatformService($0) ? $0 : nil
        }
        if let place = settings.tree("goes-to")?.place, settings.tree("recipients") != nil {
            settings.note("A type has 'recipients' or 'goes-to', not both.", at: place)
        }
        var fields: [String: MessageField] = [:]
        if let map = settings.map("fields") {
            for name in map.keys {
                fields[name] = paths.field(name, in: map)
            }
        }
        let course = settings.map("course").flatMap { Self.course($0, fields: fields) }
        settings.refuseOtherKeys()
        guard settings.faults.isEmpty, let title, let mediaType, let sender, !recognise.isEmpty else {
            return nil
        }
        self.init(
            type: type, title: title, mediaType: mediaType, recognise: recognise, sender: sender,
            recipients: recipients, goesTo: goesTo, fields: fields,
            course: course
        )
    }

    private static func course(_ settings: SettingsReader, fields: [String: MessageField]) -> CourseFields? {
        func field(_ key: String) -> String? {
            settings.parsed(key, expected: "the name of a field of this form") { fields[$0] == nil ? nil : $0 }
        }
        let matter = settings.requiredTree("matter").flatMap { _ in field("matter") }
        let (status, told) = (field("status"), field("told"))
        settings.refuseOtherKeys()
        return matter.map { CourseFields(matter: $0, status: status, told: told) }
    }

    private static func isPlatformService(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { SystemID(String($0)) != nil }
    }
}

/// Reads paths and what is made of them, all for payloads of one form.
private struct PathReader {
    /// `nil` while the form itself could not be read; any path is good then.
    let mediaType: MediaType?

    func path(_ key: String, in settings: SettingsReader) -> FieldPath? {
        settings.parsed(key, expected: self.expected, self.path(from:))
    }

    /// One path, or a list of paths and of `{ path: …, when: { … } }`.
    func places(_ key: String, in settings: SettingsReader) -> [MessageField.Place]? {
        guard case .list(let items, let place) = settings.tree(key) else {
            return self.path(key, in: settings).map { [MessageField.Place($0)] }
        }
        if items.isEmpty { settings.note("'\(key)' needs at least one path.", at: place) }
        let places = items.compactMap { item -> MessageField.Place? in
            switch item {
            case .scalar(let text, let place):
                if let path = self.path(from: text) { return MessageField.Place(path) }
                settings.note("'\(text)' is not \(self.expected).", at: place)
                return nil
            case .map:
                let map = settings.reader(of: item)
                let path = map.requiredTree("path").flatMap { _ in self.path("path", in: map) }
                let when = map.map("when").flatMap { self.condition($0, needsTest: true) }
                map.refuseOtherKeys()
                return path.map { MessageField.Place($0, when: when) }
            case .list(_, let place):
                settings.note("Each item of '\(key)' must be a path, or a path with a condition.", at: place)
                return nil
            }
        }
        return places.isEmpty ? nil : places
    }

    private var expected: String {
        switch self.mediaType {
        case .xml: "a path of local names such as edXMLEnvelope/edXMLHeader"
        case .json: "a JSON Pointer such as /data/*/MaHoSo"
        case nil: "a path"
        }
    }

    private func path(from text: String) -> FieldPath? {
        FieldPath(text).flatMap { self.mediaType == nil || $0.mediaType == self.mediaType ? $0 : nil }
    }

    /// `recognise`: one condition or a list of them.
    func conditions(_ settings: SettingsReader) -> [FieldCondition] {
        guard let tree = settings.requiredTree("recognise") else { return [] }
        let items: [SettingsTree] = if case .list(let items, _) = tree { items } else { [tree] }
        if items.isEmpty { settings.note("'recognise' needs at least one condition.", at: tree.place) }
        return items.compactMap { self.condition(settings.reader(of: $0), needsTest: false) }
    }

    /// `{ path: …, equals: … }`, `{ path: …, not: … }`, or `{ path: … }` alone where presence is enough.
    func condition(_ map: SettingsReader, needsTest: Bool) -> FieldCondition? {
        let path = map.requiredTree("path").flatMap { _ in self.path("path", in: map) }
        let equals = map.string("equals")
        let differs = map.string("not")
        map.refuseOtherKeys()
        if equals != nil, differs != nil {
            map.note("A condition has 'equals' or 'not', not both.", at: map.place)
        }
        if needsTest, map.tree("equals") == nil, map.tree("not") == nil {
            map.note("A condition needs 'equals' or 'not'.", at: map.place)
        }
        guard let path else { return nil }
        let test: FieldCondition.Test =
            if let equals { .equals(equals) } else if let differs { .not(differs) } else { .present }
        return FieldCondition(path: path, test: test)
    }

    /// A path, or `{ path: …, when: { … }, default: … }`, where `path` may be a list of places.
    func field(_ name: String, in map: SettingsReader) -> MessageField? {
        guard let tree = map.tree(name) else { return nil }
        if case .scalar = tree {
            return self.path(name, in: map).map { MessageField(places: [MessageField.Place($0)]) }
        }
        let details = map.reader(of: tree)
        let places = details.requiredTree("path").flatMap { _ in self.places("path", in: details) }
        let when = details.map("when").flatMap { self.condition($0, needsTest: true) }
        let fallback = details.string("default")
        details.refuseOtherKeys()
        return places.map { MessageField(places: $0, when: when, fallback: fallback) }
    }
}
