import Testing

@testable import HubJSON

@Suite("A table of texts")
struct TextTableTests {
    /// Of all lengths about a word and two, some of them alike up to the last byte.
    static let texts =
        ["", "é", "e\u{301}", "Gia", "MaHoSo", "MaHoSx"]
        + (1...40).map { String(repeating: "a", count: $0) }
        + (1...40).map { String(repeating: "a", count: $0) + "b" }

    @Test("finds each text, whatever is tried first")
    func finds() {
        let table = TextTable(Self.texts)
        for (position, text) in Self.texts.enumerated() {
            for place in [0, position, position + 1, Self.texts.count] {
                #expect(table.position(of: text, expectedAt: place) == position, "\(text) at \(place)")
            }
        }
    }

    @Test(
        "does not find what only looks alike or begins alike",
        arguments: ["E\u{301}", "é ", "Gi", "Gia\u{0}", "MaHoS", "ma", String(repeating: "a", count: 41)]
    )
    func absent(text: String) {
        #expect(TextTable(Self.texts).position(of: text) == nil)
        #expect(TextTable(["e\u{301}"]).position(of: "é") == nil)
        #expect(TextTable([]).position(of: text) == nil)
    }

    @Test("takes the first of two texts that are the same")
    func repeated() {
        #expect(TextTable(["a", "b", "a"]).position(of: "a", expectedAt: 1) == 0)
    }
}
