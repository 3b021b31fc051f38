import HubModel
import HubYAML

/// One `samples/<case>/case.yaml`: a whole message and what becomes of it.
struct SampleCase {
    static let format = "sample-1"

    enum Expectation {
        case accepted
        case refused(code: ErrorCode, line: Int?, path: String?)
    }

    let file: String
    let message: MessageType
    /// The payload, relative to the folder of the case.
    let payload: String
    /// The mapping to run; needed only when several subscriptions fit.
    let mapping: String?
    let expectation: Expectation
    let expectationPlace: SourcePlace

    /// - Returns: All faults of the file at once, if there is one.
    static func read(file: String) -> Result<SampleCase, SettingsFaults> {
        YAMLReader.read(file: file).flatMap { tree in
            let reader = SettingsReader(tree, file: file)
            guard let made = SampleCase(reader), reader.faults.isEmpty else {
                return .failure(SettingsFaults(reader.faults))
            }
            return .success(made)
        }
    }

    private init?(_ reader: SettingsReader) {
        reader.refuseOtherFormat(than: Self.format)
        if reader.tree("title") != nil { _ = reader.title("title") }
        let message = reader.requiredParsed("message", expected: RuleReader.typeExample, MessageType.init)
        let payload = reader.requiredParsed("file", expected: "a file beside this one") {
            SettingsFolder.isInside($0) ? $0 : nil
        }
        let mapping = reader.string("mapping")
        let expectation = reader.requiredTree("expect").flatMap { Self.expectation($0, reader) }
        reader.refuseOtherKeys()
        guard let message, let payload, let expectation, let place = reader.tree("expect")?.place else {
            return nil
        }
        self.file = reader.file
        self.message = message
        self.payload = payload
        self.mapping = mapping
        self.expectation = expectation
        self.expectationPlace = place
    }

    /// `accepted`, or `{ code: …, line: …, path: … }`.
    private static func expectation(_ tree: SettingsTree, _ reader: SettingsReader) -> Expectation? {
        if case .scalar(let text, let place) = tree {
            guard text == "accepted" else {
                reader.note("'\(text)' is neither 'accepted' nor { code: …, line: …, path: … }.", at: place)
                return nil
            }
            return .accepted
        }
        let map = reader.reader(of: tree)
        let text = map.requiredString("code")
        let line = map.integer("line", in: 1...1_000_000)
        let path = map.string("path")
        map.refuseOtherKeys()
        guard let text, let place = map.tree("code")?.place else { return nil }
        guard let code = ErrorCode(rawValue: text) else {
            map.note(
                "There is no error code '\(text)'.", at: place,
                suggestion: SettingsReader.nearest(to: text, among: ErrorCode.allCases.map(\.rawValue))
            )
            return nil
        }
        return .refused(code: code, line: line, path: path)
    }
}
