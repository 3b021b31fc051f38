import HubModel

/// Whether something that a suite waits for shows in the ledgers.
///
/// Pure.
struct LedgerQuestion {
    let ledgers: Ledgers
    let submission: Submission

    /// One sentence for each part of the event that does not show.
    func missing(_ event: Suite.Await.Event) -> [String] {
        switch event {
        case .delivered:
            return self.undelivered.map { "has not arrived at \($0)" }
        case .notDelivered:
            let arrived = self.submission.recipients.filter { !self.undelivered.contains($0) }
            return arrived.map { "has arrived at \($0) already" }
        case .statuses(let statuses, let agencies):
            let expected = agencies.isEmpty ? self.submission.recipients : agencies
            return expected.flatMap { agency in
                let told = self.told(by: agency)
                return statuses.filter { !told.contains($0) }.map { "no status \($0) from \(agency)" }
            }
        case .copy(let subscriber):
            let id = self.submission.answer?.id ?? ""
            let arrived = self.ledgers.arrivals.filter { arrival in
                arrival.receiver == subscriber && !id.isEmpty
                    && (arrival.message == id || arrival.delivery.map { $0.hasPrefix(id + ".") } ?? false)
            }
            if arrived.contains(where: { $0.digest == self.submission.digest }) {
                return ["the payload itself is at \(subscriber)"]
            }
            return arrived.isEmpty ? ["no copy at \(subscriber)"] : []
        }
    }

    private var undelivered: [String] {
        let reconciliation = Reconciliation(self.ledgers)
        return self.submission.recipients.filter {
            reconciliation.arrival(of: self.submission, at: $0) == nil
        }
    }

    /// The statuses about this document that came from an agency after this message was sent.
    ///
    /// A recall and an update concern the same document, and each has answers of its own.
    private func told(by agency: String) -> Set<String> {
        let code = AgencyCode(agency)
        return Set(
            self.ledgers.arrivals.filter { arrival in
                arrival.receiver == self.submission.sender && arrival.about == self.submission.order
                    && arrival.at >= self.submission.at
                    && (arrival.from == agency || arrival.from.flatMap { AgencyCode($0) } == code)
            }
            .compactMap(\.status)
        )
    }
}
