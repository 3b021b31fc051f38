package import HubJSON
package import HubModel
package import HubSchema

/// A rule of an operator: what becomes of messages whose content fits, beyond what the directory says.
package struct RoutingRule: Sendable {
    /// What a rule does.
    package enum Action: Sendable {
        /// A copy for a system that is not among the receivers, as it came or mapped (wire tap).
        case copy(to: SystemID, by: DeliveryRoad, target: MessageType?, mapping: String)
        /// Receivers inside the province are served by this system instead.
        case redirect(to: SystemID, by: DeliveryRoad)
        /// One delivery for every receiver, also where one system speaks for several.
        case split
        /// The message is refused; the text is told to the sender.
        case refuse(Bilingual)

        /// As the file calls it.
        package var name: String {
            switch self {
            case .copy: "copy-to"
            case .redirect: "redirect-to"
            case .split: "split"
            case .refuse: "refuse"
            }
        }
    }

    package let name: String
    package let title: Bilingual
    /// The types that are meant; all when there are none.
    package let messages: [MessageType]
    /// The sending agencies that are meant, each with all below it; all when there are none.
    package let senders: [AgencyCode]
    /// All of them must hold.
    package let conditions: [ContentCondition]
    package let action: Action
    /// Whether later rules are not asked when this one holds.
    package let isLast: Bool

    package init(
        name: String, title: Bilingual, messages: [MessageType], senders: [AgencyCode],
        conditions: [ContentCondition], action: Action, isLast: Bool
    ) {
        self.name = name
        self.title = title
        self.messages = messages
        self.senders = senders
        self.conditions = conditions
        self.action = action
        self.isLast = isLast
    }

    /// - Returns: Why the rule does not hold; `nil` when it does.
    func mismatch(_ document: Document, form: MessageForm, sender: AgencyCode?) -> RuleMismatch? {
        if !self.messages.isEmpty, !self.messages.contains(form.type) { return .type }
        if !self.senders.isEmpty, !self.senders.contains(where: { sender?.isWithin($0) ?? false }) { return .sender }
        for condition in self.conditions where !condition.holds(in: document, form: form) {
            return .condition(condition)
        }
        return nil
    }
}

/// Why a rule does not hold for a message.
package enum RuleMismatch: Sendable {
    case type
    case sender
    case condition(ContentCondition)
}

/// A question about the content of a message.
package struct ContentCondition: Sendable {
    /// Where the text is taken from.
    package enum Subject: Sendable, Hashable {
        /// A field of the form.
        case field(String)
        case path(FieldPath)
    }

    /// What is asked of the texts there: of the first, but for `present`.
    package enum Test: Sendable {
        case present(Bool)
        case equals(String)
        case differs(from: String)
        case oneOf([String])
        case contains(String)
        case begins(with: String)
        case matches(Pattern)
        /// A number of at least this.
        case atLeast(JSONNumber)
        case atMost(JSONNumber)
    }

    package let subject: Subject
    package let test: Test

    package init(_ subject: Subject, _ test: Test) {
        self.subject = subject
        self.test = test
    }

    /// Texts are compared as they read, however their letters are put together (canonical equivalence).
    func holds(in document: Document, form: MessageForm) -> Bool {
        let texts: [String] =
            switch self.subject {
            case .field(let name): form.fields[name]?.texts(in: document) ?? []
            case .path(let path): document.texts(at: path)
            }
        let first = texts.first ?? ""
        return switch self.test {
        case .present(let expected): texts.contains { !$0.isEmpty } == expected
        case .equals(let text): first == text
        case .differs(let text): first != text
        case .oneOf(let choices): choices.contains(first)
        case .contains(let text): first.contains(text)
        case .begins(let text): first.hasPrefix(text)
        case .matches(let pattern): pattern.matches(first)
        case .atLeast(let bound): JSONNumber(text: first).map { $0.compared(to: bound) != .less } ?? false
        case .atMost(let bound): JSONNumber(text: first).map { bound.compared(to: $0) != .less } ?? false
        }
    }

    /// As the file says it, for people.
    package var description: String {
        let subject =
            switch self.subject {
            case .field(let name): name
            case .path(let path): path.description
            }
        return switch self.test {
        case .present(let expected): "\(subject) present: \(expected)"
        case .equals(let text): "\(subject) equals: \(text)"
        case .differs(let text): "\(subject) not: \(text)"
        case .oneOf(let choices): "\(subject) in: [\(choices.joined(separator: ", "))]"
        case .contains(let text): "\(subject) contains: \(text)"
        case .begins(let text): "\(subject) begins-with: \(text)"
        case .matches(let pattern): "\(subject) matches: \(pattern.source)"
        case .atLeast(let bound): "\(subject) at-least: \(bound.text)"
        case .atMost(let bound): "\(subject) at-most: \(bound.text)"
        }
    }
}
