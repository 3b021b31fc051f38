import HubModel
import HubSchema
import HubXML
import Testing

@Suite("The tolerant reading of hostile documents")
struct HostileRepairTests {
    let schema: Schema
    let text: String

    init() throws {
        self.schema = try Repository.catalogue().schema(for: .edocDocument)
        let path = "\(Repository.schemas)/edoc/document/1/examples/valid-new-unsigned.xml"
        self.text = String(decoding: try Repository.bytes(path), as: UTF8.self)
    }

    private func reading(_ text: String, limit: Int = 100) throws -> TolerantReading {
        self.schema.tolerantReading(of: .xml(try XMLDocument.parse(Array(text.utf8))), limit: limit)
    }

    /// Within a time that no attack takes and every machine keeps.
    private func quickly<Value>(_ body: () throws -> Value) rethrows -> Value {
        let clock = ContinuousClock()
        let begin = clock.now
        defer { #expect(clock.now - begin < .seconds(20)) }
        return try body()
    }

    private func inHeader(_ elements: String) -> String {
        self.text.replacing("<edXML:DocumentId>", with: elements + "<edXML:DocumentId>")
    }

    @Test(
        "drops 100,000 unknown elements of one name with one repair, and of many names with a hundred and a count"
    )
    func unknownElements() throws {
        let one = try self.quickly {
            try self.reading(self.inHeader(String(repeating: "<edXML:X/>", count: 100_000)))
        }
        #expect(one.violations.isEmpty)
        #expect(one.repairs.map(\.code) == ["repair.element_dropped"])
        let many = try self.quickly {
            try self.reading(self.inHeader((0..<20_000).map { "<edXML:X\($0)/>" }.joined()))
        }
        #expect(many.violations.isEmpty)
        #expect(many.repairs.count == 101)
        #expect(many.repairs.last?.code == "repair.more")
        #expect(many.repairs.last?.message.en.contains("19900") == true)
    }

    @Test("sorts 20,000 elements out of order in no more than the time it takes")
    func order() throws {
        let receiver = { (number: Int) in
            "<edXML:To><edXML:OrganName>A</edXML:OrganName><edXML:OrganId>H44.\(10_000 + number)</edXML:OrganId></edXML:To>"
        }
        let reading = try self.quickly {
            try self.reading(self.inHeader((0..<20_000).map(receiver).joined()))
        }
        #expect(reading.violations.isEmpty)
        #expect(reading.repairs.count == 101)
    }

    @Test("refuses 20,000 times both spellings in turn, and lists no more than it should")
    func spellings() throws {
        let pair =
            "<edXML:Bussiness><edXML:Paper>1</edXML:Paper></edXML:Bussiness><edXML:Business><edXML:Paper>2</edXML:Paper></edXML:Business>"
        let text = self.text.replacing(
            "<edXML:Bussiness>", with: String(repeating: pair, count: 20_000) + "<edXML:Bussiness>")
        let reading = try self.quickly { try self.reading(text) }
        #expect(reading.violations.count <= 100)
        #expect(reading.violations.contains { $0.rule == "repair.ambiguous" })
    }

    @Test("goes as deep as documents may be")
    func depth() throws {
        let deep = String(repeating: "<edXML:X>", count: 58) + String(repeating: "</edXML:X>", count: 58)
        let reading = try self.reading(self.inHeader(deep))
        #expect(reading.violations.isEmpty)
        let known = deep.replacing(":X", with: ":Subject")
        #expect(try !self.reading(self.inHeader(known)).violations.isEmpty)
    }

    @Test("refuses what would be too deep once the missing root is there")
    func deeperByOne() throws {
        let deep = String(repeating: "<Subject>", count: 61) + String(repeating: "</Subject>", count: 61)
        let text =
            "<edXMLEnvelope><edXMLHeader><MessageHeader>\(deep)</MessageHeader></edXMLHeader></edXMLEnvelope>"
        #expect(try !self.reading(text).violations.isEmpty)
    }

    @Test("shows no more of a value than a report should hold, and no more of a name")
    func longValues() throws {
        let name = String(repeating: "Dài", count: 10_000)
        let reading = try self.quickly { try self.reading(self.inHeader("<edXML:\(name)/>")) }
        for repair in reading.repairs {
            #expect(repair.message.en.utf8.count < 400 && repair.path.utf8.count <= 512)
        }
        let date = "<edXML:DueDate>" + String(repeating: "1", count: 1_000_000) + "</edXML:DueDate>"
        let dated = try self.quickly { try self.reading(self.text.replacing("<edXML:DueDate/>", with: date)) }
        #expect(dated.violations.allSatisfy { $0.message.en.utf8.count < 1000 })
    }

    @Test("reads an attachment of 5 MB without much ado")
    func attachment() throws {
        let content = String(
            repeating: "JVBERi0xLjQKJVBERi0xLjQKJVBERi0xLjQKJVBERi0xLjQKJVBERi0xLjQKJVBERi0xLjQKJVBE\n",
            count: 65_000)
        let text = self.text.replacing("JVBERi0xLjQK", with: content).replacing("Bussiness", with: "Business")
        let reading = try self.quickly { try self.reading(text) }
        #expect(reading.violations.isEmpty)
    }

    @Test("never makes one document of two different ones", arguments: 0..<200)
    func mutations(_ seed: UInt64) throws {
        // Whatever is cut out or doubled: what is read holds the receivers and the id that the document has, or nothing does.
        var generator = Seeded(seed)
        var lines = self.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let (one, two) = (
                Int.random(in: 1..<lines.count, using: &generator),
                Int.random(in: 1..<lines.count, using: &generator)
            )
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: lines.swapAt(one, two)
            case 1: lines.insert(lines[one], at: two)
            case 2: lines.remove(at: one)
            default: lines[one] = lines[one].replacing("edXML:", with: "")
            }
        }
        let bytes = Array(lines.joined(separator: "\n").utf8)
        guard let document = try? XMLDocument.parse(bytes) else { return }
        let reading = self.schema.tolerantReading(of: .xml(document), limit: 10)
        guard reading.violations.isEmpty, case .xml(let read) = reading.document else { return }
        #expect(self.schema.violations(in: reading.document, limit: 1).isEmpty)
        for name in [
            "To", "OrganId", "DocumentId", "Subject", "CodeNumber", "BussinessDocType",
            "ContentTransferEncoded",
        ] {
            #expect(
                Self.texts(name, in: read.root).sorted() == Self.texts(name, in: document.root).sorted(),
                "\(name)")
        }
    }

    private static func texts(_ name: String, in element: XMLElement) -> [String] {
        if element.localName == name { return [element.text.filter { !$0.isWhitespace }] }
        return element.children.flatMap { Self.texts(name, in: $0) }
    }
}

/// Numbers that come again with the seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { self.state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        self.state ^= self.state << 13
        self.state ^= self.state >> 7
        self.state ^= self.state << 17
        return self.state
    }
}
