public import HubModel
import HubYAML

/// Everything there is to say about a folder of schemas: whether each can be used, and whether the examples beside it come
/// out as they should.
public struct SchemaCheck: Sendable {
    /// How much was looked at.
    public struct Summary: Hashable, Sendable {
        public internal(set) var types = 0
        /// Examples that fit.
        public internal(set) var valid = 0
        /// Examples that fit and are odd.
        public internal(set) var warned = 0
        /// Examples that are refused.
        public internal(set) var invalid = 0
        /// Examples that do not fit and are read all the same.
        public internal(set) var tolerated = 0

        public var examples: Int { self.valid + self.warned + self.invalid + self.tolerated }
    }

    /// Ordered by file and place; empty when all is well.
    public let faults: [SettingsFault]
    public let summary: Summary

    /// Loads every schema below `folder` and runs all examples.
    ///
    /// What cannot be used is a fault, and the rest goes on.
    public static func run(folder: String) -> SchemaCheck {
        let (catalogue, found) = SchemaCatalogue.read(folder: folder)
        var faults = found.map(\.settingsFault)
        var summary = Summary()
        let (forms, formFaults) = catalogue.map { $0.forms() } ?? ([], [])
        faults += formFaults
        for type in catalogue?.types ?? [] {
            guard let schema = try? catalogue?.schema(for: type), let folder = catalogue?.folder(of: type)
            else { continue }
            summary.types += 1
            var run = ExampleRun(schema: schema, folder: "\(folder)/examples", forms: forms)
            run.all()
            faults += run.faults
            if let catalogue { faults += Self.deadChecks(schema, folder, catalogue) }
            summary.add(run.summary)
        }
        return SchemaCheck(faults: SettingsFaults(faults).faults, summary: summary)
    }

    /// Checks that ask for what no message of the type has, and so would never tell anything.
    private static func deadChecks(_ schema: Schema, _ folder: String, _ catalogue: SchemaCatalogue) -> [SettingsFault] {
        guard let checks = schema.checks, let names = catalogue.names(of: schema.type) else { return [] }
        return zip(checks.slots, checks.places).compactMap { path, place in
            let way = (checks.items?.names ?? []) + path.names
            return names.fault(
                of: "\(path)", names: way, own: way.count, in: schema.type, file: "\(folder)/\(MessageChecks.file)", place: place)
        }
    }
}

extension SchemaCheck.Summary {
    mutating func add(_ other: SchemaCheck.Summary) {
        self.valid += other.valid
        self.warned += other.warned
        self.invalid += other.invalid
        self.tolerated += other.tolerated
    }
}
