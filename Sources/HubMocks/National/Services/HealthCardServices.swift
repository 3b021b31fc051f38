import HubDialects
import HubJSON
import HubModel

/// Health insurance cards: the insurance step of the birth process, and whether a card holds.
enum HealthCardServices {
    static let all = [
        GatewayService("POST", GatewayPath.childCard, Self.issue),
        GatewayService("POST", GatewayPath.cardCancellation, Self.cancel),
        GatewayService("POST", GatewayPath.card, Self.lookUp),
    ]

    /// A child of this name gets no card: a fault for whoever tests what a process undoes.
    static let refusedName = "BẢO HIỂM LỖI"

    static func refused(_ code: String, _ text: String) -> GatewayAnswer {
        .json(["errorCode": .string(code), "message": .string(text)], isFound: false)
    }

    @Sendable private static func issue(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let dossier = call.text("/maHoSo"), let name = call.text("/tre/hoTen"),
            let birthday = call.text("/tre/ngaySinh").flatMap({ CivilDate(iso: $0) }),
            call.text("/tre/soDinhDanh") != nil
        else { return Self.refused("BH100", "Dữ liệu không hợp lệ") }
        guard !name.uppercased().contains(Self.refusedName) else {
            return Self.refused("BH105", "Không cấp được thẻ cho đối tượng này")
        }
        let record = call.records[.healthCards, dossier]
        guard record?.isCancelled != true else { return Self.refused("BH109", "Hồ sơ đã huỷ") }
        let number = Self.number(dossier, call)
        let entry = GatewayEntry(
            register: .healthCards, key: dossier, action: .take(call.request.body),
            reference: "TE125" + number)
        return .json(
            .members([
                "maHoSo": .string(dossier), "maThe": .string("TE125" + number), "maSoBhxh": .string(number),
                "hanTu": .string(birthday.description), "hanDen": .string(Self.end(birthday).description),
                "noiKhamChuaBenh": .text(call.text("/noiKhamChuaBenh")),
            ]), record == nil ? [entry] : []
        )
    }

    /// Ten digits that are no invented person's: those begin lower.
    private static func number(_ dossier: String, _ call: GatewayCall) -> String {
        var draw = call.registry.draw("health card", dossier)
        return "26\(digits(draw.next(99_999), 5))\(digits(draw.next(999), 3))"
    }

    /// The last day before the sixth birthday.
    private static func end(_ birthday: CivilDate) -> CivilDate {
        let sixth =
            CivilDate(year: birthday.year + 6, month: birthday.month, day: min(birthday.day, 28)) ?? birthday
        return CivilDate(daysSince1970: sixth.daysSince1970 - 1)
    }

    /// Cancelling what is not there also leaves it cancelled.
    @Sendable private static func cancel(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let dossier = call.text("/maHoSo"), call.text("/lyDo") != nil else {
            return Self.refused("BH100", "Dữ liệu không hợp lệ")
        }
        let isDone = call.records[.healthCards, dossier]?.isCancelled == true
        return .json(
            ["maHoSo": .string(dossier), "trangThai": "da-huy"],
            isDone ? [] : [GatewayEntry(register: .healthCards, key: dossier, action: .cancel)]
        )
    }

    /// Children's cards were issued here; those of grown people have a group, a digit, the province and their number.
    @Sendable private static func lookUp(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let card = call.text("/maThe"), card.utf8.count == 15 else {
            return Self.refused("BH100", "Dữ liệu không hợp lệ")
        }
        let number = String(card.suffix(10))
        if let dossier = call.records.key(in: .healthCards, of: card),
            let record = call.records[.healthCards, dossier]
        {
            let birthday = call.content(of: record)?.value(at: "/tre/ngaySinh")?.string.flatMap {
                CivilDate(iso: $0)
            }
            return .json(
                .members([
                    "timThay": true, "maThe": .string(card), "maSoBhxh": .string(number),
                    "trangThai": record.isCancelled ? "da-huy" : "hieu-luc",
                    "hanTu": .text(birthday?.description),
                    "hanDen": .text(birthday.map { Self.end($0).description }),
                ]))
        }
        guard card.hasPrefix("DN425"), call.registry.insured(number) != nil else {
            return .json(["timThay": false], isFound: false)
        }
        return .json([
            "timThay": true, "maThe": .string(card), "maSoBhxh": .string(number), "trangThai": "hieu-luc",
            "hanTu": .string("\(call.today.year)-01-01"), "hanDen": .string("\(call.today.year)-12-31"),
        ])
    }
}
