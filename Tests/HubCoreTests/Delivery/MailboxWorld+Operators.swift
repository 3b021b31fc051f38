import HubCore
import HubModel
import HubTesting

@testable import HubCore

/// What operators, disks and power failures do.
extension MailboxWorld {
    private var desk: DeliveryDesk { DeliveryDesk(journal: self.bench.journal, outbox: self.outbox, clock: self.clock) }

    private static let fault = HubError(.journalUnavailable, "The disk is gone.")

    /// Some of those that the mailbox may know of.
    private func some(_ phase: Phase) -> [Int] {
        self.journal.indices.filter {
            self.journal[$0].phase == phase && self.journal[$0].toldAt != nil && self.random.chance(25)
        }
    }

    /// An acknowledgement that cannot be written leaves the delivery as it was.
    func failToWrite() async throws {
        let lent = self.journal.indices.filter(self.isLent)
        guard !lent.isEmpty else { return }
        let number = self.random.any(of: lent)
        await self.bench.journal.inner.fail(with: Self.fault)
        var code: ErrorCode?
        do throws(HubError) {
            try await self.mailbox.acknowledge(self.journal[number].id)
        } catch {
            code = error.code
        }
        await self.bench.journal.inner.fail(with: nil)
        guard code == .journalUnavailable else { throw self.broken("an end that was not written was confirmed") }
    }

    /// A read that fails lends nothing. Nothing fails when there is nothing to read.
    func failToRead() async throws {
        self.bench.journal.failReads([Self.fault])
        defer { self.bench.journal.failReads([]) }
        do throws(HubError) {
            // Nobody has any use for the answer, so it asks for nothing.
            _ = try await self.mailbox.fetch(limit: 0, wait: .zero)
        } catch {
            guard error.code == .journalUnavailable else { throw self.broken("\(error.code) for a read that failed") }
        }
    }

    func steer() async throws {
        let steering: DeliveryDesk.Steering = self.random.any(of: [.pause, .drain, .resume, .resume, .retry])
        try await self.desk.steer(steering, Self.place, actor: "thử", reason: "")
        self.hold = self.outbox.hold(of: Self.place)
    }

    func resume() async throws {
        try await self.desk.steer(.resume, Self.place, actor: "thử", reason: "")
        self.hold = nil
    }

    /// What is lent is under way, and is let be.
    func expire() async throws {
        let chosen = self.some(.pending)
        let free = chosen.filter { !self.isLent($0) }
        let outcome = try await self.desk.change(
            .expire, .ids(chosen.map { self.journal[$0].id }), actor: "thử", reason: ""
        )
        guard outcome == DeliveryDesk.Outcome(changed: free.count, skipped: chosen.count - free.count) else {
            throw self.broken("\(outcome) of \(chosen) expired, of which \(free) are free")
        }
        for number in free { self.takeOut(number, .dead) }
    }

    func redrive() async throws {
        let chosen = self.some(.dead)
        let outcome = try await self.desk.change(
            .redrive, .ids(chosen.map { self.journal[$0].id }), actor: "thử", reason: ""
        )
        guard outcome.changed == chosen.count else { throw self.broken("\(outcome) of \(chosen) sent again") }
        for number in chosen {
            self.journal[number].phase = .pending
            self.journal[number].isRevived = true
        }
    }

    /// The first half of what operators do; the second half follows later, and fails.
    func withdraw() async {
        let out = await self.mailbox.withdraw(self.some(.pending).map { self.journal[$0].id })
        for number in out.compactMap({ self.numbers[$0] }) { self.takeOut(number, .withdrawn) }
    }

    func settle() async {
        let out = self.journal.indices.filter { self.journal[$0].phase == .withdrawn }
        await self.mailbox.settle(out.map { self.journal[$0].id }, isWritten: false)
        for number in out {
            self.journal[number].phase = .pending
            // Back from the journal, in whatever order it is read.
            self.journal[number].isRevived = true
        }
    }

    private func takeOut(_ number: Int, _ phase: Phase) {
        self.journal[number].phase = phase
        self.journal[number].until = nil
        self.journal[number].isShown = false
    }

    /// The hub starts again: leases are forgotten, and what the journal has is all there is.
    func crash() async throws {
        let holds = await self.bench.journal.holds()
        guard holds[Self.place] == self.hold else { throw self.broken("the journal holds from elsewhere") }
        self.mailbox = self.bench.mailbox("qlvb-thu", hold: self.hold)
        self.outbox = Outbox(mailboxes: [self.mailbox], holds: holds)
        for number in self.journal.indices {
            if self.journal[number].phase == .withdrawn { self.journal[number].phase = .pending }
            self.journal[number].until = nil
            self.journal[number].isShown = false
            // It is read in the order of acceptance, so all have their places again.
            self.journal[number].isRevived = false
            self.journal[number].toldAt = self.steps - 1
            self.journal[number].committedAt = self.steps
        }
    }
}
