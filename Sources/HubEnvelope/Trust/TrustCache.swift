internal import HubModel
internal import Synchronization

/// Certificates that a store has found valid, so that a message costs a look-up instead of a chain.
///
/// Refusals are not kept: they are rare, and what mends them should show at once. Bounded by two generations:
/// when the younger is full it becomes the older, and what nobody asked for since then is forgotten.
final class TrustCache: Sendable {
    struct Key: Hashable {
        let certificate: Digest
        let purpose: TrustPurpose
        let isMomentProven: Bool
    }

    /// A verdict, and the moments for which it was found.
    struct Entry {
        let from: Timestamp
        let until: Timestamp
        let chain: [String]
    }

    private struct State {
        var younger: [Key: Entry] = [:]
        var older: [Key: Entry] = [:]
    }

    private let state = Mutex(State())
    private let generation: Int

    /// - Parameter capacity: how many entries there are at most.
    init(capacity: Int) {
        self.generation = max(1, capacity / 2)
    }

    /// What was found for this certificate, if it holds at the moment.
    func entry(_ key: Key, at moment: Timestamp) -> Entry? {
        self.state.withLock { state in
            if let entry = state.younger[key] { return Self.checked(entry, at: moment) }
            guard let entry = state.older[key] else { return nil }
            self.insert(entry, key, into: &state)
            return Self.checked(entry, at: moment)
        }
    }

    func remember(_ entry: Entry, for key: Key) {
        self.state.withLock { self.insert(entry, key, into: &$0) }
    }

    var count: Int {
        self.state.withLock { Set($0.younger.keys).union($0.older.keys).count }
    }

    private func insert(_ entry: Entry, _ key: Key, into state: inout State) {
        if state.younger.count >= self.generation, state.younger[key] == nil {
            state.older = state.younger
            state.younger.removeAll(keepingCapacity: true)
        }
        state.younger[key] = entry
    }

    private static func checked(_ entry: Entry, at moment: Timestamp) -> Entry? {
        entry.from <= moment && moment <= entry.until ? entry : nil
    }
}
