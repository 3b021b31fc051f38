/// What the program was asked to measure, and how long it may take.
struct Options {
    enum Row: String, CaseIterable {
        case opening, receipts, audit, large, million
    }

    /// A fault in the arguments, in a sentence.
    struct Fault: Error { let reason: String }

    var rows = Row.allCases
    var isJSON = false
    /// Where the schemas and the sample document are.
    var repository = "."
    /// The C floor, compiled.
    var floor = ""
    /// For documents and journals, which are left behind.
    var folder = ""
    /// Pairs of rounds, one of the hub and one of the floor.
    var rounds = 15
    /// Documents of a round.
    var documents = 2000
    /// Records of a journal that is audited.
    var records = 500_000
    /// Bytes of the payload of a message in such a journal.
    var payload = 4096
    /// Bytes of the large document.
    var large = 10 << 20
    /// Envelopes that are verified while memory is watched.
    var envelopes = 1_000_000
    /// What a process of its own measures, and on which file.
    var child: (step: String, file: String)?

    init(_ arguments: [String]) throws(Fault) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            switch name {
            case "--json": self.isJSON = true
            case "--rows": self.rows = try Self.rows(Self.text(name, &rest))
            case "--repository": self.repository = try Self.text(name, &rest)
            case "--floor": self.floor = try Self.text(name, &rest)
            case "--folder": self.folder = try Self.text(name, &rest)
            case "--rounds": self.rounds = try Self.number(name, &rest)
            case "--documents": self.documents = try Self.number(name, &rest)
            case "--records": self.records = try Self.number(name, &rest)
            case "--payload": self.payload = try Self.number(name, &rest)
            case "--large": self.large = try Self.number(name, &rest)
            case "--envelopes": self.envelopes = try Self.number(name, &rest)
            case "--child": self.child = (try Self.text(name, &rest), try Self.text(name, &rest))
            default: throw Fault(reason: "unknown option \(name)")
            }
        }
        guard !self.folder.isEmpty else { throw Fault(reason: "--folder is missing") }
    }

    private static func text(_ name: String, _ rest: inout ArraySlice<String>) throws(Fault) -> String {
        guard let value = rest.popFirst() else { throw Fault(reason: "\(name) needs a value") }
        return value
    }

    private static func number(_ name: String, _ rest: inout ArraySlice<String>) throws(Fault) -> Int {
        guard let value = Int(try Self.text(name, &rest)), value > 0 else {
            throw Fault(reason: "\(name) needs a number above 0")
        }
        return value
    }

    private static func rows(_ text: String) throws(Fault) -> [Row] {
        var rows: [Row] = []
        for name in text.split(separator: ",") {
            guard let row = Row(rawValue: String(name)) else {
                throw Fault(reason: "there is no row \(name)")
            }
            rows.append(row)
        }
        return rows
    }
}
