import HubModel

/// How dates are written in the messages of the field. None but ISO 8601 has room for a zone; all mean Viet Nam's clock.
enum DateForm: String, CaseIterable, Sendable {
    /// `yyyy/MM/dd`, with or without ` HH:mm:ss` (DOMAIN 1.3).
    case edxml
    /// `yyyyMMdd`, with or without `HHmmss` (DOMAIN 3.2).
    case compact
    /// `yyyy-MM-dd`, with or without `THH:mm:ss`, a fraction and a zone.
    case iso

    /// A day, and the time of day when the text has one.
    struct Moment: Hashable, Sendable {
        var civil: CivilTime
        var hasTime: Bool
    }

    /// `nil` when the text is not of this form or names a day or time that does not exist.
    func read(_ text: String) -> Moment? {
        let bytes = Array(text.utf8)
        switch self {
        case .edxml: return Self.read(bytes, as: "yyyy/MM/dd", then: " HH:mm:ss")
        case .compact: return Self.read(bytes, as: "yyyyMMdd", then: "HHmmss")
        case .iso: return Self.readISO(bytes)
        }
    }

    func write(_ moment: Moment, dayOnly: Bool) -> String {
        let hasTime = moment.hasTime && !dayOnly
        let civil = moment.civil
        switch self {
        case .edxml: return hasTime ? civil.edxmlStamp : civil.edxmlDate
        case .compact: return hasTime ? civil.compactStamp : String(civil.compactStamp.prefix(8))
        case .iso:
            // The clock part of edXML's stamp is that of ISO 8601.
            return hasTime ? "\(civil.date)T\(civil.edxmlStamp.dropFirst(11))+07:00" : "\(civil.date)"
        }
    }

    private static func read(_ bytes: [UInt8], as day: StaticString, then clock: StaticString) -> Moment? {
        let dayLength = day.utf8CodeUnitCount
        guard let date = Fields(bytes.prefix(dayLength), pattern: day)?.date else { return nil }
        if bytes.count == dayLength {
            return Moment(civil: CivilTime(date: date, hour: 0, minute: 0, second: 0), hasTime: false)
        }
        guard let fields = Fields(bytes.dropFirst(dayLength), pattern: clock),
            let civil = fields.time(on: date)
        else {
            return nil
        }
        return Moment(civil: civil, hasTime: true)
    }

    private static func readISO(_ bytes: [UInt8]) -> Moment? {
        if bytes.count <= 19 { return self.read(bytes, as: "yyyy-MM-dd", then: "THH:mm:ss") }
        guard let local = self.read(Array(bytes.prefix(19)), as: "yyyy-MM-dd", then: "THH:mm:ss") else {
            return nil
        }
        var rest = bytes.dropFirst(19)
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(fraction.count) else { return nil }
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard let offset = Self.offset(rest) else { return nil }
        let moment = local.civil.timestamp(offset: offset)
        return Moment(civil: CivilTime(moment, offset: CivilTime.vietnamOffset), hasTime: true)
    }

    /// Seconds east of Greenwich; Viet Nam's for nothing.
    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
        if bytes.isEmpty { return CivilTime.vietnamOffset }
        if bytes.elementsEqual("Z".utf8) { return 0 }
        guard let fields = Fields(bytes.dropFirst(), pattern: "HH:mm"), let hours = fields["H"],
            let minutes = fields["m"], hours <= 14, minutes < 60
        else { return nil }
        switch bytes.first {
        case UInt8(ascii: "+"): return hours * 3600 + minutes * 60
        case UInt8(ascii: "-"): return -(hours * 3600 + minutes * 60)
        default: return nil
        }
    }
}

/// Numbers read from a text by a pattern in which each letter `yMdHms` stands for a digit and all else for itself.
private struct Fields {
    private var values: [UInt8: Int] = [:]

    init?(_ bytes: ArraySlice<UInt8>, pattern: StaticString) {
        let pattern = Array(pattern.description.utf8)
        guard bytes.count == pattern.count else { return nil }
        for (byte, expected) in zip(bytes, pattern) {
            if "yMdHms".utf8.contains(expected) {
                guard (0x30...0x39).contains(byte) else { return nil }
                self.values[expected, default: 0] = self.values[expected, default: 0] * 10 + Int(byte - 0x30)
            } else if byte != expected {
                return nil
            }
        }
    }

    subscript(_ letter: Character) -> Int? { letter.asciiValue.flatMap { self.values[$0] } }

    var date: CivilDate? {
        guard let year = self["y"], let month = self["M"], let day = self["d"] else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }

    func time(on date: CivilDate) -> CivilTime? {
        guard let hour = self["H"], let minute = self["m"], let second = self["s"], hour < 24, minute < 60,
            second < 60
        else { return nil }
        return CivilTime(date: date, hour: hour, minute: minute, second: second)
    }
}
