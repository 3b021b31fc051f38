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
        // As the help of the command shows it: the agency is the one that the document names.
        let json = try Program.run("mapping", "run", Self.mapping, Self.document, "--json")
        #expect(json.json["result"] == ran.json)
        #expect(json.json["steps"]?.array?.count ?? 0 >= 11)
    }

    @Test("mapping run says what fails, where and why, without a value of the document")
    func fails() throws {
        let wrong = try Program.run("mapping", "run", Self.mapping, "adapters/mot-cua-h44/samples/ho-so-moi/message.json")
        #expect(wrong.code == 1 && wrong.complaint.contains("mapping.failed") && wrong.complaint.contains("absent"))
        // Without a sender the result does not fit.
        let unfit = try Program.run("mapping", "run", Self.mapping, Self.document, "--json", "--context", "sender=")
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

    private static let examples = "schemas/edoc/document/1/examples/"

    @Test("schema read says where a file does not fit, in both languages, and takes one that does")
    func read() throws {
        let well = try Program.run("schema", "read", Self.examples + "valid-new-unsigned.xml")
        #expect(well.code == 0 && well.output == "Đúng lược đồ / Fits: edoc/document/1.\n", "\(well.output)")
        let ill = try Program.run("schema", "read", Self.examples + "invalid-content-id-twice.xml")
        #expect(ill.code == 1)
        #expect(
            ill.output.contains(
                "invalid-content-id-twice.xml:95:5: /edXML/AttachmentEncoded[1]/Attachment[2]: Phần tử"
            ), "\(ill.output)")
        #expect(ill.output.contains("[cvc-identity-constraint]"), "\(ill.output)")
        let json = try Program.run("schema", "read", "schemas/dossier/sync/1/examples/invalid-card-digits.json", "--json").json
        #expect(json["fits"]?.bool == false && json["type"]?.string == "dossier/sync/1" && json["profile"]?.string == "strict")
        let first = json["violations"]?.array?.first
        #expect(first?["line"]?.int == 18 && first?["column"]?.int ?? 0 > 1)
        #expect(first?["path"]?.string == "/data/0/DinhDanhCHS/0/SoDinhDanh" && first?["message"]?["vi"]?.string != nil)
    }

    @Test("schema read --tolerant shows what is read otherwise")
    func readTolerant() throws {
        for example in ["tolerated-dates.xml", "tolerated-envelope-alone.xml"] {
            let strict = try Program.run("schema", "read", Self.examples + example, "--type", "edoc/document/1")
            #expect(strict.code == 1)
            let tolerant = try Program.run("schema", "read", Self.examples + example, "--tolerant")
            #expect(tolerant.code == 0 && tolerant.output.contains("Read with repairs: edoc/document/1"), "\(tolerant.output)")
            #expect(tolerant.output.contains("[repair."))
            let json = try Program.run("schema", "read", Self.examples + example, "--tolerant", "--json").json
            #expect(json["fits"]?.bool == true && json["profile"]?.string == "tolerant")
            #expect(json["repairs"]?.array?.allSatisfy { $0["code"]?.string?.hasPrefix("repair.") == true } == true)
        }
        let odd = try Program.run("schema", "read", Self.examples + "warned-date-in-future.xml", "--json").json
        #expect(odd["fits"]?.bool == true && odd["warnings"]?.array != nil)
    }

    @Test("schema read says what it cannot parse or recognise")
    func readRefused() throws {
        let folder = TestFolder()
        func read(_ text: String, _ options: String...) throws -> Program.Result {
            try folder.write(text, "file")
            return try Program.run(["schema", "read", folder.path + "/file"] + options)
        }
        let broken = try read("<a>\n<b></a>")
        #expect(broken.code == 1 && broken.output.contains("/file:2:"), "\(broken.output)")
        #expect(broken.output.contains("[xml.malformed]") && broken.output.contains("reason: "))
        let json = try read("{\"a\": 1,}", "--json")
        #expect(json.code == 1 && json.json["code"]?.string == "json.malformed" && json.json["line"]?.int == 1)
        let unknown = try read("<a/>")
        #expect(unknown.code == 1 && unknown.output.contains("[intake.type_unknown]") && unknown.output.contains("edoc/status/1"))
        #expect(try read("<a/>", "--type", "dossier/sync/1").code == 1)
        let root = try read("<a xmlns='urn:a'/>", "--type", "edoc/document/1")
        #expect(root.code == 1 && root.output.contains("/file:1:1: /a: "), "\(root.output)")
        #expect(root.output.contains("namespace “urn:a”") && root.output.contains("“http://www.mic.gov.vn/TBT/QCVN_102_2016”"))
        let absent = try read("<a/>", "--type", "edoc/none/1")
        #expect(absent.code == 3 && absent.complaint.contains("[schema.unknown]"))
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
