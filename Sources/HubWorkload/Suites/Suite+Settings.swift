import FoundationEssentials
public import HubModel
import HubYAML

extension Suite {
    /// Reads `suite.yaml` in a folder.
    ///
    /// Files that it names must be there, and labels it waits for must be submitted before.
    ///
    /// - Throws: `configuration.invalid` with every fault.
    public static func load(folder: String) throws(HubError) -> Suite {
        let file = folder + "/suite.yaml"
        switch YAMLReader.read(file: file) {
        case .failure(let faults):
            throw faults.error(.configurationInvalid, "The suite has faults.")
        case .success(let tree):
            return try Self.read(tree, file: file, folder: folder)
        }
    }

    /// - Throws: `configuration.invalid` with every fault.
    static func read(_ tree: SettingsTree, file: String, folder: String) throws(HubError) -> Suite {
        let reader = SettingsReader(tree, file: file)
        if let format = reader.requiredString("format"), format != "suite-1" {
            reader.note("The format '\(format)' is not 'suite-1'.", at: reader.place)
        }
        let title = Self.title(reader)
        let quietLimit = reader.duration("quiet-limit") ?? .seconds(60)
        _ = reader.requiredTree("steps")
        var labels: Set<String> = []
        var steps: [Step] = []
        for item in reader.list("steps") {
            let step = reader.reader(of: item)
            let title = Self.title(step)
            var actions: [Action] = []
            _ = step.requiredTree("do")
            for action in step.list("do") {
                if let action = Self.action(step.reader(of: action), folder: folder, labels: &labels) {
                    actions.append(action)
                }
            }
            step.refuseOtherKeys()
            steps.append(Step(title: title, actions: actions))
        }
        reader.refuseOtherKeys()
        guard reader.faults.isEmpty else {
            throw SettingsFaults(reader.faults).error(.configurationInvalid, "The suite has faults.")
        }
        let name = folder.split(separator: "/").last.map(String.init) ?? folder
        return Suite(name: name, folder: folder, title: title, quietLimit: quietLimit, steps: steps)
    }

    private static func title(_ reader: SettingsReader) -> Bilingual {
        reader.bilingual("title") ?? Bilingual(vi: "", en: "")
    }

    private static let verbs = [
        "submit", "lookup", "await", "pause", "resume", "outage", "expire-tokens", "wait",
    ]

    private static func action(
        _ reader: SettingsReader, folder: String, labels: inout Set<String>
    ) -> Action? {
        guard let verb = reader.keys.first, Self.verbs.contains(verb) else {
            reader.note(
                "An action begins with one of: \(Self.verbs.joined(separator: ", ")).", at: reader.place,
                suggestion: reader.keys.first.flatMap { SettingsReader.nearest(to: $0, among: Self.verbs) }
            )
            return nil
        }
        defer { reader.refuseOtherKeys() }
        switch verb {
        case "submit": return Self.submit(reader, folder: folder, labels: &labels).map(Action.submit)
        case "lookup": return Self.lookup(reader, folder: folder).map(Action.lookup)
        case "await": return Self.await(reader, labels: labels).map(Action.await)
        case "pause": return reader.string(verb).map { .pause(system: $0) }
        case "resume": return reader.string(verb).map { .resume(system: $0) }
        case "outage": return reader.duration(verb).map { .outage($0) }
        case "wait": return reader.duration(verb).map { .wait($0) }
        default:
            _ = reader.choice(verb, ["national"])
            return .expireTokens
        }
    }

    private static func submit(
        _ reader: SettingsReader, folder: String, labels: inout Set<String>
    ) -> Submit? {
        guard let label = reader.string("submit") else { return nil }
        if !labels.insert(label).inserted {
            reader.note("The label '\(label)' stands twice.", at: reader.place)
        }
        let system = reader.requiredString("as")
        let file = Self.file(reader, folder: folder)
        let standard = file?.hasSuffix(".json") == true ? "application/json" : "application/xml"
        let submit = Submit(
            label: label, system: system ?? "", file: file ?? "", variables: Self.variables(reader),
            type: reader.string("type") ?? "", contentType: reader.string("content-type") ?? standard,
            signer: reader.string("sign") ?? "own",
            breaksSignature: reader.choice("damage", ["none", "break-signature"]) == "break-signature",
            isRaw: reader.boolean("raw") ?? false, padding: reader.byteCount("pad") ?? 0,
            recipients: reader.tree("recipients").map { _ in reader.strings("recipients").map(\.text) },
            order: reader.string("order"), expectation: Self.expectation(reader), place: reader.place
        )
        return system == nil || file == nil ? nil : submit
    }

    private static func lookup(_ reader: SettingsReader, folder: String) -> Lookup? {
        guard let service = reader.string("lookup") else { return nil }
        let system = reader.requiredString("as")
        let file = Self.file(reader, folder: folder)
        var members: [(pointer: String, text: String)] = []
        if let map = reader.map("reply") {
            for key in map.keys { if let text = map.string(key) { members.append((key, text)) } }
        }
        guard let system, let file else { return nil }
        return Lookup(
            service: service, system: system, file: file, variables: Self.variables(reader),
            signer: reader.string("sign") ?? "own", expectation: Self.expectation(reader), members: members,
            place: reader.place
        )
    }

    private static func await(_ reader: SettingsReader, labels: Set<String>) -> Await? {
        let kind = reader.choice("await", ["delivered", "not-delivered", "statuses", "copy"])
        let label = reader.requiredString("of")
        let limit = reader.duration("within") ?? .seconds(60)
        if let label, !labels.contains(label) {
            reader.note(
                "The label '\(label)' is not that of an earlier submission.", at: reader.place,
                suggestion: SettingsReader.nearest(to: label, among: labels.sorted())
            )
        }
        let event: Await.Event
        switch kind {
        case "delivered": event = .delivered
        case "not-delivered": event = .notDelivered
        case "statuses":
            _ = reader.requiredTree("statuses")
            event = .statuses(
                reader.strings("statuses").map(\.text), from: reader.strings("from").map(\.text))
        case "copy": event = .copy(at: reader.requiredString("at") ?? "")
        default: return nil
        }
        return label.map { Await(event: event, label: $0, limit: limit, place: reader.place) }
    }

    private static func file(_ reader: SettingsReader, folder: String) -> String? {
        guard let file = reader.requiredString("file") else { return nil }
        let isInside = !file.hasPrefix("/") && !file.split(separator: "/").contains("..")
        if !isInside || !FileManager.default.fileExists(atPath: folder + "/" + file) {
            reader.note(
                "The file '\(file)' is not in the suite's folder.",
                at: reader.tree("file")?.place ?? reader.place)
        }
        return file
    }

    private static func variables(_ reader: SettingsReader) -> [String: String] {
        guard let map = reader.map("with") else { return [:] }
        var variables: [String: String] = [:]
        for key in map.keys { variables[key] = map.string(key) }
        return variables
    }

    /// `expect: accepted`, `expect: { refused: CODE, line: 12, path: /… }`; accepted when left out.
    private static func expectation(_ reader: SettingsReader) -> Expectation {
        guard let tree = reader.tree("expect") else { return .accepted }
        if case .scalar = tree {
            _ = reader.choice("expect", ["accepted"])
            return .accepted
        }
        let map = reader.reader(of: tree)
        let code = map.requiredString("refused") ?? ""
        if !code.isEmpty, ErrorCode(rawValue: code) == nil {
            map.note(
                "The code '\(code)' is not one of the hub's.", at: map.place,
                suggestion: SettingsReader.nearest(to: code, among: ErrorCode.allCases.map(\.rawValue))
            )
        }
        let expectation = Expectation.refused(
            code: code, line: map.integer("line", in: 1...10_000_000), path: map.string("path")
        )
        map.refuseOtherKeys()
        return expectation
    }
}
