public import HubModel
import HubYAML

/// Reads the directory of agencies from its files. The keys are listed in docs/adapters.md.
public enum DirectoryReader {
    /// The version of the file format that is read.
    public static let format = "directory-1"

    /// Reads every `.yaml` file of a folder.
    ///
    /// - Returns: All faults of all files at once, if there is one.
    public static func load(folder: String) -> Result<AgencyDirectory, SettingsFaults> {
        let files = SettingsFolder.files(in: folder, ending: ".yaml")
        guard !files.isEmpty else {
            return .failure(
                SettingsFaults([SettingsFolder.fault("There is no directory file here.", in: folder)]))
        }
        return self.load(files: files.map { "\(folder)/\($0)" })
    }

    /// Reads these files as one directory: an agency may be named in one and have its successor in another.
    public static func load(files: [String]) -> Result<AgencyDirectory, SettingsFaults> {
        var draft = DirectoryDraft()
        for file in files {
            switch YAMLReader.read(file: file) {
            case .failure(let faults): draft.faults += faults.faults
            case .success(let tree): draft.read(SettingsReader(tree, file: file))
            }
        }
        return draft.directory()
    }
}

/// What the files say, with places, until all of them are read.
private struct DirectoryDraft {
    var faults: [SettingsFault] = []
    private var agencies: [Placed<Agency>] = []
    private var aliases: [Placed<AgencyAlias>] = []
    private var complete: Set<AgencyCode> = []

    private struct Placed<Value> {
        let value: Value
        let file: String
        let place: SourcePlace
    }

    /// How sure the source of an entry is; for whoever edits the file, and not read by the hub.
    private static let sureness = ["S", "S2", "D", "K"]
    private static let codeExample = "an agency code such as H44.13"
    private static let dayExample = "a day such as 2025-07-01"

    mutating func read(_ reader: SettingsReader) {
        reader.refuseOtherFormat(than: DirectoryReader.format)
        for (text, place) in reader.strings("complete") {
            if let code = AgencyCode(text), code.root == code {
                self.complete.insert(code)
            } else {
                reader.note("'\(text)' is not a code of level 1 such as H44.", at: place)
            }
        }
        for entry in reader.maps("agencies") {
            if let agency = Self.agency(entry) {
                self.agencies.append(Placed(value: agency, file: reader.file, place: entry.place))
            }
        }
        for entry in reader.maps("aliases") {
            if let alias = Self.alias(entry) {
                self.aliases.append(Placed(value: alias, file: reader.file, place: entry.place))
            }
        }
        reader.refuseOtherKeys()
        self.faults += reader.faults
    }

    /// Checks what the files say against each other.
    func directory() -> Result<AgencyDirectory, SettingsFaults> {
        var first: [AgencyCode: Placed<Agency>] = [:]
        var faults = self.faults
        for agency in self.agencies {
            if let other = first[agency.value.code] {
                faults.append(
                    Self.fault(
                        "\(agency.value.code) stands in \(other.file), line \(other.place.line), already.",
                        agency)
                )
            } else {
                first[agency.value.code] = agency
            }
        }
        for agency in self.agencies {
            guard let successor = agency.value.successor, first[successor] == nil else { continue }
            faults.append(Self.fault("The successor \(successor) is not in the directory.", agency))
        }
        faults += self.aliasFaults(first)
        guard faults.isEmpty else { return .failure(SettingsFaults(faults)) }
        do throws(HubError) {
            return .success(
                try AgencyDirectory(
                    agencies: self.agencies.map(\.value), aliases: self.aliases.map(\.value),
                    complete: self.complete
                )
            )
        } catch {
            // What is left after the checks above is a circle of successors.
            let code = error.detail("agency").flatMap(AgencyCode.init)
            let place = code.flatMap { first[$0] } ?? self.agencies.first
            return .failure(SettingsFaults(place.map { [Self.fault("\(error.summary)", $0)] } ?? []))
        }
    }

    /// Aliases of codes that do not exist, and two that hold for one text at the same time.
    private func aliasFaults(_ agencies: [AgencyCode: Placed<Agency>]) -> [SettingsFault] {
        var faults: [SettingsFault] = []
        var seen: [String: [Placed<AgencyAlias>]] = [:]
        for alias in self.aliases {
            let code = alias.value.code
            if agencies[code] == nil, agencies[code.root] == nil || self.complete.contains(code.root) {
                faults.append(Self.fault("The agency \(code) is not in the directory.", alias))
            }
            if let other = seen[alias.value.text]?.first(where: { Self.overlap($0.value, alias.value) }) {
                faults.append(
                    Self.fault(
                        "'\(alias.value.text)' means \(other.value.code) at the same time, "
                            + "in \(other.file), line \(other.place.line).", alias
                    )
                )
            }
            seen[alias.value.text, default: []].append(alias)
        }
        return faults
    }

    private static func overlap(_ left: AgencyAlias, _ right: AgencyAlias) -> Bool {
        func begins(_ alias: AgencyAlias, before end: CivilDate?) -> Bool {
            guard let from = alias.from, let end else { return true }
            return from < end
        }
        return begins(left, before: right.until) && begins(right, before: left.until)
    }

    private static func agency(_ reader: SettingsReader) -> Agency? {
        let code = reader.requiredParsed("code", expected: self.codeExample, AgencyCode.init)
        let name = reader.bilingual("name")
        let closed = reader.parsed("closed", expected: self.dayExample) { CivilDate(iso: $0) }
        let successor = reader.parsed("successor", expected: self.codeExample, AgencyCode.init)
        _ = reader.choice("sure", self.sureness)
        _ = reader.string("note")
        if let place = reader.tree("successor")?.place, reader.tree("closed") == nil {
            reader.note("A successor needs the day on which the code was closed: 'closed'.", at: place)
        }
        reader.refuseOtherKeys()
        guard let code, let name else { return nil }
        return Agency(code: code, name: name, closedOn: closed, successor: successor)
    }

    private static func alias(_ reader: SettingsReader) -> AgencyAlias? {
        let text = reader.requiredString("text")
        let code = reader.requiredParsed("code", expected: self.codeExample, AgencyCode.init)
        let from = reader.parsed("from", expected: self.dayExample) { CivilDate(iso: $0) }
        let until = reader.parsed("until", expected: self.dayExample) { CivilDate(iso: $0) }
        _ = reader.choice("sure", self.sureness)
        _ = reader.string("note")
        if let from, let until, until <= from {
            reader.note("The alias ends before it begins.", at: reader.place)
        }
        reader.refuseOtherKeys()
        guard let text, let code else { return nil }
        return AgencyAlias(text: text, code: code, from: from, until: until)
    }

    private static func fault(_ message: String, _ entry: Placed<some Any>) -> SettingsFault {
        SettingsFault(file: entry.file, place: entry.place, message: message)
    }
}
