import HubCore
import HubModel
import HubTesting

@testable import HubCore

/// What pollers do.
extension MailboxWorld {
    private func anyPoller() -> Int { self.random.below(self.hands.count) }

    /// Something that a poller was given, or that anyone could name.
    private func anyNumber() -> Int? {
        let hand = self.hands[self.anyPoller()]
        if !hand.isEmpty, self.random.chance(85) { return self.random.any(of: hand) }
        return self.journal.isEmpty ? nil : self.random.below(self.journal.count)
    }

    private func anyLease() -> Duration? {
        self.random.any(of: [nil, nil, .seconds(1), .seconds(self.random.below(12)), .seconds(1_000_000)])
    }

    private func length(of lease: Duration?) -> Duration {
        min(lease ?? self.bench.configuration.lease, self.bench.configuration.longestLease)
    }

    func fetch() async throws {
        let (limit, lease) = (1 + self.random.below(6), self.anyLease())
        let before = self.journal.indices.filter(self.isLent).count
        let parcels = try await self.mailbox.fetch(limit: limit, wait: .zero, lease: lease)
        let givenUp = try await self.noteGivenUp()
        try self.show(parcels, limit: limit, lease: lease)
        let room = min(limit, self.bench.configuration.outstanding - before)
        guard parcels.count < room, givenUp == 0 else { return }
        try self.checkNothingLeft(behind: parcels)
    }

    /// Several at once, who must not get the same. Who gets what is not up to the seed, so a failure behind this may need
    /// several runs of its seed to show again.
    func fetchTogether() async throws {
        let mailbox = self.mailbox
        // Not for no time at all: then another one may get the same at this very moment.
        let asked = (0..<3).map { _ in (limit: 1 + self.random.below(6), lease: self.anyLease().map { max($0, .seconds(1)) }) }
        let answers = try await withThrowingTaskGroup(of: (Int, [Parcel]).self) { group in
            for (place, ask) in asked.enumerated() {
                group.addTask { (place, try await mailbox.fetch(limit: ask.limit, wait: .zero, lease: ask.lease)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        _ = try await self.noteGivenUp()
        for (place, parcels) in answers { try self.show(parcels, limit: asked[place].limit, lease: asked[place].lease) }
    }

    /// What could not be made is a dead letter now.
    private func noteGivenUp() async throws -> Int {
        var count = 0
        for number in self.journal.indices where self.journal[number].isSpoilt && self.journal[number].phase == .pending {
            guard await self.phase(number) == .deadLettered else { continue }
            self.end(number, .dead)
            count += 1
        }
        return count
    }

    private func show(_ parcels: [Parcel], limit: Int, lease: Duration?) throws {
        let numbers = parcels.compactMap { self.numbers[$0.delivery.id] }
        guard numbers.count <= limit, numbers.count == parcels.count else { throw self.broken("more than \(limit): \(numbers)") }
        guard zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 }) else { throw self.broken("out of order: \(numbers)") }
        let size = parcels.reduce(0) { $0 + $1.payload.count }
        guard size <= self.bench.configuration.fetchSize || parcels.count == 1 else { throw self.broken("\(size) bytes at once") }
        let poller = self.anyPoller()
        for (number, parcel) in zip(numbers, parcels) {
            try self.checkMayShow(number)
            guard parcel.payload.inMemory == self.journal[number].payload else { throw self.broken("\(number) has another payload") }
            self.journal[number].until = self.uptime + self.length(of: lease)
            self.journal[number].isShown = true
            self.hands[poller].append(number)
        }
    }

    private func checkMayShow(_ number: Int) throws {
        let entry = self.journal[number]
        guard entry.phase == .pending, !entry.isSpoilt else { throw self.broken("\(number) was shown and is \(entry.phase)") }
        guard !self.isLent(number) else { throw self.broken("\(number) was lent twice") }
        guard self.hold.map({ entry.position < $0 }) ?? true else { throw self.broken("\(number) is held back") }
        for (other, before) in self.journal.enumerated() where before.lane == entry.lane && other != number {
            guard !self.isLent(other) else { throw self.broken("\(number) was shown beside \(other)") }
            // A sender that waits for the answer to one message before it sends the next.
            let isBefore = other < number && before.toldAt.map { $0 < entry.committedAt } ?? false
            guard !isBefore || before.phase != .pending || before.isRevived || entry.isRevived else {
                throw self.broken("\(number) was shown before \(other)")
            }
        }
    }

    /// An answer with room left has something of every lane that could have given something.
    private func checkNothingLeft(behind parcels: [Parcel]) throws {
        guard self.bench.configuration.window == 4096, self.bench.configuration.fetchSize == 1 << 20 else { return }
        let shown = Set(parcels.map(\.delivery.orderKey))
        for (lane, entries) in Dictionary(grouping: self.journal.indices, by: { self.journal[$0].lane }) {
            // One that the mailbox was not told of may be in it all the same, read from the journal.
            let pending = entries.filter { self.journal[$0].phase == .pending }
            let waiting = pending.filter { self.journal[$0].toldAt != nil }
            let isFree = pending.allSatisfy { number in
                !self.isLent(number) && (self.hold.map { self.journal[number].position < $0 } ?? true)
            }
            guard waiting.isEmpty || !isFree || shown.contains(lane) else {
                throw self.broken("\(waiting) could have been shown, beside \(shown)")
            }
        }
    }

    private func end(_ number: Int, _ phase: Phase) {
        self.journal[number].phase = phase
        self.journal[number].until = nil
        self.journal[number].isShown = false
    }

    func acknowledge() async throws {
        if let number = self.anyNumber() { try await self.acknowledge(number) }
    }

    /// An acknowledgement counts for as long as the delivery is here, whether its lease is over or not.
    func acknowledge(_ number: Int) async throws {
        do throws(HubError) {
            try await self.mailbox.acknowledge(self.journal[number].id)
        } catch {
            return try self.checkUnknown(number, error)
        }
        try await self.noteEnd(number, .delivered)
    }

    func refuse() async throws {
        guard let number = self.anyNumber() else { return }
        do throws(HubError) {
            try await self.mailbox.refuse(self.journal[number].id, answer: "no")
        } catch {
            return try self.checkUnknown(number, error)
        }
        try await self.noteEnd(number, .dead)
    }

    func acknowledgeMany() async throws {
        let named = (0..<(1 + self.random.below(5))).compactMap { _ in self.anyNumber() }
        let unknown = try await self.mailbox.acknowledge(named.map { self.journal[$0].id }).compactMap { self.numbers[$0] }
        for number in Set(named).sorted() {
            // Of one that is named twice, the second is a repeat.
            switch named.count(where: { $0 == number }) - unknown.count(where: { $0 == number }) {
            case 0: try self.checkUnknown(number, HubError(.mailboxLeaseUnknown, "It is among the unknown."))
            case 1: try await self.noteEnd(number, .delivered)
            default: throw self.broken("\(number) was acknowledged twice at once")
            }
        }
    }

    private func checkUnknown(_ number: Int, _ error: HubError) throws {
        guard error.code == .mailboxLeaseUnknown else { throw self.broken("\(error.code) instead of an answer for \(number)") }
        let entry = self.journal[number]
        guard entry.phase != .pending || !entry.isShown else { throw self.broken("\(number) was shown and is not known") }
    }

    private func noteEnd(_ number: Int, _ phase: Phase) async throws {
        guard self.journal[number].phase == .pending else {
            throw self.broken("\(number) was ended and is \(self.journal[number].phase)")
        }
        self.end(number, phase)
        guard await self.phase(number) == (phase == .delivered ? .delivered : .deadLettered) else {
            throw self.broken("the end of \(number) is not in the journal")
        }
    }

    func giveBack() async throws {
        guard let number = self.anyNumber() else { return }
        let isLent = self.isLent(number)
        do throws(HubError) {
            try await self.mailbox.release(self.journal[number].id)
        } catch {
            guard !isLent, error.code == .mailboxLeaseUnknown else { throw self.broken("\(number) could not be given back") }
            return
        }
        guard isLent else { throw self.broken("\(number) was given back and was not lent") }
        self.journal[number].until = nil
    }

    func extend() async throws {
        guard let number = self.anyNumber() else { return }
        let time: Duration = self.random.any(of: [.zero, .seconds(1), .seconds(self.random.below(15)), .seconds(Int64.max)])
        let isLent = self.isLent(number)
        do throws(HubError) {
            try await self.mailbox.extend(self.journal[number].id, by: time)
        } catch {
            guard !isLent, error.code == .mailboxLeaseUnknown else { throw self.broken("\(number) could not be extended") }
            return
        }
        guard isLent else { throw self.broken("\(number) was extended and was not lent") }
        self.journal[number].until = self.uptime + min(time, self.bench.configuration.longestLease)
    }
}
