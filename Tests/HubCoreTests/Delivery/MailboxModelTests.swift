import HubCore
import HubModel
import HubTesting
import Testing

@testable import HubCore

@Suite("A mailbox, against a model", .timeLimit(.minutes(2)))
struct MailboxModelTests {
    @Test("lends nothing twice, loses nothing and keeps the order of each lane", arguments: 0..<240)
    func model(seed: Int) async throws {
        let world = try MailboxWorld(seed: UInt64(seed))
        for _ in 0..<120 { try await world.step() }
        try await world.drain()
    }

    @Test("does so near the last number that a record can have, and after more attempts than can be counted", arguments: 0..<60)
    func end(seed: Int) async throws {
        let world = try MailboxWorld(seed: UInt64(seed), origin: DeliveryPosition.lastSequence - 1500, attempts: .max - 1)
        for _ in 0..<120 { try await world.step() }
        try await world.drain()
    }
}

/// A mailbox with its journal, pollers and operators, and what must be true of all of them.
///
/// The pollers of one mailbox are not told apart by the hub; here each remembers what it was given, and settles it late
/// or twice.
final class MailboxWorld {
    enum Phase { case pending, withdrawn, delivered, dead }

    struct Entry {
        let id: DeliveryID
        let position: DeliveryPosition
        let lane: String
        let payload: [UInt8]
        /// How many steps had been made when it was committed, and when the mailbox was told of it.
        var committedAt: Int
        var toldAt: Int?
        var phase = Phase.pending
        /// The end of its last lease; `nil` when it was given back, or never lent by this mailbox.
        var until: Duration?
        /// Whether the mailbox has shown it and nobody has taken it out since, so that it heads its lane.
        var isShown = false
        /// Whether an operator sent it again: it has lost its place in the order.
        var isRevived = false
        /// Whether it cannot be made, so that the mailbox gives it up when it would show it.
        var isSpoilt = false
    }

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    static let place: DestinationID = .mailbox(SystemID("qlvb-thu") ?? .national)
    private static let pollers = 3

    let seed: UInt64
    let random: SeededRandom
    let clock = ManualClock()
    var bench: DeliveryBench
    var mailbox: Mailbox
    var outbox: Outbox
    /// In the order of acceptance.
    var journal: [Entry] = []
    var numbers: [DeliveryID: Int] = [:]
    var steps = 0
    /// Where operators hold deliveries back.
    var hold: DeliveryPosition?
    /// What each poller was given and has not seen the end of.
    var hands = Array(repeating: [Int](), count: pollers)
    private let laneCount: Int
    /// That some have behind them when they come.
    private let attempts: Int

    init(seed: UInt64, origin: Int64 = 0, attempts: Int = 0) throws {
        self.attempts = attempts
        self.seed = seed
        let random = SeededRandom(seed: seed)
        self.random = random
        self.bench = try DeliveryBench(clock: self.clock, origin: origin)
        self.bench.configuration.window = random.chance(50) ? 4096 : 2 + random.below(12)
        self.bench.configuration.outstanding = 1 + random.below(8)
        self.bench.configuration.fetchSize = random.chance(70) ? 1 << 20 : 20 + random.below(60)
        self.bench.configuration.lease = .seconds(5)
        self.bench.configuration.longestLease = .seconds(20)
        self.laneCount = 1 + random.below(8)
        self.mailbox = self.bench.mailbox("qlvb-thu")
        self.outbox = Outbox(mailboxes: [self.mailbox])
    }

    var uptime: Duration { self.clock.uptime }

    func broken(_ what: String) -> Broken { Broken(description: "seed \(self.seed), step \(self.steps): \(what)") }

    func step() async throws {
        self.steps += 1
        switch self.random.below(100) {
        case 0..<20: try await self.accept()
        case 20..<28: await self.tellAny()
        case 28..<48: try await self.fetch()
        case 48..<52: try await self.fetchTogether()
        case 52..<65: try await self.acknowledge()
        case 65..<69: try await self.acknowledgeMany()
        case 69: try await self.refuse()
        case 70..<75: try await self.giveBack()
        case 75..<80: try await self.extend()
        case 80..<89: self.clock.advance(by: .milliseconds(500 * self.random.below(8)))
        case 89: try await self.failToWrite()
        case 90: try await self.failToRead()
        case 91: try await self.steer()
        case 92..<94: try await self.expire()
        case 94..<96: try await self.redrive()
        case 96: await self.withdraw()
        case 97..<99: await self.settle()
        default: try await self.crash()
        }
        try await self.checkLent()
    }

    /// Lets everything come to its end, which must happen in a bounded number of steps.
    func drain() async throws {
        try await self.resume()
        await self.settle()
        while await self.tellAny() {}
        for _ in 0..<(self.journal.count * 2 + 10) {
            self.steps += 1
            try await self.fetch()
            for poller in 0..<Self.pollers {
                for number in self.hands[poller] { try await self.acknowledge(number) }
                self.hands[poller] = []
            }
            self.clock.advance(by: .seconds(21))
        }
        for (number, entry) in self.journal.enumerated() {
            guard entry.phase == .delivered || entry.phase == .dead else { throw self.broken("\(number) never came") }
            let phase: DeliveryState.Phase = entry.phase == .dead ? .deadLettered : .delivered
            guard await self.phase(number) == phase else { throw self.broken("\(number) is not recorded as \(phase)") }
        }
        try await self.checkLent()
    }

    /// What is lent now, as the mailbox counts it and as the pollers know it.
    private func checkLent() async throws {
        let lent = self.journal.indices.filter(self.isLent)
        let outstanding = await self.mailbox.statistics.outstanding
        guard outstanding == lent.count else { throw self.broken("\(outstanding) are lent, and should be \(lent)") }
        guard lent.count <= self.bench.configuration.outstanding else { throw self.broken("too many are lent: \(lent)") }
        guard Set(lent.map { self.journal[$0].lane }).count == lent.count else { throw self.broken("two of one lane: \(lent)") }
    }

    func isLent(_ number: Int) -> Bool {
        self.journal[number].phase == .pending && self.journal[number].until.map { $0 > self.uptime } ?? false
    }

    func phase(_ number: Int) async -> DeliveryState.Phase? {
        await self.bench.journal.message(self.journal[number].id.message)?.deliveries[0].phase
    }

    private func accept() async throws {
        let number = self.journal.count
        let lane = "lane \(self.random.below(self.laneCount))"
        let payload = JournalSamples.payload(number, count: 20)
        let message = try await self.bench.accept(number, lane: lane, to: [Self.place.description])
        guard let sequence = try await self.bench.journal.pending(for: Self.place, after: .start, limit: .max)
            .last(where: { $0.id.message == message })?.position
        else { throw self.broken("\(number) is not in the journal") }
        let id = DeliveryID(message: message, ordinal: 0)
        self.numbers[id] = number
        self.journal.append(Entry(id: id, position: sequence, lane: lane, payload: payload, committedAt: self.steps))
        if self.random.chance(4) {
            self.journal[number].isSpoilt = true
            self.bench.journal.failPayload(of: message, with: HubError(.journalDamaged, "The payload is damaged."))
        }
        if self.attempts > 0, self.random.chance(30) {
            let event = DeliveryEvent(delivery: id, at: self.clock.now, kind: .postponed, attempt: self.attempts + number % 2)
            _ = try await self.bench.journal.append(.delivery(event), payload: nil)
        }
        if self.random.chance(60) { await self.tell(number) }
    }

    @discardableResult
    private func tellAny() async -> Bool {
        let untold = self.journal.indices.filter { self.journal[$0].toldAt == nil }
        guard !untold.isEmpty else { return false }
        await self.tell(self.random.any(of: untold))
        return true
    }

    private func tell(_ number: Int) async {
        self.journal[number].toldAt = self.steps
        guard let stored = await self.bench.journal.message(self.journal[number].id.message) else { return }
        await self.outbox.enqueue(stored.message, sequence: self.journal[number].position.value >> 12)
    }
}
