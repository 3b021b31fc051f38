package import HubModel

/// Why a message goes where it goes, step by step, for people who ask (`lgsp route explain`).
package final class RouteTrace {
    /// One thing that was looked at.
    package struct Step {
        package enum Kind: String {
            case receiver
            case rule
            case subscription
        }

        package let kind: Kind
        /// The receiver as it is written, the name of the rule, or the subscribing system.
        package let subject: String
        /// Whether it sends the message anywhere.
        package let holds: Bool
        package let reason: Bilingual
        /// Where to; empty when nowhere.
        package let destination: String
    }

    package private(set) var steps: [Step] = []

    package init() {}

    func note(
        _ kind: Step.Kind, _ subject: String, holds: Bool, vi: String, en: String, destination: DestinationID? = nil
    ) {
        self.steps.append(
            Step(
                kind: kind, subject: subject, holds: holds, reason: Bilingual(vi: vi, en: en),
                destination: destination?.description ?? ""
            )
        )
    }
}
