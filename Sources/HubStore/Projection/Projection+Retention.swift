internal import FoundationEssentials
internal import GRDB
internal import HubCore
internal import HubModel

/// What retention asks; each answer looks at a bounded number of rows.
extension Projection {
    /// Messages from one sequence number up to another, in their order.
    func retained(from first: Int64, before end: Int64, limit: Int) throws(HubError) -> [RetentionWalk.Row] {
        try self.read { database in
            let statement = try database.cachedStatement(
                sql: Self.retainedColumns
                    + " WHERE m.sequence >= max(?, \(Self.firstInBlocks)) AND m.sequence < ? ORDER BY m.sequence LIMIT ?"
            )
            return try Row.fetchAll(statement, arguments: [first, end, limit]).map { try Self.retained($0) }
        }
    }

    /// These messages, in their order.
    func retained(_ sequences: [Int64]) throws(HubError) -> [RetentionWalk.Row] {
        try self.read { database in
            let statement = try database.cachedStatement(
                sql: Self.retainedColumns + " WHERE m.sequence = ? AND m.sequence >= \(Self.firstInBlocks)")
            return try sequences.compactMap { sequence in
                try Row.fetchOne(statement, arguments: [sequence]).map { try Self.retained($0) }
            }
        }
    }

    /// Messages before it outlived their month, and with them their payload, which goes when the next month does.
    private static let firstInBlocks = "(SELECT coalesce(min(first_sequence), 0) FROM blocks)"

    // The range of the primary key is always the shorter way; the index of all that is pending may be long.
    private static let retainedColumns = """
        SELECT m.sequence, m.record,
            EXISTS (
                SELECT 1 FROM deliveries d NOT INDEXED
                WHERE d.position BETWEEN m.sequence << 12 AND (m.sequence << 12) + \(DeliveryPosition.limit - 1) AND d.state = 0
            ),
            (SELECT b.segment FROM blocks b WHERE b.first_sequence <= m.sequence ORDER BY b.first_sequence DESC LIMIT 1),
            EXISTS (SELECT 1 FROM spooled s WHERE s.sequence = m.sequence)
        FROM messages m
        """

    private static func retained(_ row: Row) throws -> RetentionWalk.Row {
        RetentionWalk.Row(
            sequence: try row.decode(atIndex: 0),
            message: try ProjectionRecord.message(try row.decode(atIndex: 1)),
            isUnfinished: try row.decode(atIndex: 2), segment: try row.decode(atIndex: 3),
            isSpooled: try row.decode(atIndex: 4)
        )
    }

    /// The sequence number of the first record that is there; `nil` when there is none.
    func firstSequence() throws(HubError) -> Int64? {
        try self.read { try Int64.fetchOne($0, sql: "SELECT min(first_sequence) FROM blocks") }
    }

    /// The segment in which a record stands; `nil` before the first block.
    func segment(of sequence: Int64) throws(HubError) -> Int? {
        try self.read { try Self.block($0, of: sequence)?.location.segment }
    }

    /// The first record of a segment, or of the next one that has any; `end` when there is none.
    ///
    /// Blocks stand in the order of their segments, so this halves the chain and reads no table.
    func start(of segment: Int, before end: Int64) throws(HubError) -> Int64 {
        try self.read { database in
            var (low, high) = (Int64(0), end)
            while low < high {
                let middle = low + (high - low) / 2
                if try Self.block(database, of: middle).map({ $0.location.segment < segment }) ?? true {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            return low
        }
    }

    /// Messages from one sequence number up to another with a delivery that has not ended.
    func unfinished(from first: Int64, before end: Int64) throws(HubError) -> Set<Int64> {
        try self.read { database in
            let statement = try database.cachedStatement(
                sql:
                    "SELECT position >> 12 FROM deliveries NOT INDEXED WHERE position >= ? AND position < ? AND state = 0"
            )
            let ends = [first, end].map { DeliveryPosition(sequence: $0, ordinal: 0).value }
            return try Int64.fetchSet(statement, arguments: StatementArguments(ends))
        }
    }

    /// Whether an operator began deliveries anew behind a record.
    func isAnythingBegunAnew(behind sequence: Int64) throws(HubError) -> Bool {
        try self.read { database in
            let rows = try Row.fetchCursor(
                database, sql: "SELECT record FROM operations WHERE sequence > ?", arguments: [sequence])
            while let row = try rows.next() {
                let operation = try ProjectionRecord.operation(try row.decode(atIndex: 0))
                if DeliveryDesk.Change.beginningAnew.contains(operation.action) { return true }
            }
            return false
        }
    }

    /// Messages with a delivery that was begun anew, whenever that was.
    ///
    /// Looks at every delivery there is.
    func begunAnew() throws(HubError) -> [Int64] {
        try self.read {
            try Int64.fetchAll(
                $0,
                sql:
                    "SELECT DISTINCT position >> 12 FROM deliveries NOT INDEXED WHERE since IS NOT NULL ORDER BY 1"
            )
        }
    }

    /// When messages from one sequence number on were received, in their order.
    func times(from first: Int64, limit: Int) throws(HubError) -> [(sequence: Int64, receivedAt: Timestamp)] {
        try self.read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT sequence, record FROM messages WHERE sequence >= ? ORDER BY sequence LIMIT ?"
            )
            return try Row.fetchAll(statement, arguments: [first, limit]).map { row in
                (
                    try row.decode(atIndex: 0),
                    try ProjectionRecord.message(try row.decode(atIndex: 1)).receivedAt
                )
            }
        }
    }

    /// The last decision about identities; `nil` when there is none.
    func lastIdentityRemoval() throws(HubError) -> IdentityRemoval? {
        try self.read { database in
            let rows = try Row.fetchCursor(
                database, sql: "SELECT sequence, record FROM operations ORDER BY sequence DESC")
            while let row = try rows.next() {
                let operation = try ProjectionRecord.operation(try row.decode(atIndex: 1))
                if let removal = IdentityRemoval(operation, at: try row.decode(atIndex: 0)) { return removal }
            }
            return nil
        }
    }

    /// Whether a delivery of a message that a removal covers has not ended, or not any more.
    static func isUnfinished(_ database: Database, _ removal: PayloadRemoval) throws -> Bool {
        for range in removal.sequences {
            // A range may go over much that is of other types; what is pending is then the shorter list.
            let hint = range.upperBound - range.lowerBound < 1 << 16 ? "NOT INDEXED" : ""
            let statement = try database.cachedStatement(
                sql: """
                    SELECT m.record FROM deliveries d \(hint) JOIN messages m ON m.sequence = d.position >> 12
                    WHERE d.position BETWEEN ? AND ? AND d.state = 0
                    """
            )
            let ends = [
                DeliveryPosition(sequence: range.lowerBound, ordinal: 0).value,
                DeliveryPosition(sequence: range.upperBound, ordinal: UInt16(DeliveryPosition.limit - 1))
                    .value,
            ]
            let rows = try Row.fetchCursor(statement, arguments: StatementArguments(ends))
            while let row = try rows.next() {
                guard let type = removal.type else { return true }
                if try ProjectionRecord.message(try row.decode(atIndex: 0)).type == type { return true }
            }
        }
        return false
    }
}
