internal import FoundationEssentials
internal import GRDB
internal import HubCore
internal import HubModel
internal import HubSQLite

/// One transaction that applies blocks.
struct ProjectionApplication {
    private let database: Database
    private let statements: Statements
    private(set) var destinations: [DestinationID: Int64]
    private var counters: [String: Int64] = [:]
    private var pending: [Int64: Int64] = [:]

    /// - Throws: `DatabaseError`.
    init(database: Database, destinations: [DestinationID: Int64]) throws {
        self.database = database
        self.statements = try Statements(database)
        self.destinations = destinations
    }

    /// What runs for every message or attempt.
    private struct Statements {
        let message: DirectStatement
        let identity: DirectStatement
        let delivery: DirectStatement
        let sought: DirectStatement
        let attempt: DirectStatement
        let changed: DirectStatement

        init(_ database: Database) throws {
            self.message = try DirectStatement(
                database, "INSERT INTO messages (sequence, id, record) VALUES (?, ?, ?)")
            self.identity = try DirectStatement(
                database, "INSERT OR REPLACE INTO identities (identity, sequence) VALUES (?, ?)")
            self.delivery = try DirectStatement(
                database, "INSERT INTO deliveries (position, destination, state, attempts) VALUES (?, ?, 0, 0)")
            self.sought = try DirectStatement(
                database,
                """
                SELECT position, destination, state FROM deliveries
                WHERE position = (SELECT sequence << 12 | ? FROM messages WHERE id = ?)
                """
            )
            self.attempt = try DirectStatement(
                database, "INSERT INTO attempts (position, sequence, record) VALUES (?, ?, ?)")
            self.changed = try DirectStatement(
                database, "UPDATE deliveries SET state = ?, attempts = ?, event = ? WHERE position = ?")
        }
    }

    mutating func apply(_ block: ProjectionWriter.Block) throws {
        try self.execute(
            "INSERT INTO blocks (first_sequence, segment, offset, length) VALUES (?, ?, ?, ?)",
            [block.firstSequence, block.location.segment, block.location.offset, block.location.length]
        )
        var sequence = block.firstSequence
        for record in block.records {
            try self.apply(record, sequence)
            sequence += 1
        }
    }

    /// Writes what is kept once per transaction.
    mutating func finish(_ last: ProjectionWriter.Block) throws {
        // A counter that came back to where it was has a row all the same: which rows there are must not depend on how many
        // blocks share a transaction.
        for (name, value) in self.counters.sorted(by: { $0.key < $1.key }) {
            try self.execute(
                """
                INSERT INTO counters (name, value) VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET value = value + excluded.value
                """, [name, value]
            )
        }
        for (destination, value) in self.pending.sorted(by: { $0.key < $1.key }) where value != 0 {
            try self.execute(
                "UPDATE destinations SET pending = pending + ? WHERE id = ?", [value, destination])
        }
        try self.execute(
            """
            INSERT OR REPLACE INTO state (id, number, digest, next_sequence, segment, offset, length)
            VALUES (0, ?, ?, ?, ?, ?, ?)
            """,
            [
                last.chain.number, Data(last.chain.digest.bytes), last.chain.nextSequence,
                last.location.segment,
                last.location.offset, last.location.length,
            ]
        )
    }

    private mutating func apply(_ record: ProjectionWriter.Record, _ sequence: Int64) throws {
        switch record.record {
        case .accepted(let message):
            try self.accept(message, record, sequence)
        case .delivery(let event):
            try self.note(event, record.bytes, sequence)
        case .refused(let refusal):
            try self.keep("INSERT INTO refusals (sequence, record) VALUES (?, ?)", sequence, record.bytes)
            self.counters[Counter.refused(refusal.code), default: 0] += 1
        case .lookup:
            try self.keep("INSERT INTO lookups (sequence, record) VALUES (?, ?)", sequence, record.bytes)
            self.counters[Counter.lookups, default: 0] += 1
        case .operation(let operation):
            try self.keep("INSERT INTO operations (sequence, record) VALUES (?, ?)", sequence, record.bytes)
            if let hold = DeliveryHold(operation) { try self.hold(hold, sequence) }
            if let removal = PayloadRemoval(operation, at: sequence) {
                try self.keep("INSERT INTO removals (sequence, record) VALUES (?, ?)", sequence, record.bytes)
                for range in removal.sequences { try self.forget(range, removal) }
            }
            if let removal = IdentityRemoval(operation, at: sequence) { try self.forget(removal) }
        }
    }

    private mutating func accept(
        _ message: AcceptedMessage, _ record: ProjectionWriter.Record, _ sequence: Int64
    ) throws {
        self.statements.message.bind(1, sequence)
        self.statements.message.bind(2, message.id.bytes)
        self.statements.message.bind(3, record.bytes)
        try self.statements.message.execute()
        self.statements.identity.bind(1, (record.subject?.identity ?? IdentityKey(message)).bytes)
        self.statements.identity.bind(2, sequence)
        try self.statements.identity.execute()
        if let course = message.course {
            try self.execute(
                "INSERT INTO courses (matter, sequence, is_opening) VALUES (?, ?, ?)",
                [Data(course.matter.utf8), sequence, course.status.isEmpty ? 1 : 0]
            )
        }
        for (ordinal, delivery) in message.deliveries.enumerated() {
            let destination = try self.row(of: delivery.destination)
            let position = DeliveryPosition(sequence: sequence, ordinal: UInt16(truncatingIfNeeded: ordinal))
            self.statements.delivery.bind(1, position.value)
            self.statements.delivery.bind(2, destination)
            try self.statements.delivery.execute()
            self.pending[destination, default: 0] += 1
        }
        if record.isSpooled {
            try self.execute(
                "INSERT INTO spooled (sequence, digest) VALUES (?, ?)", [sequence, Data(message.digest.bytes)])
        }
        self.counters[Counter.messages, default: 0] += 1
        self.counters[Counter.pending, default: 0] += Int64(message.deliveries.count)
    }

    /// Spooled payloads are no longer referred to by the messages that a removal covers.
    private func forget(_ sequences: ClosedRange<Int64>, _ removal: PayloadRemoval) throws {
        let statement = try self.database.cachedStatement(
            sql: """
                SELECT s.sequence, m.record FROM spooled s JOIN messages m ON m.sequence = s.sequence
                WHERE s.sequence BETWEEN ? AND ?
                """
        )
        var covered: [Int64] = []
        let rows = try Row.fetchCursor(statement, arguments: [sequences.lowerBound, sequences.upperBound])
        while let row = try rows.next() {
            let sequence = try row.decode(Int64.self, atIndex: 0)
            let message = try ProjectionRecord.message(try row.decode(atIndex: 1))
            if removal.covers(sequence, message.type) { covered.append(sequence) }
        }
        for sequence in covered { try self.execute("DELETE FROM spooled WHERE sequence = ?", [sequence]) }
    }

    /// An identity that a later message bears stays.
    private func forget(_ removal: IdentityRemoval) throws {
        let statement = try self.database.cachedStatement(
            sql: "SELECT sequence, record FROM messages WHERE sequence BETWEEN ? AND ?"
        )
        var identities: [(sequence: Int64, key: Data)] = []
        let rows = try Row.fetchCursor(
            statement, arguments: [removal.sequences.lowerBound, removal.sequences.upperBound])
        while let row = try rows.next() {
            let message = try ProjectionRecord.message(try row.decode(atIndex: 1))
            identities.append((try row.decode(atIndex: 0), Data(IdentityKey(message).bytes)))
        }
        for (sequence, key) in identities {
            try self.execute("DELETE FROM identities WHERE identity = ? AND sequence = ?", [key, sequence])
        }
    }

    /// An event of a delivery that nobody planned stays in the chain and has no effect here.
    private mutating func note(_ event: DeliveryEvent, _ bytes: [UInt8], _ sequence: Int64) throws {
        guard event.delivery.ordinal < DeliveryPosition.limit else { return }
        self.statements.sought.bind(1, Int64(event.delivery.ordinal))
        self.statements.sought.bind(2, event.delivery.message.bytes)
        guard let row = try self.statements.sought.firstRow() else { return }
        let (position, destination, state) = (row[0], row[1], row[2])
        self.statements.attempt.bind(1, position)
        self.statements.attempt.bind(2, sequence)
        self.statements.attempt.bind(3, bytes)
        try self.statements.attempt.execute()
        guard let before = DeliveryState.Phase(column: state), let phase = before.after(event.kind) else { return }
        var now = destination
        if event.kind == .redirected { now = try self.row(of: DestinationID(unchecked: event.answer)) }
        if event.kind.beginsAnew {
            try self.execute(
                "UPDATE deliveries SET state = ?, attempts = ?, event = ?, destination = ?, since = ? WHERE position = ?",
                [phase.column, event.attempt, Data(bytes), now, event.at.nanoseconds, position]
            )
        } else {
            self.statements.changed.bind(1, phase.column)
            self.statements.changed.bind(2, Int64(event.attempt))
            self.statements.changed.bind(3, bytes)
            self.statements.changed.bind(4, position)
            try self.statements.changed.execute()
        }
        if before == .pending { self.pending[destination, default: 0] -= 1 }
        if phase == .pending { self.pending[now, default: 0] += 1 }
        guard before != phase else { return }
        self.counters[Counter.of(before), default: 0] -= 1
        self.counters[Counter.of(phase), default: 0] += 1
    }

    private func hold(_ hold: DeliveryHold, _ sequence: Int64) throws {
        let name = Data(hold.destination.description.utf8)
        guard let position = hold.position(decidedAt: sequence) else {
            return try self.execute("DELETE FROM holds WHERE name = ?", [name])
        }
        try self.execute("INSERT OR REPLACE INTO holds (name, position) VALUES (?, ?)", [name, position.value])
    }

    private mutating func row(of destination: DestinationID) throws -> Int64 {
        if let row = self.destinations[destination] { return row }
        let name = Data(destination.description.utf8)
        try self.execute("INSERT OR IGNORE INTO destinations (name, pending) VALUES (?, 0)", [name])
        let statement = try self.database.cachedStatement(sql: "SELECT id FROM destinations WHERE name = ?")
        let row = try Int64.fetchOne(statement, arguments: [name]) ?? 0
        self.destinations[destination] = row
        return row
    }

    private func keep(_ sql: String, _ sequence: Int64, _ bytes: [UInt8]) throws {
        try self.execute(sql, [sequence, Data(bytes)])
    }

    private func execute(_ sql: String, _ arguments: StatementArguments) throws {
        try self.database.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

/// Names in the table `counters`.
enum Counter {
    static let messages = "messages"
    static let pending = "pending"
    static let delivered = "delivered"
    static let deadLettered = "dead-lettered"
    static let lookups = "lookups"
    static let refusedPrefix = "refused:"

    static func of(_ phase: DeliveryState.Phase) -> String {
        switch phase {
        case .pending: Self.pending
        case .delivered: Self.delivered
        case .deadLettered: Self.deadLettered
        }
    }

    static func refused(_ code: ErrorCode) -> String { Self.refusedPrefix + code.rawValue }
}

extension DeliveryState.Phase {
    /// As it stands in the table `deliveries`.
    var column: Int64 {
        switch self {
        case .pending: 0
        case .delivered: 1
        case .deadLettered: 3
        }
    }

    init?(column: Int64) {
        switch column {
        case 0: self = .pending
        case 1: self = .delivered
        case 3: self = .deadLettered
        default: return nil
        }
    }
}
