import HubCore
import HubJSON
import HubMapping
import HubModel
import HubSchema

/// What became of the mappings of one adapter while examples were led through them.
struct TrialLog {
    private struct Failure: Hashable {
        let mapping: String
        let place: SourcePlace
        let message: String
    }

    private let folder: String
    private let mappings: [String: Mapping]
    private var passed: Set<String>
    private var tried: Set<String> = []
    /// What each mapping reads and no message has, which is told by itself.
    private let dead: [String: Set<String>]
    /// The examples of each failure, in the order in which they came.
    private var failures: [Failure: [ValidExample]] = [:]
    /// Failures that are none as long as the mapping takes something.
    private var doubts: [Failure: [ValidExample]] = [:]

    /// - Parameters:
    ///   - passed: Mappings that samples led through.
    ///   - dead: What each mapping reads and no message has.
    init(folder: String, mappings: [String: Mapping], passed: Set<String>, dead: [String: Set<String>]) {
        self.dead = dead
        self.folder = folder
        self.mappings = mappings
        self.passed = passed
    }

    /// Runs a mapping over an example, and holds what it makes against the schema of its target.
    ///
    /// - Parameter mayFail: Whether it is enough when the mapping takes another example, or a sample.
    mutating func attempt(
        _ path: String, _ mapping: Mapping, _ example: ValidExample, _ context: [String: String], _ schemas: SchemaCatalogue,
        mayFail: Bool = false
    ) {
        self.tried.insert(path)
        do throws(HubError) {
            _ = try MappedForm(mapping, of: example.document, context: context, schemas: schemas)
            self.passed.insert(path)
        } catch {
            let dead = self.dead[path] ?? []
            for failure in Self.failures(error, path, mapping, example, context, schemas, dead) {
                if mayFail { self.doubts[failure, default: []].append(example) } else { self.failures[failure, default: []].append(example) }
            }
        }
    }

    /// In the order of files and places.
    var faults: [SettingsFault] {
        let doubts = self.doubts.filter { !self.passed.contains($0.key.mapping) }
        let failed = self.failures.merging(doubts) { $0 + $1 }
        let faults = failed.map { failure, examples in
            SettingsFault(
                file: "\(self.folder)/\(failure.mapping)", place: failure.place,
                message: "With \(Self.named(examples)): \(failure.message)"
            )
        }
        let tried = self.passed.union(self.tried)
        let untried = self.mappings.filter { !tried.contains($0.key) }.map { path, mapping in
            SettingsFault(
                file: "\(self.folder)/\(path)", place: mapping.place(setting: ""),
                message: "Neither a sample nor an example of \(mapping.source) leads through this mapping; add a sample that does."
            )
        }
        return SettingsFaults(faults + untried).faults
    }

    /// Everything that is wrong with one run, and not only what ended it.
    private static func failures(
        _ error: HubError, _ path: String, _ mapping: Mapping, _ example: ValidExample, _ context: [String: String],
        _ schemas: SchemaCatalogue, _ dead: Set<String>
    ) -> Set<Failure> {
        guard error.violations.isEmpty else { return Set(error.violations.map { Self.failure($0, path, mapping) }) }
        let source: MappingSource =
            switch example.document {
            case .xml(let document): .xml(document)
            case .json(let document): .json(document.value)
            }
        let (errors, made, hasGaps) = mapping.trial(on: source, context: context) { _ in .zero }
        // What no message has is told with what it may be a misspelling of.
        let untold = errors.filter { $0.detail("reason") != "absent" || !dead.contains($0.detail("path") ?? "") }
        var failures = Set(untold.map { Self.failure($0, path) })
        // A step that failed put null there: of that only is known whether it must not be there at all.
        let failed = Set(errors.compactMap { $0.detail("target") })
        func isKnown(_ violation: Violation) -> Bool {
            if violation.rule.hasSuffix("/required") { return !hasGaps }
            return mapping.sets(violation.path) && (!failed.contains(violation.path) || violation.rule.hasSuffix("Properties"))
        }
        if case .json? = made, let bytes = made?.bytes, let document = try? JSONDocument.parse(bytes),
            let violations = try? schemas.schema(for: mapping.target).violations(in: .json(document), limit: 10)
        {
            for violation in violations where isKnown(violation) { failures.insert(Self.failure(violation, path, mapping)) }
        }
        return failures.isEmpty && untold.count == errors.count ? [Self.failure(error, path)] : failures
    }

    private static func failure(_ violation: Violation, _ path: String, _ mapping: Mapping) -> Failure {
        let place = violation.path.isEmpty ? "" : "\(violation.path): "
        return Failure(
            mapping: path, place: mapping.place(setting: violation.path),
            message: "What is made does not fit \(mapping.target): \(place)\(violation.message.en)"
        )
    }

    private static func failure(_ error: HubError, _ path: String) -> Failure {
        let details = ["path", "target", "reason"].compactMap { key in error.detail(key).map { "\(key)=\($0)" } }
        return Failure(
            mapping: path, place: SourcePlace(line: error.detail("line").flatMap(Int.init) ?? 1, column: 1),
            message: "\(error.summary)" + (details.isEmpty ? "" : " (\(details.joined(separator: ", ")))")
        )
    }

    /// The first of the examples, and how many more there are.
    private static func named(_ examples: [ValidExample]) -> String {
        guard let first = examples.first else { return "" }
        let more = examples.count == 1 ? "" : " and \(examples.count - 1) more"
        return "\(first.name)\(more) of the examples of \(first.type)"
    }
}
