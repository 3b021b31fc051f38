/// A view of a number's text as sign, significant digits and exponent: the value is `0.d1d2d3… × 10^exponent`.
///
/// Nothing is converted, so a number of a million digits costs one pass over them and `1e999999999` costs nothing.
/// Lives only as long as the buffer it looks at.
struct DecimalText {
    /// Exponents are held at this size; numbers beyond it are treated as equal in magnitude.
    private static let exponentBound = 1 << 60

    private let bytes: UnsafeBufferPointer<UInt8>
    /// From the first digit that is not 0 to the last one, a decimal point possibly between; empty for zero.
    private let significant: Range<Int>
    /// How many digits that is, without the point.
    let digitCount: Int
    let exponent: Int
    /// `false` for zero, also when it was written `-0`.
    let isNegative: Bool

    /// - Returns: `nil` unless all of `bytes` is one number by the grammar of RFC 8259.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard NumberGrammar.length(of: bytes) == bytes.count else { return nil }
        self.init(checked: bytes)
    }

    init(checked bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        let end = bytes.count
        var index = bytes.first == UInt8(ascii: "-") ? 1 : 0
        let hasSign = index == 1
        var point: Int?
        var first: Int?
        var last = 0
        while index < end {
            let byte = bytes[index]
            if byte == UInt8(ascii: ".") {
                point = index
            } else if Self.isDigit(byte) {
                if byte != UInt8(ascii: "0") {
                    first = first ?? index
                    last = index
                }
            } else {
                break
            }
            index += 1
        }
        guard let first else {
            self.significant = 0..<0
            self.digitCount = 0
            self.exponent = 0
            self.isNegative = false
            return
        }
        let pointPlace = point ?? index
        self.significant = first..<last + 1
        self.digitCount = last + 1 - first - (first < pointPlace && pointPlace < last ? 1 : 0)
        let scale = first < pointPlace ? pointPlace - first : pointPlace - first + 1
        let written = index < end ? Self.readExponent(bytes, from: index + 1) : 0
        self.exponent = max(-Self.exponentBound, min(Self.exponentBound, written + scale))
        self.isNegative = hasSign
    }

    var isZero: Bool { self.digitCount == 0 }
    var isInteger: Bool { self.isZero || self.exponent >= self.digitCount }

    var int: Int? {
        guard self.isInteger, self.exponent <= 19 else { return nil }
        var value = 0
        var overflow = false
        func append(_ digit: UInt8) {
            let (product, first) = value.multipliedReportingOverflow(by: 10)
            let (sum, second) = product.subtractingReportingOverflow(Int(digit))
            value = sum
            overflow = overflow || first || second
        }
        self.forEachDigit(append)
        for _ in 0..<max(0, self.exponent - self.digitCount) { append(0) }
        // Built downwards, because the smallest `Int` has no positive counterpart.
        guard !overflow else { return nil }
        if self.isNegative { return value }
        let (positive, tooLarge) = (0).subtractingReportingOverflow(value)
        return tooLarge ? nil : positive
    }

    /// The significant digits as values, first one first.
    func forEachDigit(_ body: (UInt8) -> Void) {
        for index in self.significant where self.bytes[index] != UInt8(ascii: ".") {
            body(self.bytes[index] - UInt8(ascii: "0"))
        }
    }

    func compared(to other: DecimalText) -> JSONNumber.Order {
        if self.isZero || other.isZero || self.isNegative != other.isNegative {
            let left = self.signum
            let right = other.signum
            return left == right ? .same : left < right ? .less : .greater
        }
        let magnitude = self.comparedMagnitude(to: other)
        guard self.isNegative else { return magnitude }
        return magnitude == .less ? .greater : magnitude == .greater ? .less : .same
    }

    /// Whether this number divided by `divisor × 10^scale` has no fractional part.
    func isMultiple(of divisor: UInt64, scale: Int) -> Bool {
        if self.isZero { return true }
        // As an integer without trailing zeros times a power of ten; so too small a power leaves a fraction.
        let power = self.exponent - self.digitCount - scale
        guard power >= 0 else { return false }
        var remainder: UInt64 = 0
        self.forEachDigit { digit in
            remainder = Self.multiplied(remainder, 10 % divisor, plus: UInt64(digit), modulo: divisor)
        }
        return Self.multiplied(remainder, Self.powerOfTen(power, modulo: divisor), plus: 0, modulo: divisor)
            == 0
    }

    private var signum: Int { self.isZero ? 0 : self.isNegative ? -1 : 1 }

    private func comparedMagnitude(to other: DecimalText) -> JSONNumber.Order {
        guard self.exponent == other.exponent else {
            return self.exponent < other.exponent ? .less : .greater
        }
        var left = self.significant.lowerBound
        var right = other.significant.lowerBound
        while left < self.significant.upperBound, right < other.significant.upperBound {
            if self.bytes[left] == UInt8(ascii: ".") {
                left += 1
            } else if other.bytes[right] == UInt8(ascii: ".") {
                right += 1
            } else if self.bytes[left] != other.bytes[right] {
                return self.bytes[left] < other.bytes[right] ? .less : .greater
            } else {
                left += 1
                right += 1
            }
        }
        return self.digitCount == other.digitCount
            ? .same : self.digitCount < other.digitCount ? .less : .greater
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func readExponent(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        var isNegative = false
        if index < bytes.count, !Self.isDigit(bytes[index]) {
            isNegative = bytes[index] == UInt8(ascii: "-")
            index += 1
        }
        var value = 0
        while index < bytes.count {
            value = min(
                Self.exponentBound, min(Self.exponentBound / 10, value) * 10 + Int(bytes[index] - 0x30))
            index += 1
        }
        return isNegative ? -value : value
    }

    private static func multiplied(_ left: UInt64, _ right: UInt64, plus: UInt64, modulo divisor: UInt64)
        -> UInt64
    {
        let (high, low) = left.multipliedFullWidth(by: right)
        let (sum, carry) = low.addingReportingOverflow(plus)
        // Both factors are below the divisor, so the high word is too, as division demands.
        return divisor.dividingFullWidth(((high + (carry ? 1 : 0)) % divisor, sum)).remainder
    }

    private static func powerOfTen(_ exponent: Int, modulo divisor: UInt64) -> UInt64 {
        var result = 1 % divisor
        var factor = 10 % divisor
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 { result = Self.multiplied(result, factor, plus: 0, modulo: divisor) }
            factor = Self.multiplied(factor, factor, plus: 0, modulo: divisor)
            rest >>= 1
        }
        return result
    }
}
