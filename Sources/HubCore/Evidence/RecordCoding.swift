package import HubModel

/// The bytes of a record: the leaf of the tree, the same in the journal, in receipts and in evidence packs.
///
/// One kind byte, then the fields in the order below; numbers as LEB128, times as eight bytes big-endian, texts with
/// their length, digests raw. An optional field is preceded by 0 or 1. Documented in `docs/journal-format.md`.
/// A kind is never changed; a new layout gets a new kind byte.
extension JournalRecord {
    private enum Kind: UInt8 {
        case accepted = 1
        case refused = 2
        case delivery = 3
        case lookup = 4
        case operation = 5
        /// As `accepted`, and behind it what the message says about the course of a matter.
        case acceptedAbout = 6
    }

    /// The encoded record.
    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 512)
        switch self {
        case .accepted(let message):
            writer.raw([(message.course == nil ? Kind.accepted : .acceptedAbout).rawValue])
            message.encode(into: &writer)
        case .refused(let refusal):
            writer.raw([Kind.refused.rawValue])
            writer.time(refusal.at)
            writer.text(refusal.sender)
            writer.text(refusal.type)
            writer.raw(refusal.digest.bytes)
            writer.variable(UInt64(max(0, refusal.size)))
            writer.text(refusal.code.rawValue)
            writer.text(refusal.place)
        case .delivery(let event):
            writer.raw([Kind.delivery.rawValue])
            writer.raw(event.delivery.message.bytes)
            writer.variable(UInt64(event.delivery.ordinal))
            writer.time(event.at)
            writer.raw([event.kind.rawValue])
            writer.variable(UInt64(max(0, event.attempt)))
            writer.text(event.code?.rawValue ?? "")
            writer.optional(event.notBefore) { $0.time($1) }
            writer.text(event.answer)
        case .lookup(let lookup):
            writer.raw([Kind.lookup.rawValue])
            writer.raw(lookup.id.bytes)
            writer.time(lookup.at)
            writer.text(lookup.sender.description)
            writer.text(lookup.agency)
            writer.text(lookup.service)
            writer.raw(lookup.request.bytes)
            writer.raw(lookup.reply.bytes)
            let took = lookup.took.components
            writer.variable(UInt64(max(0, took.seconds &* 1_000_000 &+ took.attoseconds / 1_000_000_000_000)))
            writer.text(lookup.code?.rawValue ?? "")
        case .operation(let operation):
            writer.raw([Kind.operation.rawValue])
            writer.time(operation.at)
            writer.text(operation.actor)
            writer.text(operation.action)
            writer.text(operation.subject)
            writer.text(operation.reason)
        }
        return writer.bytes
    }

    /// - Throws: `evidence.invalid` for anything that `bytes` would not write.
    package init(bytes: [UInt8]) throws(HubError) {
        var reader = ByteReader(bytes)
        guard let kind = Kind(rawValue: UInt8(try reader.fixed(bytes: 1))) else {
            throw HubError(.evidenceInvalid, "The record is of an unknown kind.")
        }
        switch kind {
        case .accepted: self = .accepted(try AcceptedMessage(from: &reader, isAboutMatter: false))
        case .acceptedAbout: self = .accepted(try AcceptedMessage(from: &reader, isAboutMatter: true))
        case .refused:
            self = .refused(
                Refusal(
                    at: try reader.time(), sender: try reader.text(), type: try reader.text(),
                    digest: try reader.digest(), size: try reader.count(atMost: .max),
                    code: try reader.code().required(), place: try reader.text()
                )
            )
        case .delivery:
            let id = DeliveryID(
                message: try reader.messageID(), ordinal: UInt16(try reader.count(atMost: Int(UInt16.max)))
            )
            let at = try reader.time()
            guard let kind = DeliveryEvent.Kind(rawValue: UInt8(try reader.fixed(bytes: 1))) else {
                throw HubError(.evidenceInvalid, "The record holds an unknown outcome.")
            }
            self = .delivery(
                DeliveryEvent(
                    delivery: id, at: at, kind: kind, attempt: try reader.count(atMost: .max),
                    code: try reader.code(), notBefore: try reader.optionalTime(), answer: try reader.text()
                )
            )
        case .lookup:
            self = .lookup(
                Lookup(
                    id: try reader.messageID(), at: try reader.time(), sender: try reader.system(),
                    agency: try reader.text(), service: try reader.text(), request: try reader.digest(),
                    reply: try reader.digest(), took: .microseconds(try reader.count(atMost: .max)),
                    code: try reader.code()
                )
            )
        case .operation:
            self = .operation(
                Operation(
                    at: try reader.time(), actor: try reader.text(), action: try reader.text(),
                    subject: try reader.text(), reason: try reader.text()
                )
            )
        }
        try reader.end()
    }
}

extension AcceptedMessage {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.raw(self.id.bytes)
        writer.time(self.receivedAt)
        writer.text(self.sender.description)
        writer.text(self.agency)
        writer.text(self.type.description)
        writer.text(self.identity)
        writer.raw(self.digest.bytes)
        writer.variable(UInt64(max(0, self.size)))
        writer.text(self.contentType)
        writer.text(self.orderKey)
        writer.raw([self.priority])
        writer.text(self.correlation)
        writer.text(self.signature.verdict)
        writer.text(self.signature.algorithm)
        writer.optional(self.signature.key) { $0.raw($1.bytes) }
        writer.text(self.signature.detached)
        writer.variable(UInt64(self.warnings.count))
        for warning in self.warnings { writer.text(warning) }
        writer.variable(UInt64(self.deliveries.count))
        for delivery in self.deliveries {
            writer.text(delivery.destination.description)
            writer.text(delivery.recipient)
            writer.text(delivery.mapping)
            writer.text(delivery.type.description)
        }
        guard let course = self.course else { return }
        writer.text(course.matter)
        writer.text(course.status)
        writer.text(course.agency)
        writer.text(course.told)
    }

    fileprivate init(from reader: inout ByteReader, isAboutMatter: Bool) throws(HubError) {
        let id = try reader.messageID()
        let receivedAt = try reader.time()
        let sender = try reader.system()
        let agency = try reader.text()
        let type = try reader.type()
        let identity = try reader.text()
        let digest = try reader.digest()
        let size = try reader.count(atMost: .max)
        let contentType = try reader.text()
        let orderKey = try reader.text()
        let priority = UInt8(try reader.fixed(bytes: 1))
        let correlation = try reader.text()
        let verdict = try reader.text()
        let algorithm = try reader.text()
        let key = try reader.flag() ? try reader.digest() : nil
        let note = SignatureNote(verdict: verdict, algorithm: algorithm, key: key, detached: try reader.text())
        var warnings: [String] = []
        for _ in 0..<(try reader.count(atMost: 1 << 16)) { warnings.append(try reader.text()) }
        var deliveries: [PlannedDelivery] = []
        for _ in 0..<(try reader.count(atMost: DeliveryPosition.limit)) {
            deliveries.append(
                PlannedDelivery(
                    destination: DestinationID(unchecked: try reader.text()), recipient: try reader.text(),
                    mapping: try reader.text(), type: try reader.type()
                )
            )
        }
        self.init(
            id: id, receivedAt: receivedAt, sender: sender, agency: agency, type: type, identity: identity,
            digest: digest, size: size, contentType: contentType, orderKey: orderKey, priority: priority,
            correlation: correlation, signature: note, warnings: warnings, deliveries: deliveries,
            course: isAboutMatter
                ? CourseNote(
                    matter: try reader.text(), status: try reader.text(), agency: try reader.text(), told: try reader.text()
                ) : nil
        )
    }
}

extension ByteWriter {
    fileprivate mutating func time(_ time: Timestamp) {
        self.fixed(UInt64(bitPattern: time.nanoseconds), bytes: 8)
    }

    fileprivate mutating func optional<Value>(_ value: Value?, _ write: (inout ByteWriter, Value) -> Void) {
        guard let value else { return self.raw([0]) }
        self.raw([1])
        write(&self, value)
    }
}

extension ByteReader {
    fileprivate mutating func time() throws(HubError) -> Timestamp {
        Timestamp(nanoseconds: Int64(bitPattern: try self.fixed(bytes: 8)))
    }

    fileprivate mutating func flag() throws(HubError) -> Bool {
        switch try self.fixed(bytes: 1) {
        case 0: false
        case 1: true
        default: throw HubError(.evidenceInvalid, "A flag in the record is neither 0 nor 1.")
        }
    }

    fileprivate mutating func optionalTime() throws(HubError) -> Timestamp? {
        try self.flag() ? try self.time() : nil
    }

    fileprivate mutating func messageID() throws(HubError) -> MessageID {
        guard let id = MessageID(bytes: try self.raw(16)) else { throw Self.unreadable }
        return id
    }

    fileprivate mutating func system() throws(HubError) -> SystemID {
        guard let system = SystemID(try self.text()) else { throw Self.unreadable }
        return system
    }

    fileprivate mutating func type() throws(HubError) -> MessageType {
        guard let type = MessageType(try self.text()) else { throw Self.unreadable }
        return type
    }

    fileprivate mutating func code() throws(HubError) -> ErrorCode? {
        let text = try self.text()
        guard !text.isEmpty else { return nil }
        guard let code = ErrorCode(rawValue: text) else { throw Self.unreadable }
        return code
    }

    private static let unreadable = HubError(.evidenceInvalid, "A name in the record is not one of ours.")
}

extension ErrorCode? {
    fileprivate func required() throws(HubError) -> ErrorCode {
        guard let self else { throw HubError(.evidenceInvalid, "The record of a refusal names no code.") }
        return self
    }
}
