internal import FoundationEssentials
internal import GRDB
internal import HubCore
public import HubModel

/// The projection as a witness: what it remembers of the records, and whether it says what the blocks say.
///
/// It proves nothing by itself, since anyone can write to it; but whoever changes one of the two has to change the other.
public struct ProjectionMemory: Sendable {
    let path: String
    private let folder: String
    let database: DatabaseQueue

    /// Opens the projection of a journal for reading; a hub may have it open.
    ///
    /// - Returns: `nil` when there is none.
    /// - Throws: `journal.damaged`, `journal.unavailable`.
    public init?(folder: String) throws(HubError) {
        self.path = folder + "/projection.sqlite"
        self.folder = folder
        guard try Folder.exists(self.path) else { return nil }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        let (path, settings) = (self.path, configuration)
        self.database = try Projection.converting(path) { try DatabaseQueue(path: path, configuration: settings) }
    }

    /// The records with these sequence numbers, or `nil` when it does not have all of them.
    func records(from first: Int64, count: Int) throws(HubError) -> [[UInt8]]? {
        let last = first.addingReportingOverflow(Int64(count))
        guard count > 0, count <= 1 << 20, !last.overflow else { return nil }
        return try Projection.converting(self.path) {
            try self.database.read { database in
                var found: [Int64: [UInt8]] = [:]
                for table in ["messages", "attempts", "refusals", "lookups", "operations"] {
                    let rows = try Row.fetchCursor(
                        database, sql: "SELECT sequence, record FROM \(table) WHERE sequence >= ? AND sequence < ?",
                        arguments: [first, last.partialValue]
                    )
                    while let row = try rows.next() {
                        found[try row.decode(atIndex: 0)] = Array(try row.decode(Data.self, atIndex: 1))
                    }
                }
                let records = (0..<Int64(count)).compactMap { found[first + $0] }
                return records.count == count ? records : nil
            }
        }
    }

    /// Where the records stand that removed payloads.
    func removals() throws(HubError) -> [(removal: RecordedRemoval, firstSequence: Int64, location: BlockLocation)] {
        try Projection.converting(self.path) {
            try self.database.read { database in
                try Projection.removals(database).compactMap { removal in
                    try Projection.block(database, of: removal.sequence).map {
                        (removal, $0.firstSequence, $0.location)
                    }
                }
            }
        }
    }

    /// What the projection says and the blocks do not, or the other way round, table by table.
    ///
    /// Makes another projection in `scratch` from the blocks that this one knows, and compares every row.
    ///
    /// - Throws: `journal.unavailable`; `journal.damaged` when the blocks cannot be read, which the audit of the
    ///   segments has named.
    public func differences(scratch: String) throws(HubError) -> [String] {
        try JournalBase.steadily(in: self.folder) { () throws(HubError) in
            try Projection.remove(scratch + "/projection.sqlite")
            return try self.compare(scratch)
        }
    }

    private func compare(_ scratch: String) throws(HubError) -> [String] {
        let base = try JournalBase.load(in: self.folder)
        let (carried, lost) = try JournalBase.carried(by: base, in: self.folder)
        if let lost { return [lost.what] }
        let copy = scratch + "/projection.sqlite"
        let made = try Projection.open(copy)
        defer { made.close() }
        let (path, segments) = (self.path, self.folder + "/segments")
        return try Projection.converting(path) {
            var configuration = Configuration()
            configuration.busyMode = .timeout(10)
            let queue = try DatabaseQueue(path: copy, configuration: configuration)
            defer { try? queue.close() }
            return try queue.inDatabase { database in
                try database.execute(sql: "ATTACH DATABASE ? AS kept", arguments: [path])
                // From here on it is looked at as it is now, whatever a running hub adds.
                try database.beginTransaction(.deferred)
                defer { try? database.commit() }
                let version = try Int.fetchOne(database, sql: "PRAGMA kept.user_version") ?? 0
                guard ProjectionSchema.isKnown(version) else {
                    return ["it is of version \(version), and the next start of the hub makes it anew"]
                }
                guard let last = try Int64.fetchOne(database, sql: "SELECT number FROM kept.state") else { return [] }
                if let lag = try Self.lag(database, version, last, behind: base) { return [lag] }
                if let base { try made.seed(base, carried) }
                if let fault = try Self.replay(segments, from: base, upTo: last, into: made) { return [fault] }
                return try Self.tables.compactMap { try Self.difference(database, $0.name, key: $0.key) }
            }
        }
    }

    /// What keeps a database from being compared: a drop of months has not come into it. The next start sees to it.
    private static func lag(
        _ database: Database, _ version: Int, _ last: Int64, behind base: JournalBase?
    ) throws -> String? {
        guard let base else {
            return version == ProjectionSchema.version
                ? nil : "rows of dropped months are not in it, and the base that would say which is missing"
        }
        if last <= base.chain.number {
            return "it ends in months that were dropped, and the next start of the hub makes it anew"
        }
        let isLeft = try Int.fetchOne(
            database, sql: "SELECT 1 FROM kept.blocks WHERE first_sequence < ? LIMIT 1",
            arguments: [base.chain.nextSequence])
        return isLeft == nil && version == ProjectionSchema.basedVersion
            ? nil : "rows of dropped months are still in it, and the next start of the hub takes them out"
    }

    private static let tables: [(name: String, key: String)] = [
        ("messages", "sequence"), ("identities", "sequence"), ("courses", "sequence"), ("destinations", "id"), ("deliveries", "position"),
        ("attempts", "sequence"), ("refusals", "sequence"), ("lookups", "sequence"), ("operations", "sequence"),
        ("removals", "sequence"), ("holds", "name"), ("spooled", "sequence"), ("counters", "name"), ("blocks", "first_sequence"), ("state", "number"),
    ]

    private static func difference(_ database: Database, _ table: String, key: String) throws -> String? {
        let missing = "SELECT * FROM main.\(table) EXCEPT SELECT * FROM kept.\(table)"
        let extra = "SELECT * FROM kept.\(table) EXCEPT SELECT * FROM main.\(table)"
        let count = try Int.fetchOne(
            database, sql: "SELECT (SELECT count(*) FROM (\(missing))) + (SELECT count(*) FROM (\(extra)))"
        )
        guard let count, count > 0 else { return nil }
        let keys = "SELECT \(key) AS k FROM (\(missing)) UNION SELECT \(key) FROM (\(extra)) ORDER BY 1 LIMIT 1"
        let first = try Row.fetchOne(database, sql: keys).map { "\($0.databaseValue(at: 0))" } ?? "?"
        return "table \(table) differs from the blocks, first at \(key) = \(first)"
    }

    /// - Returns: What keeps the blocks from being applied; `nil` when all of them were.
    private static func replay(
        _ folder: String, from base: JournalBase?, upTo last: Int64, into projection: Projection
    ) throws(HubError) -> String? {
        let files = SegmentFiles(folder: folder, from: base?.firstSegment ?? 0)
        var writer = ProjectionWriter(projection)
        var chain = base?.chain ?? Chain()
        var queued: [ProjectionWriter.Block] = []
        reading: for number in try files.numbers() {
            var scan = try SegmentScan(number, in: files)
            while chain.number < last, case .block(let block) = try scan.next() {
                // What does not fit has been named by the audit of the segments; the rows tell the rest.
                let next = try ProjectionWriter.Block(block, after: chain)
                chain = next.chain
                queued.append(next)
                if queued.count >= 1024 {
                    try writer.apply(queued)
                    queued = []
                }
            }
            if chain.number >= last { break reading }
        }
        try writer.apply(queued)
        return chain.number < last
            ? "it knows block \(last), and the segments end with block \(chain.number): the end was cut off" : nil
    }
}

extension Row {
    fileprivate func databaseValue(at index: Int) -> DatabaseValue { self[index] }
}
