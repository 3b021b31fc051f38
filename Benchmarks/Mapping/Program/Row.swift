import HubJSON
import HubMapping
import HubModel
import HubXML
import HubYAML

/// One mapping over documents of one size.
struct Row {
    let name: String
    /// The mapping's file, without its ending.
    let mapping: String
    let isXML: Bool
    let bytes: Int
    /// Documents in a second below which the row is missed.
    let limit: Double

    private static let small = 2000
    private static let large = 100_000

    static let all = [
        Row(
            name: "edXML to an indicator", mapping: "edoc-indicator", isXML: true, bytes: small, limit: 20_000
        ),
        Row(
            name: "edXML to a form of our own", mapping: "edoc-clean", isXML: true, bytes: small,
            limit: 20_000),
        Row(
            name: "dossier to a form of our own", mapping: "dossier-clean", isXML: false, bytes: small,
            limit: 20_000),
        Row(name: "dossier to SOAP", mapping: "dossier-soap", isXML: false, bytes: small, limit: 20_000),
        Row(name: "edXML to an indicator", mapping: "edoc-indicator", isXML: true, bytes: large, limit: 600),
        Row(name: "edXML to a form of our own", mapping: "edoc-clean", isXML: true, bytes: large, limit: 600),
        Row(
            name: "dossiers to a form of our own", mapping: "dossier-clean", isXML: false, bytes: large,
            limit: 600),
        Row(name: "dossiers to SOAP", mapping: "dossier-soap", isXML: false, bytes: large, limit: 600),
    ]

    /// What a row showed.
    struct Figures {
        /// Bytes of a document that is read, and of one that is made.
        let read: Int
        let made: Int
        /// In a second of processor time: the median of the rounds, and the best.
        let perSecond: Double
        let best: Double
    }

    func measured(folder: String, rounds: Int) throws -> Figures {
        let file = "\(folder)/\(self.mapping).yaml"
        let mapping = try Mapping.compile(YAMLReader.read(file: file).get(), file: file).get()
        let texts = (0..<32).map { number in
            Array(
                (self.isXML
                    ? Samples.document(number, bytes: self.bytes) : Samples.packet(number, bytes: self.bytes))
                    .utf8)
        }
        let sources = try texts.map { text in
            self.isXML
                ? MappingSource.xml(try XMLDocument.parse(text)) : .json(try JSONDocument.parse(text).value)
        }
        let context = ["id": "00000000-0000-7000-8000-000000000001", "sender": "H03"]
        var made = 0
        func round(_ count: Int) throws {
            for number in 0..<count {
                made += try mapping.run(on: sources[number % sources.count], context: context).bytes.count
            }
        }
        let count = max(32, 6_000_000 / self.bytes)
        try round(count)
        var rates: [Double] = []
        made = 0
        for _ in 0..<rounds {
            rates.append(Double(count) / (try nanoseconds { try round(count) } / 1e9))
        }
        return Figures(
            read: texts.map(\.count).reduce(0, +) / texts.count, made: made / (count * rounds),
            perSecond: rates.sorted()[rates.count / 2], best: rates.max() ?? 0
        )
    }
}
