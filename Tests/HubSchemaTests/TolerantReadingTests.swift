import HubModel
import HubSchema
import HubXML
import Testing

/// What is read of documents that do not fit.
///
/// The examples `tolerated-…` and `invalid-…` say more; `SchemaCheck` runs them.
@Suite("The tolerant reading")
struct TolerantReadingTests {
    let document: Schema
    let status: Schema
    /// A document that fits, to be spoilt.
    let text: String

    init() throws {
        let catalogue = try Repository.catalogue()
        self.document = try catalogue.schema(for: .edocDocument)
        self.status = try catalogue.schema(for: .edocStatus)
        let path = "\(Repository.schemas)/edoc/document/1/examples/valid-new-unsigned.xml"
        self.text = String(decoding: try Repository.bytes(path), as: UTF8.self)
    }

    private func reading(_ text: String, limit: Int = 20) throws -> TolerantReading {
        self.document.tolerantReading(of: .xml(try XMLDocument.parse(Array(text.utf8))), limit: limit)
    }

    /// The first text at a path, as the reading has it.
    private func value(_ reading: TolerantReading, _ path: String) throws -> String? {
        reading.document.texts(at: try #require(FieldPath("edXMLEnvelope/edXMLHeader/" + path))).first
    }

    @Test("leaves a document that fits as it is")
    func fits() throws {
        let original = try XMLDocument.parse(Array(self.text.utf8))
        let reading = self.document.tolerantReading(of: .xml(original), limit: 20)
        guard case .xml(let read) = reading.document else { return #expect(Bool(false)) }
        #expect(read === original)
        #expect(reading.repairs.isEmpty && reading.violations.isEmpty)
    }

    @Test("says of each repair where it is, what was found and what was read, in both languages")
    func report() throws {
        let reading = try self.reading(
            self.text.replacing(
                "<edXML:PromulgationDate>2024/03/15", with: "<edXML:PromulgationDate>15/03/2024"))
        let repair = try #require(reading.repairs.first)
        #expect(reading.repairs.count == 1)
        #expect(repair.code == "repair.date")
        #expect(
            repair.path
                == "/edXML/edXMLEnvelope[1]/edXMLHeader[1]/MessageHeader[1]/PromulgationInfo[1]/PromulgationDate[1]"
        )
        for text in [repair.message.vi, repair.message.en] {
            #expect(text.contains("15/03/2024") && text.contains("2024/03/15"))
        }
        #expect(try self.value(reading, "MessageHeader/PromulgationInfo/PromulgationDate") == "2024/03/15")
    }

    @Test(
        "reads dates in the forms of its list and no others",
        arguments: [
            ("30/10/2020", "2020/10/30"), ("2020-10-30", "2020/10/30"), ("30-10-2020", "2020/10/30"),
            ("30/10/2020 08:05:00", "2020/10/30"), ("2020-10-30T08:05:00", "2020/10/30"),
            // Day first, because that is how dates are written in Viet Nam.
            ("03/04/2020", "2020/04/03"), ("29/02/2024", "2024/02/29"), (" 30/10/2020 ", "2020/10/30"),
            ("10/30/2020", nil), ("30/10/20", nil), ("3/4/2020", nil), ("29/02/2023", nil),
            ("2020/30/10", nil),
            ("2020.10.30", nil), ("30/10/2020 25:00:00", nil), ("N/A", nil), ("30 tháng 10 năm 2020", nil),
        ]
    )
    func dates(_ written: String, _ read: String?) throws {
        let reading = try self.reading(
            self.text.replacing("<edXML:DueDate/>", with: "<edXML:DueDate>\(written)</edXML:DueDate>"))
        #expect(reading.violations.isEmpty == (read != nil))
        if let read { #expect(try self.value(reading, "MessageHeader/DueDate") == read) }
    }

    @Test(
        "does not make a time of a day, but reads a time in the list's forms",
        arguments: [("15/03/2024 09:12:44", true), ("15/03/2024", false)])
    func stamps(_ written: String, _ isRead: Bool) throws {
        let reading = try self.reading(self.text.replacing("2024/03/15 09:12:44", with: written))
        #expect(reading.violations.isEmpty == isRead)
    }

    @Test(
        "reads the priority by its name, and leaves an unknown number to the checks",
        arguments: [
            ("khẩn", "1"), ("HỎA TỐC", "3"), ("Hoả tốc", "3"), ("Ho\u{309}a tốc", "3"),
            ("hỏa tốc hẹn giờ", "4"), ("5", "5"), ("999", "999"),
            ("-1", nil), ("rất khẩn", nil), ("1000", nil), ("01", nil),
        ]
    )
    func priority(_ written: String, _ read: String?) throws {
        let reading = try self.reading(
            self.text.replacing("<edXML:Priority>1<", with: "<edXML:Priority>\(written)<"))
        #expect(reading.violations.isEmpty == (read != nil))
        if let read { #expect(try self.value(reading, "MessageHeader/OtherInfo/Priority") == read) }
    }

    @Test("leaves a priority from 1 to 4 alone, as nobody can see whose number it is")
    func noGuess() throws {
        let reading = try self.reading(
            self.text.replacing("<edXML:Priority>1<", with: "<edXML:Priority>4<").replacing(
                "Bussiness", with: "Business"))
        #expect(reading.violations.isEmpty)
        #expect(try self.value(reading, "MessageHeader/OtherInfo/Priority") == "4")
    }

    @Test("takes any prefix for what it stands for, without a repair")
    func prefixes() throws {
        let text = self.text.replacing("edXML:", with: "v:").replacing("xmlns:edXML", with: "xmlns:v")
        #expect(try self.reading(text).repairs.isEmpty)
        let spoilt = try self.reading(text.replacing("Bussiness", with: "Business"))
        #expect(Set(spoilt.repairs.map(\.code)) == ["repair.name"])
        #expect(spoilt.violations.isEmpty)
    }

    @Test("refuses both spellings when they differ, and says which they are")
    func bothSpellings() throws {
        let path = "\(Repository.schemas)/edoc/document/1/examples/invalid-both-spellings-differ.xml"
        let reading = self.document.tolerantReading(of: try Repository.document(path), limit: 20)
        let violation = try #require(reading.violations.first { $0.rule == "repair.ambiguous" })
        #expect(violation.path.hasSuffix("/TraceHeaderList[1]/Business[1]"))
        #expect(violation.message.en.contains("“Bussiness”") && violation.message.vi.contains("“Business”"))
    }

    @Test("refuses one name in two namespaces when the two differ")
    func twoNamespaces() throws {
        let subject = "<Subject xmlns=\"http://www.e-doc.vn/Schema/\">Khác</Subject><edXML:Subject>"
        let reading = try self.reading(self.text.replacing("<edXML:Subject>", with: subject))
        #expect(reading.violations.contains { $0.rule == "repair.ambiguous" })
    }

    @Test("leaves it to the schema to refuse an element that is there twice")
    func twice() throws {
        let reading = try self.reading(
            self.text.replacing("<edXML:Subject>", with: "<edXML:Subject>A</edXML:Subject>\n<edXML:Subject>"))
        #expect(reading.violations.map(\.rule) == ["cvc-complex-type.2.4"])
        #expect(reading.violations.first?.path.hasSuffix("/Subject[2]") == true)
    }

    @Test("shows what is left at its place in the document as it came, whatever was moved")
    func places() throws {
        let lines = self.text.replacing("Bussiness", with: "Business").replacing(
            "<edXML:CodeNumber>412</edXML:CodeNumber>\n", with: "\n\n\n"
        )
        let number = lines.split(separator: "\n", omittingEmptySubsequences: false).firstIndex {
            $0.contains("<edXML:CodeNotation>")
        }
        let reading = try self.reading(lines)
        let violation = try #require(reading.violations.first)
        #expect(reading.violations.count == 1)
        #expect(violation.line == number.map { $0 + 1 })
        let line = number.map { lines.split(separator: "\n", omittingEmptySubsequences: false)[$0] }
        #expect(violation.column == line.map { $0.prefix { $0 == " " }.count + 1 })
        #expect(violation.path.hasSuffix("/MessageHeader[1]/Code[1]/CodeNotation[1]"))
        #expect(reading.repairs.isEmpty == false)
    }

    @Test("shows a part that stands twice at the second one, with what both are called")
    func partTwice() throws {
        let text = self.text.replacing("Bussiness", with: "Business")
        let begin = try #require(text.firstRange(of: "<edXML:Reference>"))
        let end = try #require(text.firstRange(of: "</edXML:Reference>"))
        let part = text[begin.lowerBound..<end.upperBound]
            .replacing("<edXML:Reference>", with: "<!-- edXML:Reference --><edXML:Reference\n>")
        let before = text[..<end.upperBound].split(separator: "\n", omittingEmptySubsequences: false)
        let reading = try self.reading(
            text[..<end.upperBound] + "\n  " + part + text[end.upperBound...])
        let violation = try #require(
            reading.violations.first { $0.path.hasSuffix("/edXMLManifest[1]/Reference[2]") })
        #expect(violation.line == before.count + 1)
        #expect(violation.column == "  <!-- edXML:Reference -->".count + 1)
        #expect(violation.message.en.contains("ContentId"), "\(violation.message.en)")
    }

    @Test("drops nothing that has a meaning: a receiver in an unknown list stays a violation")
    func unknownList() throws {
        let path = "\(Repository.schemas)/edoc/document/1/examples/invalid-receivers-in-unknown-list.xml"
        let reading = self.document.tolerantReading(of: try Repository.document(path), limit: 20)
        #expect(reading.violations.first?.path.hasSuffix("/MessageHeader[1]/CcList[1]") == true)
        // The same list without an element that is known drops out.
        let harmless = try self.reading(
            self.text.replacing(
                "<edXML:DocumentId>",
                with: "<edXML:CcList><edXML:Cc>x</edXML:Cc></edXML:CcList><edXML:DocumentId>"))
        #expect(harmless.violations.isEmpty)
        #expect(harmless.repairs.map(\.code) == ["repair.element_dropped"])
    }

    @Test("refuses text among elements, which might be half a value")
    func strayText() throws {
        let reading = try self.reading(self.text.replacing("<edXML:Code>", with: "<edXML:Code>412/STTTT-VP"))
        #expect(reading.violations.map(\.rule) == ["cvc-complex-type.2.3"])
    }

    @Test("pairs references and attachments only when their ids are the same once they are read")
    func contentIDs() throws {
        for (id, warned) in [("1", 0), ("2", 2)] {
            let reading = try self.reading(
                self.text.replacing("<edXML:ContentId>cid:1", with: "<edXML:ContentId>\(id)"))
            #expect(reading.violations.isEmpty)
            let day = try #require(CivilDate(year: 2024, month: 3, day: 15))
            let warnings = try #require(self.document.checks).warnings(in: reading.document, on: day)
            #expect(warnings.map(\.code) == Array(repeating: "check.content_id", count: warned))
        }
        let foreign = try self.reading(self.text.replacing("cid:1", with: "mid:1"))
        #expect(!foreign.violations.isEmpty)
    }

    @Test("has nothing to do for Base64 with white space, which the schema takes")
    func base64() throws {
        let text = self.text.replacing("JVBERi0xLjQK", with: "\n  JVBE\tRi0x  LjQK \r\n")
        #expect(try self.reading(text).repairs.isEmpty)
        let spoilt = try self.reading(text.replacing("Bussiness", with: "Business"))
        #expect(spoilt.violations.isEmpty)
        guard case .xml(let read) = spoilt.document else { return #expect(Bool(false)) }
        #expect(
            read.root.descendant("AttachmentEncoded/Attachment/ContentTransferEncoded")?.text
                == "JVBERi0xLjQK")
    }

    @Test("keeps texts as they are: markup, other line ends, letters apart")
    func texts() throws {
        let subject = "A &amp; B &lt; C &#13; “Tie\u{302}\u{301}ng”\n  x"
        let text = self.text.replacing("Về việc phối hợp cung cấp số liệu quý I năm 2024", with: subject)
        let plain = try self.reading(text)
        let spoilt = try self.reading(text.replacing("Bussiness", with: "Business"))
        #expect(plain.repairs.isEmpty && !spoilt.repairs.isEmpty && spoilt.violations.isEmpty)
        let (one, two) = (
            try self.value(plain, "MessageHeader/Subject"), try self.value(spoilt, "MessageHeader/Subject")
        )
        #expect(one.map { Array($0.utf8) } == two.map { Array($0.utf8) })
    }

    @Test("keeps the signature with its attributes and puts only its namespace right")
    func signature() throws {
        let path = "\(Repository.schemas)/edoc/document/1/examples/tolerated-signature-namespace.xml"
        let reading = self.document.tolerantReading(of: try Repository.document(path), limit: 20)
        guard case .xml(let read) = reading.document else { return #expect(Bool(false)) }
        let signature = try #require(read.root.descendant("edXMLEnvelope/edXMLHeader/Signature"))
        #expect(signature.namespace == "http://www.w3.org/2000/09/xmldsig#")
        let reference = try #require(signature.descendant("SignedInfo/Reference"))
        #expect(reference.namespace == signature.namespace)
        #expect(reference.attribute("URI") == "")
    }

    @Test("reads no document as a status and no status as a document")
    func otherType() throws {
        let form = try Repository.form(of: .edocStatus)
        let reading = self.status.tolerantReading(
            of: .xml(try XMLDocument.parse(Array(self.text.utf8))), limit: 20)
        #expect(!reading.violations.isEmpty)
        #expect(!form.recognises(reading.document))
    }

    @Test(
        "leaves a root of an unknown name or namespace alone",
        arguments: ["<a/>", "<edXML xmlns='urn:x'/>", "<Header/>"])
    func foreignRoot(_ text: String) throws {
        let reading = try self.reading(text)
        #expect(reading.repairs.isEmpty)
        #expect(reading.violations.map(\.rule) == ["cvc-elt.1"])
    }

    @Test("is not there for types without rules")
    func withoutRules() throws {
        let schema = try Repository.catalogue().schema(for: .dossierSync)
        let path = "\(Repository.schemas)/dossier/sync/1/examples/invalid-date-form.json"
        let reading = schema.tolerantReading(of: try Repository.document(path), limit: 20)
        #expect(reading.violations == schema.violations(in: reading.document, limit: 20))
        #expect(reading.repairs.isEmpty)
    }
}
