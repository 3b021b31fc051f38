/// What one file of the agency directory (`schemas/directory/*.yaml`) says.
///
/// Several files make one directory.
public struct DirectoryFile: Sendable {
    /// The version of the file format that `read(_:)` understands.
    public static let format = "directory-1"

    /// How sure a code or a name is, as the file marks it.
    ///
    /// For those who keep the file; the hub treats all alike.
    ///
    /// `S` seen in a source, `S2` seen in a secondary source, `D` derived, `K` general knowledge.
    public static let sureness = ["S", "S2", "D", "K"]

    public var agencies: [Agency]
    public var aliases: [AgencyAlias]
    /// The roots below which every agency is listed.
    public var complete: Set<AgencyCode>

    public init(agencies: [Agency] = [], aliases: [AgencyAlias] = [], complete: Set<AgencyCode> = []) {
        self.agencies = agencies
        self.aliases = aliases
        self.complete = complete
    }

    /// Reads a directory file.
    ///
    /// What cannot be read is left out and noted as a fault of the reader, so the caller
    /// must look at `settings.faults` before the result is used.
    public static func read(_ settings: SettingsReader) -> DirectoryFile {
        var file = DirectoryFile()
        if settings.requiredTree("format") != nil { _ = settings.choice("format", [Self.format]) }
        file.agencies = settings.list("agencies").compactMap { self.agency(settings.reader(of: $0)) }
        file.aliases = settings.list("aliases").compactMap { self.alias(settings.reader(of: $0)) }
        for (text, place) in settings.strings("complete") {
            if let code = AgencyCode(text), code == code.root {
                file.complete.insert(code)
            } else {
                settings.note("'\(text)' is not an agency code of level 1.", at: place)
            }
        }
        settings.refuseOtherKeys()
        return file
    }

    private static func agency(_ settings: SettingsReader) -> Agency? {
        let code = settings.requiredTree("code").flatMap { _ in self.code("code", in: settings) }
        let name = settings.requiredTree("name").flatMap { _ in settings.map("name") }.flatMap(self.name)
        _ = settings.requiredTree("sure").flatMap { _ in settings.choice("sure", Self.sureness) }
        _ = settings.string("note")
        let closedOn = self.date("closed", in: settings)
        let successor = self.code("successor", in: settings)
        if let place = settings.tree("successor")?.place, settings.tree("closed") == nil {
            settings.note("Only a closed agency has a 'successor'; 'closed' is missing.", at: place)
        }
        settings.refuseOtherKeys()
        guard let code, let name else { return nil }
        return Agency(code: code, name: name, closedOn: closedOn, successor: successor)
    }

    private static func alias(_ settings: SettingsReader) -> AgencyAlias? {
        let text = settings.requiredString("text")
        let code = settings.requiredTree("code").flatMap { _ in self.code("code", in: settings) }
        let (from, until) = (self.date("from", in: settings), self.date("until", in: settings))
        if let from, let until, until <= from {
            settings.note("'until' must be a later day than 'from'.", at: settings.place)
        }
        _ = settings.string("note")
        settings.refuseOtherKeys()
        guard let text, let code else { return nil }
        return AgencyAlias(text: text, code: code, from: from, until: until)
    }

    private static func name(_ settings: SettingsReader) -> Bilingual? {
        let (vi, en) = (settings.requiredString("vi"), settings.requiredString("en"))
        settings.refuseOtherKeys()
        guard let vi, let en else { return nil }
        return Bilingual(vi: vi, en: en)
    }

    private static func code(_ key: String, in settings: SettingsReader) -> AgencyCode? {
        settings.parsed(key, expected: "an agency code such as H44.13") { AgencyCode($0) }
    }

    private static func date(_ key: String, in settings: SettingsReader) -> CivilDate? {
        settings.parsed(key, expected: "a day such as 2025-07-01") { CivilDate(iso: $0) }
    }
}

extension AgencyDirectory {
    /// One directory of what several files say.
    ///
    /// - Throws: as `init(agencies:aliases:complete:)`.
    public init(files: [DirectoryFile]) throws(HubError) {
        try self.init(
            agencies: files.flatMap(\.agencies), aliases: files.flatMap(\.aliases),
            complete: files.reduce(into: []) { $0.formUnion($1.complete) }
        )
    }
}
