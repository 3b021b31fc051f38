public import HubCore
internal import HubEnvelope
public import HubModel

/// Records for tests of journals and of what stands on them.
///
/// The same numbers give the same records.
public enum JournalSamples {
    /// A message of sender `sender` that carries `payload` to `destinations`.
    public static func message(
        _ number: Int, sender: String = "qlvb-mau-1", identity: String? = nil, payload: [UInt8],
        orderKey: String = "", destinations: [String] = ["mailbox:qlvb-mau-2"],
        priority: UInt8 = 0, course: CourseNote? = nil
    ) -> AcceptedMessage {
        let at = Self.time(number)
        return AcceptedMessage(
            id: Self.id(number), receivedAt: at, sender: SystemID(sender) ?? .national,
            agency: "000.00.01.H00",
            type: .edocDocument, identity: identity ?? "van-ban-\(number)", digest: SHA256.hash(payload),
            size: payload.count, contentType: "application/xml", orderKey: orderKey, priority: priority,
            correlation: "", signature: SignatureNote(verdict: "valid", algorithm: "ES256", key: .zero),
            warnings: number.isMultiple(of: 7) ? ["edoc.status_transition"] : [],
            deliveries: destinations.map {
                PlannedDelivery(
                    destination: DestinationID(unchecked: $0), recipient: "000.00.02.H00", type: .edocDocument
                )
            },
            course: course
        )
    }

    public static func id(_ number: Int) -> MessageID {
        MessageID(at: Self.time(number), random: (UInt64(number), UInt64(number) &* 0x9E37_79B9_7F4A_7C15))
    }

    public static func time(_ number: Int) -> Timestamp {
        Timestamp(seconds: 1_750_000_000).advanced(by: .milliseconds(number))
    }

    /// Bytes that look like nothing in particular.
    public static func payload(_ number: Int, count: Int) -> [UInt8] {
        var state = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    public static func event(
        _ number: Int, ordinal: UInt16 = 0, _ kind: DeliveryEvent.Kind, attempt: Int = 1, at: Int = 0
    ) -> DeliveryEvent {
        DeliveryEvent(
            delivery: DeliveryID(message: Self.id(number), ordinal: ordinal), at: Self.time(1_000_000 + at),
            kind: kind, attempt: attempt, code: kind == .delivered ? nil : .deliveryUnavailable,
            notBefore: kind == .postponed ? Self.time(2_000_000 + at) : nil, answer: "lần \(attempt)"
        )
    }

    public static func refusal(_ number: Int, _ code: ErrorCode = .schemaPayloadInvalid) -> Refusal {
        Refusal(
            at: Self.time(number), sender: "qlvb-mau-1", type: "edoc/document/1",
            digest: SHA256.hash("bị từ chối \(number)"), size: number, code: code, place: "3:7 /edXML"
        )
    }

    public static func lookup(_ number: Int) -> Lookup {
        Lookup(
            id: Self.id(number), at: Self.time(number), sender: SystemID("mot-cua-mau") ?? .national,
            agency: "000.00.01.H00", service: "dan-cu/xac-thuc/1", request: SHA256.hash("hỏi \(number)"),
            reply: SHA256.hash("đáp \(number)"), took: .microseconds(1500 + number), code: nil
        )
    }

    public static func operation(_ number: Int) -> Operation {
        Operation(at: Self.time(number), actor: "hub", action: "start", subject: "H00", reason: "")
    }
}
