public import HubCore
internal import HubEnvelope
public import HubModel

/// Parcels for tests of destinations; the same numbers give the same parcels.
public enum ParcelSamples {
    /// A signature as a sender detaches it. It signs nothing.
    public static let signature = "eyJhbGciOiJFUzI1NiIsImtpZCI6Im1hdSJ9..bWF1LWNodS1reS1raG9uZy1jby1naWEtdHJp"

    /// A type that no adapter knows.
    public static let unknownType = MessageType("conformance/unknown/1") ?? .indicatorEvent

    /// One delivery of message `number` to `destination`.
    ///
    /// - Parameters:
    ///   - ordinal: Which of the message's deliveries.
    ///   - recipient: The agency or system that is meant, as a message may name it.
    ///   - payload: `nil` for a short text with letters of more than one byte.
    public static func parcel(
        _ number: Int, ordinal: UInt16 = 0, to destination: DestinationID, type: MessageType = .edocDocument,
        recipient: String = "000.00.02.H00", payload: [UInt8]? = nil, contentType: String = "application/xml",
        signature: String = Self.signature, correlation: String = ""
    ) -> Parcel {
        let payload = payload ?? Self.text(number)
        let delivery = PendingDelivery(
            id: DeliveryID(message: JournalSamples.id(number), ordinal: ordinal),
            position: DeliveryPosition(sequence: Int64(number), ordinal: ordinal),
            plan: PlannedDelivery(destination: destination, recipient: recipient, type: type),
            sender: .national, agency: "000.00.01.H00", type: type, digest: SHA256.hash(payload), size: payload.count,
            contentType: contentType, orderKey: "", priority: 0, correlation: correlation,
            detachedSignature: signature, acceptedAt: JournalSamples.time(number), attempts: 0, notBefore: nil
        )
        return Parcel(delivery: delivery, payload: payload, contentType: contentType, signature: signature)
    }

    private static func text(_ number: Int) -> [UInt8] {
        Array("<van-ban so=\"\(number)\">Đề nghị phối hợp</van-ban>".utf8)
    }

    /// Payloads that something on the way is likely to spoil, each with what is special about it.
    public static let payloads: [(name: String, bytes: [UInt8])] = [
        ("nothing at all", []),
        ("one byte", [0x0A]),
        ("a zero byte", [0]),
        ("every byte there is", Array(0...255)),
        ("bytes that are no text", [0xFF, 0xFE, 0xC3, 0x28, 0xED, 0xA0, 0x80, 0x0D, 0x0A, 0x0D, 0x0A, 0x80]),
        ("line ends of all kinds", Array("a\rb\nc\r\nd\n\r\n".utf8)),
        ("lines that protocols have a use for", Array("From x\n.\n\r\n.\r\n--boundary--\r\n0\r\n\r\n".utf8)),
        ("a line of 100 000 letters", Array(repeating: 0x61, count: 100_000)),
        ("composed and decomposed letters", Array("Việt Nam, Vie\u{0323}\u{0302}t Nam".utf8)),
        ("a mebibyte of noise", JournalSamples.payload(9, count: 1 << 20)),
    ]
}
