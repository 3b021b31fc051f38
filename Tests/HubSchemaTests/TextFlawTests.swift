import Foundation
import HubJSON
import HubModel
import HubXML
import Testing

@testable import HubSchema

@Suite("How a Vietnamese text is written")
struct TextFlawTests {
    private static let soundTexts = [
        "", "plain ASCII", "Cộng hòa xã hội chủ nghĩa Việt Nam", "Độc lập – Tự do – Hạnh phúc", "ĐẶNG THỊ ÁNH NGỌC",
        "Về việc phối hợp cung cấp số liệu năm 2025 (đợt 2)…", "Café, naïve, Übersicht", "Công văn số 412/STTTT-VP «khẩn»",
        "Ủy ban nhân dân phường Nghĩa Lộ", "“Ô tô” – giá 20 €", "Ôn", "ù ù",
    ]

    @Test("that is sound is left alone", arguments: soundTexts)
    func sound(_ text: String) {
        #expect(TextFlaw.found(in: text) == [])
    }

    @Test("with letters and marks apart is recognised (NFD)")
    func decomposed() {
        for text in ["Việt Nam", "Hòa Bình", "hồ sơ"] {
            #expect(TextFlaw.found(in: text.decomposedStringWithCanonicalMapping) == [.decomposed])
        }
    }

    @Test("with tones apart from whole letters is recognised (windows-1258)")
    func windows1258() {
        #expect(TextFlaw.found(in: "Tiê\u{301}ng Viê\u{323}t") == [.windows1258])
    }

    @Test("in UTF-8 that was encoded again is recognised", arguments: ["Tiếng Việt", "Ủy ban nhân dân", "Đà Nẵng"])
    func doubleEncoded(_ text: String) throws {
        let again = try #require(String(bytes: Array(text.utf8), encoding: .windowsCP1252) ?? String(bytes: Array(text.utf8), encoding: .isoLatin1))
        #expect(TextFlaw.found(in: again) == [.doubleEncoded])
        #expect(TextFlaw.found(in: "Kính gửi: " + again) == [.doubleEncoded])
    }

    @Test(
        "in TCVN3 is recognised by what its words become",
        arguments: ["Céng hßa x· héi chñ nghÜa ViÖt Nam", "§éc lËp - Tù do - H¹nh phóc", "Uû ban nh©n d©n tØnh Phó Thä"]
    )
    func tcvn3(_ text: String) {
        #expect(TextFlaw.found(in: text) == [.tcvn3])
    }

    @Test(
        "in VNI is recognised by what its words become",
        arguments: ["Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "Ñoäc laäp - Töï do - Haïnh phuùc"]
    )
    func vni(_ text: String) {
        #expect(TextFlaw.found(in: text) == [.vni])
    }

    @Test("in a document is told with its place, once for each flaw; escapes are looked through")
    func documents() throws {
        func warnings(_ json: String) throws -> [String] {
            let bytes = Array(json.utf8)
            return Document.json(try JSONDocument.parse(bytes)).textWarnings(bytes).map { "\($0.code) \($0.path)" }
        }
        #expect(try warnings(#"{"ten": "Việt Nam", "noi": ["Phú Thọ", "Hà Nội"]}"#) == [])
        #expect(try warnings(#"{"ten": "Vie\u0323\u0302t Nam", "noi": ["a", "ho\u0302\u0300 sơ"]}"#) == ["text.decomposed /ten"])
        #expect(
            try warnings(#"{"a": [{"b/c": "Tiáº¿ng Viá»‡t"}, "Céng hßa x· héi"]}"#)
                == ["text.double_encoded /a/0/b~1c", "text.tcvn3 /a/1"])
        func xml(_ text: String) throws -> [Warning] {
            let bytes = Array(text.utf8)
            return Document.xml(try XMLDocument.parse(bytes)).textWarnings(bytes)
        }
        #expect(try xml("<a><b>Việt Nam</b><c/></a>") == [])
        let found = try xml("\u{FEFF}<a><b>sạch</b><b>Vie&#x323;&#x302;t</b></a>")
        #expect(found.map(\.code) == ["text.decomposed"] && found[0].path.contains("b"))
    }

    @Test("with a byte order mark inside is recognised")
    func byteOrderMark() {
        #expect(TextFlaw.found(in: "\u{FEFF}Việt Nam") == [.byteOrderMark])
    }

    @Test("old fonts are read letter by letter as their tables say")
    func tables() {
        #expect(LegacyVietnamese.tcvn3("nghÜa") == "nghĩa" && LegacyVietnamese.tcvn3("H¹nh") == "Hạnh")
        #expect(LegacyVietnamese.tcvn3("§éc") == "Độc" && LegacyVietnamese.tcvn3("€") == nil)
        #expect(LegacyVietnamese.vni("Vieät") == "Việt" && LegacyVietnamese.vni("nghóa") == "nghĩa")
        #expect(LegacyVietnamese.vni("Töï") == "Tự" && LegacyVietnamese.vni("ñöôïc") == "được")
        for word in ["nghiêng", "được", "ủy", "quýt", "gì", "Ngoạch"] { #expect(LegacyVietnamese.isSyllable(word), "\(word)") }
        for word in ["Übersicht", "hßa", "ViÖt", "héiá", "ngs", "sch"] { #expect(!LegacyVietnamese.isSyllable(word), "\(word)") }
    }
}
