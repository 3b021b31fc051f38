import HubDialects
import HubEnvelope
import HubJSON
import HubModel

/// The payment platform: tells where to pay, when the checksum is right.
enum PaymentServices {
    static let all = [GatewayService("POST", GatewayPath.payment, Self.begin)]

    /// What the checksum covers, in this order, behind the secret.
    private static let signed = ["partnerCode", "accessKey", "payerId", "docCode", "paids", "decisionDate"]

    private static func refused(_ code: String, _ text: String) -> GatewayAnswer {
        .json(["data": nil, "errorCode": .string(code), "message": .string(text)], isFound: false)
    }

    /// The same payment gets the same address.
    @Sendable private static func begin(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        let values = Self.signed.map { call.text("/\($0)") ?? "" }
        guard !values.contains(""), let dossier = call.text("/docCode"), let checksum = call.text("/checksum")
        else {
            return Self.refused("PG01", "Thiếu dữ liệu")
        }
        if let secret = call.paymentSecret {
            let right = SHA256.hash(Array((secret + values.joined()).utf8)).description
            guard HMACSHA256.isEqual(Array(right.utf8), Array(checksum.utf8)) else {
                return Self.refused("PG02", "Sai checksum")
            }
        }
        guard let paids = call.text("/paids").flatMap(Base64.bytes),
            let items = (try? JSONDocument.parse(paids))?.value["items"]?.array, !items.isEmpty,
            items.allSatisfy({ ($0["amount"]?.int ?? 0) > 0 })
        else { return Self.refused("PG03", "Không có khoản nộp") }
        let page = SHA256.hash(Array((dossier + checksum).utf8)).description.prefix(16)
        let isKnown = call.records[.payments, String(page)] != nil
        return .json(
            ["data": ["url": .string("https://paygov.example/thanh-toan/\(page)")]],
            isKnown
                ? []
                : [GatewayEntry(register: .payments, key: String(page), action: .take(call.request.body))]
        )
    }
}
