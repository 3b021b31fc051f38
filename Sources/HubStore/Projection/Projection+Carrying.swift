internal import FoundationEssentials
internal import GRDB
internal import HubCore
internal import HubModel

/// Messages that outlive their month.
extension Projection {
    /// The messages before `end` with a delivery that has not ended, by sequence number; at most `limit` of them.
    static func unfinishedMessages(_ database: Database, before end: Int64, limit: Int) throws -> Set<Int64> {
        // By destination, since that is how what has not ended is indexed.
        let statement = try database.cachedStatement(
            sql: """
                SELECT DISTINCT d.position >> 12 FROM destinations n
                JOIN deliveries d ON d.destination = n.id AND d.state = 0 AND d.position < ? LIMIT ?
                """)
        return try Int64.fetchSet(
            statement, arguments: [DeliveryPosition(sequence: end, ordinal: 0).value, limit])
    }

    /// The same; at most one more than are carried.
    func unfinishedMessages(before end: Int64) throws(HubError) -> Set<Int64> {
        try self.read { try Self.unfinishedMessages($0, before: end, limit: CarriedMessages.most + 1) }
    }

    /// Which of these messages cannot outlive their month: how many, and the first of their deliveries.
    ///
    /// They are those whose payload was decided to go before a delivery was begun anew; and all, when there are more than
    /// are carried.
    ///
    /// - Parameters:
    ///   - limit: How many deliveries are named.
    ///   - most: How many messages are carried, and with how many bytes.
    func uncarried(
        _ sequences: Set<Int64>, limit: Int, most: Int = CarriedMessages.most,
        mostBytes: Int = CarriedMessages.mostBytes
    ) throws(HubError) -> (count: Int, first: [UnfinishedDelivery]) {
        try self.read { database in
            let cover = RemovalCover(try Self.removals(database).map(\.removal))
            let statement = try database.cachedStatement(sql: "SELECT record FROM messages WHERE sequence = ?")
            var (held, bytes): ([Int64], Int) = ([], 0)
            for sequence in sequences {
                guard let record = try Data.fetchOne(statement, arguments: [sequence]) else { continue }
                let message = try ProjectionRecord.message(record)
                bytes += record.count + 512 * message.deliveries.count
                if cover.covers(sequence, message.type) { held.append(sequence) }
            }
            if sequences.count > most || bytes > mostBytes { held = Array(sequences) }
            return (held.count, try Self.unfinished(database, of: held.sorted(), limit))
        }
    }

    private static func unfinished(
        _ database: Database, of sequences: [Int64], _ limit: Int
    ) throws -> [UnfinishedDelivery] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT d.position, n.name, m.record FROM deliveries d NOT INDEXED
                JOIN messages m ON m.sequence = ? JOIN destinations n ON n.id = d.destination
                WHERE d.position BETWEEN ? AND ? AND d.state = 0 ORDER BY d.position
                """)
        var first: [UnfinishedDelivery] = []
        for sequence in sequences where first.count < limit {
            let rows = try Row.fetchCursor(
                statement, arguments: StatementArguments([sequence]) + Self.positions(of: sequence))
            while first.count < limit, let row = try rows.next() {
                let message = try ProjectionRecord.message(try row.decode(atIndex: 2))
                let ordinal = try row.decode(Int64.self, atIndex: 0) & Int64(DeliveryPosition.limit - 1)
                first.append(
                    UnfinishedDelivery(
                        id: DeliveryID(message: message.id, ordinal: UInt16(ordinal)),
                        destination: String(decoding: try row.decode(Data.self, atIndex: 1), as: UTF8.self)))
            }
        }
        return first
    }

    /// What the blocks before `end` say of messages.
    ///
    /// Of that moment, and not of now: what became of them since is in records that stay.
    ///
    /// - Parameter earlier: Those that were carried before; nothing else is known of what went then.
    func carried(
        _ sequences: Set<Int64>, before end: Int64, from earlier: CarriedMessages
    ) throws(HubError) -> CarriedMessages {
        let known = Dictionary(earlier.messages.map { ($0.sequence, $0) }) { first, _ in first }
        return try self.read { database in
            let plans = try database.cachedStatement(sql: "SELECT record FROM messages WHERE sequence = ?")
            let events = try database.cachedStatement(
                sql: """
                    SELECT position, record FROM attempts
                    WHERE position BETWEEN ? AND ? AND sequence < ? ORDER BY sequence
                    """)
            let messages = try sequences.sorted().compactMap { sequence -> CarriedMessages.Message? in
                guard let record = try Data.fetchOne(plans, arguments: [sequence]) else { return nil }
                var message =
                    try known[sequence]
                    ?? CarriedMessages.Message(sequence: sequence, record: Array(record)) { message in
                        try message.deliveries.map {
                            CarriedMessages.Standing(destination: try Self.row(database, of: $0.destination))
                        }
                    }
                let rows = try Row.fetchCursor(events, arguments: Self.positions(of: sequence) + [end])
                while let row = try rows.next() {
                    let ordinal = Int(try row.decode(Int64.self, atIndex: 0) & Int64(DeliveryPosition.limit - 1))
                    guard message.deliveries.indices.contains(ordinal) else { continue }
                    let event = try row.decode(Data.self, atIndex: 1)
                    try message.deliveries[ordinal].take(try ProjectionRecord.event(event), Array(event)) {
                        try Self.row(database, of: $0)
                    }
                }
                return message
            }
            return CarriedMessages(messages)
        }
    }

    private static func row(_ database: Database, of destination: DestinationID) throws -> Int64 {
        let statement = try database.cachedStatement(sql: "SELECT id FROM destinations WHERE name = ?")
        guard let row = try Int64.fetchOne(statement, arguments: [Data(destination.description.utf8)]) else {
            throw HubError.projectionDamaged(
                "The projection lacks a destination. Stop the hub and rebuild the projection.")
        }
        return row
    }

    /// Puts carried messages into a database that has none of what was dropped.
    static func seed(_ database: Database, _ carried: CarriedMessages) throws {
        var counters: [String: Int64] = [:]
        var pending: [Int64: Int64] = [:]
        for carried in carried.messages {
            let message = try ProjectionRecord.message(Data(carried.record))
            try database.cachedStatement(sql: "INSERT INTO messages (sequence, id, record) VALUES (?, ?, ?)")
                .execute(arguments: [carried.sequence, Data(message.id.bytes), Data(carried.record)])
            if let course = message.course {
                try database.cachedStatement(sql: "INSERT INTO courses (matter, sequence, is_opening) VALUES (?, ?, ?)")
                    .execute(arguments: [Data(course.matter.utf8), carried.sequence, course.status.isEmpty ? 1 : 0])
            }
            try Self.spool(database, message, carried.sequence)
            counters[Counter.messages, default: 0] += 1
            for (ordinal, delivery) in carried.deliveries.enumerated() {
                let position = DeliveryPosition(sequence: carried.sequence, ordinal: UInt16(truncatingIfNeeded: ordinal))
                try database.cachedStatement(
                    sql: "INSERT INTO deliveries (position, destination, state, attempts, event, since) VALUES (?, ?, ?, ?, ?, ?)"
                )
                .execute(
                    arguments: [
                        position.value, delivery.destination, delivery.phase.column, delivery.attempts,
                        delivery.event.map { Data($0) }, delivery.since?.nanoseconds,
                    ])
                counters[Counter.of(delivery.phase), default: 0] += 1
                if delivery.phase == .pending { pending[delivery.destination, default: 0] += 1 }
            }
        }
        for (name, value) in counters {
            try database.execute(
                sql: """
                    INSERT INTO counters (name, value) VALUES (?, ?)
                    ON CONFLICT (name) DO UPDATE SET value = value + excluded.value
                    """, arguments: [name, value])
        }
        for (destination, value) in pending {
            try database.execute(
                sql: "UPDATE destinations SET pending = pending + ? WHERE id = ?", arguments: [value, destination])
        }
    }

    /// Leaves of a message what outlives its month: its payload is in the spool, its repeats are not recognised any more, and
    /// of its attempts the last one stands with each delivery.
    static func keep(_ database: Database, _ message: AcceptedMessage, _ sequence: Int64, before end: Int64) throws {
        try Self.forgetIdentity(database, of: message, sequence)
        try database.cachedStatement(sql: "DELETE FROM attempts WHERE position BETWEEN ? AND ? AND sequence < ?")
            .execute(arguments: Self.positions(of: sequence) + [end])
        try Self.spool(database, message, sequence)
    }

    /// Says that the payload of a message is in the spool.
    private static func spool(_ database: Database, _ message: AcceptedMessage, _ sequence: Int64) throws {
        guard message.size > 0 else { return }
        try database.cachedStatement(sql: "INSERT OR IGNORE INTO spooled (sequence, digest) VALUES (?, ?)")
            .execute(arguments: [sequence, Data(message.digest.bytes)])
    }

    /// One that a later message bears is that message's.
    static func forgetIdentity(_ database: Database, of message: AcceptedMessage, _ sequence: Int64) throws {
        try database.cachedStatement(sql: "DELETE FROM identities WHERE identity = ? AND sequence = ?")
            .execute(arguments: [Data(IdentityKey(message).bytes), sequence])
    }

    /// The messages that are there although their month was dropped.
    func carried(_ base: JournalBase) throws(HubError) -> Set<Int64> {
        guard base.carried != nil else { return [] }
        return try self.read {
            try Int64.fetchSet(
                $0, sql: "SELECT sequence FROM messages WHERE sequence < ?", arguments: [base.chain.nextSequence])
        }
    }

    static func positions(of sequence: Int64) -> StatementArguments {
        let first = DeliveryPosition(sequence: sequence, ordinal: 0).value
        return [first, first + Int64(DeliveryPosition.limit - 1)]
    }
}
