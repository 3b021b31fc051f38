internal import GRDB
internal import HubCore
internal import HubModel
internal import HubSQLite

/// Finds what a sender was accepted with before, on the writer's thread and a connection of its own.
///
/// Nearly every message is new, which `KnownIdentities` says at once; until it can, and for what it is not sure of, two looks at
/// an index say it. Only when there is something, or something is on its way into the database, is the database waited for
/// and asked in full.
final class EarlierMessages {
    private let backlog: ProjectionBacklog
    private let known: KnownIdentities
    private let walk: IdentityWalk
    private let projection: Projection
    private let connection: DatabaseQueue

    /// - Parameter thread: On which the identities in the database are gone through.
    /// - Throws: `journal.unavailable`.
    init(_ projection: Projection, _ backlog: ProjectionBacklog, on thread: WorkerThread) throws(HubError) {
        self.projection = projection
        self.backlog = backlog
        // Of a database that does not say it, every id is looked up.
        let floor = (try? projection.lastID()) ?? MessageID(high: .max, low: .max)
        self.known = KnownIdentities(floor: floor)
        self.walk = IdentityWalk(known: self.known, projection: projection, backlog: backlog, thread: thread)
        self.connection = try Projection.converting(projection.path) {
            var configuration = Projection.configuration()
            configuration.readonly = true
            return try DatabaseQueue(path: projection.path, configuration: configuration)
        }
    }

    /// For each message, the one that its sender accepted under this identity or that has this id.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func find(_ messages: [ProjectionWriter.Subject]) throws(HubError) -> [ProjectionWriter.Subject?] {
        guard !messages.isEmpty else { return [] }
        let isSuspect = self.known.mayHold(messages)
        if let isSuspect, !isSuspect.contains(true) { return messages.map { _ in nil } }
        // In this order: what leaves the backlog is in the database by then.
        var isKnown = self.backlog.mayHold(messages)
        try Projection.converting(self.projection.path) {
            try self.connection.inDatabase { database in
                let statement = try DirectStatement(database, Projection.search)
                func search() throws {
                    for (place, message) in messages.enumerated() where !isKnown[place] && isSuspect?[place] != false {
                        statement.bind(1, message.identity.bytes)
                        statement.bind(2, message.id.bytes)
                        isKnown[place] = try statement.firstRow() != nil
                    }
                }
                // A statement takes the locks by itself; for many they are taken once.
                guard messages.count > 1 else { return try search() }
                try database.inTransaction(.deferred) {
                    try search()
                    return .commit
                }
            }
        }
        guard isKnown.contains(true) else { return isKnown.map { _ in nil } }
        try self.backlog.waitUntilSettled()
        return try self.projection.read { database in
            try zip(messages, isKnown).map { message, isKnown in
                guard isKnown else { return nil }
                return try Projection.repeated(database, message.identity.bytes, message.id)
                    .map { ProjectionWriter.Subject($0) }
            }
        }
    }

    /// Begins to go through the identities in the database, so that most messages need no look into it.
    func start() { self.walk.start() }

    /// Takes note of messages that stand in a block, and are on their way into the database.
    func accepted(_ messages: some Sequence<ProjectionWriter.Subject>) {
        if self.known.add(messages) { self.walk.start() }
    }

    /// Whether a delivery of a message that a removal covers has not ended, or not any more.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func isUnfinished(_ removal: PayloadRemoval) throws(HubError) -> Bool {
        try self.backlog.waitUntilSettled()
        return try self.projection.read { try Projection.isUnfinished($0, removal) }
    }

    /// The messages below `end` with a delivery that has not ended; at most one more than are carried.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func unfinished(before end: Int64) throws(HubError) -> Set<Int64> {
        try self.backlog.waitUntilSettled()
        return try self.projection.unfinishedMessages(before: end)
    }

    /// The record that accepted a message; `nil` when there is none.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func sequence(of message: MessageID) throws(HubError) -> Int64? {
        try self.backlog.waitUntilSettled()
        return try self.projection.read { try Projection.sequence($0, message) }
    }

    func close() { try? self.connection.close() }
}
