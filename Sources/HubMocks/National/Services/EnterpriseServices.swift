import HubDialects
import HubJSON
import HubModel

/// The national business register: enterprises, and the filings of each day.
enum EnterpriseServices {
    static let all = [
        GatewayService("GET", GatewayPath.enterprise, Self.details),
        GatewayService("GET", GatewayPath.filings, Self.filings),
        GatewayService("GET", GatewayPath.filing, Self.filing),
    ]

    @Sendable private static func details(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        let enterprise = call.registry.enterprise(call.request.query(GatewayPath.enterpriseNumber) ?? "")
        return .json(
            enterprise.map(Self.json) ?? Self.nothing("Không tìm thấy doanh nghiệp"),
            isFound: enterprise != nil)
    }

    /// The register answers for five days at most.
    @Sendable private static func filings(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let first = call.request.query("from_date").flatMap({ CivilDate(iso: $0) }),
            let last = call.request.query("to_date").flatMap({ CivilDate(iso: $0) }), first <= last
        else { return .json(Self.nothing("Khoảng thời gian không hợp lệ"), isFound: false) }
        guard last.daysSince1970 - first.daysSince1970 < 5 else {
            return .json(Self.nothing("Khoảng thời gian không quá 5 ngày"), isFound: false)
        }
        let found = (first.daysSince1970...last.daysSince1970).flatMap { day in
            let date = CivilDate(daysSince1970: day)
            return (1...Self.count(on: date, call)).map { Self.filing($0, on: date, call) }
        }
        return .json([
            "Data": .array(found), "DataCount": .number(JSONNumber(found.count)), "Status": 1,
            "Message": "Thành công",
        ])
    }

    /// A number says the day and which of its filings is meant.
    @Sendable private static func filing(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        let parts = (call.request.query("in_journal_no") ?? "").split(separator: "-")
        guard parts.count == 3, parts[0] == "25", parts[2].utf8.count == 5, let year = Int(parts[1]),
            let serial = Int(parts[2]), let newYear = CivilDate(year: year, month: 1, day: 1)
        else { return .json(Self.nothing("Không tìm thấy hồ sơ"), isFound: false) }
        let date = CivilDate(daysSince1970: newYear.daysSince1970 + serial / 10)
        guard date.year == year, date <= call.today, (1...Self.count(on: date, call)).contains(serial % 10)
        else {
            return .json(Self.nothing("Không tìm thấy hồ sơ"), isFound: false)
        }
        return .json([
            "Data": Self.filing(serial % 10, on: date, call), "DataCount": 1, "Status": 1,
            "Message": "Thành công",
        ])
    }

    private static func count(on date: CivilDate, _ call: GatewayCall) -> Int {
        var draw = call.registry.draw("filings", date.description)
        return 2 + draw.next(4)
    }

    private static func filing(_ index: Int, on date: CivilDate, _ call: GatewayCall) -> JSONValue {
        let newYear = CivilDate(year: date.year, month: 1, day: 1) ?? date
        let number = "25-\(date.year)-\(digits((date.daysSince1970 - newYear.daysSince1970) * 10 + index, 5))"
        var draw = call.registry.draw("filing", number)
        let enterprise = "26\(digits(draw.next(99_999_999), 8))"
        let state = 1 + draw.next(4)
        return .members([
            "IN_JOURNAL_NO": .string(number), "ENTERPRISE_GDT_CODE": .string(enterprise),
            "NAME": .text(call.registry.enterprise(enterprise)?.name),
            "RECEIVED_DATE": .string("\(date)T0\(7 + draw.next(3)):\(digits(draw.next(60), 2)):00"),
            "STATUS": .string(String(state)),
        ])
    }

    private static func nothing(_ message: String) -> JSONValue {
        ["DataCount": 0, "Status": 0, "Message": .string(message)]
    }

    private static func json(_ enterprise: NationalRegistry.Enterprise) -> JSONValue {
        [
            "MainInformation": [
                "ENTERPRISE_ID": .string(String(enterprise.number.reversed())),
                "ENTERPRISE_GDT_CODE": .string(enterprise.number),
                "NAME": .string(enterprise.name), "SHORT_NAME": .string(enterprise.shortName),
                "FOUNDING_DATE": .string(enterprise.founded), "ENTERPRISE_STATUS": "1",
                "LEGAL_NAMES": .string(enterprise.representative),
                "CAPITAL_AMOUNT": .number(JSONNumber(enterprise.capital)),
            ],
            "HOAdress": [
                "CityID": "25", "DistrictID": "227", "WardID": "07900",
                "AddressFullText": .string("Số \(enterprise.street), đường Thử Nghiệm, tỉnh Phú Thọ"),
            ],
            "BusinessActivity": [["CODE": "4690", "NAME": "Bán buôn tổng hợp", "IS_MAIN": 1]],
            "Member": [], "DataCount": 1, "Status": 1, "Message": "Thành công",
        ]
    }
}
