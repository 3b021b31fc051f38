import HubJSON
import HubModel

/// `decimal: { from: PATH, reads: vietnamese, writes: plain, places: 2, as: number }`: a number in another writing.
///
/// The digits are moved, never counted with, so no number is too exact.
final class DecimalOperator: MappingOperator {
    private let source: SourceReading
    private let reads: DecimalForm
    private let writes: DecimalForm
    private let places: Int?
    private let isNumber: Bool

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        let names = DecimalForm.allCases.map(\.rawValue)
        var reads = DecimalForm.plain
        var writes = DecimalForm.plain
        var places: Int?
        var isNumber = false
        let source = compiler.source(tree) { reader in
            reads = reader.choice("reads", names).flatMap(DecimalForm.init(rawValue:)) ?? reads
            writes = reader.choice("writes", names).flatMap(DecimalForm.init(rawValue:)) ?? writes
            places = reader.integer("places", in: 0...30)
            isNumber = reader.choice("as", ["text", "number"]) == "number"
            if isNumber, writes == .vietnamese {
                reader.note("A number of JSON is written plain; 'vietnamese' is a text.", at: reader.place)
            }
        }
        guard let source else { return nil }
        self.source = source
        self.reads = reads
        self.writes = writes
        self.places = places
        self.isNumber = isNumber
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        guard let text = try self.source.firstText(in: scope) else { return nil }
        guard var digits = self.reads.read(text) else {
            throw self.source.failure("The value is not a number of the form that is read.", .notNumber)
        }
        if let places = self.places, !digits.setPlaces(places) {
            throw self.source.failure("The number has more decimal places than are written.", .notExact)
        }
        let written = self.writes.write(digits)
        guard self.isNumber else { return .string(written) }
        return JSONNumber(text: written).map(JSONValue.number)
    }
}
