import HubModel

/// Numbers of a date read from a text, or written, by patterns in which each of `yMdHms` stands for a digit and all else
/// for itself.
///
/// Lives only as long as the text it looks at is lent.
struct DateFields {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var next = 0
    private var year = 0
    private var month = 0
    private var day = 0
    private var hour = 0
    private var minute = 0
    private var second = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { self.next == self.bytes.count }

    /// `nil` for a day that does not exist.
    var date: CivilDate? { CivilDate(year: self.year, month: self.month, day: self.day) }

    func time(on date: CivilDate) -> CivilTime? {
        guard self.hour < 24, self.minute < 60, self.second < 60 else { return nil }
        return CivilTime(date: date, hour: self.hour, minute: self.minute, second: self.second)
    }

    /// Reads on by a pattern; `false` when the text does not fit.
    mutating func take(_ pattern: StaticString) -> Bool {
        let length = pattern.utf8CodeUnitCount
        // A pattern without month and day means the first of January.
        if length == 4 { (self.month, self.day) = (1, 1) }
        return pattern.withUTF8Buffer { pattern in
            for letter in pattern {
                guard let byte = self.byte() else { return false }
                let digit = Int(byte) - 0x30
                switch letter {
                case UInt8(ascii: "y"): self.year = self.year * 10 + digit
                case UInt8(ascii: "M"): self.month = self.month * 10 + digit
                case UInt8(ascii: "d"): self.day = self.day * 10 + digit
                case UInt8(ascii: "H"): self.hour = self.hour * 10 + digit
                case UInt8(ascii: "m"): self.minute = self.minute * 10 + digit
                case UInt8(ascii: "s"): self.second = self.second * 10 + digit
                default:
                    guard byte == letter else { return false }
                    continue
                }
                guard digit >= 0, digit <= 9 else { return false }
            }
            return true
        }
    }

    /// Passes a point and one to nine digits, if they are there; `false` for other digits.
    mutating func takeFraction() -> Bool {
        guard !self.isAtEnd, self.bytes[self.next] == UInt8(ascii: ".") else { return true }
        self.next += 1
        var count = 0
        while !self.isAtEnd, (0x30...0x39).contains(self.bytes[self.next]) {
            self.next += 1
            count += 1
        }
        return (1...9).contains(count)
    }

    /// Seconds east of Greenwich, from `Z`, `+HH:mm` or `-HH:mm`.
    mutating func takeOffset() -> Int? {
        let sign = self.byte()
        if sign == UInt8(ascii: "Z") { return 0 }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        (self.hour, self.minute) = (0, 0)
        guard self.take("HH:mm"), self.hour <= 14, self.minute < 60 else { return nil }
        let seconds = self.hour * 3600 + self.minute * 60
        return sign == UInt8(ascii: "-") ? -seconds : seconds
    }

    /// - Returns: Where the text ends.
    static func write(
        _ civil: CivilTime, _ pattern: StaticString, to buffer: UnsafeMutableBufferPointer<UInt8>,
        at start: Int
    ) -> Int {
        pattern.withUTF8Buffer { pattern in
            var index = 0
            while index < pattern.count {
                let letter = pattern[index]
                guard let field = Self.field(letter, of: civil) else {
                    buffer[start + index] = letter
                    index += 1
                    continue
                }
                var end = index
                while end < pattern.count, pattern[end] == letter { end += 1 }
                var rest = field
                for place in (index..<end).reversed() {
                    buffer[start + place] = UInt8(0x30 + rest % 10)
                    rest /= 10
                }
                index = end
            }
            return start + pattern.count
        }
    }

    private mutating func byte() -> UInt8? {
        guard !self.isAtEnd else { return nil }
        self.next += 1
        return self.bytes[self.next - 1]
    }

    private static func field(_ letter: UInt8, of civil: CivilTime) -> Int? {
        switch letter {
        case UInt8(ascii: "y"): civil.date.year
        case UInt8(ascii: "M"): civil.date.month
        case UInt8(ascii: "d"): civil.date.day
        case UInt8(ascii: "H"): civil.hour
        case UInt8(ascii: "m"): civil.minute
        case UInt8(ascii: "s"): civil.second
        default: nil
        }
    }
}
