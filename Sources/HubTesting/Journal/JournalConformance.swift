public import HubCore
public import HubEnvelope
internal import HubModel

/// What every journal promises, as checks that any implementation can be put through.
///
/// ```swift
/// @Test(arguments: JournalConformance.checks)
/// func conforms(_ check: JournalConformance.Check) async throws {
///     try await check.run(JournalConformance.Subject(journal: myJournal, key: myPublicKey))
/// }
/// ```
public enum JournalConformance {
    /// An empty journal and the key that its blocks are signed with.
    public struct Subject: Sendable {
        public let journal: any Journal
        public let key: PublicKey

        public init(journal: any Journal, key: PublicKey) {
            self.journal = journal
            self.key = key
        }
    }

    public struct Check: Sendable, CustomStringConvertible {
        /// A sentence about behaviour, without its subject.
        public let description: String
        private let body: @Sendable (Subject) async throws -> Void

        init(_ description: String, _ body: @escaping @Sendable (Subject) async throws -> Void) {
            self.description = description
            self.body = body
        }

        /// - Throws: `Failure`, or what the journal threw.
        public func run(_ subject: Subject) async throws {
            try await self.body(subject)
        }
    }

    /// A promise that was not kept.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public static let checks: [Check] = acceptance + delivery + reading

    /// - Throws: `Failure` unless `condition` holds.
    static func expect(_ condition: Bool, _ sentence: String) throws {
        guard condition else { throw Failure(description: sentence) }
    }

    static func expectEqual<Value: Equatable>(_ found: Value, _ wanted: Value, _ what: String) throws {
        guard found == wanted else { throw Failure(description: "\(what): wanted \(wanted), found \(found)") }
    }

    static func expectCode(
        _ code: ErrorCode, _ what: String, _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
        } catch let error as HubError {
            return try Self.expectEqual(error.code, code, what)
        }
        throw Failure(description: "\(what): nothing was thrown")
    }
}

extension JournalConformance.Subject {
    /// Accepts a message and checks that it was taken on.
    @discardableResult
    func accept(_ message: AcceptedMessage, _ payload: [UInt8]) async throws -> (Receipt, Int64) {
        guard case .committed(let receipt, let sequence) = try await self.append(message, payload) else {
            throw JournalConformance.Failure(description: "a new message was taken for a repeat")
        }
        return (receipt, sequence)
    }

    func append(_ message: AcceptedMessage, _ payload: [UInt8]) async throws -> AppendResult {
        try await self.journal.append(.accepted(message), payload: payload)
    }

    func record(_ event: DeliveryEvent) async throws {
        _ = try await self.journal.append(.delivery(event), payload: nil)
    }
}
