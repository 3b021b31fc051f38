import Foundation
import HubJSON
import Testing

@Suite("lgsp schema suite", .timeLimit(.minutes(5)))
struct SchemaSuiteTests {
    private static let official = Program.repository + "/../shared/suites/json-schema"

    @Test("counts what passed, failed and was left out, by file, and ends with 1 when something required failed")
    func counts() throws {
        let folder = TestFolder()
        for name in ["s/tests/draft7/optional", "s/tests/draft4", "s/remotes"] {
            try FileManager.default.createDirectory(atPath: folder.path + "/" + name, withIntermediateDirectories: true)
        }
        func group(_ schema: String, _ tests: String) -> String {
            #"[{"description":"g","schema":\#(schema),"tests":[\#(tests)]}]"#
        }
        let good = #"{"description":"is one","data":1,"valid":true},{"description":"is none","data":"a","valid":false}"#
        try folder.write(group(#"{"$ref":"http://localhost:1234/number.json"}"#, good), "s/tests/draft7/ref.json")
        try folder.write(#"{"type":"number"}"#, "s/remotes/number.json")
        try folder.write(group("true", #"{"description":"wrong","data":1,"valid":false}"#), "s/tests/draft7/optional/odd.json")
        try folder.write(group("true", good), "s/tests/draft4/old.json")
        let run = try Program.run("schema", "suite", folder.path + "/s", "--json")
        #expect(run.code == 0, "\(run.complaint)")
        let counts = ["passed", "failed", "skipped", "total", "required_failed"].map { run.json[$0]?.int }
        #expect(counts == [2, 1, 1, 4, 0])
        let files = try #require(run.json["files"]?.array)
        #expect(files.map { $0["file"]?.string } == ["tests/draft4/old.json", "tests/draft7/optional/odd.json", "tests/draft7/ref.json"])
        #expect(files[0]["reason"]?.string?.contains("draft4") == true)
        #expect(files[1]["failures"]?.array == [.string("g: wrong")])
        // A reference that nothing answers fails the tests of its group.
        try FileManager.default.removeItem(atPath: folder.path + "/s/remotes/number.json")
        let broken = try Program.run("schema", "suite", folder.path + "/s", "--json")
        #expect(broken.code == 1 && broken.json["required_failed"]?.int == 2)
        #expect(try Program.run("schema", "suite", folder.path + "/none").code == 3)
    }

    @Test(
        "passes every required test of the official suite",
        .enabled(if: FileManager.default.fileExists(atPath: official), "the official suite is not beside this checkout"),
        arguments: ["draft2020-12", "draft7"]
    )
    func officialSuite(draft: String) throws {
        let run = try Program.run("schema", "suite", "\(Self.official)/tests/\(draft)", "--json")
        #expect(run.code == 0 && run.json["required_failed"]?.int == 0)
        #expect((run.json["passed"]?.int ?? 0) > 1500)
    }
}
