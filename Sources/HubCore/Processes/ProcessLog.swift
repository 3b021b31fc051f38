internal import HubJSON
package import HubModel

/// What the journal knows about a process.
package struct ProcessLog: Sendable {
    private let journal: any Journal

    package init(journal: any Journal) {
        self.journal = journal
    }

    /// Under which a step of a process is journaled.
    static func identity(_ message: MessageID, _ kind: String, _ step: String) -> String {
        "process\u{1F}\(message)\u{1F}\(kind)\u{1F}\(step)"
    }

    /// Where the process that a message started stands.
    package func state(
        of message: MessageID, system: SystemID, _ plan: ProcessPlan
    ) async throws(HubError) -> ProcessStateMachine {
        var state = ProcessStateMachine(plan)
        for step in plan.steps {
            if let event = try await self.event(message, "step", step.name, system) { state.take(event) }
            if let event = try await self.event(message, "undo", step.name, system) { state.take(event) }
        }
        return state
    }

    private func event(
        _ message: MessageID, _ kind: String, _ step: String, _ system: SystemID
    ) async throws(HubError) -> ProcessEvent? {
        guard
            let stored = try await self.journal.message(
                from: system, identity: Self.identity(message, kind, step)
            )
        else { return nil }
        let payload = try await self.journal.payload(of: stored.id)
        guard let event = ProcessEvent(try JSONDocument.parse(payload).value) else {
            throw HubError(
                .journalDamaged, "The record of a step cannot be read.", details: [ErrorDetail("message", stored.id)]
            )
        }
        return event
    }
}
