import Foundation
import HubJSON
import HubModel
import Hummingbird
import Testing

@testable import HubAPI

@Suite("A problem")
struct ProblemTests {
    /// The column HTTP of the tables in docs/error-codes.md, by code.
    private static func documented() throws -> [String: Int] {
        let page = try String(contentsOfFile: Province.root + "/docs/error-codes.md", encoding: .utf8)
        var statuses: [String: Int] = [:]
        for line in page.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.filter { $0 != " " && $0 != "`" } }
            if cells.count > 1, let status = Int(cells[1]) { statuses[cells[0]] = status }
        }
        return statuses
    }

    @Test("has the status that docs/error-codes.md gives its code", arguments: ErrorCode.allCases)
    func status(code: ErrorCode) throws {
        let problem = Problem(error: HubError(code, "A sentence."))
        #expect(problem.status.code == (try Self.documented()[code.rawValue]))
        #expect(problem.json["status"]?.int == problem.status.code)
        #expect(problem.response.status == problem.status)
    }

    @Test("lets no detail take the place of a member that has a meaning")
    func members() {
        let names = ["type", "title", "title_vi", "status", "code", "detail", "advice"]
        let error = HubError(.apiNotFound, "A sentence.", details: names.map { ErrorDetail($0, "ZZZ") })
        let json = Problem(error: error).json
        #expect(names.allSatisfy { json[$0]?.string != "ZZZ" })
        #expect(json.object?.count == names.count)
    }

    @Test("gives places as numbers, and everything else as it is")
    func details() {
        let details = [
            ErrorDetail("line", 3), ErrorDetail("column", 7), ErrorDetail("path", "/a"),
            ErrorDetail("first", 9),
        ]
        let json = Problem(error: HubError(.jsonMalformed, "A sentence.", details: details)).json
        #expect(json["line"]?.int == 3)
        #expect(json["column"]?.int == 7)
        #expect(json["path"]?.string == "/a")
        #expect(json["first"]?.string == "9")
    }

    @Test("says nothing of what caused it")
    func cause() throws {
        struct Secret: Error { let word = "Geheimnis" }
        let error = HubError(.internalFault, "A sentence.", cause: Secret())
        #expect(
            !String(decoding: Problem(error: error).json.serialised(), as: UTF8.self).contains("Geheimnis"))
    }
}
