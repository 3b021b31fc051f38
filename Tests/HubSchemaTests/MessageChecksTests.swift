import HubJSON
import HubModel
import HubSchema
import HubXML
import HubYAML
import Testing

/// The examples `warned-…` say more; `SchemaCheck` runs them.
@Suite("Checks beyond the schema")
struct MessageChecksTests {
    private static let day = CivilDate(year: 2024, month: 3, day: 15)

    private func warnings(
        _ type: MessageType, _ file: String, _ changes: [(String, String)], on day: CivilDate? = day
    ) throws -> [Warning] {
        let path = "\(Repository.schemas)/\(type)/examples/\(file)"
        var text = String(decoding: try Repository.bytes(path), as: UTF8.self)
        for (old, new) in changes {
            #expect(text.contains(old))
            text = text.replacing(old, with: new)
        }
        let bytes = Array(text.utf8)
        let document: Document =
            file.hasSuffix(".xml") ? .xml(try XMLDocument.parse(bytes)) : .json(try JSONDocument.parse(bytes))
        let schema = try Repository.catalogue().schema(for: type)
        #expect(schema.violations(in: document, limit: 1) == [])
        return try #require(schema.checks).warnings(in: document, on: try #require(day))
    }

    private func document(_ changes: (String, String)...) throws -> [Warning] {
        try self.warnings(.edocDocument, "valid-new-unsigned.xml", changes)
    }

    @Test("find nothing odd about a sound document on its day, and say where it is dated the day before")
    func future() throws {
        #expect(try self.document() == [])
        let warnings = try self.warnings(
            .edocDocument, "valid-new-unsigned.xml", [], on: CivilDate(year: 2024, month: 3, day: 14))
        #expect(warnings.map(\.code) == ["check.date_in_future", "check.date_in_future"])
        #expect(warnings.first?.path.hasSuffix("/PromulgationInfo[1]/PromulgationDate[1]") == true)
        #expect(warnings.first?.message.en.contains("2024-03-14") == true)
        #expect(warnings.first?.message.vi.contains("2024/03/15") == true)
    }

    @Test(
        "hold type, number and name of a document against the annex",
        arguments: [
            ("2", "18", "Công văn", true), ("2", "18", "CÔNG VĂN", true),
            ("2", "18", "Co\u{302}ng va\u{306}n", true), ("2", "18", "", true),
            ("2", "", "Công văn", true), ("1", "7", "Nghị định", true), ("2", "1", "Nghị quyết", true),
            // A name that is not in the annex says nothing.
            ("2", "", "Công hàm", true),
            ("1", "18", "Công văn", false), ("1", "0", "Công văn", false), ("2", "33", "", false),
            ("2", "7", "Công văn", false),
            ("1", "", "Công văn", false), ("2", "", "Nghị định", false), ("2", "18", "Công hàm", false),
        ]
    )
    func annex(_ type: String, _ detail: String, _ name: String, _ isSound: Bool) throws {
        let warnings = try self.document(
            ("<edXML:Type>2<", "<edXML:Type>\(type)<"),
            ("<edXML:TypeDetail>18<", "<edXML:TypeDetail>\(detail)<"),
            ("<edXML:TypeName>Công văn<", "<edXML:TypeName>\(name)<"))
        #expect(warnings.map(\.code) == (isSound ? [] : ["check.document_type"]))
    }

    @Test("say which row of the annex a name has")
    func annexRow() throws {
        let warning = try #require(
            try self.document(
                ("<edXML:Type>2<", "<edXML:Type>1<"), ("<edXML:TypeDetail>18<", "<edXML:TypeDetail>0<")
            ).first)
        #expect(warning.message.en.contains("2/18"))
    }

    @Test(
        "know fields that are filled and say nothing",
        arguments: ["N/A", "n/a", " - ", "không có", "KHÔNG CÓ", "kho\u{302}ng co\u{301}", "null"])
    func fillers(_ text: String) throws {
        let warnings = try self.document(("<edXML:Place>Phú Thọ<", "<edXML:Place>\(text)<"))
        #expect(warnings.map(\.code) == ["check.filler"])
        #expect(warnings.first?.path.hasSuffix("/PromulgationInfo[1]/Place[1]") == true)
    }

    @Test(
        "take names that only look like it for names",
        arguments: ["Na Hang", "Không Có Gì", "N/A/B", "Phú Thọ"])
    func noFiller(_ text: String) throws {
        #expect(try self.document(("<edXML:Place>Phú Thọ<", "<edXML:Place>\(text)<")) == [])
    }

    @Test(
        "hold the id of a document against what it says, with agencies in either form of their codes",
        arguments: [
            ("000.00.13.H44,2024/03/15,412/STTTT-VP", true), ("H44.13,2024/03/15,412/STTTT-VP", true),
            ("000.00.14.H44,2024/03/15,412/STTTT-VP", false),
            ("000.00.13.H44,2024/03/16,412/STTTT-VP", false),
            ("000.00.13.H44,2024/03/15,412/STTTT-TC", false),
            ("000.00.13.H44,2024/03/15,413/STTTT-VP", false),
        ]
    )
    func documentID(_ id: String, _ isSound: Bool) throws {
        let warnings = try self.document(("000.00.13.H44,2024/03/15,412/STTTT-VP", id))
        #expect(warnings.map(\.code) == (isSound ? [] : ["check.document_id"]))
        if let warning = warnings.first {
            #expect(warning.message.en.contains("000.00.13.H44,2024/03/15,412/STTTT-VP"))
        }
    }

    @Test(
        "count characters and not bytes, and a letter with its marks apart as one",
        arguments: [(75, 0), (76, 1)])
    func lengths(_ count: Int, _ warned: Int) throws {
        for letter in ["ệ", "e\u{323}\u{302}"] {
            let name = String(repeating: letter, count: count - 60) + String(repeating: "a", count: 60)
            let warnings = try self.document(
                ("<edXML:OrganName>Sở Tài chính tỉnh Thái Nguyên<", "<edXML:OrganName>\(name)<"))
            #expect(warnings.map(\.code) == Array(repeating: "check.too_long", count: warned))
        }
    }

    @Test(
        "find a status older than its document, by the day",
        arguments: [("2024/03/14 23:59:59", true), ("2024/03/15 00:00:00", false)])
    func statusBeforeDocument(_ stamp: String, _ isWarned: Bool) throws {
        let warnings = try self.warnings(
            .edocStatus, "valid-03-accepted.xml", [("2024/03/15 10:02:10", stamp)])
        #expect(warnings.map(\.code) == (isWarned ? ["check.status_before_document"] : []))
    }

    @Test("find dates of a dossier in the wrong order, at the dossier and the field")
    func dossierDates() throws {
        let warnings = try self.warnings(
            .dossierSync, "valid-new.json", [("20240320170000", "20240315081459")],
            on: CivilDate(year: 2030, month: 1, day: 1))
        #expect(warnings.map(\.code) == ["check.date_order"])
        #expect(warnings.first?.path == "/data/0/NgayHenTra")
        #expect(
            try self.warnings(
                .dossierSync, "valid-new.json", [("\"TrangThaiHoSo\": \"2\"", "\"TrangThaiHoSo\": \"10\"")],
                on: CivilDate(year: 2030, month: 1, day: 1)
            ).map(\.path) == ["/data/0/NgayTra"])
    }

    @Test("follow the states of each dossier within one packet, and look at no dossier through another")
    func dossierStates() throws {
        func step(_ number: String, _ state: String) -> String {
            """
            {"MaHoSo": "000.00.14.H44-240315-\(number)", "NguoiXuLy": "Mẫu", "ThoiDiemXuLy": "20240315090000", \
            "NoiDungXuLy": "Xử lý", "TrangThai": "\(state)"}
            """
        }
        func warnings(_ steps: [String]) throws -> [Warning] {
            let text =
                #"{"madonvi": "000.00.00.H44", "service": "CapNhatTienDoHoSoMC", "isUpdating": "False", "data": ["#
                + steps.joined(separator: ", ") + "]}"
            let document = Document.json(try JSONDocument.parse(Array(text.utf8)))
            let schema = try Repository.catalogue().schema(for: .dossierProgress)
            #expect(schema.violations(in: document, limit: 1) == [])
            return try #require(schema.checks).warnings(in: document, on: try #require(Self.day))
        }
        #expect(
            try warnings([step("0001", "2"), step("0002", "9"), step("0001", "4"), step("0002", "10")]) == [])
        let found = try warnings([step("0001", "10"), step("0002", "2"), step("0001", "4")])
        #expect(found.map(\.code) == ["check.status_transition"])
        #expect(found.first?.path == "/data/2/TrangThai")
    }

    @Test("list no more than a hundred, whatever is in a packet of 20,000 dossiers")
    func many() throws {
        let dossier = #"{"MaHoSo": "x", "TenTTHC": "N/A", "ChuHoSo": "N/A"}"#
        let text = #"{"data": ["# + Array(repeating: dossier, count: 20_000).joined(separator: ",") + "]}"
        let checks = try #require(try Repository.catalogue().schema(for: .dossierSync).checks)
        let warnings = checks.warnings(
            in: .json(try JSONDocument.parse(Array(text.utf8))), on: try #require(Self.day))
        #expect(warnings.count == 100)
    }

    @Test("find nothing where a document has nothing of what they are about")
    func nothing() throws {
        for type in [MessageType.edocDocument, .edocStatus, .dossierSync, .dossierProgress] {
            let checks = try #require(try Repository.catalogue().schema(for: type).checks)
            let day = try #require(Self.day)
            #expect(checks.warnings(in: .xml(try XMLDocument.parse(Array("<a/>".utf8))), on: day) == [])
            #expect(checks.warnings(in: .json(try JSONDocument.parse(Array("[]".utf8))), on: day) == [])
        }
    }

    @Test(
        "tell a priority that is none of the five, whatever its number",
        arguments: [("", true), ("0", true), ("4", true), ("5", false), ("9", false), ("255", false)])
    func priority(_ number: String, _ isKnown: Bool) throws {
        let warnings = try self.document(("<edXML:Priority>1<", "<edXML:Priority>\(number)<"))
        #expect(warnings.map(\.code) == (isKnown ? [] : ["check.code_unknown"]))
        if !isKnown {
            #expect(warnings.first?.path.hasSuffix("/OtherInfo[1]/Priority[1]") == true)
            #expect(warnings.first?.message.en.contains("“\(number)”") == true)
        }
    }

    private static func part(_ id: Int) -> (reference: String, attachment: String) {
        (
            "<edXML:Reference><edXML:ContentId>cid:\(id)</edXML:ContentId><edXML:ContentType>a</edXML:ContentType>"
                + "<edXML:AttachmentName>a</edXML:AttachmentName></edXML:Reference>",
            "<Attachment><ContentId>cid:\(id)</ContentId><AttachmentName>a</AttachmentName>"
                + "<ContentType>a</ContentType><ContentTransferEncoded>QQ==</ContentTransferEncoded></Attachment>"
        )
    }

    /// With further references and attachments behind the one pair that is there.
    private func document(references: [Int], attachments: [Int]) throws -> [Warning] {
        try self.document(
            ("</edXML:Reference>", "</edXML:Reference>" + references.map { Self.part($0).reference }.joined()),
            ("</Attachment>", "</Attachment>" + attachments.map { Self.part($0).attachment }.joined()))
    }

    @Test("tell each reference without its attachment and each attachment without its reference, in any order")
    func contentIDs() throws {
        #expect(try self.document(references: [2, 3], attachments: [2, 3]) == [])
        #expect(try self.document(references: [2, 3], attachments: [3, 2]) == [])
        let warnings = try self.document(references: [2, 3, 4], attachments: [5, 3])
        #expect(warnings.map(\.code) == Array(repeating: "check.content_id", count: 3))
        #expect(
            warnings.map { $0.path.split(separator: "/").suffix(2).joined(separator: "/") }
                == ["Reference[2]/ContentId[1]", "Reference[4]/ContentId[1]", "Attachment[2]/ContentId[1]"])
        #expect(
            warnings.first?.message.en
                == "ContentId “cid:2” has no counterpart in AttachmentEncoded/Attachment/ContentId.")
        #expect(warnings.last?.message.vi.contains("edXMLManifest/Reference/ContentId") == true)
    }

    @Test("pair many thousands in time that grows with their number only", .timeLimit(.minutes(1)))
    func manyContentIDs() throws {
        let ids = Array(2...20_000)
        #expect(try self.document(references: ids, attachments: ids.reversed()) == [])
        #expect(try self.document(references: ids, attachments: []).count == 100)
    }

    @Test(
        "are refused as a file with the line of what is wrong",
        arguments: [
            (
                "below: a\nchecks: [{ code: check.dates, sure: S }]",
                "3:18: The value 'check.dates' of 'code' is not one of"
            ),
            (
                "below: a\nchecks: [{ code: check.too_long, paths: [b], sure: S }]",
                "3:10: The key 'most' is missing."
            ),
            (
                "below: a\nchecks: [{ code: check.too_long, paths: [/b], most: 5, sure: S }]",
                "3:42: '/b' is not a path below 'a'."
            ),
            (
                "below: /data/*\nchecks: [{ code: check.too_long, paths: [b], most: 5, sure: S }]",
                "3:42: 'b' is not a path"
            ),
            (
                "below: a\nchecks: [{ code: check.too_long, paths: [b], most: 5 }]",
                "3:10: The key 'sure' is missing."
            ),
            (
                "below: a\nchecks: [{ code: check.code_unknown, path: b, codes: [], sure: S }]",
                "3:54: 'codes' needs at least one text."
            ),
            (
                "below: a\nchecks: [{ code: check.status_transition, path: b, first: [x], after: { x: [y] }, resuming: [z], sure: S }]",
                "3:94: The code 'z' follows on nothing."
            ),
            (
                "below: /data/*\nchecks: [{ code: check.content_id, references: a/b, attachments: c, sure: S }]",
                "3:48: 'a/b' is not a path in XML from the root."
            ),
            (
                "below: a\nchecks: [{ code: check.content_id, references: b/c, attachments: /c, sure: S }]",
                "3:66: '/c' is not a path in XML from the root."
            ),
            ("checks: []", "1:1: The key 'below' is missing."),
        ]
    )
    func faulty(_ text: String, _ fault: String) throws {
        let bytes = Array(("format: checks-1\n" + text).utf8)
        let reader = SettingsReader(
            try YAMLReader.read(bytes, file: "checks.yaml").get(), file: "checks.yaml")
        #expect(MessageChecks(settings: reader) == nil)
        let faults = reader.faults.map { String($0.description.dropFirst("checks.yaml:".count)) }
        #expect(faults.contains { $0.hasPrefix(fault) }, "\(faults)")
    }
}

@Suite("The order of statuses")
struct StatusTransitionsTests {
    private func transitions(_ type: MessageType) throws -> StatusTransitions {
        try #require(try Repository.catalogue().schema(for: type).checks?.transitions)
    }

    /// The first code of a course that may not follow, by its position.
    private func stumble(_ course: String, _ type: MessageType) throws -> Int? {
        let transitions = try self.transitions(type)
        let codes = course.split(separator: " ").map(String.init)
        return codes.indices.first { !transitions.allows(codes[$0], after: codes[..<$0]) }
    }

    @Test(
        "of a document lets the usual courses pass and knows where others leave them",
        arguments: [
            ("01 03 04 05 06", nil), ("01 03 06", nil), ("01 03 05 05 05 06", nil), ("01 02", nil),
            ("01 13 15", nil),
            ("01 03 13 16 04 06", nil), ("01 03 05 13 16 05 13 15", nil),
            // 01 or 03 left out, a step back, two for one, after the end.
            ("03", 0), ("01 05", 1), ("01 03 05 04", 3), ("01 01", 1), ("01 03 06 05", 3), ("01 02 03", 2),
            ("01 13 15 03", 3),
            ("01 15", 1), ("01 03 13 16 01", 4), ("01 07", 1), ("13", 0),
        ] as [(String, Int?)]
    )
    func documents(_ course: String, _ position: Int?) throws {
        #expect(try self.stumble(course, .edocStatus) == position)
    }

    @Test(
        "of a dossier is that of the portal",
        arguments: [
            ("1 2 4 9 10", nil), ("2 4 5 4 6 9 10", nil), ("1 3", nil), ("1 7", nil), ("2 4 8", nil),
            ("1 2 4 6 7", nil),
            ("1 4", 1), ("2 4 10", 2), ("1 3 2", 2), ("2 4 9 10 4", 4), ("2 4 9 7", 3), ("4", 0),
        ] as [(String, Int?)]
    )
    func dossiers(_ course: String, _ position: Int?) throws {
        #expect(try self.stumble(course, .dossierSync) == position)
    }

    @Test("is told in both languages, with what came before")
    func warning() throws {
        let warning = try #require(
            try self.transitions(.edocStatus).warning(for: "05", after: ["01"], path: "/x"))
        #expect(warning.code == "check.status_transition")
        #expect(warning.path == "/x")
        #expect(warning.message.en.contains("“05”") && warning.message.vi.contains("“01”"))
        #expect(try self.transitions(.edocStatus).warning(for: "03", after: ["01"]) == nil)
    }
}
