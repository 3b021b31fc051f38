import HubModel
import HubYAML

/// One `samples/<case>/case.yaml`: a whole message and what becomes of it.
struct SampleCase {
    static let format = "sample-1"

    enum Expectation {
        case accepted
        case refused(code: ErrorCode, line: Int?, path: String?)
    }

    /// What the sample is of.
    enum Subject {
        case message(MessageType)
        /// A service that the adapter provides.
        case service(String)
    }

    let file: String
    let subject: Subject
    /// The payload, relative to the folder of the case.
    let payload: String
    /// The mapping to run; needed only when several subscriptions fit.
    let mapping: String?
    let expectation: Expectation
    let expectationPlace: SourcePlace
    /// What a provider is sent, what it answers, and what the caller gets; relative to the folder of the case.
    let sent: String?
    let reply: String?
    let answer: String?
    /// What becomes of the reply.
    let replyExpectation: Expectation

    func fault(_ message: String) -> SettingsFault {
        SettingsFault(file: self.file, place: self.expectationPlace, message: message)
    }

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

    /// What is wrong with a case that cannot be run: how it is written, and files that it names and that are not there.
    static func faults(of folder: String) -> [SettingsFault] {
        switch self.read(file: "\(folder)/case.yaml") {
        case .failure(let faults): return faults.faults
        case .success(let sample):
            return [sample.payload, sample.sent, sample.reply, sample.answer].compactMap(\.self)
                .filter { !SettingsFolder.exists("\(folder)/\($0)") }
                .map { SettingsFolder.fault("The sample's file cannot be read.", in: "\(folder)/\($0)") }
        }
    }

    private init?(_ reader: SettingsReader) {
        reader.refuseOtherFormat(than: Self.format)
        if reader.tree("title") != nil { _ = reader.bilingual("title") }
        let subject = Self.subject(reader)
        let payload = reader.requiredParsed("file", expected: "a file beside this one") {
            SettingsFolder.isInside($0) ? $0 : nil
        }
        let mapping = reader.string("mapping")
        let expectation = reader.requiredTree("expect").flatMap { Self.expectation($0, reader) }
        let beside = { (key: String) in
            reader.parsed(key, expected: "a file beside this one") { SettingsFolder.isInside($0) ? $0 : nil }
        }
        let (sent, reply, answer) = (beside("sent"), beside("reply"), beside("answer"))
        let fails = reader.tree("fails").flatMap { Self.expectation($0, reader) }
        if reader.tree("service") == nil || mapping != nil {
            for key in reader.tree("service") == nil ? ["sent", "reply", "answer", "fails"] : ["mapping"] {
                guard let tree = reader.tree(key) else { continue }
                reader.note("'\(key)' does not belong to this kind of sample.", at: tree.place)
            }
        }
        if (answer != nil || fails != nil), reply == nil, let place = reader.tree(answer == nil ? "fails" : "answer")?.place {
            reader.note("There is no 'reply' to be answered with.", at: place)
        }
        if answer != nil, let place = reader.tree("fails")?.place { reader.note("A reply has an answer, or fails.", at: place) }
        reader.refuseOtherKeys()
        guard let subject, let payload, let expectation, let place = reader.tree("expect")?.place else {
            return nil
        }
        self.sent = sent
        self.reply = reply
        self.answer = answer
        self.replyExpectation = fails ?? .accepted
        self.file = reader.file
        self.subject = subject
        self.payload = payload
        self.mapping = mapping
        self.expectation = expectation
        self.expectationPlace = place
    }

    private static func subject(_ reader: SettingsReader) -> Subject? {
        if reader.tree("service") != nil {
            if let tree = reader.tree("message") { reader.note("A sample is of a message or of a service.", at: tree.place) }
            return reader.parsed("service", expected: ServiceReader.example) { RuleReader.isServiceName($0) ? $0 : nil }
                .map(Subject.service)
        }
        return reader.requiredParsed("message", expected: RuleReader.typeExample, MessageType.init).map(Subject.message)
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
