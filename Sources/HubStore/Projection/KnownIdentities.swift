private import Foundation
internal import GRDB
internal import HubCore
internal import HubModel
internal import Synchronization

/// Says of nearly every message that its identity and its id are new, without a look into the database.
///
/// A Bloom filter: what it does not hold was never accepted, what it holds may have been. It is filled with the identities in
/// the database on a thread of its own, page by page, while the writer adds what it accepts; until that is through it says
/// nothing. What is forgotten in the database stays in it until it is filled again.
final class KnownIdentities: Sendable {
    private struct State {
        var bits: [UInt64] = []
        /// Of what was added, repeats included.
        var count = 0
        /// Whether everything in the database is in it.
        var isComplete = false
        /// Ids up to this one are not in it, but may be in the database.
        var floor: MessageID
        /// The highest id that was added.
        var latest: MessageID
        /// Counts how often it was begun.
        var generation = 0
    }

    /// Twelve bits for each make one answer in two hundred a look too many.
    private static let bitsEach = 12
    private static let probes: UInt64 = 4
    /// Words of 64 bits: 256 KB, which is enough for 170,000, and 32 MB for twenty millions. Beyond that it answers less
    /// often, but never wrongly.
    static let words = (least: 1 << 15, most: 1 << 22)

    private let words: (least: Int, most: Int)
    private let state: Mutex<State>

    /// - Parameters:
    ///   - floor: The highest id in the database.
    ///   - words: Another size, for a test.
    init(floor: MessageID, words: (least: Int, most: Int) = KnownIdentities.words) {
        self.words = words
        self.state = Mutex(State(floor: floor, latest: floor))
    }

    /// Begins anew, empty, for `count` identities and as many again.
    ///
    /// What was added before must be in the database before it is filled.
    ///
    /// - Returns: What `fill` needs.
    func begin(count: Int) -> Int {
        self.state.withLock { state in
            var words = self.words.least
            while words < self.words.most, words * 64 < 2 * count * Self.bitsEach { words *= 2 }
            state.bits = [UInt64](repeating: 0, count: words)
            state.count = 0
            state.isComplete = false
            state.floor = max(state.floor, state.latest)
            state.generation += 1
            return state.generation
        }
    }

    /// Takes in identities from the database.
    ///
    /// - Parameters:
    ///   - generation: That of `begin`; of an earlier one nothing is taken.
    ///   - isLast: Whether there are no more.
    func fill(_ identities: [IdentityKey], _ generation: Int, isLast: Bool) {
        let hashes = identities.map { Self.hash($0) }
        self.state.withLock { state in
            guard state.generation == generation else { return }
            for hash in hashes { Self.set(hash, &state) }
            if isLast { state.isComplete = true }
        }
    }

    /// Takes in messages that were accepted, and are on their way into the database already.
    /// - Returns: Whether it is too small for what is in it, and must be begun anew.
    func add(_ subjects: some Sequence<ProjectionWriter.Subject>) -> Bool {
        self.state.withLock { state in
            for subject in subjects {
                Self.set(Self.hash(subject.identity), &state)
                Self.set(Self.hash(subject.id), &state)
                state.latest = max(state.latest, subject.id)
            }
            guard state.isComplete, state.bits.count < self.words.most,
                state.bits.count * 64 < state.count * Self.bitsEach
            else { return false }
            state.isComplete = false
            return true
        }
    }

    /// For each message, whether its identity or its id may have been accepted; `nil` while nothing can be said.
    func mayHold(_ subjects: [ProjectionWriter.Subject]) -> [Bool]? {
        self.state.withLock { state in
            guard state.isComplete else { return nil }
            return subjects.map { subject in
                subject.id <= state.floor || Self.holds(Self.hash(subject.identity), state)
                    || Self.holds(Self.hash(subject.id), state)
            }
        }
    }

    private static func hash(_ value: some Hashable) -> UInt64 { UInt64(bitPattern: Int64(value.hashValue)) }

    private static func set(_ hash: UInt64, _ state: inout State) {
        state.count += 1
        guard !state.bits.isEmpty else { return }
        let (mask, step) = (UInt64(state.bits.count) * 64 - 1, hash >> 32 | 1)
        for probe in 0..<Self.probes {
            let bit = (hash &+ probe &* step) & mask
            state.bits[Int(bit >> 6)] |= 1 << (bit & 63)
        }
    }

    private static func holds(_ hash: UInt64, _ state: borrowing State) -> Bool {
        let (mask, step) = (UInt64(state.bits.count) * 64 - 1, hash >> 32 | 1)
        for probe in 0..<Self.probes {
            let bit = (hash &+ probe &* step) & mask
            if state.bits[Int(bit >> 6)] & 1 << (bit & 63) == 0 { return false }
        }
        return true
    }
}

/// Goes through the identities in the database, beside everything else.
struct IdentityWalk: Sendable {
    let known: KnownIdentities
    let projection: Projection
    let backlog: ProjectionBacklog
    let thread: WorkerThread
    var page = 1024

    /// Begins anew.
    ///
    /// What the database does not answer is left to it: messages are looked up there then, as before.
    func start() {
        self.thread.perform {
            guard let count = try? self.projection.mostIdentities() else { return }
            let generation = self.known.begin(count: count)
            // What was accepted before is in the database after this.
            guard self.backlog.waitForWhatIs() else { return }
            self.go(on: nil, generation)
        }
    }

    /// One page for each turn, so that others who need the thread have theirs.
    private func go(on last: IdentityKey?, _ generation: Int) {
        guard let identities = try? self.projection.identities(after: last, limit: self.page) else { return }
        self.known.fill(identities, generation, isLast: identities.count < self.page)
        guard let last = identities.last, identities.count == self.page else { return }
        self.thread.perform { self.go(on: last, generation) }
    }
}

extension Projection {
    /// The highest id; one that is below all others when there is none.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func lastID() throws(HubError) -> MessageID {
        try self.read { database in
            try Data.fetchOne(database, sql: "SELECT max(id) FROM messages").flatMap { MessageID(bytes: Array($0)) }
                ?? MessageID(high: 0, low: 0)
        }
    }

    /// How many identities there are at most; to count them would take as long as to read them.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func mostIdentities() throws(HubError) -> Int {
        let totals = try self.totals()
        return min(totals.messages, Int(totals.records - (try self.firstSequence() ?? 0)))
    }

    /// Identities in the order of their bytes.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func identities(after last: IdentityKey?, limit: Int) throws(HubError) -> [IdentityKey] {
        try self.read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT identity FROM identities WHERE identity > ? ORDER BY identity LIMIT ?")
            return try Data.fetchAll(statement, arguments: [Data(last?.bytes ?? []), limit]).map { IdentityKey(bytes: Array($0)) }
        }
    }
}
