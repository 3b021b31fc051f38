internal import HubModel
internal import HubSchema

/// The course of a matter with one agency, in the order in which things happened, not in that in which the hub was told.
///
/// Systems send statuses late, twice, and in the wrong order; nothing of that is dropped.
public struct Course: Sendable {
    public struct Entry: Sendable {
        public let step: CourseStep
        /// Whether the hub was told something later before this.
        public let isLate: Bool
    }

    public let agency: String
    /// By the time that they tell; those of one time in the order of acceptance.
    public let entries: [Entry]

    /// - Parameter steps: In the order of acceptance; those without a status and those of other agencies are left out.
    init(of agency: String, steps: [CourseStep]) {
        self.agency = agency
        let own = steps.enumerated().filter { !$0.element.note.status.isEmpty && $0.element.note.agency == agency }
        let sorted = own.sorted { ($0.element.note.told, $0.offset) < ($1.element.note.told, $1.offset) }
        var entries: [Entry] = []
        // From the end: what stands behind a step and was accepted before it makes it late.
        var earliest = Int.max
        for (offset, step) in sorted.reversed() {
            entries.append(Entry(step: step, isLate: earliest < offset))
            earliest = min(earliest, offset)
        }
        self.entries = entries.reversed()
    }

    /// Where the matter stands; `nil` while nothing was told.
    public var status: CourseStep? { self.entries.last?.step }

    /// What the sender of another status is told.
    func warnings(for note: CourseNote, _ transitions: StatusTransitions?) -> [Warning] {
        var warnings: [Warning] = []
        let before = self.entries.prefix { $0.step.note.told <= note.told }
        if let first = self.entries.first(where: { $0.step.note.status == note.status && $0.step.note.told == note.told }) {
            warnings.append(Self.repeated(note, first.step))
        } else if let warning = transitions?.warning(for: note.status, after: before.map(\.step.note.status)) {
            warnings.append(warning)
        }
        if before.count < self.entries.count, let last = self.entries.last {
            warnings.append(Self.late(note, last.step))
        }
        return warnings
    }

    private static func repeated(_ note: CourseNote, _ first: CourseStep) -> Warning {
        Warning(
            code: "course.status_repeated",
            message: Bilingual(
                vi: "Trạng thái “\(note.status)” lúc \(note.told) đã được báo trong thông điệp \(first.message).",
                en: "The status “\(note.status)” of \(note.told) was told before, in message \(first.message)."
            )
        )
    }

    private static func late(_ note: CourseNote, _ last: CourseStep) -> Warning {
        Warning(
            code: "course.status_late",
            message: Bilingual(
                vi: "Trạng thái “\(note.status)” lúc \(note.told) đến sau “\(last.note.status)” lúc \(last.note.told).",
                en: "The status “\(note.status)” of \(note.told) came after “\(last.note.status)” of \(last.note.told)."
            )
        )
    }
}
