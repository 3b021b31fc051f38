import HubAdapters
import HubModel
import Testing

@Suite("A faulty process")
struct FaultyProcessTests {
    /// A change to the process of the repository, and the fault it must give.
    static let changes: [(text: String, other: String, fault: String)] = [
        ("format: process-1", "format: process-2", "khai-sinh.yaml:1:9: The value 'process-2' of 'format' is not one of"),
        ("step: the-bhyt", "step: khai-sinh", "khai-sinh.yaml:17:5: A step 'khai-sinh' stands on line 11 already."),
        ("service: cu-tru/dang-ky/1", "service: cu-tru/dang-ki/1", "khai-sinh.yaml:24:14: No adapter provides 'cu-tru/dang-ki/1'."),
        ("service: cu-tru/huy/1,", "service: cu-tru/tra-cuu/1,", "khai-sinh.yaml:28:22: Add 'cu-tru/tra-cuu/1' to 'uses'"),
        (
            "request: mapping/cu-tru.yaml", "request: mapping/huy-cu-tru.yaml",
            "mapping/cu-tru.yaml:1:1: No rule of the adapter uses this mapping."
        ),
        ("request: mapping/cu-tru.yaml", "request: mapping/cu-try.yaml", "khai-sinh.yaml:25:14: There is no file 'mapping/cu-try.yaml'"),
        ("within: 1d", "within: soon", "khai-sinh.yaml:9:9: The value 'soon' of 'within' is not a duration"),
        ("result: birth/result/1", "result: birth/results/1", "khai-sinh.yaml:6:9: There is no schema for 'birth/results/1'."),
        ("message: birth/registration/1", "message: birth/result/1", "khai-sinh.yaml:5:10: The adapter starts this process with birth/registration/1."),
        ("- { path: /soXacNhan }", "- { path: soXacNhan }", "khai-sinh.yaml:27:17: The value 'soXacNhan' of 'path' is not a JSON Pointer"),
        ("undo: { service: cu-tru/huy/1", "undoes: { service: cu-tru/huy/1", "khai-sinh.yaml:28:5: The key 'undoes' is not known here"),
    ]

    @Test("is refused with file, line and column", arguments: Self.changes.map(\.fault))
    func refused(_ fault: String) throws {
        let change = try #require(Self.changes.first { $0.fault == fault })
        let folder = try AdapterFolder()
        for system in ["lien-thong-khai-sinh", "ho-tich", "bhxh", "cu-tru"] { try folder.copy(system) }
        try folder.change("lien-thong-khai-sinh/process/khai-sinh.yaml", change.text, to: change.other)
        let faults = try folder.faults()
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
    }

    @Test("whose mapping makes another request than the service takes is refused")
    func otherRequest() throws {
        let folder = try AdapterFolder()
        for system in ["lien-thong-khai-sinh", "ho-tich", "bhxh", "cu-tru"] { try folder.copy(system) }
        try folder.change(
            "lien-thong-khai-sinh/process/khai-sinh.yaml", "service: cu-tru/huy/1,", to: "service: bhxh/huy-the/1,"
        )
        let faults = try folder.faults()
        #expect(
            faults.contains {
                $0.contains("khai-sinh.yaml:28:47: bhxh/huy-the/1 takes insurance/card-cancellation/1; the mapping makes residence/cancellation/1.")
            }, "\(faults)"
        )
    }

    @Test("without a file is a fault of its own")
    func missing() throws {
        let folder = try AdapterFolder()
        for system in ["lien-thong-khai-sinh", "ho-tich", "bhxh", "cu-tru"] { try folder.copy(system) }
        try folder.remove("lien-thong-khai-sinh/process/khai-sinh.yaml")
        #expect(try !folder.faults().isEmpty)
    }

    @Test("has no place in a system that signs in")
    func foreign() throws {
        let folder = try AdapterFolder()
        try folder.copy("ioc-h44")
        try folder.change(
            "ioc-h44/adapter.yaml", "speaks: exchange",
            to: "speaks: exchange\norchestrates:\n  - { message: birth/registration/1, process: process/a.yaml }"
        )
        let faults = try folder.faults()
        #expect(faults.contains { $0.contains("'speaks: exchange' has no 'orchestrates'.") }, "\(faults)")
    }
}
