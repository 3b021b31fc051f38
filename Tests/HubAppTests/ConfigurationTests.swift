import Foundation
import HubCore
import HubEnvelope
import HubModel
import HubNational
import HubStore
import Testing

@testable import HubApp

@Suite("hub.yaml")
struct ConfigurationTests {
    private func made() throws -> TestFolder {
        let folder = TestFolder()
        let result = try Program.run("init", folder.path + "/hub", "--province", "H44", "--national", "http://127.0.0.1:9")
        try #require(result.code == 0, "\(result.complaint)")
        return folder
    }

    private func load(_ folder: TestFolder) throws(HubError) -> HubConfiguration {
        try HubConfiguration.load(file: folder.path + "/hub/hub.yaml")
    }

    /// The error that a changed file is refused with.
    private func fault(_ change: (String) -> String) throws -> HubError {
        let folder = try self.made()
        try folder.write(change(try folder.text("hub/hub.yaml")), "hub/hub.yaml")
        return try #require(throws: HubError.self) { try self.load(folder) }
    }

    @Test("is read with every default of docs/configuration.md")
    func defaults() throws {
        let configuration = try self.load(self.made())
        #expect(configuration.bodyTime == .seconds(30))
        #expect(configuration.bodyLimit == 128 << 20 && configuration.bodiesLimit == 256 << 20)
        #expect(configuration.clockSkew == .seconds(300) && configuration.journalWaiting == 4096)
        #expect(configuration.pushTimeout == .seconds(30) && configuration.national?.timeout == .seconds(30))
        let delivery = configuration.delivery
        #expect(delivery.concurrency == 16 && delivery.window == 4096 && delivery.lease == .seconds(60))
        #expect(delivery.retry.first == .milliseconds(500) && delivery.retry.longest == .seconds(60))
        #expect(delivery.retry.giveUpAfter == .seconds(3 * 86_400))
    }

    @Test("takes every key that the page names, and the page names every key")
    func page() throws {
        let folder = try self.made()
        let text = try folder.text("hub/hub.yaml").replacing("national:\n", with: "national:\n  timeout: 7s\n")
            + """
            limits: { body: 1MB, body-time: 9s, bodies: 4MB, clock-skew: 60s, waiting: 128 }
            delivery:
              concurrency: 2
              window: 64
              lease: 5s
              timeout: 4s
              retry-first: 10ms
              retry-longest: 2s
              give-up-after: 1h

            """
        try folder.write(text, "hub/hub.yaml")
        let configuration = try self.load(folder)
        #expect(configuration.bodyTime == .seconds(9))
        #expect(configuration.bodyLimit == 1 << 20 && configuration.bodiesLimit == 4 << 20)
        #expect(configuration.clockSkew == .seconds(60) && configuration.journalWaiting == 128)
        #expect(configuration.pushTimeout == .seconds(4) && configuration.national?.timeout == .seconds(7))
        #expect(configuration.delivery.concurrency == 2 && configuration.delivery.window == 64)
        #expect(configuration.delivery.lease == .seconds(5) && configuration.delivery.retry.first == .milliseconds(10))
        #expect(configuration.delivery.retry.longest == .seconds(2))
        #expect(configuration.delivery.retry.giveUpAfter == .seconds(3600))

        let page = try String(contentsOfFile: Program.repository + "/docs/configuration.md", encoding: .utf8)
        for (section, wrong) in [("limits: { ", "zz: 1, "), ("delivery:\n", "  zz: 1\n"), ("format: hub-1\n", "zz: 1\n")] {
            try folder.write(text.replacing(section, with: section + wrong, maxReplacements: 1), "hub/hub.yaml")
            let error = try #require(throws: HubError.self) { try self.load(folder) }
            let note = try #require(error.details.first { $0.value.contains("'zz'") }?.value)
            let known = try #require(note.firstMatch(of: /known are: ([^.(]+)/)?.output.1)
            for key in known.split(separator: ", ") {
                let name = key.trimmingCharacters(in: .whitespacesAndNewlines)
                let prefix = section.hasPrefix("format") ? "" : String(section.prefix { $0 != ":" }) + "."
                #expect(
                    page.contains("`\(prefix)\(name)") || page.contains("### \(name)"), "\(prefix)\(name) is not on the page")
            }
        }
    }

    @Test("takes headers for its endpoints from the secrets, and says what cannot be one without showing a value")
    func headers() throws {
        let folder = try self.made()
        let secrets = try folder.text("hub/secrets.yaml")
        try folder.write(secrets + "headers:\n  ioc: { X-Api-Key: \"khoa-cua-ioc\", Authorization: \"Bearer abc\" }\n", "hub/secrets.yaml")
        let headers = try self.load(folder).secrets.headers
        #expect(String(describing: headers["ioc"] ?? []) == "[X-Api-Key: …, Authorization: …]")
        #expect(!"\(headers)".contains("khoa-cua-ioc") && !"\(headers)".contains("abc"))
        let wrong = "headers:\n  iocc: { X-Api-Key: \"khoa-kin\" }\n  ioc: { Host: \"khoa-kin\", X-B: \"khoa-kín\", \"X C\": \"khoa-kin\" }\n"
        try folder.write(secrets + wrong, "hub/secrets.yaml")
        let error = try #require(throws: HubError.self) { try self.load(folder) }
        let faults = error.details.map(\.value)
        #expect(faults.count == 4 && faults.contains { $0.contains("no endpoint 'iocc'. (did you mean 'ioc'?)") }, "\(faults)")
        for name in ["Host", "X-B", "X C"] { #expect(faults.contains { $0.contains("'\(name)' is a header that") }, "\(faults)") }
        #expect(faults.allSatisfy { !$0.contains("khoa") })
    }

    @Test("says how long the journal keeps payloads and identities, and refuses what cannot be")
    func retention() throws {
        let folder = try self.made()
        let text = try folder.text("hub/hub.yaml")
        func load(_ section: String) throws -> HubConfiguration {
            try folder.write(text + section, "hub/hub.yaml")
            return try self.load(folder)
        }
        #expect(try load("").retention == RetentionPolicy())
        let given = "journal: { keep-payloads: 90d, keep-payloads-by-type: { edoc/document/1: 365d }, keep-identities: 400d }\n"
        let retention = try load(given).retention
        #expect(retention.payloads == .seconds(90 * 86_400) && retention.identities == .seconds(400 * 86_400))
        #expect(retention.payloadsByType == [.edocDocument: .seconds(365 * 86_400)])
        let months = try load("journal: { keep-identities: 30d, keep-records: 400d, archives: kept }\n").retention.records
        #expect(months == RecordPolicy(period: .seconds(400 * 86_400), archives: folder.path + "/hub/kept"))
        #expect(try load("").retentionInterval == .seconds(3600))
        #expect(try load("journal: { look-every: 5m }\n").retentionInterval == .seconds(300))
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).count
        for (section, part) in [
            ("journal: { look-every: 0s }\n", "less than a second"),
            ("journal: { keep-identities: 30d, keep-records: 400d }\n", "needs 'archives'"),
            ("journal: { keep-records: 400d, archives: kept }\n", "needs 'keep-identities'"),
            ("journal: { keep-identities: 30d, keep-records: 29d, archives: kept }\n", "must not be shorter"),
            ("journal: { keep-identities: 30d, archives: kept }\n", "which is not set"),
            ("journal: { keep-payloads: 23h }\n", "less than a day"),
            ("journal: { keep-payloads: long }\n", "a duration such as"),
            ("journal: { keep-payload: 90d }\n", "did you mean 'keep-payloads'?"),
            ("journal: { keep-payloads-by-type: { edoc: 90d } }\n", "'edoc' is not a message type"),
            ("journal: { keep-identities: 3d }\n", "longer than deliveries are tried"),
            ("journal: { keep-identities: 9d }\ndelivery: { give-up-by-type: { edoc/status/1: 9d } }\n", "longer than"),
        ] {
            let error = try #require(throws: HubError.self) { try load(section) }
            #expect(error.code == .configurationInvalid)
            let faults = error.details.filter { $0.value.contains(part) }
            #expect(faults.contains { $0.value.contains("hub.yaml:\(line):") }, "\(error.details)")
        }
        let page = try String(contentsOfFile: Program.repository + "/docs/configuration.md", encoding: .utf8)
        for name in ["keep-payloads", "keep-payloads-by-type", "keep-identities", "keep-records", "archives", "look-every"] {
            #expect(page.contains("`journal.\(name)`"))
        }
    }

    @Test("takes the URI of a key in a token with its section, and never repeats a PIN that stands in it")
    func token() throws {
        let folder = try self.made()
        let text = try folder.text("hub/hub.yaml")
        let key = "key: \"pkcs11:token=lgsp;object=hub\""
        let section = "pkcs11: { module: /m.so, pin: keys/pin, through: engine }\n"
        try folder.write("97531\n", "hub/keys/pin")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path + "/hub/keys/pin")
        func load(_ key: String, _ section: String) throws -> HubConfiguration {
            try folder.write(text.replacing("key: keys/hub.pem", with: key) + section, "hub/hub.yaml")
            return try self.load(folder)
        }
        let configuration = try load(key, section)
        #expect(configuration.keyToken?.object == "hub" && configuration.keyFile == folder.path + "/hub/keys/hub.pem")
        #expect(configuration.tokens?.module == "/m.so" && configuration.tokens?.pin == Array("97531".utf8))
        #expect(configuration.tokens?.way == .engine)
        #expect(try load("key: keys/hub.pem", section).keyToken == nil)

        let pin = "key: \"pkcs11:token=lgsp;object=hub?pin-value=97531\""
        for (key, section, part) in [
            (key, "", "'pkcs11'"), (pin, section, "PIN"), ("key: \"pkcs11:object=hub\"", section, "token or serial"),
            (key, section.replacing("engine", with: "card"), "provider, engine"),
            (key, section.replacing("pin: keys/pin, ", with: ""), "'pin' is missing"),
            (key, section.replacing("module:", with: "modul:"), "'modul'"),
            (key, section.replacing("keys/pin", with: "keys/hub.pub.pem"), "0600"),
        ] {
            let error = #expect(throws: HubError.self) { try load(key, section) }
            #expect(error?.code == .configurationInvalid)
            let everything = "\(String(describing: error))"
            #expect(everything.contains(part) && !everything.contains("97531"), "\(everything)")
        }
        let page = try String(contentsOfFile: Program.repository + "/docs/configuration.md", encoding: .utf8)
        for name in ["module", "pin", "through"] { #expect(page.contains("`pkcs11.\(name)`")) }
    }

    @Test("refuses an unknown key with its line and what was probably meant")
    func unknown() throws {
        let error = try self.fault { $0.replacing("listen:", with: "lisen:") }
        #expect(error.code == .configurationInvalid)
        let notes = error.details.map(\.value)
        #expect(notes.contains { $0.contains("hub.yaml:5:1") && $0.contains("'lisen'") && $0.contains("'listen'?") })
        #expect(notes.contains { $0.contains("'listen' is missing") }, "All faults are told at once.")
    }

    @Test(
        "refuses what cannot be read instead of taking the default",
        arguments: [
            ("port: 8044", "port: 80440"), ("port: 8044", "port: eighty"), ("province: H44", "province: H444"),
            ("format: hub-1", "format: hub-2"), ("data: data", "data: data\ndata: other"),
            ("poll: 5s", "poll: 5"), ("poll: 5s", "poll: -5s"), ("url: http://127.0.0.1:9", "url: ftp://127.0.0.1"),
            ("key: keys/hub.pem", "key: &k keys/hub.pem"), ("key: keys/hub.pem", "key: !!str keys/hub.pem"),
        ])
    func unreadable(from: String, to: String) throws {
        let error = try self.fault { text in
            #expect(text.contains(from))
            return text.replacing(from, with: to)
        }
        #expect([.configurationInvalid, .yamlInvalid].contains(error.code))
        #expect(error.details.contains { $0.value.contains(/hub\.yaml:[0-9]+:[0-9]+/) })
    }

    @Test("is a sentence when it is not there, or no text")
    func absent() throws {
        let folder = TestFolder()
        #expect(throws: HubError.self) { try HubConfiguration.load(file: folder.path + "/hub.yaml") }
        try Data([0xFF, 0x00, 0xC3]).write(to: URL(filePath: folder.path + "/hub.yaml"))
        #expect(throws: HubError.self) { try HubConfiguration.load(file: folder.path + "/hub.yaml") }
    }
}
