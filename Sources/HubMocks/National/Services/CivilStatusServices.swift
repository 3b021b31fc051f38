import HubDialects
import HubJSON
import HubModel
import HubXML

/// The civil status system of the Ministry of Justice: XML inside JSON, and numbers for errors.
enum CivilStatusServices {
    static let all = [
        GatewayService("POST", GatewayPath.civilRegistration, Self.register),
        GatewayService("POST", GatewayPath.civilCatalogue, Self.catalogue),
        GatewayService("POST", GatewayPath.civilState, Self.state),
        GatewayService("POST", GatewayPath.civilResult, Self.result),
        GatewayService("POST", GatewayPath.civilReturn, Self.handOver),
    ]

    /// The errors of the system (DOMAIN 4.2).
    enum Fault: String {
        case agencyIncorrect = "106"
        case uncompleted = "200"
        case notFound = "201"
        case typeInvalid = "302"
        case incorrect = "500"

        var name: String {
            switch self {
            case .agencyIncorrect: "AGENCY_ID_INCORRECT"
            case .uncompleted: "RECORD_UNCOMPLETE"
            case .notFound: "RECORD_NOT_FOUND"
            case .typeInvalid: "DATA_TYPE_INVALID"
            case .incorrect: "DATA_INCORRECT"
            }
        }
    }

    static func refused(_ fault: Fault) -> GatewayAnswer {
        .json(["errorCode": .string(fault.rawValue), "errorDesc": .string(fault.name)], isFound: false)
    }

    static func done(value: String? = nil, data: String? = nil, _ entries: [GatewayEntry] = [])
        -> GatewayAnswer
    {
        .json(
            .members(["errorCode": "0", "errorDesc": "SUCCESS", "value": .text(value), "data": .text(data)]),
            entries
        )
    }

    /// A dossier is taken once; the same again gets the same answer.
    @Sendable private static func register(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard call.json.object != nil else { return Self.refused(.typeInvalid) }
        guard let unit = call.json["maDonVi"]?.int, unit > 0 else { return Self.refused(.agencyIncorrect) }
        guard let number = call.text("/maHoSo"), call.text("/module") != nil,
            call.text("/ngayTiepNhan") != nil
        else {
            return Self.refused(.incorrect)
        }
        guard let data = call.text("/data"), (try? XMLDocument.parse(Array(data.utf8))) != nil else {
            return Self.refused(.typeInvalid)
        }
        if let record = call.records[.civilStatus, number] {
            return record.isCancelled ? Self.refused(.incorrect) : Self.done(value: number)
        }
        let entry = GatewayEntry(register: .civilStatus, key: number, action: .take(call.request.body))
        return Self.done(value: number, [entry])
    }

    @Sendable private static func catalogue(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        let entries: [(String, String)]? =
            switch call.text("/loaiDanhMuc") {
            case "1": [("VN", "Việt Nam"), ("LA", "Lào"), ("KH", "Campuchia")]
            case "2": [("VN", "Việt Nam"), ("LA", "Lào"), ("KH", "Campuchia"), ("CN", "Trung Quốc")]
            case "3": SharedCatalogueServices.ethnicities
            case "4": [("25", "Tỉnh Phú Thọ"), ("19", "Tỉnh Thái Nguyên")]
            case "5": [("1", "Giấy chứng sinh"), ("2", "Giấy báo tử"), ("3", "Giấy chứng nhận kết hôn")]
            default: nil
            }
        guard let entries else { return Self.refused(.incorrect) }
        let items = entries.map { "<muc><ma>\($0.0)</ma><ten>\(XMLText.escaped($0.1))</ten></muc>" }.joined()
        return Self.done(data: "<danhMuc>\(items)</danhMuc>")
    }

    /// 1 received, 2 needs supplement, 3 eligible, 4 done; 9, of our own, cancelled.
    private static func state(of number: String, _ record: GatewayRecord, _ call: GatewayCall) -> String {
        if record.isCancelled { return "9" }
        var draw = call.registry.draw("civil status", number)
        let stage = call.stage(since: record.at, after: [.seconds(2), .seconds(5)])
        // One dossier in twelve lacks something, and nobody here brings it.
        return stage == 0 ? "1" : draw.next(12) == 0 ? "2" : stage == 1 ? "3" : "4"
    }

    @Sendable private static func state(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let number = call.text("/maHoSo"), let record = call.records[.civilStatus, number] else {
            return Self.refused(.notFound)
        }
        return Self.done(value: Self.state(of: number, record, call))
    }

    @Sendable private static func result(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let number = call.text("/maHoSo"), let record = call.records[.civilStatus, number] else {
            return Self.refused(.notFound)
        }
        guard Self.state(of: number, record, call) == "4" else { return Self.refused(.uncompleted) }
        var draw = call.registry.draw("civil status result", number)
        let date = GatewayCall.date(record.at)
        let module = call.content(of: record)?["module"]?.string ?? "KS"
        return Self.done(
            data:
                "<ketQua><so>\(1 + draw.next(900))</so><quyenSo>01/\(date.year)-\(XMLText.escaped(module))</quyenSo>"
                + "<ngayDangKy>\(DayText.vietnamese(date))</ngayDangKy><nguoiKy>LÊ VĂN THỬ</nguoiKy></ketQua>"
        )
    }

    /// Only what is done can be handed over.
    @Sendable private static func handOver(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let number = call.text("/maHoSo"), let record = call.records[.civilStatus, number] else {
            return Self.refused(.notFound)
        }
        guard Self.state(of: number, record, call) == "4" else { return Self.refused(.uncompleted) }
        return Self.done(value: number)
    }
}
