import HubJSON
import HubModel
import Testing

@testable import HubWorkload

@Suite("The report of a suite")
struct SuiteReportTests {
    static func report(_ ledgers: Ledgers, faults: [String] = [], ledgerFaults: [String] = []) -> SuiteReport
    {
        SuiteReport(
            suite: "made-up", title: Bilingual(vi: "Bộ thử", en: "Made up"),
            steps: [
                .init(
                    title: Bilingual(vi: "Gửi văn bản", en: "Send a document"), faults: faults,
                    took: .milliseconds(1250))
            ],
            ledgers: ledgers, ledgerFaults: ledgerFaults, wall: .milliseconds(12_340)
        )
    }

    @Test("has the figures under the names that scripts rely on")
    func names() throws {
        var story = Story()
        story.refuse("a", from: "qlvb-so-tttt-h44", code: "xml.doctype_forbidden")
        let json = Self.report(story.ledgers).json
        let text = String(decoding: json.serialised(), as: UTF8.self)
        let value = try JSONDocument.parse(Array(text.utf8)).value
        for (name, expected) in [
            ("submitted", 5), ("accepted", 4), ("delivered", 6), ("pending", 0), ("dead_lettered", 0),
            ("lost", 0),
            ("duplicated", 0), ("out_of_order", 0),
        ] {
            #expect(value[name]?.int == expected, "\(name)")
        }
        #expect(value["refused"]?["xml.doctype_forbidden"]?.int == 1)
        #expect(value["wall_seconds"]?.number?.text == "12.340")
        #expect(value["p50_ms"]?.number?.text == "20.0")
        #expect(value["p99_ms"]?.number?.text == "40.0")
        #expect(value["passed"]?.bool == true)
        #expect(value["steps"]?[0]?["passed"]?.bool == true)
    }

    @Test("fails when a step failed, a ledger could not be read, or the ledgers are not sound")
    func failures() {
        #expect(Self.report(Story().ledgers).passed)
        #expect(!Self.report(Story().ledgers, faults: ["no"]).passed)
        #expect(!Self.report(Story().ledgers, ledgerFaults: ["a:1: no"]).passed)
        var story = Story()
        story.ledgers.arrivals.removeFirst()
        #expect(!Self.report(story.ledgers).passed)
    }

    @Test("is written for people in both languages", arguments: SuiteReport.Language.allCases)
    func summary(language: SuiteReport.Language) {
        var story = Story()
        story.refuse("a", from: "qlvb-so-tttt-h44", code: "xml.doctype_forbidden")
        let text = Self.report(story.ledgers).summary(language)
        #expect(text.contains(language == .vi ? "Thất lạc" : "Lost"))
        #expect(text.contains("xml.doctype_forbidden"))
        #expect(text.contains(language == .vi ? "ĐẠT:" : "PASSED:"))
        #expect(text.contains(language == .vi ? "✓ 1. Gửi văn bản (1.3 s)" : "✓ 1. Send a document (1.3 s)"))
    }

    @Test("lists what was lost by name")
    func lists() {
        var story = Story()
        story.ledgers.arrivals.removeAll { $0.receiver == "qlvb-so-tc-h55" }
        let text = Self.report(story.ledgers).summary(.en)
        #expect(text.contains("- qlvb-so-tttt-h44 document → 000.00.11.H55"))
        #expect(text.contains("FAILED:"))
    }

    @Test(
        "rounds to a fixed count of decimals",
        arguments: [
            (0.05, 1, "0.1"), (12.345, 2, "12.35"), (-0.25, 1, "-0.3"), (7, 0, "7"), (3.999, 2, "4.00"),
        ])
    func decimals(value: Double, places: Int, text: String) {
        #expect(Decimals.text(value, places: places) == text)
    }
}
