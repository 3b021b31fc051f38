import HubModel

/// How a date, or a date and a time, is written: `yyyy`, `MM`, `dd`, `HH`, `mm`, `ss`, and what stands between them.
struct DateForm: Hashable, Sendable, CustomStringConvertible {
    /// One byte of the form.
    private enum Mark: Hashable, Sendable {
        case year, month, day, hour, minute, second
        case letter(UInt8)
    }

    let description: String
    private let marks: [Mark]

    /// `nil` unless year, month and day stand in it once, each with all its digits, and a time as a whole or not at all.
    init?(_ text: String) {
        let fields: [(letters: String, mark: Mark)] = [
            ("yyyy", .year), ("MM", .month), ("dd", .day), ("HH", .hour), ("mm", .minute), ("ss", .second),
        ]
        var marks: [Mark] = []
        var seen: Set<Mark> = []
        var rest = text[...]
        while let first = rest.utf8.first {
            if let field = fields.first(where: { rest.hasPrefix($0.letters) }) {
                guard seen.insert(field.mark).inserted else { return nil }
                marks += Array(repeating: field.mark, count: field.letters.utf8.count)
                rest = rest.dropFirst(field.letters.count)
            } else {
                guard first < 0x80, !"yMdHms".utf8.contains(first), !(0x30...0x39).contains(first) else {
                    return nil
                }
                marks.append(.letter(first))
                rest = rest.dropFirst()
            }
        }
        guard seen.isSuperset(of: [.year, .month, .day]), seen.count == 3 || seen.count == 6 else {
            return nil
        }
        self.description = text
        self.marks = marks
    }

    var hasTime: Bool { self.marks.contains(.hour) }

    /// Whether some text could be read by both, as different things.
    func isConfused(with other: DateForm) -> Bool {
        self != other && self.marks.count == other.marks.count
            && zip(self.marks, other.marks).allSatisfy { one, two in
                switch (one, two) {
                case (.letter, .letter): one == two
                case (.letter, _), (_, .letter): false
                default: true
                }
            }
    }

    /// The moment `text` names on the clock of Viet Nam; `nil` unless it has this form and names a day and time that exist.
    func read(_ text: String) -> CivilTime? {
        let bytes = text.utf8.span
        guard bytes.count == self.marks.count else { return nil }
        var (year, month, day, hour, minute, second) = (0, 0, 0, 0, 0, 0)
        for index in bytes.indices {
            let (byte, mark) = (bytes[index], self.marks[index])
            if case .letter(let letter) = mark {
                guard byte == letter else { return nil }
                continue
            }
            guard (0x30...0x39).contains(byte) else { return nil }
            let digit = Int(byte) - 0x30
            switch mark {
            case .year: year = year * 10 + digit
            case .month: month = month * 10 + digit
            case .day: day = day * 10 + digit
            case .hour: hour = hour * 10 + digit
            case .minute: minute = minute * 10 + digit
            case .second: second = second * 10 + digit
            case .letter: break
            }
        }
        guard let date = CivilDate(year: year, month: month, day: day), hour < 24, minute < 60, second < 60
        else {
            return nil
        }
        return CivilTime(date: date, hour: hour, minute: minute, second: second, nanosecond: 0)
    }
}
