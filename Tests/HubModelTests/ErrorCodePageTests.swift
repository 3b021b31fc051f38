import FoundationEssentials
import HubModel
import Testing

@Suite("docs/error-codes.md")
struct ErrorCodePageTests {
    /// The cells of each row whose first cell is a code, by code.
    private static func rows() throws -> [String: [String]] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/error-codes.md"), encoding: .utf8)
        var rows: [String: [String]] = [:]
        for line in page.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { cell in
                String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
            let code = cells[0].filter { $0 != "`" }
            guard code.contains(".") else { continue }
            #expect(rows.updateValue(cells, forKey: code) == nil, "\(code) stands twice")
        }
        return rows
    }

    @Test("explains every code and no other")
    func complete() throws {
        #expect(Set(try Self.rows().keys) == Set(ErrorCode.allCases.map(\.rawValue)))
    }

    @Test(
        "says of each code what it means in both languages, what helps, and what to do",
        arguments: ErrorCode.allCases)
    func row(of code: ErrorCode) throws {
        let cells = try #require(try Self.rows()[code.rawValue])
        #expect(cells.count == 6)
        #expect(Int(cells[1]).map { (400...599).contains($0) } == true)
        #expect(cells[2] == "`\(code.advice.rawValue)`")
        #expect(cells[3] == code.title.en)
        #expect(cells[4] == code.title.vi)
        #expect(cells[5].hasSuffix("."))
    }
}

@Suite("An error code")
struct ErrorCodeTests {
    @Test("is 'area.reason' in lower case", arguments: ErrorCode.allCases)
    func form(code: ErrorCode) {
        let parts = code.rawValue.split(separator: ".", omittingEmptySubsequences: false)
        #expect(parts.count == 2)
        #expect(parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { ("a"..."z").contains($0) || $0 == "_" } })
    }

    @Test("has a sentence of its own in each language")
    func titles() {
        #expect(Set(ErrorCode.allCases.map(\.title.vi)).count == ErrorCode.allCases.count)
        #expect(Set(ErrorCode.allCases.map(\.title.en)).count == ErrorCode.allCases.count)
    }

    @Test("in an error is followed by its sentence and details, and never by the cause")
    func description() {
        struct Secret: Error {}
        let error = HubError(
            .routeReceiverUnknown, "The receiver is not known.", details: [ErrorDetail("receiver", "H99")],
            cause: Secret()
        ).adding(ErrorDetail("line", 3))
        #expect(
            error.description == "route.receiver_unknown: The receiver is not known. (receiver=H99, line=3)")
        #expect(error.detail("line") == "3")
        #expect(error.detail("nothing") == nil)
        #expect(error.cause is Secret)
    }
}
