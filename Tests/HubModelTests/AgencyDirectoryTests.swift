import HubModel
import Testing

@Suite("The directory of agencies")
struct AgencyDirectoryTests {
    /// H03 was merged into H55 on 2025-07-01; H44 is listed in full.
    private static func directory() throws -> AgencyDirectory {
        let merger = try day("2025-07-01")
        return try AgencyDirectory(
            agencies: [
                agency("H44"), agency("H44.11"), agency("H44.13", closedOn: merger, successor: "H44.14"),
                agency("H44.14"), agency("H44.15", closedOn: merger),
                agency("H55"), agency("H03", closedOn: merger, successor: "H55"),
                agency("G09", closedOn: merger),
            ],
            aliases: [
                AgencyAlias(text: "SO-TC-PT", code: try code("H44.11")),
                AgencyAlias(
                    text: "000.00.99.H44", code: try code("H44.11"), from: try day("2024-01-01"),
                    until: try day("2025-01-01")
                ),
            ],
            complete: [try code("H44")]
        )
    }

    @Test(
        "finds who is meant, whichever way it is written",
        arguments: [
            ("H44.11", "H44.11"), ("000.00.11.H44", "H44.11"), ("SO-TC-PT", "H44.11"),
            ("000.00.00.H55", "H55"),
        ])
    func found(text: String, expected: String) throws {
        #expect(try Self.directory().resolve(text, on: try day("2026-01-02")) == .found(try code(expected)))
    }

    @Test(
        "gives a closed agency's successor from the first day on which its code is no longer in force",
        arguments: [("2025-06-30", "H44.13"), ("2025-07-01", "H44.14"), ("2026-01-02", "H44.14")])
    func succession(on text: String, expected: String) throws {
        #expect(
            try Self.directory().resolve("000.00.13.H44", on: try day(text)) == .found(try code(expected)))
    }

    @Test("follows a chain of successors to its end, each from its own day")
    func chain() throws {
        let directory = try AgencyDirectory(agencies: [
            agency("H44.21", closedOn: try day("2024-01-01"), successor: "H44.22"),
            agency("H44.22", closedOn: try day("2025-01-01"), successor: "H44.23"), agency("H44.23"),
        ])
        let found = try ["2023-12-31", "2024-12-31", "2025-01-01"].map {
            directory.resolve("H44.21", on: try day($0))
        }
        #expect(
            found == [.found(try code("H44.21")), .found(try code("H44.22")), .found(try code("H44.23"))])
    }

    @Test("says since when a code without a successor is closed")
    func closed() throws {
        let directory = try Self.directory()
        #expect(directory.resolve("H44.15", on: try day("2025-06-30")) == .found(try code("H44.15")))
        let closed = AgencyResolution.closed(try code("H44.15"), since: try day("2025-07-01"))
        #expect(directory.resolve("H44.15", on: try day("2025-07-01")) == closed)
    }

    @Test(
        "lets an alias hold from its first day until the day before its end",
        arguments: ["2024-01-01", "2024-12-31"])
    func alias(on text: String) throws {
        #expect(
            try Self.directory().resolve("000.00.99.H44", on: try day(text)) == .found(try code("H44.11")))
    }

    @Test("forgets an alias outside its time", arguments: ["2023-12-31", "2025-01-01"])
    func aliasOver(on text: String) throws {
        #expect(try Self.directory().resolve("000.00.99.H44", on: try day(text)) == .unknown)
    }

    @Test("does not know a code below a level 1 that is listed in full, nor a level 1 that is not listed")
    func unknown() throws {
        let directory = try Self.directory()
        for text in ["H44.77", "H44.11.01", "H99", "H99.11", "nobody", ""] {
            #expect(directory.resolve(text, on: try day("2026-01-02")) == .unknown, "\(text)")
        }
    }

    @Test("believes a code below a known level 1 that is not listed in full")
    func elsewhere() throws {
        let directory = try Self.directory()
        #expect(directory.resolve("H55.77", on: try day("2026-01-02")) == .found(try code("H55.77")))
        // H55 carries what is addressed below H03, and knows where it went.
        #expect(directory.resolve("H03.11", on: try day("2026-01-02")) == .found(try code("H03.11")))
        let closed = AgencyResolution.closed(try code("G09.11"), since: try day("2025-07-01"))
        #expect(directory.resolve("G09.11", on: try day("2026-01-02")) == closed)
    }

    @Test("names the platform that carries messages for a code: its root, or who took that over")
    func platform() throws {
        let directory = try Self.directory()
        #expect(directory.platform(of: try code("H55.77"), on: try day("2026-01-02")) == (try code("H55")))
        #expect(directory.platform(of: try code("H03.11"), on: try day("2026-01-02")) == (try code("H55")))
        #expect(directory.platform(of: try code("H03.11"), on: try day("2025-06-30")) == (try code("H03")))
        #expect(directory.platform(of: try code("G09.11"), on: try day("2026-01-02")) == nil)
        #expect(directory.platform(of: try code("H99.11"), on: try day("2026-01-02")) == nil)
    }

    @Test("is refused when a code stands twice, a successor is missing, or successors run in a circle")
    func refused() throws {
        let merger = try day("2025-07-01")
        let lists = [
            [try agency("H44"), try agency("H44")],
            [try agency("H44.13", closedOn: merger, successor: "H44.14")],
            [
                try agency("H44.13", closedOn: merger, successor: "H44.14"),
                try agency("H44.14", closedOn: merger, successor: "H44.13"),
            ],
            [try agency("H44.13", closedOn: merger, successor: "H44.13")],
        ]
        for list in lists {
            let error = #expect(throws: HubError.self) { try AgencyDirectory(agencies: list) }
            #expect(error?.code == .directoryInvalid)
            #expect(error?.detail("agency") != nil)
        }
    }

    private static func agency(
        _ text: String, closedOn: CivilDate? = nil, successor: String? = nil
    ) throws -> Agency {
        Agency(
            code: try code(text), name: Bilingual(vi: "Cơ quan \(text)", en: "Agency \(text)"),
            closedOn: closedOn,
            successor: try successor.map(code)
        )
    }

    private func agency(_ text: String, closedOn: CivilDate? = nil, successor: String? = nil) throws -> Agency
    {
        try Self.agency(text, closedOn: closedOn, successor: successor)
    }
}

func code(_ text: String) throws -> AgencyCode { try #require(AgencyCode(text)) }

func day(_ text: String) throws -> CivilDate { try #require(CivilDate(iso: text)) }
