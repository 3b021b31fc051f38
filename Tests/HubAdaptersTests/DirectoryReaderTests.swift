import HubAdapters
import HubModel
import Testing

@Suite("The directory of agencies")
struct DirectoryReaderTests {
    private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(iso: text)) }

    private func code(_ text: String) throws -> AgencyCode { try #require(AgencyCode(text)) }

    @Test("of the repository has no faults and knows both code formats, aliases and mergers")
    func repository() throws {
        let directory = try DirectoryReader.load(folder: Repository.schemas + "/directory").get()
        let today = try self.day("2026-01-02")
        #expect(directory.resolve("000.00.13.H44", on: today) == .found(try self.code("H44.13")))
        #expect(directory.resolve("H44.STTTT", on: today) == .found(try self.code("H44.13")))
        #expect(directory.resolve("H03", on: try self.day("2025-06-30")) == .found(try self.code("H03")))
        #expect(directory.resolve("H03", on: today) == .found(try self.code("H55")))
        #expect(directory.resolve("H44.99", on: today) == .unknown)
        #expect(
            directory.resolve("H44.19", on: today)
                == .closed(try self.code("H44.19"), since: try self.day("2025-03-01")))
        for number in 1...63 {
            let text = "H" + (number < 10 ? "0" : "") + String(number)
            #expect(directory[try self.code(text)] != nil, "\(text)")
        }
    }

    @Test("of the repository names every agency that an adapter speaks for")
    func adapters() throws {
        let directory = try DirectoryReader.load(folder: Repository.schemas + "/directory").get()
        let catalogue = try AdapterCatalogue.load(
            folder: Repository.adapters, schemas: Repository.catalogue.get()
        ).get()
        let agencies = catalogue.adapters.flatMap(\.agencies)
        #expect(agencies.count == 8)
        for agency in agencies {
            #expect(directory[agency] != nil, "\(agency)")
        }
    }

    /// A line of a directory file and the fault it must give. The list begins on line 4.
    static let faulty = [
        (
            "{ code: H4, name: { vi: a, en: b } }",
            "4:13: The value 'H4' of 'code' is not an agency code such as H44.13."
        ),
        ("{ code: H44.02, name: { vi: a } }", "4:27: The key 'en' is missing."),
        (
            "{ code: H44.02, name: { vi: a, en: b }, close: 2025-07-01 }",
            "4:45: The key 'close' is not known here"
        ),
        (
            "{ code: H44.02, name: { vi: a, en: b }, closed: 2025-02-30 }",
            "4:53: The value '2025-02-30' of 'closed' is not"
        ),
        ("{ code: H44.02, name: { vi: a, en: b }, successor: H44 }", "4:56: A successor needs the day"),
        (
            "{ code: H44.02, name: { vi: a, en: b }, sure: maybe }",
            "4:51: The value 'maybe' of 'sure' is not one of"
        ),
        (
            "{ code: H44.02, name: { vi: a, en: b }, closed: 2025-07-01, successor: H45 }",
            "4:5: The successor H45 is not in the directory."
        ),
        ("{ code: H44, name: { vi: a, en: b } }", "5:5: H44 stands in"),
        (
            "{ code: H44.02, name: { vi: a, en: b }, closed: 2025-07-01, successor: H44.02 }",
            "4:5: The successors of an agency run in a circle."
        ),
    ]

    @Test("names the place of what is wrong", arguments: Self.faulty)
    func faults(entry: String, fault: String) throws {
        let folder = try AdapterFolder()
        try folder.write(
            "format: directory-1\ncomplete: [H44]\nagencies:\n  - \(entry)\n  - { code: H44, name: { vi: a, en: b } }\n",
            to: "a.yaml"
        )
        let faults = try #require(throws: SettingsFaults.self) {
            try DirectoryReader.load(folder: folder.path).get()
        }
        let found = faults.faults.map { $0.description.replacing(folder.path + "/", with: "") }
        #expect(found.contains { $0.hasPrefix("a.yaml:" + fault) }, "\(found)")
    }

    @Test("shows the faults of all files at once")
    func allAtOnce() throws {
        let folder = try AdapterFolder()
        try folder.write(
            "format: directory-1\ncomplete: [H44.01]\nagencies: [{ code: H44, name: { vi: a, en: b } }]\n",
            to: "a.yaml")
        try folder.write(
            """
            format: directory-1
            agencies: [{ code: H44, name: { vi: a, en: b } }]
            aliases:
              - { text: x, code: H45 }
              - { text: y, code: H44, from: 2024-01-01, until: 2025-01-01 }
              - { text: y, code: H44, from: 2024-12-31 }
              - { text: y, code: H44, until: 2024-01-01 }
              - { text: z, code: H44, from: 2025-01-01, until: 2025-01-01 }
            """, to: "b.yaml"
        )
        let faults = try #require(throws: SettingsFaults.self) {
            try DirectoryReader.load(folder: folder.path).get()
        }
        let places = faults.faults.map { "\($0.place.line):\($0.place.column)" }
        #expect(places == ["2:12", "2:12", "4:5", "6:5", "8:5"], "\(faults)")
    }

    @Test("is missing when a folder has no file")
    func empty() throws {
        let folder = try AdapterFolder()
        let faults = try #require(throws: SettingsFaults.self) {
            try DirectoryReader.load(folder: folder.path).get()
        }
        #expect(faults.faults.map(\.message) == ["There is no directory file here."])
    }
}
