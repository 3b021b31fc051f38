import HubAdapters
import HubModel
import Testing

@Suite("A faulty adapter")
struct FaultyAdapterTests {
    /// A change to an adapter of the repository, and the fault it must give.
    struct Change: CustomTestStringConvertible, Sendable {
        let system: String
        let text: String
        let other: String
        let fault: String
        var testDescription: String { self.fault }

        init(_ system: String, _ text: String, to other: String, gives fault: String) {
            self.system = system
            self.text = text
            self.other = other
            self.fault = fault
        }
    }

    private static let documents = "qlvb-so-tttt-h44"
    private static let centre = "ioc-h44"
    private static let platform = "ngsp"
    private static let register = "doanh-nghiep"

    static let changes = [
        Change(
            documents, "adapter-1", to: "adapter-2",
            gives:
                "1:9: The value 'adapter-2' of 'format' is not one of: adapter-1. (did you mean 'adapter-1'?)"
        ),
        Change(
            documents, "system: qlvb-so-tttt-h44", to: "system: qlvb-so-ttt-h44",
            gives:
                "2:9: The system is named as its folder, 'qlvb-so-tttt-h44'. (did you mean 'qlvb-so-tttt-h44'?)"
        ),
        Change(
            documents, "system: qlvb-so-tttt-h44", to: "system: Qlvb",
            gives: "2:9: The value 'Qlvb' of 'system' is not"),
        Change(
            documents, "  vi: Quản", to: "  vn: Quản",
            gives: "4:3: The key 'vn' is not known here; known are: vi, en."),
        Change(
            documents, "kind: document-management", to: "kind: document",
            gives: "6:7: The value 'document' of 'kind' is not one of: document-management, one-stop"
        ),
        Change(documents, "[H44.13]", to: "[]", gives: "7:11: A system needs at least one agency."),
        Change(documents, "[H44.13]", to: "[H44/13]", gives: "7:12: 'H44/13' is not an agency code"),
        Change(
            documents, "[H44.13]", to: "[H44.13, 000.00.13.H44]",
            gives: "7:20: The agency H44.13 stands on line 7 already."
        ),
        Change(
            documents, "speaks: axis", to: "speaks: axes",
            gives: "8:9: The value 'axes' of 'speaks' is not one of"),
        Change(documents, "sends:", to: "sents:", gives: "9:1: The key 'sents' is not known here"),
        Change(
            documents, "- message: edoc/document/1\n    signature",
            to: "- message: edoc/dokument/1\n    signature",
            gives: "10:14: There is no schema for 'edoc/dokument/1'. (did you mean 'edoc/document/1'?)"
        ),
        Change(
            documents, "order-by: Thread\n    to: all\n  - message", to: "order-by: Thread\n  - message",
            gives: "10:5: Say to whom the system may send edoc/document/1: 'to: all', or agencies such as 'to: [H44, G12]'"
        ),
        Change(
            documents, "order-by: Thread\n    to: all\n  - message", to: "order-by: Thread\n    to: [all]\n  - message",
            gives: "14:10: 'all' is not an agency code such as H44.13 or 000.00.13.H44."
        ),
        Change(
            documents, "- message: edoc/status/1\n    signature",
            to: "- message: dossier/sync/1\n    signature",
            gives: "15:14: The axis carries edoc/… only, not dossier/sync/1."
        ),
        Change(
            documents, "- message: edoc/status/1\n    signature",
            to: "- message: edoc/document/1\n    signature",
            gives: "15:14: A rule for edoc/document/1 stands on line 10 already."
        ),
        Change(
            documents, "signature: required\n    identity: [DocumentId, B",
            to: "signature: yes\n    identity: [DocumentId, B",
            gives: "11:16: The value 'yes' of 'signature' is not one of: required, legacy, optional, none."
        ),
        Change(
            documents, "[DocumentId, BussinessDocType", to: "[DocumentID, BussinessDocType",
            gives:
                "12:16: The form of edoc/document/1 has no field 'DocumentID'. (did you mean 'DocumentId'?)"
        ),
        Change(
            documents, "[DocumentId, BussinessDocType", to: "[content, BussinessDocType",
            gives: "12:16: 'content' is the digest of all bytes"
        ),
        Change(
            documents, "order-by: Thread\n    to: all\n  - message", to: "order-by: Thraed\n    to: all\n  - message",
            gives: "13:15: The form of edoc/document/1 has no field 'Thraed'. (did you mean 'Thread'?)"
        ),
        Change(
            documents, "by: mailbox\n  - message", to: "by: { http: docs, path: /in }\n  - message",
            gives: "22:9: Over the axis a system fetches its messages: 'by: mailbox'."
        ),
        Change(
            documents, "by: mailbox\n  - message", to: "by: post\n  - message",
            gives: "22:9: The value 'post' of 'by' is not"),
        Change(
            centre, "mapping/edoc-status.yaml", to: "mapping/edoc-statuses.yaml",
            gives:
                "17:14: There is no file 'mapping/edoc-statuses.yaml' in the adapter's folder. (did you mean"
        ),
        Change(
            centre, "mapping/edoc-status.yaml", to: "../ioc-h44/mapping/edoc-status.yaml",
            gives: "17:14: A mapping is a file of the adapter's folder 'mapping'."
        ),
        Change(
            centre, "mapping/edoc-status.yaml", to: "mapping/edoc-document.yaml",
            gives: "17:14: This mapping is for edoc/document/1, not for edoc/status/1."
        ),
        Change(
            centre, "mapping: mapping/edoc-document.yaml\n    by: { http: ioc",
            to: "mapping: mapping/edoc-document.yaml\n    by: { http: IOC",
            gives: "14:17: The value 'IOC' of 'http' is not the name of an endpoint."
        ),
        Change(
            centre, "speaks: exchange", to: "speaks: axis",
            gives: "11:5: The axis has no place for copies"
        ),
        Change(
            centre, "mapping: mapping/edoc-document.yaml",
            to: "mapping: mapping/edoc-document.yaml\n    when: { field: Prioriti, equals: \"1\" }",
            gives: "14:20: The form of edoc/document/1 has no field 'Prioriti'. (did you mean 'Priority'?)"
        ),
        Change(
            centre, "mapping: mapping/edoc-document.yaml",
            to: "mapping: mapping/edoc-document.yaml\n    when: { field: Priority }",
            gives: "14:11: A condition needs either 'equals' or 'not'."
        ),
        Change(
            platform, "service: ho-so/tra-cuu/1", to: "service: ho-so",
            gives: "21:14: The value 'ho-so' of 'service' is not a service name"
        ),
        Change(
            platform, "{ dvcqg: TraCuuHoSo }", to: "{ portal: TraCuuHoSo }",
            gives: "26:11: A call needs exactly one of 'gateway', 'http' and 'dvcqg'."),
        Change(
            platform, "{ dvcqg: TraCuuHoSo }", to: "{ dvcqg: TraCuuHoSo, method: GET }",
            gives: "26:40: 'method' does not belong to a call of 'dvcqg'."
        ),
        Change(
            platform, "provides:", to: "receives:\n  - message: edoc/document/1\n    by: mailbox\nprovides:",
            gives: "22:9: Nobody fetches from here: the national platform does not sign in at the hub."
        ),
        Change(
            register, "      method: GET\n      query: { msdn", to: "      query: { msdn",
            gives: "21:7: The key 'method' is missing."),
        Change(
            register, "method: GET\n      query: { msdn", to: "method: PUT\n      query: { msdn",
            gives: "22:15: The value 'PUT' of 'method' is not one of: GET, POST."),
        Change(
            register, "msdn: /msdn", to: "msdn: msdn",
            gives: "23:22: The value 'msdn' of 'msdn' is not a JSON Pointer"),
        Change(
            register, "method: GET\n      query: { msdn", to: "method: POST\n      query: { msdn",
            gives: "23:14: A POST carries the request as its body"),
        Change(
            register, "state: deprecated\n    until: 2027-12-31", to: "state: deprecated",
            gives: "15:12: A deprecated service needs 'until'"),
        Change(
            register, "state: deprecated", to: "state: published",
            gives: "16:12: 'until' belongs to a service that is deprecated or retired."),
        Change(
            register, "until: 2027-12-31", to: "until: 2027-02-30",
            gives: "16:12: The value '2027-02-30' of 'until' is not a day such as"),
        Change(
            register, "speaks: gateway", to: "speaks: gateway\nsends:\n  - message: edoc/document/1",
            gives: "9:3: 'speaks: gateway' has no 'sends'."),
        Change(
            register, "speaks: gateway", to: "speaks: gateway\nagencies: [G12]",
            gives: "8:11: Only a system of the province speaks for agencies."),
        Change(
            register, "source: S\n    request: enterprise/lookup/1",
            to: "limits: { rate: 5, per-day: 3 }\n    source: S\n    request: enterprise/lookup/1",
            gives: "18:33: A day allows fewer calls than a second."),
    ]

    @Test("is refused with file, line and column", arguments: Self.changes)
    func refused(_ change: Change) throws {
        let folder = try AdapterFolder()
        try folder.copy(change.system)
        try folder.change("\(change.system)/adapter.yaml", change.text, to: change.other)
        let faults = try folder.faults()
        #expect(
            faults.contains { $0.hasPrefix("\(change.system)/adapter.yaml:\(change.fault)") }, "\(faults)")
    }

    @Test("shows all its faults at once, those of its mappings and of other adapters with them")
    func allAtOnce() throws {
        let folder = try AdapterFolder()
        for system in ["ioc-h44", "qlvb-so-tttt-h44", "ngsp"] { try folder.copy(system) }
        try folder.change("qlvb-so-tttt-h44/adapter.yaml", "kind: document-management", to: "kind: documents")
        try folder.change("qlvb-so-tttt-h44/adapter.yaml", "Revision]", to: "Revison]")
        try folder.change("ioc-h44/mapping/edoc-status.yaml", "context: sender", to: "context: sendr")
        try folder.change("ioc-h44/mapping/dossier-sync.yaml", "table: kinds", to: "table: kind")
        try folder.write("a: 1\na: 2\n", to: "zalo-h44/adapter.yaml")
        try folder.write("", to: "empty/nothing.txt")
        let faults = try folder.faults()
        #expect(faults.count == 6, "\(faults)")
        let places = faults.map { $0.prefix { $0 != " " } }
        #expect(
            places == [
                "empty/adapter.yaml:1:1:", "ioc-h44/mapping/dossier-sync.yaml:8:41:",
                "ioc-h44/mapping/edoc-status.yaml:24:14:", "qlvb-so-tttt-h44/adapter.yaml:6:7:",
                "qlvb-so-tttt-h44/adapter.yaml:12:46:", "zalo-h44/adapter.yaml:2:1:",
            ])
    }

    @Test("shows in one run what is wrong with its rules, with its agencies, with what others provide, and with its samples")
    func layers() throws {
        let folder = try AdapterFolder()
        try folder.copy("qlvb-so-tttt-h44")
        try folder.copyProviders()
        let (file, sample) = ("qlvb-so-tttt-h44/adapter.yaml", "qlvb-so-tttt-h44/samples/van-ban-moi")
        try folder.change(file, "order-by: Thread\n    to: all\n  - message", to: "order-by: Tread\n    to: all\n  - message")
        try folder.change(file, "[H44.13]", to: "[H44.13A]")
        try folder.change(file, "receives:", to: "uses: [dan-cu/xac-thuc/9]\nreceives:")
        try folder.change("\(sample)/case.yaml", "expect:", to: "expct:")
        let directory = try DirectoryReader.load(folder: Repository.schemas + "/directory").get()
        let day = try #require(CivilDate(iso: "2026-01-02"))
        let report = AdapterCheck.run(
            adapters: folder.path, replacing: [:], schemas: try Repository.catalogue.get(), only: SystemID("qlvb-so-tttt-h44"),
            agencies: AgencyCheck(directory, on: day)
        )
        let faults = report.faults.map { $0.description.replacing(folder.path + "/", with: "") }
        for fault in [
            "\(file):13:15: The form of edoc/document/1 has no field 'Tread'. (did you mean 'Thread'?)",
            "\(file):7:12: The agency H44.13A is not in the directory of agencies. (did you mean 'H44.13'?)",
            "\(file):20:8: No adapter provides 'dan-cu/xac-thuc/9'.", "\(sample)/case.yaml:1:1: The key 'expect' is missing.",
            "\(sample)/case.yaml:7:1: The key 'expct' is not known here",
        ] {
            #expect(faults.contains { $0.hasPrefix(fault) }, "\(fault) is not in \(faults)")
        }
        #expect(faults.count == 5)
    }

    @Test("does not keep the samples of the others from being run, nor their services from being known")
    func others() throws {
        let folder = try AdapterFolder()
        for system in ["qlvb-so-tttt-h44", "ioc-h44", "mot-cua-h44"] { try folder.copy(system) }
        try folder.copyProviders()
        try folder.change("dan-cu/adapter.yaml", "kind: population", to: "kind: populace")
        try folder.change("ioc-h44/samples/van-ban-moi/expected.json", "\"edoc.sent\"", to: "\"edoc.sended\"")
        let faults = try folder.sampleFaults()
        #expect(faults.map { $0.prefix { $0 != " " } } == ["dan-cu/adapter.yaml:6:7:", "ioc-h44/samples/van-ban-moi/expected.json:2:16:"])
    }

    @Test("says which mapping no rule uses")
    func unusedMapping() throws {
        let folder = try AdapterFolder()
        try folder.copy("ioc-h44")
        try folder.write(
            "format: mapping-1\nsource: edoc/status/1\ntarget: indicator/event/1\nsteps: [{ set: /a, constant: b }]\n",
            to: "ioc-h44/mapping/old.yaml"
        )
        #expect(
            try folder.faults() == ["ioc-h44/mapping/old.yaml:1:1: No rule of the adapter uses this mapping."]
        )
    }

    @Test("cannot map with paths of the other form")
    func otherForm() throws {
        let folder = try AdapterFolder()
        try folder.copy("ioc-h44")
        try folder.write(
            "format: mapping-1\nsource: edoc/status/1\ntarget: indicator/event/1\nsteps: [{ set: /a, copy: /b }]\n",
            to: "ioc-h44/mapping/edoc-status.yaml"
        )
        #expect(
            try folder.faults() == [
                "ioc-h44/mapping/edoc-status.yaml:1:1: The paths are for JSON, but edoc/status/1 is application/xml."
            ]
        )
    }

    @Test("is found even when the folder does not exist")
    func noFolder() throws {
        let folder = try AdapterFolder()
        let report = try AdapterCheck.run(
            adapters: folder.path + "/none", schemas: Repository.catalogue.get())
        #expect(report.faults.map(\.message) == ["There is no such folder."])
    }
}

@Suite("Adapters that do not go together")
struct AdapterConflictTests {
    @Test("are refused when two systems receive the same type for one agency")
    func sameAgency() throws {
        let folder = try AdapterFolder()
        for system in ["qlvb-so-tc-h44", "qlvb-so-tttt-h44"] { try folder.copy(system) }
        try folder.change("qlvb-so-tttt-h44/adapter.yaml", "[H44.13]", to: "[H44.13, 000.00.11.H44]")
        #expect(
            try folder.faults() == [
                "qlvb-so-tttt-h44/adapter.yaml:7:20: 'qlvb-so-tc-h44' receives edoc/document/1 for H44.11 already.",
                "qlvb-so-tttt-h44/adapter.yaml:7:20: 'qlvb-so-tc-h44' receives edoc/status/1 for H44.11 already.",
            ]
        )
    }

    @Test("are accepted when they share an agency and receive different types")
    func sharedAgency() throws {
        let folder = try AdapterFolder()
        for system in ["mot-cua-h44", "qlvb-so-tttt-h44"] { try folder.copy(system) }
        try folder.copyProviders()
        try folder.change("qlvb-so-tttt-h44/adapter.yaml", "[H44.13]", to: "[H44.13, H44.14]")
        #expect(try folder.faults() == [])
    }

    @Test("are refused when nobody provides a service, with the nearest one that is provided")
    func missingService() throws {
        let folder = try AdapterFolder()
        try folder.copy("mot-cua-h44")
        try folder.copyProviders()
        try folder.change("mot-cua-h44/adapter.yaml", "- ho-so/tra-cuu/1", to: "- ho-so/tra-cu/1")
        #expect(
            try folder.faults() == [
                "mot-cua-h44/adapter.yaml:28:5: No adapter provides 'ho-so/tra-cu/1'. (did you mean 'ho-so/tra-cuu/1'?)"
            ]
        )
    }

    @Test("are refused when two provide one service")
    func providedTwice() throws {
        let folder = try AdapterFolder()
        for system in ["ngsp", "dan-cu"] { try folder.copy(system) }
        try folder.change("ngsp/adapter.yaml", "service: ho-so/tra-cuu/1", to: "service: dan-cu/xac-thuc/1")
        #expect(
            try folder.faults() == ["ngsp/adapter.yaml:21:14: 'dan-cu' provides dan-cu/xac-thuc/1 already."])
    }
}
