internal import HubModel

/// Between which moments a finding about a chain holds.
struct ChainWindow {
    private let question: ChainQuestion
    private var from: Timestamp
    private var until: Timestamp

    init(_ chain: [SharedCertificate], _ question: ChainQuestion) {
        self.question = question
        self.from = chain.map(\.notBefore).max() ?? question.moment
        self.until = chain.map(\.notAfter).min() ?? question.moment
        // Within the skew of either end the finding holds for that moment only.
        self.from = min(self.from, question.moment)
        self.until = max(self.until, question.moment)
    }

    mutating func end(at moment: Timestamp) {
        self.until = min(self.until, moment)
    }

    mutating func end(before moment: Timestamp) {
        self.end(at: moment.advanced(by: .nanoseconds(-1)))
    }

    /// Ends when the issuer's next word is due; at once if it was due already and only the skew kept it.
    ///
    /// Where revocation is optional, a list that was outdated anyway ends nothing.
    mutating func end(atNextUpdate next: Timestamp?) {
        guard let next else { return }
        if next >= self.question.moment {
            self.end(at: next)
        } else if self.question.settings.revocation == .required {
            self.end(at: self.question.moment)
        }
    }

    func finding(_ chain: [SharedCertificate]) -> ChainFinding {
        .valid(from: self.from, until: self.until, chain: chain)
    }
}
