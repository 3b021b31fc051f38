internal import FoundationEssentials
internal import GRDB
internal import HubCore
internal import HubModel

/// The SQLite database that answers what the hub asks of its journal.
///
/// It holds nothing that the segments do not hold, and is made anew from them when it is lost.
struct Projection: Sendable {
    let pool: DatabasePool
    let path: String
    private let door = ReadDoor()

    /// How far the segments have been applied.
    struct State {
        let chain: Chain
        let last: BlockLocation
    }

    /// Opens the database, or makes an empty one.
    /// - Throws: `journal.unavailable`, or `journal.damaged` for a file that is not a database of this version.
    static func open(_ path: String) throws(HubError) -> Projection {
        guard try ProjectionFile(path).isWhole() else {
            throw HubError.projectionDamaged("The projection lacks pages at its end.")
        }
        return try Self.converting(path) {
            let pool = try DatabasePool(path: path, configuration: Self.configuration())
            do {
                try pool.write { database in
                    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
                    let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
                    // A new pool may leave its file with nothing in it.
                    if version == 0, tables == 0 {
                        try ProjectionSchema.create(database)
                    } else if !ProjectionSchema.isKnown(version) {
                        throw HubError.projectionDamaged(
                            "The projection was made by another version.",
                            details: [ErrorDetail("version", version)]
                        )
                    }
                }
            } catch {
                try? pool.close()
                throw error
            }
            return Projection(pool: pool, path: path)
        }
    }

    static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 4
        configuration.persistentReadOnlyConnections = true
        configuration.prepareDatabase { database in
            // The writer never checkpoints on its own account; `Checkpointer` does.
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            try database.execute(sql: "PRAGMA cache_size = -8192")
        }
        return configuration
    }

    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func state() throws(HubError) -> State? {
        try self.read { database in
            let sql = "SELECT number, digest, next_sequence, segment, offset, length FROM state"
            guard let row = try Row.fetchOne(database, sql: sql) else { return nil }
            let last = try Self.location(row, from: 3)
            let chain = Chain(
                number: try row.decode(atIndex: 0),
                digest: Digest(bytes: try row.decode(Data.self, atIndex: 1)) ?? .zero,
                nextSequence: try row.decode(atIndex: 2)
            )
            guard chain.digest != .zero, chain.number >= 0, chain.nextSequence > chain.number else {
                throw HubError.projectionDamaged("The projection does not say which block it ends with.")
            }
            return State(chain: chain, last: last)
        }
    }

    /// Where a block stands, as three columns say.
    /// - Throws: That the database is damaged, when no block can stand there.
    static func location(_ row: Row, from column: Int) throws -> BlockLocation {
        let location = BlockLocation(
            segment: try row.decode(atIndex: column), offset: try row.decode(atIndex: column + 1),
            length: try row.decode(atIndex: column + 2)
        )
        guard location.segment >= 0, location.offset >= SegmentHeader.length, location.length >= BlockLayout.headLength,
            !location.offset.addingReportingOverflow(location.length).overflow
        else {
            throw HubError.projectionDamaged("The projection names a place where no block can be. Stop the hub and rebuild it.")
        }
        return location
    }

    /// Copies the log into the database, as far as nobody reads from it.
    ///
    /// A checkpoint that fails costs disk space and nothing else; the next one tries again.
    func checkpoint() {
        _ = try? self.pool.writeWithoutTransaction { try $0.checkpoint(.passive) }
    }

    /// Reads on a connection of its own, from one unchanging state.
    /// - Throws: `journal.unavailable`, `journal.damaged`, and what `body` throws as `HubError`.
    func read<Value>(_ body: (Database) throws -> Value) throws(HubError) -> Value {
        try self.door.enter()
        defer { self.door.leave() }
        return try Self.converting(self.path) { try self.pool.read(body) }
    }

    /// Lets go of the connections, when those who read are done.
    ///
    /// What is asked later is answered with `journal.closed`.
    func close() {
        self.door.close()
        try? self.pool.close()
    }

    /// Removes the database and what SQLite keeps beside it.
    static func remove(_ path: String) throws(HubError) {
        for suffix in ["", "-wal", "-shm"] { try Folder.remove(path + suffix) }
    }

    /// Lets every error of the database become one of ours.
    static func converting<Value>(_ path: String, _ body: () throws -> Value) throws(HubError) -> Value {
        do {
            return try body()
        } catch let error as HubError {
            throw error
        } catch let error as DatabaseError where ProjectionDamage.isMeant(by: error.resultCode) {
            throw Self.damage(path, error)
        } catch let error as RowDecodingError {
            throw Self.damage(path, error)
        } catch {
            throw HubError(
                .journalUnavailable,
                "The projection does not answer. Check the disk, then start the hub again.",
                details: [ErrorDetail("path", path), ErrorDetail("error", Self.reason(error))], cause: error
            )
        }
    }

    private static func damage(_ path: String, _ error: any Error) -> HubError {
        HubError.projectionDamaged(
            "The projection is damaged. Stop the hub and rebuild it from the segments.",
            details: [ErrorDetail("path", path), ErrorDetail("error", Self.reason(error))], cause: error
        )
    }

    /// Result codes and SQLite's own words, without statements and arguments.
    private static func reason(_ error: any Error) -> String {
        if error is RowDecodingError { return "a value of another type" }
        guard let error = error as? DatabaseError else { return "unknown" }
        return "\(error.extendedResultCode.rawValue) \(error.message ?? "")"
    }
}
