import HubCore
import HubModel
import HubTesting

/// Records of every kind with whatever a field can hold, from a seed.
struct RecordSamples {
    let random: SeededRandom

    init(seed: Int) {
        self.random = SeededRandom(seed: UInt64(seed))
    }

    static let kinds = 5

    func record(kind: Int) -> JournalRecord {
        switch kind {
        case 0: .accepted(self.message())
        case 1:
            .refused(
                Refusal(
                    at: self.time(), sender: self.text(), type: self.text(), digest: self.digest(), size: self.size(),
                    code: self.random.any(of: ErrorCode.allCases), place: self.text()
                )
            )
        case 2:
            .delivery(
                DeliveryEvent(
                    delivery: DeliveryID(
                        message: self.id(), ordinal: UInt16(truncatingIfNeeded: self.random.next())
                    ), at: self.time(),
                    kind: self.random.any(of: [.delivered, .postponed, .deadLettered]),
                    attempt: self.size(), code: self.code(), notBefore: self.random.chance(50) ? self.time() : nil,
                    answer: self.text()
                )
            )
        case 3:
            .lookup(
                Lookup(
                    id: self.id(), at: self.time(), sender: self.system(), agency: self.text(), service: self.text(),
                    request: self.digest(), reply: self.digest(), took: .microseconds(self.size()), code: self.code()
                )
            )
        default:
            .operation(
                Operation(
                    at: self.time(), actor: self.text(), action: self.text(), subject: self.text(),
                    reason: self.text()
                )
            )
        }
    }

    private func message() -> AcceptedMessage {
        AcceptedMessage(
            id: self.id(), receivedAt: self.time(), sender: self.system(), agency: self.text(), type: self.type(),
            identity: self.text(), digest: self.digest(), size: self.size(), contentType: self.text(),
            orderKey: self.text(), priority: UInt8(self.random.below(256)), correlation: self.text(),
            signature: SignatureNote(
                verdict: self.text(), algorithm: self.text(), key: self.random.chance(50) ? self.digest() : nil,
                detached: self.text()
            ),
            warnings: (0..<self.random.below(4)).map { _ in self.text() },
            deliveries: (0..<self.random.below(5)).map { _ in
                PlannedDelivery(
                    destination: DestinationID(unchecked: self.text()), recipient: self.text(), mapping: self.text(),
                    type: self.type()
                )
            },
            course: self.random.chance(50)
                ? CourseNote(matter: self.text(), status: self.text(), agency: self.text(), told: self.text()) : nil
        )
    }

    private func text() -> String {
        let parts = ["", "a", "H44.13", "ộ", "o\u{323}\u{302}", "\u{0}", "\u{1F}", "𝕏", "\n", "văn bản"]
        return (0..<self.random.below(8)).map { _ in self.random.any(of: parts) }.joined()
    }

    private func time() -> Timestamp {
        Timestamp(nanoseconds: self.random.any(of: [0, -1, .min, .max, Int64(bitPattern: self.random.next())]))
    }

    private func size() -> Int {
        self.random.any(of: [0, 1, 127, 128, 16_383, 16_384, Int(Int32.max), Int(self.random.next() >> 1)])
    }

    private func digest() -> Digest {
        Digest(bytes: (0..<32).map { _ in UInt8(truncatingIfNeeded: self.random.next()) }) ?? .zero
    }

    private func id() -> MessageID { MessageID(high: self.random.next(), low: self.random.next()) }

    private func system() -> SystemID {
        self.random.any(of: ["qlvb-so-tc-h44", "a", "0.0", "national"].compactMap(SystemID.init))
    }

    private func type() -> MessageType { self.random.any(of: [.edocDocument, .edocStatus, .dossierSync]) }

    private func code() -> ErrorCode? { self.random.chance(50) ? self.random.any(of: ErrorCode.allCases) : nil }
}
