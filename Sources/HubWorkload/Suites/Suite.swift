public import HubModel

/// A suite as its `suite.yaml` says (format `suite-1`, docs/suites.md): steps with what is expected of each.
public struct Suite: Sendable {
    /// A step: a title for the report, and actions that are done one after the other.
    public struct Step: Sendable {
        public var title: Bilingual
        public var actions: [Action]
    }

    /// Something to do or to wait for.
    public enum Action: Sendable {
        case submit(Submit)
        case lookup(Lookup)
        case await(Await)
        /// A system stops, or goes on, taking what waits for it.
        case pause(system: String)
        case resume(system: String)
        /// The national platform answers nothing for this long; the suite goes on meanwhile.
        case outage(Duration)
        /// Every token that the national platform gave out is no longer good.
        case expireTokens
        case wait(Duration)
    }

    /// A message to be handed to a system, which sends it.
    public struct Submit: Sendable {
        public var label: String
        public var system: String
        /// Below the suite's folder.
        public var file: String
        /// More fields (`{{…}}`) of the file, with their values.
        public var variables: [String: String]
        public var type: String
        public var contentType: String
        public var signer: String
        public var breaksSignature: Bool
        public var isRaw: Bool
        /// So many spaces are put behind the body.
        public var padding: Int
        public var recipients: [String]?
        public var order: String?
        public var expectation: Expectation
        public var place: SourcePlace
    }

    /// How a submission or look-up must be answered.
    public enum Expectation: Sendable, Hashable {
        case accepted
        /// With the line and path of one of the violations, where given.
        case refused(code: String, line: Int?, path: String?)
    }

    /// A question to a service through the hub.
    public struct Lookup: Sendable {
        public var service: String
        public var system: String
        public var file: String
        public var variables: [String: String]
        public var signer: String
        public var expectation: Expectation
        /// JSON Pointers into the reply and the text that must stand there.
        public var members: [(pointer: String, text: String)]
        public var place: SourcePlace
    }

    /// Something that must show in a ledger before the time is up.
    public struct Await: Sendable {
        /// What must show.
        public enum Event: Sendable, Hashable {
            /// The message in the ledger of each of its receivers.
            case delivered
            /// The message in no receiver's ledger, at this moment.
            case notDelivered
            /// These statuses about the message in its sender's ledger, from each of these agencies.
            case statuses([String], from: [String])
            /// A copy made from the message in the ledger of a subscriber.
            case copy(at: String)
        }

        public var event: Event
        public var label: String
        public var limit: Duration
        public var place: SourcePlace
    }

    public var name: String
    public var folder: String
    public var title: Bilingual
    /// How long to wait for the landscape to become quiet after the last step.
    public var quietLimit: Duration
    public var steps: [Step]
}
