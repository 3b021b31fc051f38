/// A JSON number, kept as the digits that were written.
///
/// Numbers are equal when they have the same value: `1`, `1.0` and `10e-1` are. No precision is lost on the way
/// through the hub, because nothing is converted until someone asks.
public struct JSONNumber: Sendable {
    /// As written, such as `-1.50e3`.
    public let text: String

    /// Keeps the text as it is.
    ///
    /// - Returns: `nil` unless the text is a number by the grammar of RFC 8259.
    public init?(text: String) {
        var text = text
        guard text.withUTF8({ DecimalText($0) }) != nil else { return nil }
        self.text = text
    }

    /// The number in decimal digits.
    public init(_ value: Int) {
        self.text = String(value)
    }

    /// The shortest digits that read back as the same `Double`.
    ///
    /// - Returns: `nil` for infinities and for what is no number.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        self.text = value.description
    }

    /// For the parser, which has checked the grammar.
    init(checked text: String) {
        self.text = text
    }

    /// The value when it has no fractional part and an `Int` can hold it.
    public var int: Int? {
        if let value = Int(self.text) { return value }
        return self.withDecimal { $0.int }
    }

    /// The nearest `Double`; `nil` when the number is too large for one.
    public var double: Double? {
        guard let value = Double(self.text), value.isFinite else { return nil }
        return value
    }

    /// Whether the value has no fractional part.
    var isInteger: Bool {
        self.withDecimal { $0.isInteger }
    }

    func withDecimal<Result>(_ body: (DecimalText) -> Result) -> Result {
        var text = self.text
        return text.withUTF8 { body(DecimalText(checked: $0)) }
    }
}

extension JSONNumber: Hashable {
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        if left.text == right.text { return true }
        return left.compared(to: right) == .same
    }

    public func hash(into hasher: inout Hasher) {
        self.withDecimal { decimal in
            hasher.combine(decimal.isNegative)
            hasher.combine(decimal.exponent)
            decimal.forEachDigit { hasher.combine($0) }
        }
    }

    package enum Order {
        case less, same, greater
    }

    /// By value, whatever the length of the digits or the size of the exponent.
    package func compared(to other: JSONNumber) -> Order {
        self.withDecimal { left in other.withDecimal { right in left.compared(to: right) } }
    }
}

extension JSONNumber: ExpressibleByIntegerLiteral, CustomStringConvertible {
    public init(integerLiteral value: Int) { self.init(value) }
    public var description: String { self.text }
}
