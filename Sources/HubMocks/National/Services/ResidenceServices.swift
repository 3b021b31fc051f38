import HubDialects
import HubJSON
import HubModel

/// The residence database: where citizens live, and the residence step of the birth process.
enum ResidenceServices {
    static let all = [
        GatewayService("POST", GatewayPath.residence, Self.lookUp),
        GatewayService("POST", GatewayPath.residenceRegistration, Self.register),
        GatewayService("POST", GatewayPath.residenceCancellation, Self.cancel),
    ]

    /// A child of this name is registered nowhere: a fault for whoever tests what a process undoes.
    static let refusedName = "CƯ TRÚ LỖI"

    private static func refused(_ code: String, _ text: String) -> GatewayAnswer {
        .json(["errorCode": .string(code), "message": .string(text)], isFound: false)
    }

    @Sendable private static func register(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let dossier = call.text("/maHoSo"), let name = call.text("/nguoiDangKy/hoTen"),
            let number = call.text("/nguoiDangKy/soDinhDanh"), let place = call.json["noiThuongTru"],
            let commune = place["maXa"]?.string, call.text("/chuHo/soDinhDanh") != nil
        else { return Self.refused("CT00", "Dữ liệu không hợp lệ") }
        guard !name.uppercased().contains(Self.refusedName) else {
            return Self.refused("CT07", "Không đăng ký được cho nhân khẩu này")
        }
        let record = call.records[.residence, dossier]
        guard record?.isCancelled != true else { return Self.refused("CT09", "Hồ sơ đã huỷ") }
        let entry = GatewayEntry(
            register: .residence, key: dossier, action: .take(call.request.body),
            reference: GatewayEntry.digest(ofNumber: number)
        )
        var draw = call.registry.draw("residence", dossier)
        return .json(
            [
                "maHoSo": .string(dossier), "soXacNhan": .string("CT-25-\(digits(draw.next(1_000_000), 6))"),
                "maHo": .string(Self.household(call.text("/chuHo/soDinhDanh") ?? "", commune, call)),
                "ngayDangKy": .string(GatewayCall.date(record?.at ?? call.now).description),
                "thuongTru": place,
            ], record == nil ? [entry] : []
        )
    }

    /// The household of its head, when the head is one of those invented.
    private static func household(_ head: String, _ commune: String, _ call: GatewayCall) -> String {
        if let person = call.registry.citizen(head)?.person { return person.household }
        var draw = call.registry.draw("household", head)
        return "25-\(commune)-\(digits(draw.next(100_000), 5))"
    }

    /// Cancelling what is not there also leaves it cancelled.
    @Sendable private static func cancel(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let dossier = call.text("/maHoSo"), call.text("/lyDo") != nil else {
            return Self.refused("CT00", "Dữ liệu không hợp lệ")
        }
        let isDone = call.records[.residence, dossier]?.isCancelled == true
        return .json(
            ["maHoSo": .string(dossier), "trangThai": "da-huy"],
            isDone ? [] : [GatewayEntry(register: .residence, key: dossier, action: .cancel)]
        )
    }

    /// What was registered here comes before what is invented.
    @Sendable private static func lookUp(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let number = call.text("/soDinhDanh") else {
            return Self.refused("CT00", "Dữ liệu không hợp lệ")
        }
        if let dossier = call.records.key(in: .residence, of: GatewayEntry.digest(ofNumber: number)),
            let record = call.records[.residence, dossier]
        {
            guard !record.isCancelled, let content = call.content(of: record) else {
                return .json(["timThay": true, "soDinhDanh": .string(number), "trangThai": "da-huy"])
            }
            let head = content.value(at: "/chuHo/soDinhDanh")?.string ?? ""
            let commune = content.value(at: "/noiThuongTru/maXa")?.string ?? ""
            return .json(
                .members([
                    "timThay": true, "soDinhDanh": .string(number), "trangThai": "dang-cu-tru",
                    "thuongTru": content["noiThuongTru"],
                    "maHo": .string(Self.household(head, commune, call)),
                    "ngayDangKy": .string(GatewayCall.date(record.at).description),
                ]))
        }
        guard let person = call.registry.citizen(number)?.person else {
            return .json(["timThay": false], isFound: false)
        }
        return .json([
            "timThay": true, "soDinhDanh": .string(number), "trangThai": "dang-cu-tru",
            "thuongTru": [
                "maTinh": "25", "maHuyen": "227", "maXa": .string(person.commune),
                "chiTiet": .string(person.detail),
            ], "maHo": .string(person.household), "ngayDangKy": .string("\(person.year)-12-31"),
        ])
    }
}
