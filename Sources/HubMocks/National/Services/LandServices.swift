import HubDialects
import HubJSON
import HubModel

/// The land database: who owns which parcel, asked from either side.
enum LandServices {
    static let all = [
        GatewayService("POST", GatewayPath.parcelsOfOwner, Self.ofOwner),
        GatewayService("POST", GatewayPath.parcel, Self.byCode),
    ]

    private static let nothing = GatewayAnswer.json(["timThay": false], isFound: false)

    @Sendable private static func ofOwner(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        Self.answer(call.text("/soDinhDanh"), call)
    }

    @Sendable private static func byCode(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        Self.answer(call.text("/maThua").flatMap { call.registry.number(behind: $0, .parcel) }, call)
    }

    private static func answer(_ number: String?, _ call: GatewayCall) -> GatewayAnswer {
        guard let number, let person = call.registry.citizen(number)?.person,
            let code = call.registry.alias(.parcel, of: number), call.registry.ownsLand(number)
        else { return Self.nothing }
        var draw = call.registry.draw("parcel", number)
        let parcel: JSONValue = .members([
            "maThua": .string(code), "soTo": .number(JSONNumber(1 + draw.next(120))),
            "soThua": .number(JSONNumber(1 + draw.next(900))),
            "dienTich": JSONNumber(text: "\(60 + draw.next(900)).\(1 + draw.next(9))").map { .number($0) },
            "mucDich": .string(draw.choose(["ODT", "ONT", "CLN", "LUC"])),
            "diaChi": [
                "maTinh": "25", "maHuyen": "227", "maXa": .string(person.commune),
                "chiTiet": .string(person.detail),
            ],
            "soGiayChungNhan": .string("CN-25-\(digits(draw.next(1_000_000), 6))"),
            "chuSuDung": ["hoTen": .string(person.name), "soDinhDanh": .string(number)],
            "theChap": .bool(draw.next(5) == 0),
        ])
        return .json(["timThay": true, "thua": [parcel]])
    }
}

extension NationalRegistry {
    /// Whether someone has land: three in four.
    func ownsLand(_ number: String) -> Bool {
        var draw = self.draw("land", number)
        return draw.next(4) != 0
    }
}
