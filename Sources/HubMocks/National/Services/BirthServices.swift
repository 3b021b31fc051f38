import HubDialects
import HubJSON
import HubModel

/// Births, registered and cancelled: the civil status step of the birth process.
enum BirthServices {
    static let all = [
        GatewayService("POST", GatewayPath.birth, Self.register),
        GatewayService("POST", GatewayPath.birthCancellation, Self.cancel),
    ]

    /// The same dossier always gets the same certificate; one that was cancelled gets none.
    @Sendable private static func register(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let number = call.text("/maHoSoLT"), call.text("/nksHoTen") != nil,
            call.text("/meHoTen") != nil,
            let sex = call.text("/nksGioiTinh"), let birthday = call.text("/nksNgaySinh"),
            birthday.utf8.count == 10
        else { return CivilStatusServices.refused(.incorrect) }
        let record = call.records[.civilStatus, number]
        guard record?.isCancelled != true else { return CivilStatusServices.refused(.incorrect) }
        let child = Self.number(number, sex: sex, birthday: birthday, call)
        var draw = call.registry.draw("birth", number)
        let date = GatewayCall.date(record?.at ?? call.now)
        let entry = GatewayEntry(
            register: .civilStatus, key: number, action: .take(call.request.body),
            reference: GatewayEntry.digest(ofNumber: child)
        )
        return .json(
            [
                "errorCode": "0", "errorDesc": "SUCCESS", "maHoSoLT": .string(number),
                "nksSoDinhDanh": .string(child),
                "soGiayKhaiSinh": .string(String(1 + draw.next(900))),
                "quyenSo": .string("01/\(date.year)-KS"),
                "ngayDangKy": .string(DayText.vietnamese(date)),
            ], record == nil ? [entry] : []
        )
    }

    /// As personal numbers are made: province, century and sex, year, and six digits that end in no 999.
    private static func number(_ dossier: String, sex: String, birthday: String, _ call: GatewayCall)
        -> String
    {
        var draw = call.registry.draw("newborn", dossier)
        let year = birthday.suffix(4)
        let century = (Int(year.prefix(2)) ?? 20) - 19
        return
            "025\(max(0, 2 * century + (sex == "2" ? 1 : 0)))\(year.suffix(2))\(digits(draw.next(999), 3))\(digits(draw.next(999), 3))"
    }

    /// Cancelling what is not there also leaves it cancelled: a process that does not know whether its step was done can
    /// undo it without asking.
    @Sendable private static func cancel(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let number = call.text("/maHoSoLT"), call.text("/lyDo") != nil else {
            return CivilStatusServices.refused(.incorrect)
        }
        let isDone = call.records[.civilStatus, number]?.isCancelled == true
        return .json(
            ["errorCode": "0", "errorDesc": "SUCCESS", "maHoSoLT": .string(number)],
            isDone ? [] : [GatewayEntry(register: .civilStatus, key: number, action: .cancel)]
        )
    }
}
