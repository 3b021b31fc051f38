internal import HubEnvelope
package import HubJSON
internal import HubMapping
public import HubModel
internal import HubSchema

/// Runs the processes that one system declares: the destination of the messages that start them.
///
/// Every step is a message of the journal, under an identity made of the message that started the process and the name of
/// the step, written before the next one is begun. So a run that is cut off goes on where it was, and what is tried again
/// later is what has no record yet: a service may see one request twice, with the same correlation id.
public struct ProcessRunner: Destination {
    public let id: DestinationID
    private let system: SystemID
    private let contracts: ContractRing
    private let caller: ServiceCaller
    private let log: ProcessLog
    private let journal: any Journal
    private let outbox: Outbox
    private let clock: any HubClock
    private let ids: MessageIDSource

    /// - Parameter outbox: Takes in the result, so that it goes to the sender at once.
    public init(
        system: SystemID, contracts: ContractRing, caller: ServiceCaller, journal: any Journal,
        outbox: Outbox, clock: any HubClock, ids: MessageIDSource
    ) {
        self.id = .process(system)
        self.system = system
        self.contracts = contracts
        self.caller = caller
        self.log = ProcessLog(journal: journal)
        self.journal = journal
        self.outbox = outbox
        self.clock = clock
        self.ids = ids
    }

    public func deliver(_ parcel: Parcel) async -> DeliveryOutcome {
        do throws(HubError) {
            return try await self.run(parcel)
        } catch {
            return error.code.advice == .notWithThisMessage
                ? .refused(error.code, answer: error.answer) : .tryLater(error.code, answer: error.answer, after: nil)
        }
    }

    private func run(_ parcel: Parcel) async throws(HubError) -> DeliveryOutcome {
        let contracts = self.contracts.current
        let delivery = parcel.delivery
        guard let plan = contracts.processes[self.system]?[delivery.type] else {
            throw HubError(.routeMissing, "The process of this type of message is not here any more.")
        }
        let request = try JSONDocument.parse(parcel.payload.whole()).value
        var state = try await self.log.state(of: delivery.id.message, system: self.system, plan)
        // Of the step that comes next: whether an attempt before this one may have called it.
        var mayHaveBeenCalled = delivery.attempts > 0 || !state.events.isEmpty
        while true {
            switch state.next {
            case .call(let number):
                let step = plan.steps[number]
                let event: ProcessEvent
                if self.clock.now.since(delivery.acceptedAt) >= plan.within {
                    event = ProcessEvent(
                        step: step.name, service: step.call.service, outcome: mayHaveBeenCalled ? .unanswered : .refused,
                        code: .deliveryExpired, reason: "The process was not through within \(plan.within.components.seconds) s.",
                        at: self.clock.now
                    )
                } else {
                    event = try await self.forward(step, request, state, delivery, contracts)
                }
                try await self.record(event, delivery, of: "step")
                state.take(event)
                mayHaveBeenCalled = false
            case .undo(let number):
                let event = try await self.backward(plan.steps[number], request, state, delivery, contracts)
                try await self.record(event, delivery, of: "undo")
                state.take(event)
            case .finish(let isDone):
                try await self.finish(plan, request, state, delivery, contracts)
                if isDone { return .delivered(answer: "\(plan.steps.count) steps done") }
                let left = state.events.filter { $0.outcome == .undoRefused }.map(\.step)
                let failed = state.failed
                return .refused(
                    .processFailed,
                    answer: "step \(failed?.step ?? ""): \(failed?.code?.rawValue ?? "not done")"
                        + (left.isEmpty ? "" : "; not taken back: \(left.joined(separator: ", "))")
                        // Last, since a record keeps 200 bytes.
                        + (failed.map { $0.reason.isEmpty ? "" : ": \($0.reason)" } ?? "")
                )
            }
        }
    }

    /// - Throws: What is worth another try.
    private func forward(
        _ step: ProcessPlan.Step, _ request: JSONValue, _ state: ProcessStateMachine, _ delivery: PendingDelivery,
        _ contracts: Contracts
    ) async throws(HubError) -> ProcessEvent {
        do throws(HubError) {
            let reply = try await self.ask(step.call, step.name, request, state, delivery, contracts)
            let unmet = step.doneWhen.first { !$0.holds(in: .json(reply)) }
            return ProcessEvent(
                step: step.name, service: step.call.service, outcome: unmet == nil ? .done : .refused, reply: reply.value,
                code: unmet == nil ? nil : .deliveryRefused, reason: unmet.map { "done-when: \($0)." } ?? "",
                at: self.clock.now
            )
        } catch {
            if error.code.advice != .notWithThisMessage { throw error }
            return ProcessEvent(
                step: step.name, service: step.call.service, outcome: .refused, code: error.code, reason: Self.reason(error),
                at: self.clock.now
            )
        }
    }

    private func backward(
        _ step: ProcessPlan.Step, _ request: JSONValue, _ state: ProcessStateMachine, _ delivery: PendingDelivery,
        _ contracts: Contracts
    ) async throws(HubError) -> ProcessEvent {
        guard let undo = step.undo else {
            return ProcessEvent(step: step.name, service: step.call.service, outcome: .undone, at: self.clock.now)
        }
        do throws(HubError) {
            let reply = try await self.ask(undo, "\(step.name).undo", request, state, delivery, contracts)
            return ProcessEvent(
                step: step.name, service: undo.service, outcome: .undone, reply: reply.value, at: self.clock.now
            )
        } catch {
            if error.code.advice != .notWithThisMessage { throw error }
            return ProcessEvent(
                step: step.name, service: undo.service, outcome: .undoRefused, code: error.code, reason: Self.reason(error),
                at: self.clock.now
            )
        }
    }

    private func ask(
        _ call: ProcessPlan.Call, _ name: String, _ request: JSONValue, _ state: ProcessStateMachine,
        _ delivery: PendingDelivery, _ contracts: Contracts
    ) async throws(HubError) -> JSONDocument {
        guard let offered = contracts.services[call.service] else {
            throw HubError(.serviceUnavailable, "A service of the process is not offered at present.", details: [ErrorDetail("service", call.service)])
        }
        try offered.checkIsOffered(at: self.clock.now)
        let facts = CallFacts(delivery, correlation: "\(delivery.id.message).\(name)")
        let made = try MappedForm(
            call.request, of: .json(Self.document(request, state)), context: facts.context(secret: nil), schemas: contracts.schemas
        )
        let reply = try await self.caller.call(offered, made.document, facts, contracts)
        do throws(HubError) {
            return try JSONDocument.parse(reply.body)
        } catch {
            throw HubError(.serviceFailed, "The reply of a step is not JSON.", details: [ErrorDetail("service", call.service)], cause: error)
        }
    }

    /// What is said of a step that ended with an error, and where the reply does not fit; never what the service answered,
    /// which may repeat what was asked.
    private static func reason(_ error: HubError) -> String {
        let place = error.code == .mappingFailed ? nil : error.violations.first
        let words = [
            error.answer, place.map { $0.path.isEmpty ? $0.message.en : "\($0.path): \($0.message.en)" },
            error.detail("status").map { "HTTP \($0)" },
        ]
        return words.compactMap(\.self).joined(separator: " ")
    }

    /// What the mappings of a process read (`process/state/1`).
    package static func document(_ request: JSONValue, _ state: ProcessStateMachine) throws(HubError) -> JSONDocument {
        var steps = JSONObject()
        var services: [String: String] = [:]
        for event in state.events where !event.outcome.isOfUndo {
            steps[event.step] = event.json
            services[event.step] = event.service
        }
        func names(_ outcome: ProcessEvent.Outcome) -> JSONValue {
            .array(state.events.filter { $0.outcome == outcome }.map { .string(services[$0.step] ?? $0.service) })
        }
        var object: JSONObject = ["request": request, "steps": .object(steps)]
        if let failed = state.failed { object["failed"] = failed.json }
        object["undone"] = names(.undone)
        object["not_undone"] = names(.undoRefused)
        return try JSONDocument.parse(JSONValue.object(object).serialised())
    }

    private func record(_ event: ProcessEvent, _ delivery: PendingDelivery, of kind: String) async throws(HubError) {
        guard let type = ProcessPlan.stepType else {
            throw HubError(.internalFault, "The type of steps has no name.")
        }
        try await self.append(
            event.json.serialised(), type, identity: ProcessLog.identity(delivery.id.message, kind, event.step), delivery, to: []
        )
    }

    /// Hands the result to the sender, if it takes results of this type; in any case it is journaled.
    private func finish(
        _ plan: ProcessPlan, _ request: JSONValue, _ state: ProcessStateMachine, _ delivery: PendingDelivery,
        _ contracts: Contracts
    ) async throws(HubError) {
        let made = try MappedForm(
            plan.result.mapping, of: .json(Self.document(request, state)),
            context: CallFacts(delivery, correlation: delivery.id.message.description).context(secret: nil), schemas: contracts.schemas
        )
        var deliveries: [PlannedDelivery] = []
        if let rule = contracts.adapters[delivery.sender]?.receiveRule(for: plan.result.type) {
            deliveries = [
                PlannedDelivery(
                    destination: Router.destination(of: rule.by, system: delivery.sender), recipient: delivery.agency,
                    type: plan.result.type
                )
            ]
        }
        try await self.append(
            made.bytes, plan.result.type, identity: ProcessLog.identity(delivery.id.message, "result", ""), delivery,
            to: deliveries
        )
    }

    private func append(
        _ payload: [UInt8], _ type: MessageType, identity: String, _ delivery: PendingDelivery, to deliveries: [PlannedDelivery]
    ) async throws(HubError) {
        let message = AcceptedMessage(
            id: self.ids.next(), receivedAt: self.clock.now, sender: self.system, agency: delivery.agency, type: type,
            identity: identity, digest: SHA256.hash(payload), size: payload.count, contentType: "application/json",
            orderKey: delivery.orderKey, priority: delivery.priority, correlation: delivery.id.message.description,
            signature: SignatureNote(verdict: "absent"), warnings: [], deliveries: deliveries
        )
        switch try await self.journal.append(.accepted(message), payload: payload) {
        case .committed(_, let sequence): await self.outbox.enqueue(message, sequence: sequence)
        // Of a run that was cut off: what it wrote stands.
        case .repeated: break
        }
    }
}
