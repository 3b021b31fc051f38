internal import FoundationEssentials
internal import GRDB
internal import HubCore
internal import HubModel

/// What the projection says about itself, whatever the segments hold.
struct ProjectionExamination: Sendable {
    var version = 0
    /// `nil` when no block was applied.
    var state: (number: Int64, digest: Digest, nextSequence: Int64)?
    /// What keeps it from being a sound database, and totals that its rows do not bear out.
    var faults: [String] = []
    /// Unfinished deliveries.
    var pending = 0
    /// Whether it ends in months that were dropped; nothing else is said then.
    var isBeforeBase = false
    /// Whether rows of dropped months are still in it; totals are not looked at then.
    var hasDropped = false

    /// Findings of SQLite that are listed at most.
    static let most = 20
}

extension ProjectionMemory {
    /// The last block that was applied; `nil` when there is none, or the database is of another version.
    /// - Throws: `journal.damaged`, `journal.unavailable`.
    func last() throws(HubError) -> (number: Int64, digest: Digest)? {
        try Projection.converting(self.path) {
            try self.database.read { database in
                guard ProjectionSchema.isKnown(try Self.version(database)) else { return nil }
                return try Self.state(database).map { ($0.number, $0.digest) }
            }
        }
    }

    /// Looks at every page and every total, in one unchanging state.
    ///
    /// - Parameter base: Adds to the totals what the rows of dropped months did.
    /// - Throws: `journal.damaged` when it cannot be read so far, `journal.unavailable`.
    func examine(_ base: JournalBase? = nil) throws(HubError) -> ProjectionExamination {
        try Projection.converting(self.path) {
            try self.database.read { database in
                var found = ProjectionExamination()
                found.version = try Self.version(database)
                guard ProjectionSchema.isKnown(found.version) else { return found }
                found.faults = try String.fetchAll(
                    database, sql: "PRAGMA integrity_check(\(ProjectionExamination.most))"
                ).filter { $0 != "ok" }
                guard found.faults.isEmpty else { return found }
                found.state = try Self.state(database)
                found.pending =
                    try Int.fetchOne(database, sql: "SELECT count(*) FROM deliveries WHERE state = 0") ?? 0
                if let base {
                    // One without a block is as one that ends too early.
                    found.isBeforeBase = found.state?.number ?? -1 <= base.chain.number
                    found.hasDropped = try Projection.hasDropped(database, base) || found.version == ProjectionSchema.version
                }
                if found.isBeforeBase || found.hasDropped { return found }
                found.faults = try Self.totals(database, base?.counters ?? [:]) + Self.waiting(database)
                return found
            }
        }
    }

    /// The messages with these sequence numbers, as the projection remembers them: how many, and the first of them.
    /// - Throws: `journal.damaged`, `journal.unavailable`.
    func messages(
        in sequences: Range<Int64>, limit: Int
    ) throws(HubError) -> (count: Int, first: [MessageID]) {
        try Projection.converting(self.path) {
            try self.database.read { database in
                let arguments: StatementArguments = [sequences.lowerBound, sequences.upperBound]
                let rows = "FROM messages WHERE sequence >= ? AND sequence < ?"
                let count =
                    try Int.fetchOne(database, sql: "SELECT count(*) \(rows)", arguments: arguments) ?? 0
                let ids = try Data.fetchAll(
                    database, sql: "SELECT id \(rows) ORDER BY sequence LIMIT \(limit)", arguments: arguments
                )
                return (count, ids.compactMap { MessageID(bytes: Array($0)) })
            }
        }
    }

    /// The sequence numbers of the records of a block that stands, or stood, at a place of a segment.
    /// - Throws: `journal.damaged`, `journal.unavailable`.
    func sequences(ofBlockAt offset: Int, in segment: Int) throws(HubError) -> Range<Int64>? {
        try Projection.converting(self.path) {
            try self.database.read { database in
                let first = try Int64.fetchOne(
                    database, sql: "SELECT first_sequence FROM blocks WHERE segment = ? AND offset = ?",
                    arguments: [segment, offset]
                )
                guard let first else { return nil }
                let next =
                    try Int64.fetchOne(
                        database, sql: "SELECT min(first_sequence) FROM blocks WHERE first_sequence > ?",
                        arguments: [first]
                    ) ?? Int64.fetchOne(database, sql: "SELECT next_sequence FROM state") ?? first
                return first..<max(first, next)
            }
        }
    }

    private static func version(_ database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }

    private static func state(
        _ database: Database
    ) throws -> (number: Int64, digest: Digest, nextSequence: Int64)? {
        let row = try Row.fetchOne(database, sql: "SELECT number, digest, next_sequence FROM state")
        return try row.map { row in
            (
                try row.decode(atIndex: 0),
                Digest(bytes: Array(try row.decode(Data.self, atIndex: 1))) ?? .zero,
                try row.decode(atIndex: 2)
            )
        }
    }

    /// Totals that are kept as they change, against the rows that they count.
    private static func totals(_ database: Database, _ dropped: [String: Int64]) throws -> [String] {
        let counted: [(name: String, sql: String)] = [
            (Counter.messages, "SELECT count(*) FROM messages"),
            (Counter.pending, "SELECT count(*) FROM deliveries WHERE state = 0"),
            (Counter.delivered, "SELECT count(*) FROM deliveries WHERE state = 1"),
            (Counter.deadLettered, "SELECT count(*) FROM deliveries WHERE state = 3"),
            (Counter.lookups, "SELECT count(*) FROM lookups"),
        ]
        var faults: [String] = []
        for (name, sql) in counted {
            let kept =
                try Int.fetchOne(
                    database, sql: "SELECT value FROM counters WHERE name = ?", arguments: [name])
                ?? 0
            let rows = try (Int.fetchOne(database, sql: sql) ?? 0) &+ Int(dropped[name] ?? 0)
            if kept != rows { faults.append("the total \(name) is \(kept), and there are \(rows) rows") }
        }
        let refused = "SELECT coalesce(sum(value), 0) FROM counters WHERE substr(name, 1, ?) = ?"
        let prefix = Counter.refusedPrefix
        let kept = try Int.fetchOne(database, sql: refused, arguments: [prefix.utf8.count, prefix]) ?? 0
        let gone = dropped.filter { $0.key.hasPrefix(prefix) }.reduce(0) { $0 &+ Int($1.value) }
        let rows = try (Int.fetchOne(database, sql: "SELECT count(*) FROM refusals") ?? 0) &+ gone
        if kept != rows { faults.append("the total of refusals is \(kept), and there are \(rows) rows") }
        return faults
    }

    /// What each destination is said to wait for, against its deliveries.
    private static func waiting(_ database: Database) throws -> [String] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT n.name, n.pending, count(d.position) FROM destinations n
                LEFT JOIN deliveries d ON d.destination = n.id AND d.state = 0
                GROUP BY n.id HAVING n.pending <> count(d.position) ORDER BY n.id
                """
        )
        return try rows.map { row in
            let name = String(decoding: try row.decode(Data.self, atIndex: 0), as: UTF8.self)
            let (kept, counted) = (try row.decode(Int.self, atIndex: 1), try row.decode(Int.self, atIndex: 2))
            return "\(name) is said to wait for \(kept) deliveries, and there are \(counted)"
        }
    }
}
