import HubModel
import HubYAML

/// What `expected.yaml` says of one example.
struct ExampleExpectation {
    /// Line, path and rule of the first violation, or line and code of a file that cannot be read.
    var line: Int?
    var path: String?
    var rule: String?
    var code: String?
    /// The repairs with which the tolerant reading reads it; `nil` when it does not.
    var mended: [String]?
    /// Whether that is said at all.
    var saysMended = false
    /// The example that says the same in the form of the schema.
    var readsAs: String?
    /// The day on which it is looked at.
    var day: CivilDate?
    /// What is odd about it then.
    var warnings: [String] = []
    let place: SourcePlace
}

/// `expected.yaml` of a folder of examples.
struct ExpectedFile {
    static let name = "expected.yaml"
    static let format = "expected-1"

    private(set) var entries: [String: ExampleExpectation] = [:]
    private(set) var faults: [SettingsFault] = []

    /// - Parameter examples: The files that are there.
    init(_ path: String, examples: [String]) {
        let reader: SettingsReader
        switch YAMLReader.read(file: path) {
        case .failure(let found):
            self.faults = found.faults
            return
        case .success(let tree):
            reader = SettingsReader(tree, file: path)
        }
        if reader.requiredTree("format") != nil { _ = reader.choice("format", [Self.format]) }
        for name in reader.keys where name != "format" {
            guard let entry = reader.map(name) else { continue }
            self.entries[name] = Self.entry(entry)
            if !examples.contains(name) {
                reader.note(
                    "There is no example '\(name)'.", at: entry.place,
                    suggestion: SettingsReader.nearest(to: name, among: examples))
            }
        }
        reader.refuseOtherKeys()
        self.faults = reader.faults
    }

    private static func entry(_ reader: SettingsReader) -> ExampleExpectation {
        var entry = ExampleExpectation(place: reader.place)
        entry.line = reader.integer("line", in: 1...1_000_000)
        entry.path = reader.string("path")
        entry.rule = reader.string("rule")
        entry.code = reader.string("code")
        entry.readsAs = reader.string("reads-as")
        entry.day = reader.parsed("on", expected: "a day such as 2024-03-15") { CivilDate(iso: $0) }
        entry.warnings = reader.strings("warnings").map(\.text)
        switch reader.tree("mended") {
        case nil: break
        case .list: (entry.saysMended, entry.mended) = (true, reader.strings("mended").map(\.text))
        default:
            entry.saysMended = true
            if reader.boolean("mended") == true {
                reader.note(
                    "'mended' is false, or a list of repairs.",
                    at: reader.tree("mended")?.place ?? reader.place)
            }
        }
        reader.refuseOtherKeys()
        return entry
    }
}
