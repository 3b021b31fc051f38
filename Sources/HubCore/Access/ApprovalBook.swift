public import HubModel
internal import Synchronization

/// Which systems may call the services that need an operator's approval.
public final class ApprovalBook: Sendable {
    /// Where a request for a service stands.
    public enum State: String, CaseIterable, Sendable, Hashable {
        case requested
        case approved
        case rejected
        /// Was approved, and is not any more.
        case revoked
    }

    /// One system and one service.
    public struct Entry: Sendable, Hashable {
        public let system: SystemID
        public let service: String
        public var state: State
        /// What the system wants it for, as it says.
        public var purpose: String
        /// Who decided; empty while nobody has.
        public var decidedBy: String
        public var reason: String
        public var at: Timestamp

        public init(
            system: SystemID, service: String, state: State, purpose: String, decidedBy: String, reason: String, at: Timestamp
        ) {
            self.system = system
            self.service = service
            self.state = state
            self.purpose = purpose
            self.decidedBy = decidedBy
            self.reason = reason
            self.at = at
        }
    }

    private struct Key: Hashable {
        let system: SystemID
        let service: String
    }

    private let entries: Mutex<[Key: Entry]>

    public init(_ entries: [Entry] = []) {
        self.entries = Mutex(
            Dictionary(entries.map { (Key(system: $0.system, service: $0.service), $0) }) { _, last in last }
        )
    }

    /// In the order of systems and services.
    public var all: [Entry] {
        self.entries.withLock { $0.values.sorted { ($0.system.description, $0.service) < ($1.system.description, $1.service) } }
    }

    public func entry(_ system: SystemID, _ service: String) -> Entry? {
        self.entries.withLock { $0[Key(system: system, service: service)] }
    }

    public func isApproved(_ system: SystemID, _ service: String) -> Bool {
        self.entry(system, service)?.state == .approved
    }

    public func set(_ entry: Entry) {
        self.entries.withLock { $0[Key(system: entry.system, service: entry.service)] = entry }
    }
}
