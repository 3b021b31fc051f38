import HubModel

/// The axis' way to write a moment: `ddMMyyyy'T'HHmmss+SSSS` in Viet Nam's time.
///
/// What follows the plus looks like a zone and is milliseconds (DOMAIN 1.6).
enum AxisStamp {
    static func text(_ moment: Timestamp) -> String {
        let civil = CivilTime(moment, offset: CivilTime.vietnamOffset)
        return Self.digits(civil.date.day, 2) + Self.digits(civil.date.month, 2)
            + Self.digits(civil.date.year, 4) + "T"
            + Self.digits(civil.hour, 2) + Self.digits(civil.minute, 2) + Self.digits(civil.second, 2) + "+"
            + Self.digits(civil.nanosecond / 1_000_000, 4)
    }

    /// `nil` for anything that `text(_:)` does not write.
    static func moment(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard bytes.count == 20, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "+") else {
            return nil
        }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in bytes[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        guard let day = number(0..<2), let month = number(2..<4), let year = number(4..<8),
            let date = CivilDate(year: year, month: month, day: day), (1900...2200).contains(year),
            let hour = number(9..<11), let minute = number(11..<13), let second = number(13..<15),
            let millisecond = number(16..<20), hour < 24, minute < 60, second < 60, millisecond < 1000
        else { return nil }
        return CivilTime(
            date: date, hour: hour, minute: minute, second: second, nanosecond: millisecond * 1_000_000
        )
        .timestamp(offset: CivilTime.vietnamOffset)
    }

    private static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
