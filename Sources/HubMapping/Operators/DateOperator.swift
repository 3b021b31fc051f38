import HubJSON
import HubModel

/// `date: { from: PATH, reads: edxml, writes: iso }`: a date or a time in another form.
final class DateOperator: MappingOperator {
    private let source: SourceReading
    private let reads: DateForm
    private let writes: DateForm
    private let dayOnly: Bool

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        let names = DateForm.allCases.map(\.rawValue)
        var reads: DateForm?
        var writes: DateForm?
        var dayOnly = false
        let source = compiler.source(tree) { reader in
            if reader.requiredTree("reads") != nil {
                reads = reader.choice("reads", names).flatMap(DateForm.init(rawValue:))
            }
            if reader.requiredTree("writes") != nil {
                writes = reader.choice("writes", names).flatMap(DateForm.init(rawValue:))
            }
            dayOnly = reader.boolean("day-only") ?? false
        }
        guard let source, let reads, let writes else { return nil }
        self.source = source
        self.reads = reads
        self.writes = writes
        self.dayOnly = dayOnly
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        guard let text = try self.source.firstText(in: scope) else { return nil }
        guard let moment = self.reads.read(text) else {
            throw self.source.failure("The value is not a date of the form that is read.", .notDate)
        }
        return .string(self.writes.write(moment, dayOnly: self.dayOnly))
    }
}
