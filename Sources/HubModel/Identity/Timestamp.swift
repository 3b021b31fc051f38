/// A moment, in nanoseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Sendable, Comparable {
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Clamped to what 64 bits of nanoseconds can hold (1677 to 2262).
    public init(seconds: Int64) {
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self.nanoseconds = overflow ? (seconds < 0 ? .min : .max) : scaled
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Clamped to what 64 bits of nanoseconds can hold (1678 to 2262).
    public func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return Timestamp(nanoseconds: seconds < 0 ? .min : .max) }
        let (sum, tooFar) = self.nanoseconds.addingReportingOverflow(scaled + attoseconds / 1_000_000_000)
        return Timestamp(nanoseconds: tooFar ? (duration < .zero ? .min : .max) : sum)
    }

    /// The time from `earlier` to this moment; negative when it comes after. Exact also from one end of time to the other,
    /// which 64 bits of nanoseconds cannot hold.
    public func since(_ earlier: Timestamp) -> Duration {
        let (difference, overflow) = self.nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return overflow ? .nanoseconds(self.nanoseconds) - .nanoseconds(earlier.nanoseconds) : .nanoseconds(difference)
    }
}

/// A date and time of day without a zone.
public struct CivilTime: Hashable, Sendable {
    public var date: CivilDate
    public var hour: Int
    public var minute: Int
    public var second: Int
    public var nanosecond: Int

    public init(date: CivilDate, hour: Int, minute: Int, second: Int, nanosecond: Int = 0) {
        self.date = date
        self.hour = hour
        self.minute = minute
        self.second = second
        self.nanosecond = nanosecond
    }

    /// The wall clock at `timestamp`, `offset` seconds east of Greenwich.
    public init(_ timestamp: Timestamp, offset: Int) {
        let (quotient, remainder) = timestamp.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let whole = remainder < 0 ? quotient - 1 : quotient
        let local = whole + Int64(offset)
        let day = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
        let rest = Int(local - day * 86_400)
        self.init(
            date: CivilDate(daysSince1970: Int(day)), hour: rest / 3600, minute: rest / 60 % 60, second: rest % 60,
            nanosecond: Int(remainder < 0 ? remainder + 1_000_000_000 : remainder)
        )
    }

    /// The moment at which a clock `offset` seconds east of Greenwich shows this, clamped to what 64 bits of
    /// nanoseconds can hold (1677 to 2262).
    public func timestamp(offset: Int) -> Timestamp {
        self.exactTimestamp(offset: offset) ?? Timestamp(nanoseconds: self.date.year < 1970 ? .min : .max)
    }

    /// `nil` outside what 64 bits of nanoseconds can hold.
    fileprivate func exactTimestamp(offset: Int) -> Timestamp? {
        let seconds =
            Int64(self.date.daysSince1970) * 86_400 + Int64(self.hour * 3600 + self.minute * 60 + self.second - offset)
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, tooFar) = scaled.addingReportingOverflow(Int64(self.nanosecond))
        return overflow || tooFar ? nil : Timestamp(nanoseconds: sum)
    }

    /// Viet Nam's clock: seven hours ahead, no daylight saving since 1975. Stamps in the field's messages carry no
    /// zone and mean this one (DOMAIN 3.2).
    public static let vietnamOffset = 7 * 3600
}

/// A day of the Gregorian calendar.
public struct CivilDate: Hashable, Sendable, Comparable {
    public let year: Int
    public let month: Int
    public let day: Int

    /// `nil` for a day that does not exist. Years 1 to 9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.length(ofMonth: month, in: year)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Reads `YYYY-MM-DD`.
    public init?(iso text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    // Howard Hinnant's civil_from_days: years begin in March, so the leap day comes last.
    public init(daysSince1970 days: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        self.day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        self.month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        self.year = yearOfEra + era * 400 + (self.month <= 2 ? 1 : 0)
    }

    public var daysSince1970: Int {
        let year = self.month <= 2 ? self.year - 1 : self.year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (self.month > 2 ? self.month - 3 : self.month + 9) + 2) / 5 + self.day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    public static func < (left: CivilDate, right: CivilDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    private static func length(ofMonth month: Int, in year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension CivilDate: CustomStringConvertible {
    /// `YYYY-MM-DD`.
    public var description: String {
        "\(padded(self.year, to: 4))-\(padded(self.month, to: 2))-\(padded(self.day, to: 2))"
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-01-02T03:04:05.678Z`.
    public var description: String {
        let civil = CivilTime(self, offset: 0)
        return "\(civil.date)T\(padded(civil.hour, to: 2)):\(padded(civil.minute, to: 2)):"
            + "\(padded(civil.second, to: 2)).\(padded(civil.nanosecond / 1_000_000, to: 3))Z"
    }

    /// Reads RFC 3339 in UTC: `2026-01-02T03:04:05Z`, with up to nine digits of a fraction. `nil` also for a moment
    /// before 1677 or after 2262, which 64 bits of nanoseconds cannot hold.
    public init?(rfc3339 text: String) {
        guard text.utf8.last == 0x5A, text.utf8.count >= 20 else { return nil }
        let parts = text.dropLast().split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count == 2, let date = CivilDate(iso: parts[0]) else { return nil }
        let clock = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        let fields = clock[0].split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count == 3, clock.count <= 2,
            fields.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hour = Int(fields[0]), let minute = Int(fields[1]), let second = Int(fields[2]),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var nanosecond = 0
        if clock.count == 2 {
            guard (1...9).contains(clock[1].utf8.count), clock[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let fraction = Int(clock[1])
            else { return nil }
            nanosecond = (clock[1].utf8.count..<9).reduce(fraction) { value, _ in value * 10 }
        }
        let civil = CivilTime(date: date, hour: hour, minute: minute, second: second, nanosecond: nanosecond)
        guard let timestamp = civil.exactTimestamp(offset: 0) else { return nil }
        self = timestamp
    }
}

extension CivilTime {
    /// `yyyy/MM/dd HH:mm:ss`, the stamps of edXML (DOMAIN 1.3).
    public var edxmlStamp: String {
        "\(self.edxmlDate) \(padded(self.hour, to: 2)):\(padded(self.minute, to: 2)):\(padded(self.second, to: 2))"
    }

    /// `yyyy/MM/dd`.
    public var edxmlDate: String {
        "\(padded(self.date.year, to: 4))/\(padded(self.date.month, to: 2))/\(padded(self.date.day, to: 2))"
    }

    /// `yyyyMMddHHmmss`, the stamps of the dossier packets (DOMAIN 3.2).
    public var compactStamp: String {
        padded(self.date.year, to: 4) + padded(self.date.month, to: 2) + padded(self.date.day, to: 2)
            + padded(self.hour, to: 2) + padded(self.minute, to: 2) + padded(self.second, to: 2)
    }
}

func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
