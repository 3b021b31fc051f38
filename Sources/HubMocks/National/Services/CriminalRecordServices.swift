import HubDialects
import HubJSON
import HubModel

/// The criminal record system: yes and no as `STATUS`, why not as a sentence.
enum CriminalRecordServices {
    static let all = [
        GatewayService("POST", GatewayPath.recordApplication, Self.apply),
        GatewayService("POST", GatewayPath.recordState, Self.state),
        GatewayService("POST", GatewayPath.recordCatalogue, Self.catalogue),
    ]

    private static func refused(_ text: String) -> GatewayAnswer {
        .json(["STATUS": "0", "DESCRIPTION": .string(text)], isFound: false)
    }

    /// The conclusion is written down, the number it is about is not.
    @Sendable private static func apply(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let number = call.text("/idReceivedDec"), call.text("/declarationWSForm/fullName") != nil,
            let identity = call.text("/declarationWSForm/identifyNo")
        else { return Self.refused("Dữ liệu hồ sơ không hợp lệ") }
        guard let date = call.text("/dateReceivedDec"),
            date.split(separator: "/").map(\.utf8.count) == [2, 2, 4]
        else {
            return Self.refused("Ngày tiếp nhận không đúng định dạng dd/MM/yyyy")
        }
        guard call.records[.criminalRecords, number] == nil else { return Self.refused("Hồ sơ đã tồn tại") }
        var draw = call.registry.draw("receipt", number)
        let entry = GatewayEntry(
            register: .criminalRecords, key: number, action: .take(call.request.body),
            note: call.registry.hasConvictions(identity) ? "1" : "0"
        )
        return .json(
            [
                "STATUS": "1", "DESCRIPTION": "Thành công",
                "ID": .string("LLTP-25-\(digits(draw.next(1_000_000), 6))"),
            ], [entry]
        )
    }

    /// 3 received, 4 in progress, 5 issued, and only then the conclusion.
    @Sendable private static func state(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let number = call.text("/idReceivedDec"), let record = call.records[.criminalRecords, number]
        else {
            return Self.refused("Không tìm thấy hồ sơ")
        }
        let stage = call.stage(since: record.at, after: [.seconds(2), .seconds(5)])
        return .json(
            .members([
                "STATUS": "1", "DESCRIPTION": "Thành công", "DEC_STATUS_ID": .string(String(3 + stage)),
                "RESULT": stage == 2 ? .text(record.note) : nil,
            ]))
    }

    @Sendable private static func catalogue(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        let entries: [(String, String)]? =
            switch call.text("/catalogueType") {
            case "ID_TYPE":
                [
                    ("0", "Hộ chiếu"), ("1", "Chứng minh nhân dân"), ("2", "Căn cước công dân"),
                    ("3", "Căn cước"),
                ]
            case "DECLARE_TYPE": (3844...3847).map { (String($0), "Tờ khai mẫu \($0 - 3843)") }
            case "OBJECT_REQUEST": (71...74).map { (String($0), "Đối tượng mẫu \($0 - 70)") }
            case "NATIONALITY": [("VN", "Việt Nam"), ("LA", "Lào")]
            case "ETHNIC": SharedCatalogueServices.ethnicities
            default: nil
            }
        guard let entries else { return Self.refused("Danh mục không tồn tại") }
        return .json([
            "STATUS": "1", "DESCRIPTION": "Thành công",
            "DATA": .array(entries.map { ["ID": .string($0.0), "NAME": .string($0.1)] }),
        ])
    }
}

extension NationalRegistry {
    /// Whether someone was convicted: one in twenty.
    func hasConvictions(_ number: String) -> Bool {
        var draw = self.draw("convictions", number)
        return draw.next(20) == 0
    }
}
