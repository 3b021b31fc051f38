import HubCore
import HubModel
import HubTesting

/// Deliveries for tests of queues: the number is the place in the order of acceptance, counted from `origin`.
enum Sample {
    static func delivery(
        _ number: Int, lane: String = "", priority: UInt8 = 0, attempts: Int = 0, notBefore: Timestamp? = nil,
        recipient: String = "H55.11", decidedAt: Timestamp? = nil, origin: Int64 = 0
    ) -> PendingDelivery {
        PendingDelivery(
            id: DeliveryID(message: JournalSamples.id(number), ordinal: 0),
            position: DeliveryPosition(sequence: origin + Int64(number), ordinal: 0),
            plan: PlannedDelivery(destination: .national("axis"), recipient: recipient, type: .edocDocument),
            sender: .national, agency: "H44.13", type: .edocDocument, digest: .zero, size: 1,
            contentType: "application/xml", orderKey: lane, priority: priority, correlation: "",
            detachedSignature: "", acceptedAt: JournalSamples.time(number), attempts: attempts, notBefore: notBefore,
            decidedAt: decidedAt
        )
    }
}
