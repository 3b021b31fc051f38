import HubDialects
import HubJSON
import HubModel

/// The database of officials: every other citizen is one here, so that there is somebody to find.
enum OfficialsServices {
    static let all = [GatewayService("POST", GatewayPath.official, Self.lookUp)]

    private static let prefix = "CC-25-"

    @Sendable private static func lookUp(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        let number =
            call.text("/soDinhDanh")
            ?? call.text("/soHieu").flatMap { text in
                text.hasPrefix(Self.prefix)
                    ? call.registry.number(behind: String(text.dropFirst(Self.prefix.count)), .staff) : nil
            }
        guard let number, let person = call.registry.citizen(number)?.person,
            let staff = call.registry.alias(.staff, of: number), call.registry.isOfficial(number)
        else { return .json(["timThay": false], isFound: false) }
        var draw = call.registry.draw("post of an official", number)
        let position = draw.choose(["Chuyên viên", "Chuyên viên chính", "Văn thư", "Kế toán"])
        let agency = draw.choose(["H44.01", "H44.11", "H44.14", "H44.16", "H44.101"])
        return .json(
            .members([
                "timThay": true, "soHieu": .string(Self.prefix + staff), "hoTen": .string(person.name),
                "ngaySinh": .string(person.isoBirthday), "gioiTinh": person.isFemale ? "nu" : "nam",
                "coQuan": .string(agency), "chucDanh": .string(position), "ngach": "01.003",
                "heSoLuong": JSONNumber(text: "\(2 + draw.next(4)).\(digits(draw.next(99), 2))").map {
                    .number($0)
                },
                "ngayTuyenDung": .string("\(person.year + 23)-06-01"),
                "trangThai": person.year + 60 > call.today.year ? "dang-cong-tac" : "da-nghi",
            ]))
    }
}

extension NationalRegistry {
    func isOfficial(_ number: String) -> Bool {
        var draw = self.draw("official", number)
        return draw.next(2) == 0
    }
}
