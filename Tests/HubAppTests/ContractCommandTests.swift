import Foundation
import HubJSON
import Testing

@Suite("lgsp mapping and lgsp schema")
struct ContractCommandTests {
    private static let mapping = "adapters/ioc-h44/mapping/edoc-document.yaml"
    private static let document = "adapters/ioc-h44/samples/van-ban-moi/message.xml"

    @Test("mapping run makes what the sample of the adapter says, and shows each step")
    func run() throws {
        let ran = try Program.run("mapping", "run", Self.mapping, Self.document, "--steps", "--context", "sender=H44.13")
        #expect(ran.code == 0, "\(ran.complaint)")
        #expect(ran.json["unit"]?.string == "document" && ran.json["agency"]?.string == "H44.13")
        #expect(ran.complaint.contains("→ /unit set: \"document\""), "\(ran.complaint)")
        let json = try Program.run("mapping", "run", Self.mapping, Self.document, "--json", "--context", "sender=H44.13")
        #expect(json.json["result"] == ran.json)
        #expect(json.json["steps"]?.array?.count ?? 0 >= 11)
    }

    @Test("mapping run says what fails, where and why, without a value of the document")
    func fails() throws {
        let wrong = try Program.run("mapping", "run", Self.mapping, "adapters/mot-cua-h44/samples/ho-so-moi/message.json")
        #expect(wrong.code == 1 && wrong.complaint.contains("mapping.failed") && wrong.complaint.contains("absent"))
        // Without a sender the result does not fit.
        let unfit = try Program.run("mapping", "run", Self.mapping, Self.document, "--json")
        #expect(unfit.code == 1 && unfit.json["violations"]?.array?.isEmpty == false)
        let faulty = try Program.run("mapping", "run", "adapters/ioc-h44/adapter.yaml", Self.document)
        #expect(faulty.code == 1 && faulty.complaint.contains("adapter.yaml:1:9"))
        #expect(try Program.run("mapping", "run", Self.mapping, "none.xml").code == 3)
    }

    @Test("mapping run --reverse says which steps cannot be turned around")
    func reverse() throws {
        let ran = try Program.run("mapping", "run", Self.mapping, Self.document, "--reverse")
        #expect(ran.code == 1 && ran.complaint.contains("edoc-document.yaml:"), "\(ran.complaint)")
        let back = try Program.run(
            "mapping", "run", "adapters/lien-thong-khai-sinh/mapping/khai-sinh.yaml",
            "schemas/civil-status/birth/1/examples/valid-both-parents.json", "--reverse", "--unchecked")
        #expect(back.code == 0, "\(back.complaint)")
        #expect(back.json["request"]?["maHoSo"]?.string?.isEmpty == false)
    }

    @Test("schema check is well for what is in the repository, and names what is wrong with its place")
    func schemas() throws {
        let well = try Program.run("schema", "check", "--json")
        #expect(well.code == 0, "\(well.output)")
        #expect(well.json["types"]?.int ?? 0 > 100 && well.json["examples"]?.int ?? 0 > 500)
        let folder = TestFolder()
        try #require(try Program.shell("cp -r schemas '\(folder.path)/'") == 0)
        let form = folder.path + "/schemas/citizen/lookup/1/form.yaml"
        try String(contentsOfFile: form, encoding: .utf8).replacing("recognise:", with: "recognize:")
            .write(toFile: form, atomically: true, encoding: .utf8)
        let example = folder.path + "/schemas/dossier/lookup/1/examples/valid-new-code.json"
        try "{".write(toFile: example, atomically: true, encoding: .utf8)
        let ill = try Program.run("schema", "check", folder.path + "/schemas")
        #expect(ill.code == 1)
        #expect(ill.output.contains("form.yaml:7:1:") && ill.output.contains("did you mean 'recognise'?"), "\(ill.output)")
        #expect(ill.output.contains("valid-new-code.json"))
    }
}
