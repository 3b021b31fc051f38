package import HubJSON
package import HubModel

/// What became of one step of a process, as it is journaled (`process/step/1`).
package struct ProcessEvent: Sendable {
    package enum Outcome: String, CaseIterable, Sendable {
        case done
        /// The service said no, or the time of the process was over.
        case refused
        /// It may have been called, and no answer came before the time of the process was over: what it did is not known.
        case unanswered
        case undone
        /// What the step did could not be taken back: people have to.
        case undoRefused = "undo-refused"

        /// Whether it tells about taking back.
        var isOfUndo: Bool { self == .undone || self == .undoRefused }
    }

    package let step: String
    /// What was called.
    package let service: String
    package let outcome: Outcome
    /// What the service answered; null when it gave no answer.
    package let reply: JSONValue
    /// Why it was refused.
    package let code: ErrorCode?
    /// The same in words, at most 200 bytes; empty when there is nothing to say.
    package let reason: String
    package let at: Timestamp

    package init(
        step: String, service: String, outcome: Outcome, reply: JSONValue = .null, code: ErrorCode? = nil,
        reason: String = "", at: Timestamp
    ) {
        self.step = step
        self.service = service
        self.outcome = outcome
        self.reply = reply
        self.code = code
        self.reason = reason.prefix(bytes: 200)
        self.at = at
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "step": .string(self.step), "service": .string(self.service), "outcome": .string(self.outcome.rawValue), "at": .string(self.at.description),
        ]
        object["code"] = self.code.map { .string($0.rawValue) }
        if !self.reason.isEmpty { object["reason"] = .string(self.reason) }
        object["reply"] = self.reply
        return .object(object)
    }

    /// `nil` for what is no event.
    init?(_ json: JSONValue) {
        guard let step = json["step"]?.string, let service = json["service"]?.string, let outcome = json["outcome"]?.string.flatMap(Outcome.init),
            let at = json["at"]?.string.flatMap(Timestamp.init(rfc3339:))
        else { return nil }
        self.init(
            step: step, service: service, outcome: outcome, reply: json["reply"] ?? .null,
            code: json["code"]?.string.flatMap(ErrorCode.init), reason: json["reason"]?.string ?? "", at: at
        )
    }
}

/// Where a process stands, from what is journaled of it: decides what comes next, and does nothing itself.
package struct ProcessStateMachine: Sendable {
    package enum Next: Hashable, Sendable {
        /// Call the service of the step with this number.
        case call(Int)
        case undo(Int)
        /// Nothing is left to do; whether all steps are done.
        case finish(isDone: Bool)
    }

    private let steps: [(name: String, canUndo: Bool)]
    private var forward: [String: ProcessEvent] = [:]
    private var backward: [String: ProcessEvent] = [:]

    package init(_ plan: ProcessPlan) {
        self.steps = plan.steps.map { ($0.name, $0.undo != nil) }
    }

    package mutating func take(_ event: ProcessEvent) {
        if event.outcome.isOfUndo { self.backward[event.step] = event } else { self.forward[event.step] = event }
    }

    /// What was journaled, in the order of the plan, what was taken back behind it.
    package var events: [ProcessEvent] {
        self.steps.compactMap { self.forward[$0.name] } + self.steps.reversed().compactMap { self.backward[$0.name] }
    }

    /// The step that ended the process.
    package var failed: ProcessEvent? { self.forward.values.first { $0.outcome != .done } }

    package var next: Next {
        guard self.failed != nil else {
            for (number, step) in self.steps.enumerated() where self.forward[step.name] == nil { return .call(number) }
            return .finish(isDone: true)
        }
        for (number, step) in self.steps.enumerated().reversed()
        where step.canUndo && self.backward[step.name] == nil {
            switch self.forward[step.name]?.outcome {
            case .done, .unanswered: return .undo(number)
            case .refused, .undone, .undoRefused, nil: continue
            }
        }
        return .finish(isDone: false)
    }
}
