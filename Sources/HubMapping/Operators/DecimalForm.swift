/// How decimal numbers are written in messages.
enum DecimalForm: String, CaseIterable, Sendable {
    /// `1234.5`; also `1.2345e3`, which is read and not written.
    case plain
    /// `1.234,5`, with or without the points.
    case vietnamese

    /// The digits of a decimal number.
    struct Digits: Hashable, Sendable {
        var isNegative: Bool
        /// Before the point, at least one, no 0 in front of another digit.
        var whole: [UInt8]
        var fraction: [UInt8]

        init(isNegative: Bool, whole: some Collection<UInt8>, fraction: some Collection<UInt8>) {
            self.whole = Array(whole.drop { $0 == UInt8(ascii: "0") })
            if self.whole.isEmpty { self.whole = [UInt8(ascii: "0")] }
            self.fraction = Array(fraction)
            let isZero = (self.whole + self.fraction).allSatisfy { $0 == UInt8(ascii: "0") }
            self.isNegative = isNegative && !isZero
        }

        /// Pads or cuts the fraction; `false` when that would change the number.
        mutating func setPlaces(_ count: Int) -> Bool {
            guard self.fraction.dropFirst(count).allSatisfy({ $0 == UInt8(ascii: "0") }) else { return false }
            self.fraction = Array(self.fraction.prefix(count))
            self.fraction += [UInt8](repeating: UInt8(ascii: "0"), count: count - self.fraction.count)
            return true
        }
    }

    /// An exponent may move the point this far; `1e999999999` is short to send and long to write.
    static let greatestExponent = 100

    /// `nil` when the text is not a number of this form.
    func read(_ text: String) -> Digits? {
        var rest = Array(text.utf8)[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        switch self {
        case .plain: return Self.plain(rest, isNegative)
        case .vietnamese: return Self.vietnamese(rest, isNegative)
        }
    }

    func write(_ digits: Digits) -> String {
        var bytes: [UInt8] = digits.isNegative ? [UInt8(ascii: "-")] : []
        switch self {
        case .plain:
            bytes += digits.whole
        case .vietnamese:
            for (index, digit) in digits.whole.enumerated() {
                if index > 0, (digits.whole.count - index).isMultiple(of: 3) {
                    bytes.append(UInt8(ascii: "."))
                }
                bytes.append(digit)
            }
        }
        if !digits.fraction.isEmpty {
            bytes.append(UInt8(ascii: self == .plain ? "." : ","))
            bytes += digits.fraction
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func plain(_ text: ArraySlice<UInt8>, _ isNegative: Bool) -> Digits? {
        let halves = text.split(maxSplits: 1, omittingEmptySubsequences: false) {
            $0 | 0x20 == UInt8(ascii: "e")
        }
        guard let mantissa = halves.first,
            let (whole, fraction) = Self.halves(mantissa, at: UInt8(ascii: ".")),
            Self.areDigits(whole)
        else { return nil }
        guard halves.count == 2 else {
            return Digits(isNegative: isNegative, whole: whole, fraction: fraction)
        }
        let written = String(decoding: halves[1], as: UTF8.self)
        guard let exponent = Int(written), abs(exponent) <= Self.greatestExponent else { return nil }
        let missing = exponent < 0 ? -exponent : max(0, exponent - fraction.count)
        let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: missing)
        let digits = Array(whole) + Array(fraction)
        let all = exponent < 0 ? zeros + digits : digits + zeros
        let point = exponent < 0 ? whole.count : whole.count + exponent
        return Digits(isNegative: isNegative, whole: all.prefix(point), fraction: all.dropFirst(point))
    }

    private static func vietnamese(_ text: ArraySlice<UInt8>, _ isNegative: Bool) -> Digits? {
        guard let (whole, fraction) = Self.halves(text, at: UInt8(ascii: ",")) else { return nil }
        let groups = whole.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard groups.allSatisfy(Self.areDigits) else { return nil }
        // 1.23 is a plain number in the wrong place and must not be read as 123.
        if groups.count > 1 {
            guard groups[0].count <= 3, groups.dropFirst().allSatisfy({ $0.count == 3 }) else { return nil }
        }
        return Digits(isNegative: isNegative, whole: Array(groups.joined()), fraction: fraction)
    }

    /// Before and after the decimal mark, after which there is at least one digit.
    private static func halves(
        _ text: ArraySlice<UInt8>, at mark: UInt8
    ) -> (whole: ArraySlice<UInt8>, fraction: ArraySlice<UInt8>)? {
        guard let place = text.firstIndex(of: mark) else { return (text, []) }
        let fraction = text[(place + 1)...]
        return Self.areDigits(fraction) ? (text[..<place], fraction) : nil
    }

    private static func areDigits(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { (0x30...0x39).contains($0) }
    }
}
