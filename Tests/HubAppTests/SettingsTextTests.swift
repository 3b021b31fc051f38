import HubModel
import Testing

@testable import HubApp

@Suite("A line that is added to a settings file")
struct SettingsTextTests {
    @Test(
        "stands beside the others, indented as they are, and leaves comments as they are",
        arguments: [
            ("home: H44\n", "home: H44\nendpoints:\n  new: \"http://a:1\"\n"),
            ("endpoints:\nhome: H44\n", "endpoints:\n  new: \"http://a:1\"\nhome: H44\n"),
            (
                "endpoints: # ours\n    # the old one\n    old: \"http://b:1\"\nhome: H44\n",
                "endpoints: # ours\n    new: \"http://a:1\"\n    # the old one\n    old: \"http://b:1\"\nhome: H44\n"
            ),
            ("endpoints:\n  old: x\n  new: \"http://b:1\"\n", "endpoints:\n  old: x\n  new: \"http://a:1\"\n"),
        ]
    )
    func added(_ text: String, _ changed: String) {
        #expect(SettingsText.adding("new", "http://a:1", to: "endpoints", in: text) == changed)
    }

    @Test(
        "is not added where the file would not say it afterwards",
        arguments: [
            "endpoints: { old: \"http://b:1\" }\n", "endpoints: {}\n", "endpoints:\n- old\n",
            "endpoints:\n  \"new\": \"http://b:1\"\n", "\"endpoints\":\n  old: x\nendpoints:\n  old: x\n",
        ]
    )
    func refused(_ text: String) {
        #expect(SettingsText.adding("new", "http://a:1", to: "endpoints", in: text) == nil)
    }

    @Test("is not added when the value cannot stand between quotes")
    func value() {
        #expect(SettingsText.adding("new", "http://a\\q", to: "endpoints", in: "home: H44\n") == nil)
        #expect(SettingsText.adding("new", "a\" b: \"c", to: "endpoints", in: "home: H44\n") == nil)
    }

    @Test(
        "is asked for with an address that the configuration takes, and no other",
        arguments: [("http://127.0.0.1:9", true), ("/var/in", true), ("http://a", false), ("/", false), ("http://a:1/", false)]
            + [("http://a\\q:1", false), ("http://a\":1", false), ("ftp://a:1/b", false)]
    )
    func address(_ address: String, _ isTaken: Bool) throws {
        let archive = try AdapterParcel.archive(
            folder: Program.repository + "/adapters/ioc-h44", certificate: nil, endpoints: ["ioc": address], time: .init(nanoseconds: 0)
        )
        if isTaken {
            #expect(try AdapterParcel(archive).endpoints == ["ioc": address])
        } else {
            let error = #expect(throws: HubError.self) { try AdapterParcel(archive) }
            #expect(error?.code == .adapterInvalid)
        }
    }
}
