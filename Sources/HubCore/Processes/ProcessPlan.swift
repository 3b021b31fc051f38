package import HubMapping
package import HubModel
package import HubSchema

/// A process over several services, as an adapter declares it: what is called one after the other, and what undoes each
/// step when a later one is refused. There is no scripting in it.
package struct ProcessPlan: Sendable {
    /// Something that is called.
    package struct Call: Sendable {
        package let service: String
        /// Makes the request from the state of the process (`process/state/1`).
        package let request: Mapping

        package init(service: String, request: Mapping) {
            self.service = service
            self.request = request
        }
    }

    package struct Step: Sendable {
        /// Unique in the process.
        package let name: String
        package let call: Call
        /// The reply means that the step is done when all of these hold in it.
        package let doneWhen: [FieldCondition]
        /// What takes the step back; `nil` for one that leaves nothing behind.
        package let undo: Call?

        package init(name: String, call: Call, doneWhen: [FieldCondition], undo: Call?) {
            self.name = name
            self.call = call
            self.doneWhen = doneWhen
            self.undo = undo
        }
    }

    package let steps: [Step]
    /// From acceptance: a process that is not through by then is undone.
    package let within: Duration
    /// What the sender is told at the end, and the mapping that makes it from the state.
    package let result: (type: MessageType, mapping: Mapping)

    package init(
        steps: [Step], within: Duration, result: (type: MessageType, mapping: Mapping)
    ) {
        self.steps = steps
        self.within = within
        self.result = result
    }

    /// The type of what the mappings of a process read.
    package static let stateType = MessageType("process/state/1")
    /// The type of what is journaled of each step.
    package static let stepType = MessageType("process/step/1")
}
