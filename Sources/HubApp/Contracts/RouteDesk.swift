internal import Foundation
internal import HubAdapters
internal import HubCore
public import HubJSON
public import HubModel
internal import HubSchema
internal import HubXML

/// Says where a message would go and why, from the files of a hub; nothing is sent.
public struct RouteDesk: Sendable {
    private let configuration: HubConfiguration

    public init(_ configuration: HubConfiguration) {
        self.configuration = configuration
    }

    /// One thing that was looked at.
    public struct Step: Sendable {
        /// `receiver`, `rule` or `subscription`.
        public let kind: String
        public let subject: String
        public let holds: Bool
        public let reason: Bilingual
        /// Empty when it sends the message nowhere.
        public let destination: String
    }

    /// What became of the question.
    public struct Explanation: Sendable {
        public let type: MessageType
        public let sender: String
        public let steps: [Step]
        public let deliveries: [(destination: String, recipient: String, type: MessageType, mapping: String)]
        /// Why the message goes nowhere.
        public let refusal: HubError?

        public var json: JSONValue {
            var object: JSONObject = [
                "type": .string(self.type.description), "sender": .string(self.sender),
                "steps": .array(
                    self.steps.map { step in
                        .object([
                            "kind": .string(step.kind), "subject": .string(step.subject), "holds": .bool(step.holds),
                            "reason": .string(step.reason.en), "reason_vi": .string(step.reason.vi),
                            "destination": .string(step.destination),
                        ])
                    }
                ),
                "deliveries": .array(
                    self.deliveries.map { delivery in
                        .object([
                            "destination": .string(delivery.destination), "recipient": .string(delivery.recipient),
                            "type": .string(delivery.type.description), "mapping": .string(delivery.mapping),
                        ])
                    }
                ),
            ]
            object["refused"] = self.refusal.map { .string($0.code.rawValue) }
            return .object(object)
        }
    }

    /// - Parameters:
    ///   - system: On whose behalf the message would be handed in; the one whose agency the message names when `nil`.
    ///   - type: Recognised when `nil`.
    ///   - recipient: For types whose payload names none.
    /// - Throws: `configuration.invalid`, what reading the message refuses, what the files of the hub are wrong in.
    public func explain(
        file: String, as system: SystemID?, type: String?, recipient: String?
    ) throws(HubError) -> Explanation {
        let catalogue = try Catalogue.load(self.configuration)
        let contracts = catalogue.contracts(self.configuration)
        let document = try Document(bytes: try KeysDesk.read(file))
        let forms = catalogue.adapters.forms.all
        let form: MessageForm? =
            if let type { MessageType(type).flatMap { catalogue.adapters.forms[$0] } } else { forms.first { $0.recognises(document) } }
        guard let form else {
            throw HubError(
                .intakeTypeUnknown, "The payload is of none of the known types.",
                details: [ErrorDetail("known", forms.map(\.type.description).joined(separator: ", "))]
            )
        }
        let now = SystemClock().now
        let claimed = form.sender(in: document) ?? ""
        let sender = try self.sender(system, claimed, catalogue, at: now)
        let trace = RouteTrace()
        var deliveries: [PlannedDelivery] = []
        var refusal: HubError?
        do throws(HubError) {
            deliveries = try contracts.router.route(
                document, form: form, from: sender, named: recipient,
                on: CivilTime(now, offset: CivilTime.vietnamOffset).date, trace: trace
            )
        } catch {
            refusal = error
        }
        return Explanation(
            type: form.type, sender: "\(claimed) (\(sender.system))",
            steps: trace.steps.map { step in
                Step(
                    kind: step.kind.rawValue, subject: step.subject, holds: step.holds, reason: step.reason,
                    destination: step.destination
                )
            },
            deliveries: deliveries.map { ($0.destination.description, $0.recipient, $0.type, $0.mapping) }, refusal: refusal
        )
    }

    private func sender(
        _ system: SystemID?, _ claimed: String, _ catalogue: Catalogue, at now: Timestamp
    ) throws(HubError) -> Adapter {
        if let system {
            guard let adapter = catalogue.adapters.adapter(system) else {
                throw HubError(.adapterUnknown, "There is no adapter of this name.", details: [ErrorDetail("system", system)])
            }
            return adapter
        }
        let code = catalogue.resolver(at: now)(claimed)
        if let adapter = catalogue.adapters.adapters.first(where: { adapter in code.map { adapter.agencies.contains($0) } ?? false }) {
            return adapter
        }
        // Only what comes from elsewhere comes through the national platform.
        if let national = catalogue.national, !((code ?? AgencyCode(claimed))?.isWithin(self.configuration.home) ?? false) {
            return national
        }
        throw HubError(
            .accessAgencyNotOwn, "No system sends for the agency that the message names; name one.",
            details: [ErrorDetail("agency", claimed.prefix(bytes: 40))]
        )
    }
}
