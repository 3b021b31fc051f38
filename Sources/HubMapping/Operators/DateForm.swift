import HubModel

/// How dates are written in the messages of the field.
///
/// None but ISO 8601 has room for a zone; all mean Viet Nam's clock.
enum DateForm: String, CaseIterable, Sendable {
    /// `yyyy/MM/dd`, with or without ` HH:mm:ss` (DOMAIN 1.3).
    case edxml
    /// `yyyyMMdd`, with or without `HHmmss` (DOMAIN 3.2).
    case compact
    /// `yyyy-MM-dd`, with or without `THH:mm:ss`, a fraction and a zone.
    case iso
    /// `dd/MM/yyyy`, with or without ` HH:mm:ss`.
    case vietnamese
    /// `yyyy-MM-ddTHH:mm:ss.fff` without a zone; the fraction may be absent when read and is `.000` when written.
    case isoLocal = "iso-local"
    /// `yyyy`, read as the first of January.
    case year

    /// A day, and the time of day when the text has one.
    struct Moment: Hashable, Sendable {
        var civil: CivilTime
        var hasTime: Bool
    }

    private var dayPattern: StaticString {
        switch self {
        case .edxml: "yyyy/MM/dd"
        case .compact: "yyyyMMdd"
        case .iso, .isoLocal: "yyyy-MM-dd"
        case .vietnamese: "dd/MM/yyyy"
        case .year: "yyyy"
        }
    }

    /// `nil` when there is never a time.
    private var clockPattern: StaticString? {
        switch self {
        case .edxml, .vietnamese: " HH:mm:ss"
        case .compact: "HHmmss"
        case .iso, .isoLocal: "THH:mm:ss"
        case .year: nil
        }
    }

    /// `nil` when the text is not of this form or names a day or time that does not exist.
    func read(_ text: String) -> Moment? {
        var text = text
        return text.withUTF8 { self.read(DateFields($0)) }
    }

    private func read(_ fields: DateFields) -> Moment? {
        var fields = fields
        guard fields.take(self.dayPattern), let date = fields.date else { return nil }
        if fields.isAtEnd {
            if self == .isoLocal { return nil }
            return Moment(civil: CivilTime(date: date, hour: 0, minute: 0, second: 0), hasTime: false)
        }
        guard let clock = self.clockPattern, fields.take(clock), let civil = fields.time(on: date) else {
            return nil
        }
        if self == .iso || self == .isoLocal { guard fields.takeFraction() else { return nil } }
        if fields.isAtEnd { return Moment(civil: civil, hasTime: true) }
        guard self == .iso, let offset = fields.takeOffset(), fields.isAtEnd else { return nil }
        if offset == CivilTime.vietnamOffset { return Moment(civil: civil, hasTime: true) }
        // Nanoseconds in 64 bits do not reach all years; a stamp beyond them would silently become another.
        guard (1678...2261).contains(date.year) else { return nil }
        let moment = civil.timestamp(offset: offset)
        return Moment(civil: CivilTime(moment, offset: CivilTime.vietnamOffset), hasTime: true)
    }

    func write(_ moment: Moment, dayOnly: Bool) -> String {
        var civil = moment.civil
        if dayOnly { civil = CivilTime(date: civil.date, hour: 0, minute: 0, second: 0) }
        let hasTime = self == .isoLocal || (moment.hasTime && !dayOnly && self.clockPattern != nil)
        return String(unsafeUninitializedCapacity: 32) { buffer in
            var count = DateFields.write(civil, self.dayPattern, to: buffer, at: 0)
            guard hasTime, let clock = self.clockPattern else { return count }
            count = DateFields.write(civil, clock, to: buffer, at: count)
            switch self {
            case .iso: return DateFields.write(civil, "+07:00", to: buffer, at: count)
            case .isoLocal: return DateFields.write(civil, ".000", to: buffer, at: count)
            case .edxml, .compact, .vietnamese, .year: return count
            }
        }
    }
}
