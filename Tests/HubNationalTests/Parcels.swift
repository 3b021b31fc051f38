import HubCore
import HubEnvelope
import HubModel
import HubTesting

/// What the hub has to bring to the national platform.
enum Parcels {
    /// A document or status of an agency of H44.
    static func edoc(
        _ payload: [UInt8] = EdocText.document(), number: Int = 1, from: String = "000.00.13.H44",
        to: String = "000.00.11.H55", type: MessageType = .edocDocument
    ) -> Parcel {
        Self.parcel(payload, number, from, "axis", to, type, "application/xml")
    }

    /// A packet for the dossier portal.
    static func dossier(
        _ payload: [UInt8] = DossierText.sync(), number: Int = 1, type: MessageType = .dossierSync
    ) -> Parcel {
        Self.parcel(payload, number, "000.00.00.H44", "dossier", "", type, "application/json")
    }

    private static func parcel(
        _ payload: [UInt8], _ number: Int, _ agency: String, _ service: String, _ recipient: String,
        _ type: MessageType, _ contentType: String
    ) -> Parcel {
        let delivery = PendingDelivery(
            id: DeliveryID(message: JournalSamples.id(number), ordinal: 0),
            position: DeliveryPosition(sequence: Int64(number), ordinal: 0),
            plan: PlannedDelivery(destination: .national(service), recipient: recipient, type: type),
            sender: .national, agency: agency, type: type, digest: SHA256.hash(payload), size: payload.count,
            contentType: contentType, orderKey: "", priority: 0, correlation: "", detachedSignature: "",
            acceptedAt: JournalSamples.time(number), attempts: 0, notBefore: nil
        )
        return Parcel(delivery: delivery, payload: payload, contentType: contentType, signature: "")
    }
}

extension DeliveryOutcome {
    /// What decides about the delivery, without the platform's words.
    enum Verdict: Hashable {
        case delivered
        case refused(ErrorCode)
        case tryLater(ErrorCode)
    }

    var verdict: Verdict {
        switch self {
        case .delivered: .delivered
        case .refused(let code, _): .refused(code)
        case .tryLater(let code, _, _): .tryLater(code)
        }
    }

    var answer: String {
        switch self {
        case .delivered(let answer), .refused(_, let answer), .tryLater(_, let answer, _): answer
        }
    }
}
