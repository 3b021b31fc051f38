internal import FoundationEssentials
internal import GRDB
internal import HubCore
internal import HubModel

/// What the database has to do with months that were dropped.
extension Projection {
    /// Rows that go in one transaction.
    static let droppedTogether = 2048

    /// Puts into an empty database what the dropped blocks would have left in it.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func seed(_ base: JournalBase, _ carried: CarriedMessages) throws(HubError) {
        try self.change { database in
            try database.execute(sql: "PRAGMA user_version = \(ProjectionSchema.basedVersion)")
            for (name, value) in base.counters {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO counters (name, value) VALUES (?, ?)",
                    arguments: [name, value])
            }
            for destination in base.destinations {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO destinations (id, name, pending) VALUES (?, ?, 0)",
                    arguments: [destination.row, Data(destination.name)])
            }
            for hold in base.holds {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO holds (name, position) VALUES (?, ?)",
                    arguments: [Data(hold.name), hold.position])
            }
            try Self.seed(database, carried)
        }
    }

    /// Whether rows of dropped months were taken from it, so that it makes sense beside a base only.
    func isBased() throws(HubError) -> Bool {
        try self.read { try Int.fetchOne($0, sql: "PRAGMA user_version") == ProjectionSchema.basedVersion }
    }

    /// Whether it has rows about blocks before the base.
    static func hasDropped(_ database: Database, _ base: JournalBase) throws -> Bool {
        try Int.fetchOne(
            database, sql: "SELECT 1 FROM blocks WHERE first_sequence < ? LIMIT 1",
            arguments: [base.chain.nextSequence]
        ) != nil
    }

    /// Whether something of it is still to be taken out, or it does not say yet that something was.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func awaitsDrop(_ base: JournalBase) throws(HubError) -> Bool {
        if try !self.isBased() { return true }
        return try self.read { try Self.hasDropped($0, base) }
    }

    /// Takes the rows about dropped blocks out, so many in each transaction; the rows of the blocks themselves go last, so
    /// that whoever finds one of them knows that it is not done.
    ///
    /// Totals, destinations and holds stay as they are: the base has what makes them so.
    ///
    /// - Parameters:
    ///   - carried: Messages that outlive their month, as far as they are there.
    ///   - together: Rows that go in one transaction.
    ///   - goesOn: Asked before each transaction; what is left then is taken by the next call.
    /// - Returns: How many messages went.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    @discardableResult
    func removeDropped(
        _ base: JournalBase, _ carried: CarriedMessages, together: Int = Self.droppedTogether,
        while goesOn: () -> Bool = { true }
    ) throws(HubError) -> Int {
        let end = base.chain.nextSequence
        guard try self.awaitsDrop(base) else { return 0 }
        // From here on a program that does not know a base must not believe the rows.
        try self.change { try $0.execute(sql: "PRAGMA user_version = \(ProjectionSchema.basedVersion)") }
        let kept = Set(carried.messages.map(\.sequence))
        var messages = 0
        var transactions = 0
        var next: Int64 = 0
        while goesOn(), let page = try self.removeMessages(from: next, before: end, sparing: kept, together) {
            messages += page.removed
            next = page.last + 1
            transactions += 1
            if transactions.isMultiple(of: 4) { self.checkpoint() }
        }
        let tables = [
            ("refusals", "sequence"), ("lookups", "sequence"), ("operations", "sequence"),
            ("removals", "sequence"), ("blocks", "first_sequence"),
        ]
        for (table, key) in tables {
            while goesOn(), try self.remove(from: table, key, before: end, together) { self.checkpoint() }
        }
        self.checkpoint()
        return messages
    }

    /// - Returns: How many went, and the last that was looked at; `nil` when there is none left.
    private func removeMessages(
        from first: Int64, before end: Int64, sparing kept: Set<Int64>, _ together: Int
    ) throws(HubError) -> (removed: Int, last: Int64)? {
        try self.change { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT sequence, record FROM messages WHERE sequence >= ? AND sequence < ?
                    ORDER BY sequence LIMIT ?
                    """, arguments: [first, end, together]
            )
            guard let last = try rows.last?.decode(Int64.self, atIndex: 0) else { return nil }
            var (next, removed) = (first, 0)
            for row in rows {
                let sequence = try row.decode(Int64.self, atIndex: 0)
                let message = try ProjectionRecord.message(try row.decode(atIndex: 1))
                if kept.contains(sequence) {
                    try Self.keep(database, message, sequence, before: end)
                    try Self.removeRows(database, next..<sequence)
                    next = sequence + 1
                    continue
                }
                removed += 1
                try Self.forgetIdentity(database, of: message, sequence)
                guard let course = message.course else { continue }
                try database.cachedStatement(sql: "DELETE FROM courses WHERE matter = ? AND sequence = ?")
                    .execute(arguments: [Data(course.matter.utf8), sequence])
            }
            try Self.removeRows(database, next..<last + 1)
            return (removed, last)
        }
    }

    /// Removes messages, with all that hangs on them by their number.
    private static func removeRows(_ database: Database, _ sequences: Range<Int64>) throws {
        guard !sequences.isEmpty else { return }
        let ends = [sequences.lowerBound, sequences.upperBound]
        let positions = ends.map { DeliveryPosition(sequence: $0, ordinal: 0).value }
        for table in ["attempts", "deliveries"] {
            try database.cachedStatement(sql: "DELETE FROM \(table) WHERE position >= ? AND position < ?")
                .execute(arguments: StatementArguments(positions))
        }
        for table in ["spooled", "messages"] {
            try database.cachedStatement(sql: "DELETE FROM \(table) WHERE sequence >= ? AND sequence < ?")
                .execute(arguments: StatementArguments(ends))
        }
    }

    /// - Returns: Whether there may be more.
    private func remove(
        from table: String, _ key: String, before end: Int64, _ together: Int
    ) throws(HubError) -> Bool {
        try self.change { database in
            try database.execute(
                sql: """
                    DELETE FROM \(table) WHERE \(key) IN (
                        SELECT \(key) FROM \(table) WHERE \(key) < ? ORDER BY \(key) LIMIT ?
                    )
                    """, arguments: [end, together]
            )
            return database.changesCount == together
        }
    }

    /// Gives the pages back that nothing is in, when they are many.
    ///
    /// Needs as much room as the database has afterwards. One that fails costs that room and nothing else.
    func compact() {
        let isWorthIt = try? self.read { database in
            let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            return try free * 4 > Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        }
        guard isWorthIt == true else { return }
        self.checkpoint()
        try? self.pool.vacuum()
        self.checkpoint()
    }

    private func change<Value>(_ body: (Database) throws -> Value) throws(HubError) -> Value {
        try Self.converting(self.path) { try self.pool.write(body) }
    }

    // MARK: What a base says

    /// What the rows about records before `end` add to the totals, with every total that there is.
    ///
    /// - Parameter carried: Stay, and are counted by their rows.
    func droppedCounters(before end: Int64, but carried: CarriedMessages) throws(HubError) -> [String: Int64] {
        try self.read { database in
            var counters: [String: Int64] = [:]
            for name in try String.fetchAll(database, sql: "SELECT name FROM counters") { counters[name] = 0 }
            for (name, table) in [(Counter.messages, "messages"), (Counter.lookups, "lookups")] {
                let count = try Int64.fetchOne(
                    database, sql: "SELECT count(*) FROM \(table) WHERE sequence < ?", arguments: [end])
                if counters[name] != nil { counters[name] = count ?? 0 }
            }
            let states = try Row.fetchAll(
                database, sql: "SELECT state, count(*) FROM deliveries WHERE position < ? GROUP BY state",
                arguments: [DeliveryPosition(sequence: end, ordinal: 0).value]
            )
            for row in states {
                guard let phase = DeliveryState.Phase(column: try row.decode(atIndex: 0)) else { continue }
                counters[Counter.of(phase)] = try row.decode(atIndex: 1)
            }
            let kept = try database.cachedStatement(
                sql: "SELECT state FROM deliveries WHERE position BETWEEN ? AND ?")
            for message in carried.messages {
                counters[Counter.messages, default: 0] -= 1
                for state in try Int64.fetchAll(kept, arguments: Self.positions(of: message.sequence)) {
                    if let phase = DeliveryState.Phase(column: state) { counters[Counter.of(phase), default: 0] -= 1 }
                }
            }
            let refusals = try Row.fetchCursor(
                database, sql: "SELECT record FROM refusals WHERE sequence < ?", arguments: [end])
            while let row = try refusals.next() {
                let refusal = try ProjectionRecord.refusal(try row.decode(atIndex: 0))
                counters[Counter.refused(refusal.code), default: 0] += 1
            }
            return counters
        }
    }

    func baseDestinations() throws(HubError) -> [JournalBase.Destination] {
        try self.read { database in
            try Row.fetchAll(database, sql: "SELECT id, name FROM destinations ORDER BY id").map { row in
                JournalBase.Destination(
                    row: try row.decode(atIndex: 0), name: Array(try row.decode(Data.self, atIndex: 1)))
            }
        }
    }

    func baseHolds() throws(HubError) -> [JournalBase.Hold] {
        try self.read { database in
            try Row.fetchAll(database, sql: "SELECT name, position FROM holds ORDER BY name").map { row in
                JournalBase.Hold(
                    name: Array(try row.decode(Data.self, atIndex: 0)), position: try row.decode(atIndex: 1))
            }
        }
    }

    /// The spooled payloads of messages before `end`.
    func spooled(before end: Int64) throws(HubError) -> Set<Digest> {
        try self.read { database in
            let rows = try Row.fetchCursor(
                database, sql: "SELECT digest FROM spooled WHERE sequence < ?", arguments: [end])
            var digests: Set<Digest> = []
            while let row = try rows.next() {
                if let digest = Digest(bytes: try row.decode(Data.self, atIndex: 0)) { digests.insert(digest) }
            }
            return digests
        }
    }

    /// When the newest message before `end` was received.
    ///
    /// One of a time that has not come was received while the clock was wrong, nobody knows when: it counts as received now.
    func newest(before end: Int64, notAfter now: Timestamp) throws(HubError) -> Timestamp? {
        try self.read { database in
            var newest: Timestamp?
            let rows = try Row.fetchCursor(
                database, sql: "SELECT record FROM messages WHERE sequence < ?", arguments: [end])
            while let row = try rows.next() {
                let time = try ProjectionRecord.message(try row.decode(atIndex: 0)).receivedAt
                newest = max(newest ?? min(time, now), min(time, now))
            }
            return newest
        }
    }

    /// Whether this operation was recorded from a record on.
    func hasOperation(_ action: String, _ subject: String, from first: Int64) throws(HubError) -> Bool {
        try self.read { database in
            let rows = try Row.fetchCursor(
                database, sql: "SELECT record FROM operations WHERE sequence >= ?", arguments: [first])
            while let row = try rows.next() {
                let operation = try ProjectionRecord.operation(try row.decode(atIndex: 0))
                if operation.action == action, operation.subject == subject { return true }
            }
            return false
        }
    }
}
