internal import HubCore
internal import HubEnvelope
internal import HubModel

/// Messages that outlive their month: a delivery of theirs had not ended when it was dropped.
///
/// The file `carried-…`, named by its digest, which the base beside it says. It tells what the dropped blocks say of them, as of the
/// end of these blocks, so that the records behind it go on from there, whenever they were written. Their payloads are in the
/// spool. The format is in `docs/journal-format.md`.
struct CarriedMessages: Sendable, Hashable {
    /// What a base says of the file.
    struct Mark: Sendable, Hashable {
        let count: Int
        let digest: Digest
    }

    /// A delivery at the end of the dropped blocks.
    struct Standing: Sendable, Hashable {
        /// The row of the destination.
        var destination: Int64
        var phase = DeliveryState.Phase.pending
        var attempts = 0
        /// The record of the last event.
        var event: [UInt8]?
        /// When it was begun anew.
        var since: Timestamp?

        /// Takes the next event, as the database does.
        ///
        /// - Parameter row: Of a destination.
        mutating func take(
            _ event: DeliveryEvent, _ bytes: [UInt8], _ row: (DestinationID) throws -> Int64
        ) rethrows {
            guard let phase = self.phase.after(event.kind) else { return }
            if event.kind == .redirected { self.destination = try row(DestinationID(unchecked: event.answer)) }
            if event.kind.beginsAnew { self.since = event.at }
            self.phase = phase
            self.attempts = event.attempt
            self.event = bytes
        }
    }

    struct Message: Sendable, Hashable {
        /// Of the record that accepted it, which is in an archive.
        let sequence: Int64
        let record: [UInt8]
        let id: MessageID
        /// Its digest; `nil` when there is none.
        let payload: Digest?
        var deliveries: [Standing]

        /// - Throws: `evidence.invalid` for a record that accepts no message.
        init(sequence: Int64, record: [UInt8], _ deliveries: (AcceptedMessage) throws -> [Standing]) throws {
            guard case .accepted(let message) = try JournalRecord(bytes: record) else {
                throw HubError(.evidenceInvalid, "This is no record of a message.")
            }
            self.sequence = sequence
            self.record = record
            self.id = message.id
            self.payload = message.size > 0 ? message.digest : nil
            self.deliveries = try deliveries(message)
        }
    }

    /// By sequence number.
    let messages: [Message]

    init(_ messages: [Message] = []) {
        self.messages = messages
    }

    /// With more messages, or bytes, a month stays: they are held in memory for a moment.
    static let most = 1 << 16
    static let mostBytes = 1 << 25

    private static let prefix = "carried-"
    private static let partialName = "carried.part"
    private static let magic = Array("LGSPCAR1".utf8)

    /// By its digest, so that none takes the place of another one that a base names.
    static func fileName(_ digest: Digest) -> String { "\(Self.prefix)\(digest)" }

    /// Whether a file of a journal's folder has such a name.
    static func isName(_ name: String) -> Bool {
        name.hasPrefix(Self.prefix) && Digest(hex: String(name.dropFirst(Self.prefix.utf8.count))) != nil
    }

    // MARK: Bytes

    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 64 + self.messages.count * 768)
        writer.raw(Self.magic)
        writer.variable(UInt64(self.messages.count))
        for message in self.messages {
            writer.fixed(UInt64(bitPattern: message.sequence), bytes: 8)
            Self.write(message.record, to: &writer)
            writer.variable(UInt64(message.deliveries.count))
            for delivery in message.deliveries {
                writer.fixed(UInt64(bitPattern: delivery.destination), bytes: 8)
                writer.fixed(UInt64(bitPattern: delivery.phase.column), bytes: 1)
                writer.variable(UInt64(delivery.attempts))
                writer.fixed(delivery.event == nil ? 0 : 1, bytes: 1)
                if let event = delivery.event { Self.write(event, to: &writer) }
                writer.fixed(delivery.since == nil ? 0 : 1, bytes: 1)
                if let since = delivery.since { writer.fixed(UInt64(bitPattern: since.nanoseconds), bytes: 8) }
            }
        }
        return writer.bytes
    }

    private static func write(_ record: [UInt8], to writer: inout ByteWriter) {
        writer.variable(UInt64(record.count))
        writer.raw(record)
    }

    /// `nil` for anything that `bytes` would not write, and for messages that do not come before `end`.
    init?(_ bytes: [UInt8], before end: Int64) {
        guard let messages = try? Self.read(bytes) else { return nil }
        self.messages = messages
        let sequences = messages.map(\.sequence)
        guard sequences.allSatisfy({ 0 <= $0 && $0 < end }),
            zip(sequences, sequences.dropFirst()).allSatisfy({ $0 < $1 }), self.bytes == bytes
        else { return nil }
    }

    /// - Throws: `evidence.invalid`.
    private static func read(_ bytes: [UInt8]) throws -> [Message] {
        var reader = ByteReader(bytes)
        guard try reader.raw(Self.magic.count) == Self.magic else { throw Self.unreadable }
        var messages: [Message] = []
        for _ in 0..<(try reader.count(atMost: Self.most)) {
            let sequence = Int64(bitPattern: try reader.fixed(bytes: 8))
            let record = try reader.raw(try reader.count(atMost: bytes.count))
            let message = try Message(sequence: sequence, record: record) { message in
                guard try reader.count(atMost: DeliveryPosition.limit) == message.deliveries.count else {
                    throw Self.unreadable
                }
                return try message.deliveries.map { _ in try Self.standing(&reader, bytes.count) }
            }
            messages.append(message)
        }
        try reader.end()
        return messages
    }

    private static func standing(_ reader: inout ByteReader, _ longest: Int) throws(HubError) -> Standing {
        var standing = Standing(destination: Int64(bitPattern: try reader.fixed(bytes: 8)))
        guard let phase = DeliveryState.Phase(column: Int64(try reader.fixed(bytes: 1))) else { throw Self.unreadable }
        standing.phase = phase
        standing.attempts = try reader.count(atMost: .max)
        if try reader.fixed(bytes: 1) != 0 {
            let event = try reader.raw(try reader.count(atMost: longest))
            guard case .delivery = try JournalRecord(bytes: event) else { throw Self.unreadable }
            standing.event = event
        }
        if try reader.fixed(bytes: 1) != 0 {
            standing.since = Timestamp(nanoseconds: Int64(bitPattern: try reader.fixed(bytes: 8)))
        }
        return standing
    }

    private static let unreadable = HubError(.evidenceInvalid, "This is no file of carried messages.")

    // MARK: On disk

    /// The messages that a base says were carried; none when it names none.
    /// - Throws: `journal.damaged` when their file is missing or another one, `journal.unavailable`.
    static func load(_ base: JournalBase, in folder: String) throws(HubError) -> CarriedMessages {
        guard let mark = base.carried else { return CarriedMessages() }
        let name = Self.fileName(mark.digest)
        let path = folder + "/" + name
        guard try Folder.exists(path) else { throw Self.damage(name, "it is missing") }
        let file = try OpenFile(path, .read)
        // No length is believed that such a file cannot have.
        guard try file.size() <= Self.mostBytes, case let bytes = try file.read(try file.size(), at: 0),
            SHA256.hash(bytes) == mark.digest
        else { throw Self.damage(name, "it is another file") }
        guard let carried = CarriedMessages(bytes, before: base.chain.nextSequence),
            carried.messages.count == mark.count
        else { throw Self.damage(name, "it is not readable") }
        return carried
    }

    private static func damage(_ name: String, _ what: String) -> HubError {
        HubError(
            .journalDamaged,
            "The file of messages that outlived their month is damaged. Restore it from a backup.",
            details: [ErrorDetail("file", name), ErrorDetail("fault", what)])
    }

    /// Brings the file to the disk.
    /// - Returns: What the base is to say of it; `nil` when there are no messages, and no file.
    /// - Throws: `journal.unavailable`.
    func write(in folder: String, with disk: DiskCalls) throws(HubError) -> Mark? {
        guard !self.messages.isEmpty else { return nil }
        let bytes = self.bytes
        let digest = SHA256.hash(bytes)
        try Folder.write(bytes, as: Self.fileName(digest), partial: Self.partialName, in: folder, with: disk)
        return Mark(count: self.messages.count, digest: digest)
    }

    /// Removes the files of other bases, and what was not finished.
    /// - Throws: `journal.unavailable`.
    static func removeOthers(than base: JournalBase?, in folder: String) throws(HubError) {
        for name in try Self.others(than: base, in: folder) { try Folder.remove(folder + "/" + name) }
    }

    /// The files of other bases, and those that were not finished.
    /// - Throws: `journal.unavailable`.
    static func others(than base: JournalBase?, in folder: String) throws(HubError) -> [String] {
        let own = base?.carried.map { Self.fileName($0.digest) }
        return try Folder.names(in: folder).filter { $0 == Self.partialName || Self.isName($0) && $0 != own }
    }
}
