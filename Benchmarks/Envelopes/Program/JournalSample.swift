import HubCore
import HubEnvelope
import HubModel

/// Records as a hub writes them: a message that was accepted, then that it was delivered.
enum JournalSample {
    private static let start = Timestamp(seconds: 1_767_225_600)
    private static let key = SHA256.hash("a registered key")
    // Names of the right form.
    private static let sender = SystemID("qlvb-so-tttt-h44")!
    private static let receiver = SystemID("qlvb-so-tc-h44")!

    /// - Parameter salt: Tells the messages of one call from those of another.
    static func records(_ count: Int, payload: [UInt8], salt: UInt64) -> [JournalRecord] {
        let digest = SHA256.hash(payload)
        return (0..<count).map { number in
            let message = Self.message(number / 2, payload.count, digest, salt: salt)
            return number % 2 == 0 ? .accepted(message) : Self.delivery(of: message)
        }
    }

    static func message(_ number: Int, _ size: Int, _ digest: Digest, salt: UInt64) -> AcceptedMessage {
        let time = Timestamp(nanoseconds: Self.start.nanoseconds + Int64(number) * 1_000_000)
        return AcceptedMessage(
            id: MessageID(at: time, random: (salt, UInt64(number))), receivedAt: time, sender: Self.sender,
            agency: "000.00.13.H44", type: .edocDocument,
            identity: "000.00.13.H44,2026/01/15,\(number)-\(salt)/STTTT-BCVT", digest: digest, size: size,
            contentType: "application/xml", orderKey: "000.00.13.H44", priority: 0, correlation: "",
            signature: SignatureNote(
                verdict: "valid", algorithm: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
                key: Self.key),
            warnings: [],
            deliveries: [
                PlannedDelivery(
                    destination: .mailbox(Self.receiver), recipient: "000.00.11.H44", type: .edocDocument)
            ]
        )
    }

    static func delivery(of message: AcceptedMessage) -> JournalRecord {
        .delivery(
            DeliveryEvent(
                delivery: DeliveryID(message: message.id, ordinal: 0), at: message.receivedAt,
                kind: .delivered,
                attempt: 1, answer: "taken"))
    }
}
