import HubJSON
import HubModel

/// Sends what the ledger lists as not answered, oldest first, one at a time, until each has its answer.
///
/// One at a time keeps the order of everything a system sends. A message whose answer was lost is sent again with
/// the same bytes, which the hub recognises; after a kill the same goes for the one that was under way.
struct Outbox: Sendable {
    let ledger: SystemLedger
    let courier: any Courier
    let clock: any Clock<Duration>
    /// A message that is meant to be refused is given up after this many failures in a row.
    static let rawAttempts = 5
    private static let idle: Duration = .milliseconds(5)

    /// Runs until it is cancelled.
    func run() async throws {
        var failures = 0
        while !Task.isCancelled {
            guard
                let next = self.ledger.read({ state in state.unanswered.first.flatMap { state.outgoing[$0] } }
                )
            else {
                try await self.clock.sleep(for: Self.idle)
                continue
            }
            let body = try self.ledger.body(next.digest)
            switch await self.courier.send(next, body: body) {
            case .accepted(let http, let id, let isRepeat, let answer):
                try self.answered(
                    next, http: http, accepted: true, id: id, isRepeat: isRepeat, answer: answer)
                failures = 0
            case .refused(let http, let code, let answer):
                try self.answered(next, http: http, accepted: false, code: code, answer: answer)
                failures = 0
            case .again(let code):
                failures += 1
                if next.isRaw, failures >= Self.rawAttempts {
                    try self.answered(next, http: 0, accepted: false, code: code, answer: nil)
                    failures = 0
                    continue
                }
                try await self.clock.sleep(for: Self.pause(after: failures))
            }
        }
    }

    /// 50 ms, doubled with each failure up to two seconds.
    ///
    /// One process talks to one hub, so nothing is gained by jitter.
    static func pause(after failures: Int) -> Duration {
        .milliseconds(min(2000, 50 << min(10, max(0, failures - 1))))
    }

    private func answered(
        _ message: LedgerState.Outgoing, http: Int, accepted: Bool, id: String? = nil, isRepeat: Bool = false,
        code: String? = nil, answer: JSONValue?
    ) throws(HubError) {
        var members: [(key: String, value: JSONValue)] = [
            ("key", .string(message.key)), ("http", .init(integerLiteral: http)),
            ("accepted", .bool(accepted)),
        ]
        if let id { members.append(("id", .string(id))) }
        if isRepeat { members.append(("repeated", true)) }
        if let code { members.append(("code", .string(code))) }
        let took = self.ledger.now.since(message.submittedAt) / .milliseconds(1)
        members.append(("took_ms", .init(integerLiteral: Int(took.rounded()))))
        if accepted {
            if let receipt = answer?["receipt"] { members.append(("receipt", receipt)) }
        } else if let answer {
            members.append(("problem", answer))
        }
        try self.ledger.append("answered", members) { $0.outgoing[message.key]?.answer == nil }
    }
}
