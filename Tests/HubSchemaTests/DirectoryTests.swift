import HubModel
import HubYAML
import Testing

@Suite("The directory of agencies")
struct DirectoryTests {
    static let dayBefore = CivilDate(iso: "2025-06-30")
    static let dayOf = CivilDate(iso: "2025-07-01")

    let files: [DirectoryFile]
    let directory: AgencyDirectory

    init() throws {
        let folder = Repository.schemas + "/directory"
        self.files = try Repository.names(in: folder).filter { $0.hasSuffix(".yaml") }.map { name in
            let reader = try Repository.reader("\(folder)/\(name)")
            let file = DirectoryFile.read(reader)
            #expect(reader.faults.map(\.description) == [])
            return file
        }
        self.directory = try AgencyDirectory(files: self.files)
    }

    private func resolve(_ text: String, on day: CivilDate?) throws -> AgencyResolution {
        self.directory.resolve(text, on: try #require(day))
    }

    private func code(_ text: String) throws -> AgencyCode { try #require(AgencyCode(text)) }

    @Test("has 63 provinces, of which 34 are left after the mergers of July 2025", arguments: ["H", "K"])
    func provinces(letter: String) throws {
        let day = try #require(Self.dayOf)
        let all = self.directory.all.filter { $0.code.root == $0.code && $0.code.text.hasPrefix(letter) }
        #expect(all.count == 63)
        #expect(all.count { $0.closedOn == nil } == 34)
        // 29 codes were closed, all on that day, and 23 provinces took them over.
        #expect(all.filter { $0.closedOn != nil }.allSatisfy { $0.closedOn == day && $0.successor != nil })
        #expect(Set(all.compactMap(\.successor)).count == 23)
    }

    @Test(
        "sends a merged province to the one that keeps the name, from the day on which it counts",
        arguments: [
            ("H02", "H05"), ("H03", "H55"), ("H28", "H44"), ("H62", "H44"), ("H63", "H38"), ("H22", "H60"),
            ("H54", "H31"), ("H23", "H24"), ("H25", "H42"), ("H40", "H42"), ("H46", "H50"), ("H47", "H17"),
            ("H34", "H48"), ("H08", "H21"), ("H43", "H32"), ("H16", "H36"), ("H11", "H36"), ("H45", "H15"),
            ("H09", "H29"), ("H06", "H29"), ("H10", "H19"), ("H39", "H53"), ("H51", "H13"), ("H30", "H13"),
            ("H07", "H61"), ("H59", "H61"), ("H58", "H20"), ("H04", "H12"), ("H33", "H01"),
        ]
    )
    func merged(old: String, new: String) throws {
        #expect(try self.resolve(old, on: Self.dayBefore) == .found(try self.code(old)))
        #expect(try self.resolve(old, on: Self.dayOf) == .found(try self.code(new)))
        #expect(try self.resolve("000.00.00.\(old)", on: Self.dayOf) == .found(try self.code(new)))
        #expect(
            self.directory.platform(of: try self.code(old + ".13"), on: try #require(Self.dayOf))?.text == new
        )
    }

    @Test(
        "leaves the eleven provinces that were not merged as they are",
        arguments: ["H14", "H18", "H26", "H27", "H35", "H37", "H41", "H49", "H52", "H56", "H57"]
    )
    func notMerged(code: String) throws {
        #expect(try self.resolve(code, on: Self.dayOf) == .found(try self.code(code)))
        #expect(!self.directory.all.contains { $0.successor?.text == code })
    }

    @Test(
        "knows both code formats and the aliases",
        arguments: [
            ("000.00.13.H44", "H44.13"), ("H44.13", "H44.13"), ("000.13.00.H44", "H44.13"),
            ("H44.STTTT", "H44.13"),
            ("00.44.W00", "H44"), ("00.55.W00", "H55"), ("00.28.W00", "H44"), ("000.00.11.H55", "H55.11"),
            ("H44.IOC", "H44.IOC"), ("000.00.00.G14", "G14"), ("000.02.01.H44", "H44.01.02"),
            ("H03.01", "H03.01"),
        ]
    )
    func formats(text: String, code: String) throws {
        #expect(try self.resolve(text, on: Self.dayOf) == .found(try self.code(code)))
    }

    @Test("lets an alias hold for its time only")
    func aliasTime() throws {
        #expect(try self.resolve("H44.17", on: Self.dayBefore) == .found(try self.code("H44.16")))
        #expect(try self.resolve("H44.17", on: Self.dayOf) == .unknown)
    }

    @Test("tells a closed agency from one that has a successor and from one that never was")
    func closed() throws {
        let since = try #require(CivilDate(iso: "2025-03-01"))
        #expect(try self.resolve("H44.19", on: Self.dayOf) == .closed(try self.code("H44.19"), since: since))
        #expect(
            try self.resolve("H44.19", on: CivilDate(iso: "2025-02-28")) == .found(try self.code("H44.19")))
        #expect(try self.resolve("H44.10", on: Self.dayOf) == .found(try self.code("H44.11")))
        #expect(try self.resolve("H44.99", on: Self.dayOf) == .unknown)
        #expect(try self.resolve("G23", on: Self.dayOf) == .unknown)
    }

    @Test("lists Phú Thọ and Thái Nguyên in full and leaves other provinces open")
    func complete() throws {
        #expect(self.directory.complete == [try self.code("H44"), try self.code("H55")])
        #expect(try self.resolve("H55.99", on: Self.dayOf) == .unknown)
        #expect(try self.resolve("H26.99", on: Self.dayOf) == .found(try self.code("H26.99")))
    }

    @Test("has a name in both languages for everyone")
    func names() {
        #expect(self.directory.all.allSatisfy { !$0.name.vi.isEmpty && !$0.name.en.isEmpty })
    }
}

@Suite("A directory file")
struct DirectoryFileTests {
    @Test("with several faults names them all, with their places")
    func faults() throws {
        let yaml = """
            format: directory-1
            complete: [H44.13]
            agencies:
              - { code: H44, name: { vi: A, en: A }, sure: sure }
              - { code: h45, name: { vi: B }, sure: K, closed: 2025-02-30 }
              - { code: H46, name: { vi: C, en: C }, sure: K, successor: H44 }
            aliases:
              - { text: x, code: H44, from: 2025-07-01, until: 2025-07-01, til: x }
            """
        let tree = try YAMLReader.read(Array(yaml.utf8), file: "d.yaml").get()
        let reader = SettingsReader(tree, file: "d.yaml")
        let file = DirectoryFile.read(reader)
        #expect(file.agencies.map(\.code.text) == ["H44", "H46"])
        let sentences = reader.faults.map(\.message)
        #expect(
            sentences == [
                "The value 'sure' of 'sure' is not one of: S, S2, D, K.",
                "The value 'h45' of 'code' is not an agency code such as H44.13.", "The key 'en' is missing.",
                "The value '2025-02-30' of 'closed' is not a day such as 2025-07-01.",
                "Only a closed agency has a 'successor'; 'closed' is missing.",
                "'until' must be a later day than 'from'.",
                "The key 'til' is not known here; known are: text, code, from, until, note.",
                "'H44.13' is not an agency code of level 1.",
            ]
        )
        #expect(reader.faults.map(\.place.line) == [4, 5, 5, 5, 6, 8, 8, 2])
    }

    @Test("makes no directory together with another that has the same code")
    func twice() throws {
        let agency = Agency(code: try #require(AgencyCode("H44")), name: Bilingual(vi: "A", en: "A"))
        let error = #expect(throws: HubError.self) {
            try AgencyDirectory(files: [DirectoryFile(agencies: [agency]), DirectoryFile(agencies: [agency])])
        }
        #expect(error?.code == .directoryInvalid)
    }
}
