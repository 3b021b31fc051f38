import HubCore
import HubJSON
import HubMapping
import HubModel
import HubSchema

/// Leads the examples of the message that starts a process through all its steps, with examples of replies, and then for each
/// step once as if it were refused, and once as if nobody had answered.
struct ProcessTrial {
    let plan: ProcessPlan
    let runner: SampleRunner

    func run(from message: MessageType, files: [String: Mapping], _ log: inout TrialLog) {
        let paths = Dictionary(files.map { ($0.value.file, $0.key) }, uniquingKeysWith: { first, _ in first })
        for example in ValidExample.all(of: message, self.runner.schemas) {
            var run = Run(
                example: example, context: self.runner.context(of: example, secret: nil), schemas: self.runner.schemas, paths: paths,
                state: ProcessStateMachine(self.plan)
            )
            for step in self.plan.steps {
                run.make(step.call.request, &log)
                for outcome in [ProcessEvent.Outcome.refused, .unanswered] {
                    var other = run
                    other.take(step, outcome)
                    self.takeBack(&other, &log)
                }
                // Without an answer that means that the step is done, nothing is known of what comes after it.
                guard let reply = self.reply(of: step) else { return }
                run.take(step, .done, reply)
            }
            run.make(self.plan.result.mapping, &log)
        }
    }

    private func takeBack(_ run: inout Run, _ log: inout TrialLog) {
        while case .undo(let number) = run.state.next, let undo = self.plan.steps[number].undo {
            run.make(undo.request, &log)
            run.take(self.plan.steps[number], .undone)
        }
        run.make(self.plan.result.mapping, &log)
    }

    /// The first example of what the service answers that means that the step is done.
    private func reply(of step: ProcessPlan.Step) -> JSONValue? {
        let services = self.runner.catalogue.adapters.flatMap(\.provides)
        guard let type = services.first(where: { $0.service == step.call.service })?.reply else { return nil }
        for example in ValidExample.all(of: type, self.runner.schemas) {
            guard case .json(let document) = example.document else { continue }
            if step.doneWhen.allSatisfy({ $0.holds(in: example.document) }) { return document.value }
        }
        return nil
    }

    /// One way through the process.
    private struct Run {
        let example: ValidExample
        let context: [String: String]
        let schemas: SchemaCatalogue
        let paths: [String: String]
        var state: ProcessStateMachine

        /// Runs a mapping over where the process stands.
        func make(_ mapping: Mapping, _ log: inout TrialLog) {
            guard case .json(let request) = self.example.document,
                let document = try? ProcessRunner.document(request.value, self.state)
            else { return }
            let stand = ValidExample(name: self.example.name, type: self.example.type, document: .json(document))
            log.attempt(self.paths[mapping.file] ?? mapping.file, mapping, stand, self.context, self.schemas)
        }

        mutating func take(_ step: ProcessPlan.Step, _ outcome: ProcessEvent.Outcome, _ reply: JSONValue = .null) {
            guard let at = Timestamp(rfc3339: "2026-01-02T03:04:05.678Z") else { return }
            self.state.take(
                ProcessEvent(
                    step: step.name, service: step.call.service, outcome: outcome, reply: reply,
                    code: outcome == .refused ? .deliveryRefused : outcome == .unanswered ? .deliveryExpired : nil, at: at
                )
            )
        }
    }
}
