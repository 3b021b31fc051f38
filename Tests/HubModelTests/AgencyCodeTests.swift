import HubModel
import Testing

@Suite("An agency code")
struct AgencyCodeTests {
    @Test(
        "is the same agency in the format of Quyết định 20/2020 and in that of QCVN 102",
        arguments: [
            ("H44", "000.00.00.H44"), ("H44.13", "000.00.13.H44"), ("H55.11", "000.00.11.H55"),
            ("H44.13.02", "000.02.13.H44"), ("H44.13.02.005", "005.02.13.H44"), ("G14", "000.00.00.G14"),
        ])
    func formats(current: String, former: String) throws {
        let code = try #require(AgencyCode(current))
        #expect(AgencyCode(former) == code)
        #expect(code.text == current)
        #expect(code.qcvn102 == former)
    }

    @Test("keeps a level of zeroes that has levels below it")
    func zeroesInside() {
        #expect(AgencyCode("005.00.13.H44")?.text == "H44.13.00.005")
        #expect(AgencyCode("000.02.00.H44")?.text == "H44.00.02")
    }

    @Test(
        "has no form of QCVN 102 where that format has no room for it",
        arguments: ["H44.IOC", "H44.13.002", "H44.13.02.05", "H44.13.02.005.001", "00.44.W00"])
    func withoutFormerForm(text: String) throws {
        #expect(try #require(AgencyCode(text)).qcvn102 == nil)
    }

    @Test("of a connection centre keeps its own order and belongs to no level 1")
    func connectionCentre() throws {
        let centre = try #require(AgencyCode("00.44.W00"))
        #expect(centre.text == "00.44.W00")
        #expect(centre.root == centre)
        #expect(centre.parent == nil)
    }

    @Test(
        "is not made from anything else",
        arguments: [
            "", ".", "h44", "H4", "H444", "4H4", "H44.", ".H44", "H44..13", "H44.1", "H44.a3", "H44 .13",
            "H44.13 ",
            "000.00.H44", "00.00.13.H44", "000.00.13.h44", "000.0.13.H44", "00A.00.13.H44", "00.44.W01",
            "0.44.W00",
            "H44.13.02.005.001.002", "H44.12345678901", "H44.１３", "Ｈ44",
        ])
    func refused(text: String) {
        #expect(AgencyCode(text) == nil)
    }

    @Test("has at most 35 characters")
    func length() {
        let fits = "H44.1234567890.1234567890.123456789"
        #expect(fits.utf8.count == 35)
        #expect(AgencyCode(fits) != nil)
        #expect(AgencyCode(fits + "0") == nil)
    }

    @Test("knows what is above it")
    func above() throws {
        let code = try #require(AgencyCode("H44.13.02"))
        #expect(code.parent?.text == "H44.13")
        #expect(code.parent?.parent?.text == "H44")
        #expect(code.parent?.parent?.parent == nil)
        #expect(code.root.text == "H44")
    }

    @Test("lies within itself and what is above it, and not within what merely begins alike")
    func within() throws {
        let department = try #require(AgencyCode("H44.13"))
        #expect(try #require(AgencyCode("H44.13.02")).isWithin(department))
        #expect(department.isWithin(department))
        #expect(department.isWithin(department.root))
        #expect(!department.root.isWithin(department))
        #expect(!(try #require(AgencyCode("H44.130")).isWithin(department)))
        #expect(!(try #require(AgencyCode("H55.13")).isWithin(department)))
    }
}
