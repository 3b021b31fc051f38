internal import GRDB
internal import HubCore
internal import HubModel
internal import HubSQLite

/// Finds what a sender was accepted with before, on the writer's thread and a connection of its own.
///
/// Nearly every message is new, and for those two looks at an index are all. Only when there is something, or something
/// is on its way into the database, is the database waited for and asked in full.
final class EarlierMessages {
    private let backlog: ProjectionBacklog
    private let projection: Projection
    private let connection: DatabaseQueue

    /// - Throws: `journal.unavailable`.
    init(_ projection: Projection, _ backlog: ProjectionBacklog) throws(HubError) {
        self.projection = projection
        self.backlog = backlog
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
        // In this order: what leaves the backlog is in the database by then.
        var isKnown = self.backlog.mayHold(messages)
        try Projection.converting(self.projection.path) {
            try self.connection.inDatabase { database in
                let statement = try DirectStatement(database, Projection.search)
                func search() throws {
                    for (place, message) in messages.enumerated() where !isKnown[place] {
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
