internal import HubCore
internal import HubJSON
internal import HubModel

/// What became of a message, as the APIs and the command line show it.
struct MessageView {
    private let stored: StoredMessage
    private let attempts: [DeliveryEvent]
    /// What became of each step, for a message that started a process.
    private let process: [ProcessEvent]?

    init(_ stored: StoredMessage, _ journal: any Journal, _ contracts: Contracts) async throws(HubError) {
        self.stored = stored
        self.attempts = try await journal.attempts(of: stored.message.id)
        if let system = stored.deliveries.lazy.compactMap(\.plan.destination.process).first,
            let plan = contracts.processes[system]?[stored.message.type]
        {
            self.process = try await ProcessLog(journal: journal).state(of: stored.message.id, system: system, plan).events
        } else {
            self.process = nil
        }
    }

    /// A warning as its sender is told.
    static func json(_ warning: Warning) -> JSONValue {
        .object([
            "code": .string(warning.code), "path": .string(warning.path),
            "message": .object(["vi": .string(warning.message.vi), "en": .string(warning.message.en)]),
        ])
    }

    var json: JSONValue {
        let message = self.stored.message
        var object: JSONObject = [
            "id": .string(message.id.description), "type": .string(message.type.description),
            "sender": .string(message.sender.description), "agency": .string(message.agency),
            "identity": .string(message.identity.replacingSeparators), "digest": .string(message.digest.description),
            "size": .init(integerLiteral: message.size), "accepted_at": .string(message.receivedAt.description),
            "order_key": .string(message.orderKey), "priority": .init(integerLiteral: Int(message.priority)),
            "correlation": .string(message.correlation),
            "signature": .object([
                "verdict": .string(message.signature.verdict), "algorithm": .string(message.signature.algorithm),
                "key": message.signature.key.map { .string($0.description) } ?? .null,
            ]),
            "warnings": .array(message.warnings.map { .string($0) }),
            "deliveries": .array(self.stored.deliveries.enumerated().map { self.json(of: $1, ordinal: $0) }),
        ]
        if let course = message.course {
            object["course"] = .object([
                "matter": .string(course.matter), "status": .string(course.status), "told": .string(course.told),
            ])
        }
        object["process"] = self.process.map { events in .array(events.map(\.json)) }
        return .object(object)
    }

    private func json(of state: DeliveryState, ordinal: Int) -> JSONValue {
        let events = self.attempts.filter { Int($0.delivery.ordinal) == ordinal }
        return .object([
            "ordinal": .init(integerLiteral: ordinal), "destination": .string(state.plan.destination.description),
            "recipient": .string(state.plan.recipient), "type": .string(state.plan.type.description),
            "phase": .string(state.phase.rawValue), "attempts": .init(integerLiteral: state.attempts),
            "at": state.at.map { .string($0.description) } ?? .null,
            "code": state.code.map { .string($0.rawValue) } ?? .null, "answer": .string(state.answer),
            "history": .array(
                events.map { event in
                    .object([
                        "at": .string(event.at.description), "attempt": .init(integerLiteral: event.attempt),
                        "kind": .string("\(event.kind)"), "code": event.code.map { .string($0.rawValue) } ?? .null,
                        "not_before": event.notBefore.map { .string($0.description) } ?? .null,
                        "answer": .string(event.answer),
                    ])
                }
            ),
        ])
    }
}

extension String {
    /// The parts of an identity, readable.
    fileprivate var replacingSeparators: String {
        self.split(separator: "\u{1F}", omittingEmptySubsequences: false).joined(separator: " | ")
    }
}
