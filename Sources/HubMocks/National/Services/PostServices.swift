import HubDialects
import HubJSON
import HubModel

/// The post: orders are taken and go their way.
enum PostServices {
    static let all = [
        GatewayService("POST", GatewayPath.postalOrder, Self.order),
        GatewayService("GET", GatewayPath.postalTracking, Self.track),
    ]

    private static func refused(_ code: String, _ text: String) -> GatewayAnswer {
        .json(["Status": .string(code), "Message": .string(text)], isFound: false)
    }

    private static let needed = [
        "CustomerCode", "SenderProvince", "SenderAddress", "SenderName", "SenderTel", "ReceiverProvince",
        "ReceiverAddress", "ReceiverName", "ReceiverTel",
    ]

    /// The same order again is the same order; another one under its number is refused.
    @Sendable private static func order(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let number = call.text("/OrderNumber") else { return Self.refused("101", "Thiếu OrderNumber") }
        if let missing = Self.needed.first(where: { call.text("/\($0)") == nil }) {
            return Self.refused("101", "Thiếu \(missing)")
        }
        let done: JSONValue = ["Status": "100", "Message": "Thành công"]
        if let record = call.records[.post, number] {
            return call.content(of: record) == call.json
                ? .json(done) : Self.refused("102", "Đơn hàng đã tồn tại")
        }
        return .json(done, [GatewayEntry(register: .post, key: number, action: .take(call.request.body))])
    }

    private static let steps: [(code: String, name: String, after: Duration, place: String)] = [
        ("C1", "Đã nhận gửi", .zero, "Bưu cục Mẫu"),
        ("D1", "Đang vận chuyển", .seconds(3), "Trung tâm Khai thác Thử"),
        ("P1", "Đã phát", .seconds(8), "Bưu cục Phát Mẫu"),
    ]

    /// The steps so far, without those up to `lastId`.
    @Sendable private static func track(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let number = call.request.query("orderNumber"), let record = call.records[.post, number] else {
            return Self.refused("104", "Không tìm thấy đơn hàng")
        }
        let seen = call.request.query("lastId").flatMap { Int($0) } ?? 0
        let last = call.stage(since: record.at, after: Self.steps.map(\.after))
        let data = Self.steps.prefix(last).enumerated().dropFirst(max(0, seen)).map {
            index, step -> JSONValue in
            [
                "Id": .number(JSONNumber(index + 1)), "StatusCode": .string(step.code),
                "StatusName": .string(step.name),
                "Time": .string(DayText.vietnamese(record.at.advanced(by: step.after))),
                "Location": .string(step.place),
            ]
        }
        return .json([
            "Status": "100", "Message": "Thành công", "LastId": .number(JSONNumber(last)),
            "Data": .array(data),
        ])
    }
}
