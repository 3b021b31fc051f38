import HubDialects
import HubJSON
import HubModel

/// The social insurance's numbers and households, which are found by names and birthdays.
enum SocialInsuranceServices {
    static let all = [
        GatewayService("POST", GatewayPath.insuranceNumber, Self.number),
        GatewayService("POST", GatewayPath.household, Self.household),
        GatewayService("POST", GatewayPath.householdByNumber, Self.householdByNumber),
    ]

    private static func refused(_ code: String) -> GatewayAnswer {
        .json(["errorCode": .string(code)], isFound: false)
    }

    /// A year alone does for a person only when they were born on the first of January.
    @Sendable private static func number(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let name = call.text("/hoTen"), let birthday = call.text("/ngaySinh"),
            let kind = call.text("/loaiNgaySinh"),
            let sex = call.text("/gioiTinh")
        else { return Self.refused("2") }
        let day: String? =
            switch (kind, birthday.utf8.count) {
            case ("0", 8): birthday
            case ("1", 6): birthday + "01"
            case ("2", 4): birthday + "0101"
            default: nil
            }
        guard let day else { return Self.refused("2") }
        let person = NationalRegistry.Person(name: name, birthday: day, isFemale: sex == "2")
        guard let number = person.flatMap(call.registry.insuranceNumber) else {
            return .json(["maSoBhxh": "", "trangThai": "", "errorCode": "1"], isFound: false)
        }
        return .json(["maSoBhxh": .string(number), "trangThai": "1", "errorCode": "0"])
    }

    @Sendable private static func household(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let name = call.text("/hoTen"), let number = call.text("/soCmnd") else {
            return Self.refused("2")
        }
        guard let person = call.registry.citizen(number)?.person, person.name == name else {
            return Self.refused("1")
        }
        return Self.answer(person, call)
    }

    @Sendable private static func householdByNumber(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let number = call.text("/maSoBhxh") else { return Self.refused("2") }
        guard let person = call.registry.insured(number) else { return Self.refused("1") }
        return Self.answer(person, call)
    }

    /// Brother and sister; he is the head.
    private static func answer(_ person: NationalRegistry.Person, _ call: GatewayCall) -> GatewayAnswer {
        let head = person.isFemale ? person.sibling : person
        let members = [(head, "01"), (head.sibling, "99")].compactMap { member, relation -> JSONValue? in
            call.registry.insuranceNumber(of: member).map { number in
                [
                    "hoTen": .string(member.name), "ngaySinh": .string(member.birthday),
                    "gioiTinh": member.isFemale ? "2" : "1", "maSoBhxh": .string(number),
                    "quanHe": .string(relation),
                ]
            }
        }
        return .json([
            "maHo": .string(head.household), "tenChuHo": .string(head.name),
            "diaChi": .string("\(head.detail), xã Mẫu, tỉnh Phú Thọ"), "thanhVien": .array(members),
            "errorCode": "0",
        ])
    }
}
