import HubDialects
import HubEnvelope
import HubJSON
import HubModel

/// The reporting system: one version of a report of each agency and period.
enum ReportingServices {
    static let all = [
        GatewayService("POST", GatewayPath.report, Self.handIn),
        GatewayService("POST", GatewayPath.reportState, Self.state),
    ]

    private static func refused(_ text: String) -> GatewayAnswer {
        .json(["ketQua": "tu-choi", "noiDung": .string(text)], isFound: false)
    }

    /// Numbers must be written the Vietnamese way.
    @Sendable private static func handIn(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let agency = call.text("/DonVi"), let form = call.text("/MaBieu"),
            let period = call.text("/KyBaoCao"),
            let version = call.text("/LanGui"), let figures = call.json["SoLieu"]?.array, !figures.isEmpty
        else { return Self.refused("Thiếu dữ liệu báo cáo") }
        guard figures.allSatisfy({ $0["GiaTri"]?.string.map(Self.isVietnamese) == true }) else {
            return Self.refused("Số liệu không đúng định dạng 1.234,50")
        }
        let key = SHA256.hash(Array("\(agency)|\(form)|\(period)|\(version)".utf8)).description
        let number = "BC-25-\(key.prefix(12))"
        if let record = call.records[.reports, number] {
            guard call.content(of: record) == call.json else {
                return Self.refused("Báo cáo kỳ này, lần gửi này đã có")
            }
            return Self.receipt(number, record.at, [])
        }
        let entry = GatewayEntry(register: .reports, key: number, action: .take(call.request.body))
        return Self.receipt(number, call.now, [entry])
    }

    private static func receipt(_ number: String, _ moment: Timestamp, _ entries: [GatewayEntry])
        -> GatewayAnswer
    {
        .json(
            ["ketQua": "da-nhan", "maTiepNhan": .string(number), "thoiDiem": .string(DayText.iso(moment))],
            entries)
    }

    private static func isVietnamese(_ text: String) -> Bool {
        let parts = text.drop { $0 == "-" }.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 2, parts[1].utf8.allSatisfy(Self.isDigit) else {
            return false
        }
        let groups = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        return groups.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(Self.isDigit) }
            && groups.dropFirst().allSatisfy { $0.utf8.count == 3 }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    @Sendable private static func state(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let number = call.text("/maTiepNhan"), let record = call.records[.reports, number] else {
            return .json(["timThay": false], isFound: false)
        }
        let isApproved = call.stage(since: record.at, after: [.seconds(5)]) == 1
        return .json([
            "timThay": true, "maTiepNhan": .string(number),
            "trangThai": isApproved ? "da-duyet" : "da-tiep-nhan",
            "thoiDiem": .string(DayText.iso(record.at)),
        ])
    }
}
