internal import FoundationEssentials
internal import GRDB
internal import HubCore
internal import HubModel

/// What waits, what was given up, and what operators hold back.
extension Projection {
    func pending(
        for destination: DestinationID, after position: DeliveryPosition, limit: Int
    ) throws(HubError) -> [PendingDelivery] {
        try self.read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT d.position, d.event, m.sequence, m.record, d.since
                    FROM deliveries d JOIN messages m ON m.sequence = d.position >> 12
                    WHERE d.destination = (SELECT id FROM destinations WHERE name = ?)
                        AND d.state = 0 AND d.position > ?
                    ORDER BY d.position LIMIT ?
                    """
            )
            let rows = try Row.fetchCursor(
                statement, arguments: [Data(destination.description.utf8), position.value, max(0, limit)]
            )
            var pending: [PendingDelivery] = []
            while let row = try rows.next() {
                let position = try row.decode(Int64.self, atIndex: 0)
                let event = try row.decode(Data?.self, atIndex: 1)
                let message = try ProjectionRecord.message(try row.decode(atIndex: 3))
                let ordinal = UInt16(position & Int64(DeliveryPosition.limit - 1))
                guard Int(ordinal) < message.deliveries.count else { continue }
                pending.append(
                    try Self.pending(
                        PendingDelivery(message, ordinal: ordinal, sequence: try row.decode(atIndex: 2)), at: destination,
                        event.map { try ProjectionRecord.event($0) }, since: try row.decode(atIndex: 4)
                    )
                )
            }
            return pending
        }
    }

    private static func pending(
        _ planned: PendingDelivery, at destination: DestinationID, _ event: DeliveryEvent?, since: Int64?
    ) -> PendingDelivery {
        guard let event else { return planned }
        return planned.after(
            attempts: event.attempt, notBefore: event.notBefore, at: destination,
            since: since.map { Timestamp(nanoseconds: $0) }, decidedAt: event.at
        )
    }

    /// Looks at rows of the phase from a position on, at most `Self.looked` of them, and gives those that are meant.
    func deliveries(
        _ selection: DeliverySelection, after position: DeliveryPosition, limit: Int
    ) throws(HubError) -> DeliveryPage {
        try self.read { database in
            let name = selection.destination.map { Data($0.description.utf8) }
            let statement = try database.cachedStatement(
                sql: """
                    SELECT d.position, d.attempts, d.event, n.name, m.record
                    FROM deliveries d JOIN messages m ON m.sequence = d.position >> 12
                    JOIN destinations n ON n.id = d.destination
                    WHERE d.state = \(selection.phase.column) AND d.position > ?
                        \(name == nil ? "" : "AND d.destination = (SELECT id FROM destinations WHERE name = ?)")
                    ORDER BY d.position LIMIT ?
                    """
            )
            let looked = max(limit, Self.looked)
            let rows = try Row.fetchCursor(
                statement, arguments: StatementArguments([position.value]) + (name.map { [$0] } ?? []) + [looked]
            )
            var found: [SelectedDelivery] = []
            var (seen, last) = (0, position)
            while found.count < limit, let row = try rows.next() {
                seen += 1
                last = DeliveryPosition(value: try row.decode(atIndex: 0))
                let message = try ProjectionRecord.message(try row.decode(atIndex: 4))
                let ordinal = Int(last.value & Int64(DeliveryPosition.limit - 1))
                guard ordinal < message.deliveries.count else { continue }
                let event = try row.decode(Data?.self, atIndex: 2).map { try ProjectionRecord.event($0) }
                let destination = String(decoding: try row.decode(Data.self, atIndex: 3), as: UTF8.self)
                let delivery = SelectedDelivery(
                    id: DeliveryID(message: message.id, ordinal: UInt16(ordinal)), position: last, message: message,
                    state: DeliveryState(
                        plan: message.deliveries[ordinal].at(DestinationID(unchecked: destination)), phase: selection.phase,
                        attempts: try row.decode(atIndex: 1), at: event?.at, code: event?.code, answer: event?.answer ?? ""
                    )
                )
                if selection.means(delivery) { found.append(delivery) }
            }
            let isOver = found.count < limit && seen < looked
            return DeliveryPage(deliveries: found, next: isOver ? nil : last)
        }
    }

    private static let looked = 5000

    func holds() throws(HubError) -> [DestinationID: DeliveryPosition] {
        try self.read { database in
            var holds: [DestinationID: DeliveryPosition] = [:]
            let rows = try Row.fetchCursor(database, sql: "SELECT name, position FROM holds")
            while let row = try rows.next() {
                let name = String(decoding: try row.decode(Data.self, atIndex: 0), as: UTF8.self)
                holds[DestinationID(unchecked: name)] = DeliveryPosition(value: try row.decode(atIndex: 1))
            }
            return holds
        }
    }

    func pendingCounts() throws(HubError) -> [DestinationID: Int] {
        try self.read { database in
            var counts: [DestinationID: Int] = [:]
            let rows = try Row.fetchCursor(
                database, sql: "SELECT name, pending FROM destinations WHERE pending > 0")
            while let row = try rows.next() {
                let name = String(decoding: try row.decode(Data.self, atIndex: 0), as: UTF8.self)
                counts[DestinationID(unchecked: name)] = try row.decode(Int.self, atIndex: 1)
            }
            return counts
        }
    }
}
