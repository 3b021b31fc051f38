internal import FoundationEssentials
internal import GRDB
internal import HubCore
internal import HubModel

/// What the hub asks. Everything that can be long is paged by key.
extension Projection {
    /// Where a message stands in the segments.
    struct Place {
        struct Block {
            let firstSequence: Int64
            let location: BlockLocation
            /// Of the record in the block.
            let index: Int
        }

        let sequence: Int64
        let message: AcceptedMessage
        /// `nil` for a message that outlived its month: its block is in an archive, and its payload in the spool.
        let block: Block?
    }

    func message(_ id: MessageID) throws(HubError) -> StoredMessage? {
        try self.read { database in
            guard let sequence = try Self.sequence(database, id),
                let message = try Self.message(database, sequence)
            else { return nil }
            return try Self.stored(database, message, sequence)
        }
    }

    /// - Throws: `message.not_found`, and as `read`.
    func place(of id: MessageID) throws(HubError) -> Place {
        guard let place = try self.places(of: [id]).first.flatMap(\.self) else { throw Self.notFound(id) }
        return place
    }

    /// For what only the block of a message can answer, when its month was dropped.
    static func archived(_ id: MessageID) -> HubError {
        HubError(
            .messageNotFound, "The month of this message is not in the journal any more; its archive has it.",
            details: [ErrorDetail("message", id)])
    }

    static func notFound(_ id: MessageID) -> HubError {
        HubError(.messageNotFound, "There is no message with this id.", details: [ErrorDetail("message", id)])
    }

    /// Where messages stand; `nil` for those that are not there.
    func places(of ids: [MessageID]) throws(HubError) -> [Place?] {
        try self.read { database in
            try ids.map { id in
                guard let sequence = try Self.sequence(database, id),
                    let message = try Self.message(database, sequence)
                else { return nil }
                let block = try Self.block(database, of: sequence).map { first, location in
                    Place.Block(firstSequence: first, location: location, index: Int(sequence - first))
                }
                return Place(sequence: sequence, message: message, block: block)
            }
        }
    }

    /// Where the records about a message stand: its acceptance, then the attempts to deliver it, then the first operation
    /// that removed its payload.
    ///
    /// - Throws: `message.not_found`, also when its month was dropped, and as `read`.
    func records(of id: MessageID) throws(HubError) -> [(sequence: Int64, firstSequence: Int64, location: BlockLocation)]
    {
        let places: [(Int64, Int64, BlockLocation)]? = try self.read { database in
            guard let sequence = try Self.sequence(database, id),
                let message = try Self.message(database, sequence)
            else { return nil }
            let statement = try database.cachedStatement(
                sql: "SELECT sequence FROM attempts WHERE position BETWEEN ? AND ? ORDER BY sequence"
            )
            let attempts = try Int64.fetchAll(statement, arguments: Self.positions(of: sequence))
            guard try Self.block(database, of: sequence) != nil else { return [] }
            let removal = try Self.removals(database).first { $0.removal.covers(sequence, message.type) }
            return try ([sequence] + attempts + [removal?.sequence].compactMap(\.self)).map { number in
                guard let block = try Self.block(database, of: number) else {
                    throw HubError.projectionDamaged("The projection lacks a block. Stop the hub and rebuild it.")
                }
                return (number, block.firstSequence, block.location)
            }
        }
        guard let places else { throw Self.notFound(id) }
        guard !places.isEmpty else { throw Self.archived(id) }
        return places
    }

    /// Where the blocks of these numbers stand; none when the first of them was dropped.
    ///
    /// There is a row for each block, in their order.
    ///
    /// - Parameter base: The end of what was dropped.
    func blocks(
        from first: Int64, through last: Int64, behind base: Chain = Chain()
    ) throws(HubError) -> [BlockLocation] {
        guard first > base.number, last >= first else { return [] }
        return try self.read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT segment, offset, length FROM blocks WHERE first_sequence >= ?
                    ORDER BY first_sequence LIMIT ? OFFSET ?
                    """
            )
            let arguments: StatementArguments = [base.nextSequence, last - first + 1, first - base.number - 1]
            return try Row.fetchAll(statement, arguments: arguments).map { row in
                try Self.location(row, from: 0)
            }
        }
    }

    static func block(
        _ database: Database, of sequence: Int64
    ) throws -> (firstSequence: Int64, location: BlockLocation)? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT first_sequence, segment, offset, length FROM blocks
                WHERE first_sequence <= ? ORDER BY first_sequence DESC LIMIT 1
                """
        )
        return try Row.fetchOne(statement, arguments: [sequence]).map { row in
            (try row.decode(atIndex: 0), try Self.location(row, from: 1))
        }
    }

    func attempts(of id: MessageID) throws(HubError) -> [DeliveryEvent] {
        try self.read { database in
            guard let sequence = try Self.sequence(database, id) else { return [] }
            let statement = try database.cachedStatement(
                sql: "SELECT record FROM attempts WHERE position BETWEEN ? AND ? ORDER BY sequence"
            )
            return try Data.fetchAll(statement, arguments: Self.positions(of: sequence))
                .map { try ProjectionRecord.event($0) }
        }
    }

    func messages(before id: MessageID?, limit: Int) throws(HubError) -> [StoredMessage] {
        try self.read { database in
            var before = Int64.max
            if let id {
                guard let sequence = try Self.sequence(database, id) else { return [] }
                before = sequence
            }
            let statement = try database.cachedStatement(
                sql: "SELECT sequence, record FROM messages WHERE sequence < ? ORDER BY sequence DESC LIMIT ?"
            )
            return try Row.fetchAll(statement, arguments: [before, max(0, limit)]).map { row in
                let message = try ProjectionRecord.message(try row.decode(atIndex: 1))
                return try Self.stored(database, message, try row.decode(atIndex: 0))
            }
        }
    }

    func course(of matter: String) throws(HubError) -> [CourseStep] {
        try self.read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT m.record FROM courses c JOIN messages m ON m.sequence = c.sequence
                    WHERE c.matter = ? ORDER BY c.sequence
                    """
            )
            return try Data.fetchAll(statement, arguments: [Data(matter.utf8)])
                .compactMap { CourseStep(try ProjectionRecord.message($0)) }
        }
    }

    func openings(before sequence: Int64?, limit: Int) throws(HubError) -> [(sequence: Int64, message: StoredMessage)] {
        try self.read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT c.sequence, m.record FROM courses c JOIN messages m ON m.sequence = c.sequence
                    WHERE c.is_opening = 1 AND c.sequence < ? ORDER BY c.sequence DESC LIMIT ?
                    """
            )
            return try Row.fetchAll(statement, arguments: [sequence ?? .max, max(0, limit)]).map { row in
                let sequence = try row.decode(Int64.self, atIndex: 0)
                let message = try ProjectionRecord.message(try row.decode(atIndex: 1))
                return (sequence, try Self.stored(database, message, sequence))
            }
        }
    }

    func refusals(before sequence: Int64?, limit: Int) throws(HubError) -> [(
        sequence: Int64, refusal: Refusal
    )] {
        try self.read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT sequence, record FROM refusals WHERE sequence < ? ORDER BY sequence DESC LIMIT ?"
            )
            return try Row.fetchAll(statement, arguments: [sequence ?? .max, max(0, limit)]).map { row in
                let refusal = try ProjectionRecord.refusal(try row.decode(atIndex: 1))
                return (try row.decode(atIndex: 0), refusal)
            }
        }
    }

    func totals() throws(HubError) -> JournalTotals {
        try self.read { database in
            var totals = JournalTotals()
            if let row = try Row.fetchOne(database, sql: "SELECT number + 1, next_sequence FROM state") {
                totals.blocks = try row.decode(atIndex: 0)
                totals.records = try row.decode(atIndex: 1)
            }
            let rows = try Row.fetchCursor(database, sql: "SELECT name, value FROM counters")
            while let row = try rows.next() {
                let name = try row.decode(String.self, atIndex: 0)
                let value = try row.decode(Int.self, atIndex: 1)
                switch name {
                case Counter.messages: totals.messages = value
                case Counter.pending: totals.pending = value
                case Counter.delivered: totals.delivered = value
                case Counter.deadLettered: totals.deadLettered = value
                case Counter.lookups: totals.lookups = value
                default:
                    guard name.hasPrefix(Counter.refusedPrefix),
                        let code = ErrorCode(rawValue: String(name.dropFirst(Counter.refusedPrefix.count)))
                    else { continue }
                    totals.refusals[code] = value
                }
            }
            return totals
        }
    }

    /// What was removed by policy, in the order in which it was decided.
    func removals() throws(HubError) -> [RecordedRemoval] {
        try self.read { try Self.removals($0) }
    }

    static func removals(_ database: Database) throws -> [RecordedRemoval] {
        let statement = try database.cachedStatement(sql: "SELECT sequence, record FROM removals ORDER BY sequence")
        let rows = try Row.fetchCursor(statement)
        var removals: [RecordedRemoval] = []
        while let row = try rows.next() {
            let sequence = try row.decode(Int64.self, atIndex: 0)
            let operation = try ProjectionRecord.operation(try row.decode(atIndex: 1))
            guard let removal = PayloadRemoval(operation, at: sequence) else { continue }
            removals.append(RecordedRemoval(sequence: sequence, removal: removal))
        }
        return removals
    }

    /// The messages with a delivery that has not ended, by sequence number.
    func unfinished() throws(HubError) -> Set<Int64> {
        try self.read { try Int64.fetchSet($0, sql: "SELECT position >> 12 FROM deliveries WHERE state = 0") }
    }

    /// The messages whose payload is in the spool and was not removed, by sequence number.
    func spooledMessages() throws(HubError) -> Set<Int64> {
        try self.read { try Int64.fetchSet($0, sql: "SELECT sequence FROM spooled") }
    }

    /// Whether the payload of a message is in the spool and was not removed.
    func isSpooled(_ sequence: Int64) throws(HubError) -> Bool {
        try self.read { database in
            let statement = try database.cachedStatement(sql: "SELECT 1 FROM spooled WHERE sequence = ?")
            return try Int.fetchOne(statement, arguments: [sequence]) != nil
        }
    }

    /// The digests of spooled payloads that some message refers to, among `digests`.
    ///
    /// A payload that nobody refers to goes for good, so those that the index does not know are looked for in the table: a
    /// flipped bit is in one of them. The table has a row for each payload in the spool, and for nothing else.
    func spooled(among digests: [Digest]) throws(HubError) -> Set<Digest> {
        try self.read { database in
            let statement = try database.cachedStatement(sql: "SELECT 1 FROM spooled WHERE digest = ? LIMIT 1")
            var known = Set(
                try digests.filter { try Int.fetchOne(statement, arguments: [Data($0.bytes)]) != nil }
            )
            let unknown = Set(digests.lazy.filter { !known.contains($0) }.map { Data($0.bytes) })
            guard !unknown.isEmpty else { return known }
            let rows = try Row.fetchCursor(database, sql: "SELECT digest FROM spooled NOT INDEXED")
            while let row = try rows.next() {
                let bytes = try row.decode(Data.self, atIndex: 0)
                if unknown.contains(bytes), let digest = Digest(bytes: bytes) { known.insert(digest) }
            }
            return known
        }
    }

    /// The message that the sender accepted last under this identity.
    func holder(of identity: [UInt8]) throws(HubError) -> AcceptedMessage? {
        try self.read { try Self.earlier($0, identity, nil)?.message }
    }

    /// The message that another one under this identity, or with this id, is a repeat of.
    func earlier(_ identity: [UInt8], _ id: MessageID) throws(HubError) -> AcceptedMessage? {
        try self.read { try Self.repeated($0, identity, id) }
    }

    /// An identity is free again when all deliveries of its message were given up: its sender must be able to send what the
    /// receivers can take.
    static func repeated(_ database: Database, _ identity: [UInt8], _ id: MessageID) throws -> AcceptedMessage? {
        guard let (sequence, first) = try Self.earlier(database, identity, id) else { return nil }
        guard first.id != id, !first.deliveries.isEmpty else { return first }
        let statement = try database.cachedStatement(
            sql: "SELECT 1 FROM deliveries WHERE position BETWEEN ? AND ? AND state <> 3 LIMIT 1"
        )
        return try Int.fetchOne(statement, arguments: Self.positions(of: sequence)) == nil ? nil : first
    }

    static let search =
        "SELECT sequence FROM identities WHERE identity = ? UNION ALL SELECT sequence FROM messages WHERE id = ? LIMIT 1"

    private static func earlier(
        _ database: Database, _ identity: [UInt8], _ id: MessageID?
    ) throws -> (sequence: Int64, message: AcceptedMessage)? {
        let statement = try database.cachedStatement(sql: Self.search)
        guard let sequence = try Int64.fetchOne(statement, arguments: [Data(identity), id.map { Data($0.bytes) }]),
            let message = try Self.message(database, sequence)
        else { return nil }
        return (sequence, message)
    }

    private static func message(_ database: Database, _ sequence: Int64) throws -> AcceptedMessage? {
        let statement = try database.cachedStatement(sql: "SELECT record FROM messages WHERE sequence = ?")
        guard let record = try Data.fetchOne(statement, arguments: [sequence]) else { return nil }
        return try ProjectionRecord.message(record)
    }

    static func sequence(_ database: Database, _ id: MessageID) throws -> Int64? {
        let statement = try database.cachedStatement(sql: "SELECT sequence FROM messages WHERE id = ?")
        return try Int64.fetchOne(statement, arguments: [Data(id.bytes)])
    }

    private static func stored(
        _ database: Database, _ message: AcceptedMessage, _ sequence: Int64
    ) throws -> StoredMessage {
        let statement = try database.cachedStatement(
            sql: """
                SELECT d.position, d.state, d.attempts, d.event, n.name FROM deliveries d
                JOIN destinations n ON n.id = d.destination
                WHERE d.position BETWEEN ? AND ? ORDER BY d.position
                """
        )
        let rows = try Row.fetchAll(statement, arguments: Self.positions(of: sequence))
        guard rows.count == message.deliveries.count else {
            throw HubError.projectionDamaged(
                "The projection lacks deliveries. Stop the hub and rebuild the projection.",
                details: [ErrorDetail("message", message.id)]
            )
        }
        let deliveries = try zip(message.deliveries, rows).map { plan, row in
            let event = try row.decode(Data?.self, atIndex: 3).map { try ProjectionRecord.event($0) }
            let destination = String(decoding: try row.decode(Data.self, atIndex: 4), as: UTF8.self)
            return DeliveryState(
                plan: plan.at(DestinationID(unchecked: destination)),
                phase: DeliveryState.Phase(column: try row.decode(atIndex: 1)) ?? .pending,
                attempts: try row.decode(atIndex: 2), at: event?.at, code: event?.code,
                answer: event?.answer ?? ""
            )
        }
        return StoredMessage(message: message, deliveries: deliveries)
    }
}

/// A removal and the record that decided it.
struct RecordedRemoval: Sendable {
    /// Of the operation's record.
    let sequence: Int64
    let removal: PayloadRemoval
}
