import HubAdapters
import HubModel
import Testing

@Suite("A sample")
struct SampleTests {
    @Test("that is refused although it should be accepted shows why, and where in the message")
    func refused() throws {
        let folder = try AdapterFolder()
        try folder.copy("qlvb-so-tttt-h44")
        try folder.change(
            "qlvb-so-tttt-h44/samples/van-ban-moi/message.xml", "<edXML:Priority>1", to: "<edXML:Priority>x")
        let faults = try folder.sampleFaults()
        #expect(faults.count == 1)
        let fault = try #require(faults.first)
        #expect(
            fault.hasPrefix(
                "qlvb-so-tttt-h44/samples/van-ban-moi/case.yaml:7:9: The sample is refused: schema.payload"))
        #expect(fault.contains("line 49, /edXML/edXMLEnvelope"))
    }

    @Test("that is accepted although it should be refused is a fault")
    func accepted() throws {
        let folder = try AdapterFolder()
        try folder.copy("qlvb-so-tttt-h44")
        try folder.change("qlvb-so-tttt-h44/samples/co-doctype/message.xml", "<!DOCTYPE edXML>", to: "")
        #expect(
            try folder.sampleFaults() == [
                "qlvb-so-tttt-h44/samples/co-doctype/case.yaml:8:3: "
                    + "The sample is accepted; xml.doctype_forbidden was expected."
            ]
        )
    }

    @Test("that is refused elsewhere than expected is a fault")
    func elsewhere() throws {
        let folder = try AdapterFolder()
        try folder.copy("qlvb-so-tttt-h44")
        try folder.change("qlvb-so-tttt-h44/samples/thieu-trich-yeu/case.yaml", "line: ", to: "line: 1")
        let faults = try folder.sampleFaults()
        #expect(faults.count == 1)
        #expect(
            faults.first?.contains("case.yaml:8:3: The sample is refused otherwise: schema.payload_invalid")
                == true)
    }

    @Test("whose mapping gives something else shows each difference at its place in expected.json")
    func differences() throws {
        let folder = try AdapterFolder()
        try folder.copy("ioc-h44")
        let file = "ioc-h44/samples/van-ban-moi/expected.json"
        try folder.change(file, "\"edoc.sent\"", to: "\"edoc.sended\"")
        try folder.change(file, "\"unit\": \"document\"", to: "\"units\": \"document\"")
        #expect(
            try folder.sampleFaults() == [
                #"\#(file):2:16: /indicator is "edoc.sent" and not "edoc.sended"."#,
                "\(file):12:12: /units is missing.",
                #"\#(file):1:1: /unit was not expected: "document"."#,
            ]
        )
    }

    @Test("of a mapping needs something to be compared with, and one without a mapping must not have it")
    func comparison() throws {
        let folder = try AdapterFolder()
        for system in ["ioc-h44", "qlvb-so-tttt-h44"] { try folder.copy(system) }
        try folder.write("{}", to: "qlvb-so-tttt-h44/samples/van-ban-moi/expected.json")
        try folder.write("{", to: "ioc-h44/samples/trang-thai/expected.json")
        try folder.remove("ioc-h44/samples/van-ban-moi/expected.json")
        #expect(
            try folder.sampleFaults() == [
                "ioc-h44/samples/trang-thai/expected.json:1:2: This is not JSON: json.malformed.",
                "ioc-h44/samples/van-ban-moi/case.yaml:7:9: "
                    + "The mapping's result needs an expected.json to be compared with.",
                "qlvb-so-tttt-h44/samples/van-ban-moi/case.yaml:7:9: "
                    + "There is an expected.json, but no mapping fits the sample.",
            ]
        )
    }

    @Test("of a type that the adapter does not know is a fault")
    func foreignType() throws {
        let folder = try AdapterFolder()
        try folder.copy("mot-cua-h44")
        try folder.copyProviders()
        try folder.change("mot-cua-h44/samples/ho-so-moi/case.yaml", "dossier/sync/1", to: "citizen/lookup/1")
        #expect(
            try folder.sampleFaults() == [
                "mot-cua-h44/samples/ho-so-moi/case.yaml:7:9: "
                    + "The adapter neither sends, receives nor subscribes to citizen/lookup/1."
            ]
        )
    }

    @Test(
        "that cannot be read is a fault of its case",
        arguments: [
            ("expect: accepted", "expect: ok", "7:9: 'ok' is neither 'accepted' nor"),
            (
                "expect: accepted", "expect: { code: json.malformd }",
                "7:17: There is no error code 'json.malformd'. (did"
            ),
            (
                "file: message.json", "file: ../x.json",
                "6:7: The value '../x.json' of 'file' is not a file beside this one"
            ),
            ("format: sample-1", "format: sample-9", "1:9: The value 'sample-9' of 'format' is not one of"),
        ]
    )
    func unreadable(text: String, other: String, fault: String) throws {
        let folder = try AdapterFolder()
        try folder.copy("mot-cua-h44")
        try folder.copyProviders()
        try folder.change("mot-cua-h44/samples/ho-so-moi/case.yaml", text, to: other)
        let faults = try folder.sampleFaults()
        #expect(faults.count == 1)
        #expect(
            faults.first?.hasPrefix("mot-cua-h44/samples/ho-so-moi/case.yaml:" + fault) == true, "\(faults)")
    }

    @Test("whose message is not there is a fault")
    func missing() throws {
        let folder = try AdapterFolder()
        try folder.copy("mot-cua-h44")
        try folder.copyProviders()
        try folder.change("mot-cua-h44/samples/ho-so-moi/case.yaml", "message.json", to: "none.json")
        #expect(
            try folder.sampleFaults() == [
                "mot-cua-h44/samples/ho-so-moi/none.json:1:1: The sample's file cannot be read."
            ]
        )
    }
}
