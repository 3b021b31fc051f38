public import HubModel
internal import HubSchema

/// Answers where documents stand with each of their receivers, and which of them nobody answered for.
public struct CourseDesk: Sendable {
    /// A receiver of a document.
    public struct Receiver: Sendable {
        /// As the document names it.
        public let recipient: String
        public let delivery: DeliveryState
        public let course: Course
    }

    /// A matter with everything that was said about it.
    public struct Matter: Sendable {
        public let id: String
        /// The messages that began and changed it, oldest first.
        public let messages: [StoredMessage]
        public let receivers: [Receiver]
        /// Agencies that told a status and are not among the receivers that the hub knows.
        public let others: [Course]
    }

    /// A document that was sent and that a receiver has told nothing about.
    public struct Silence: Sendable {
        public let matter: String
        public let message: AcceptedMessage
        public let recipient: String
        public let delivery: DeliveryState
    }

    /// One page of `silences`.
    public struct Report: Sendable {
        public let silences: [Silence]
        /// Documents that were looked at.
        public let documents: Int
        /// Where to go on; `nil` at the end.
        public let next: Int64?
    }

    private let journal: any Journal

    public init(journal: any Journal) {
        self.journal = journal
    }

    /// What the sender of a status is told about its place in the course.
    func warnings(for note: CourseNote, _ transitions: StatusTransitions?) async throws(HubError) -> [Warning] {
        guard !note.status.isEmpty else { return [] }
        return Course(of: note.agency, steps: try await self.journal.course(of: note.matter))
            .warnings(for: note, transitions)
    }

    /// - Throws: `message.not_found` when no message is about this matter.
    public func matter(_ id: String) async throws(HubError) -> Matter {
        let steps = try await self.journal.course(of: id.comparable)
        guard !steps.isEmpty else {
            throw HubError(.messageNotFound, "No message about a document of this id is in the journal.")
        }
        var messages: [StoredMessage] = []
        for step in steps where step.note.status.isEmpty {
            if let message = try await self.journal.message(step.message) { messages.append(message) }
        }
        var receivers: [Receiver] = []
        var seen: Set<String> = []
        for state in messages.last?.deliveries ?? [] where !state.plan.recipient.isEmpty && state.plan.mapping.isEmpty {
            let agency = Self.code(state.plan.recipient)
            guard seen.insert(agency).inserted else { continue }
            receivers.append(Receiver(recipient: state.plan.recipient, delivery: state, course: Course(of: agency, steps: steps)))
        }
        let others = Set(steps.filter { !$0.note.status.isEmpty }.map(\.note.agency)).subtracting(seen).sorted()
        return Matter(id: id, messages: messages, receivers: receivers, others: others.map { Course(of: $0, steps: steps) })
    }

    /// Documents that were accepted between two moments, and the receivers that have told nothing about them.
    ///
    /// - Parameters:
    ///   - from: Older ones are not looked at.
    ///   - until: Younger ones have time left.
    ///   - position: Where the page before this one ended.
    ///   - limit: Of documents looked at.
    public func silences(
        from: Timestamp, until: Timestamp, before position: Int64? = nil, limit: Int
    ) async throws(HubError) -> Report {
        let openings = try await self.journal.openings(before: position, limit: limit)
        var silences: [Silence] = []
        var documents = 0
        for (_, stored) in openings {
            guard let matter = stored.message.course?.matter, stored.message.receivedAt >= from else { break }
            guard stored.message.receivedAt <= until else { continue }
            documents += 1
            let told = Set(
                try await self.journal.course(of: matter).filter { !$0.note.status.isEmpty }.map(\.note.agency)
            )
            var seen: Set<String> = []
            for state in stored.deliveries where !state.plan.recipient.isEmpty && state.plan.mapping.isEmpty {
                let agency = Self.code(state.plan.recipient)
                guard !told.contains(agency), seen.insert(agency).inserted else { continue }
                silences.append(Silence(matter: matter, message: stored.message, recipient: state.plan.recipient, delivery: state))
            }
        }
        let isOver = openings.count < limit || (openings.last?.message.message.receivedAt ?? from) < from
        return Report(silences: silences, documents: documents, next: isOver ? nil : openings.last?.sequence)
    }

    /// One agency has several codes; courses go by the one form.
    private static func code(_ text: String) -> String { AgencyCode(text)?.text ?? text }
}
