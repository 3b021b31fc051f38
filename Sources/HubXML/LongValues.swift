public import HubModel

/// Values that are too long to be parsed with their document: where they stand in the whole document, the parsed text has
/// markers.
///
/// Canonical bytes of such a document have the values again, read from wherever they are. So a digest over them is that of
/// the whole document, although nobody ever holds it.
public struct LongValues: Sendable {
    /// Digits of a number behind the prefix.
    private static let digits = 20

    /// What every marker begins with. Whoever writes a document must not be able to know it: a marker of his would stand
    /// for a value as well.
    let prefix: [UInt8]
    private let count: Int
    /// Gives the bytes of a value as canonical XML has them: with line ends of one character, and nothing that must be escaped.
    private let value: @Sendable (Int, (ArraySlice<UInt8>) -> Void) throws(HubError) -> Void

    /// - Parameters:
    ///   - prefix: At random, at least 32 bytes, none of them a `<`, `&` or the like.
    ///   - count: How many values there are.
    ///   - value: Gives the bytes of one, by its number.
    public init(
        prefix: [UInt8], count: Int,
        value: @escaping @Sendable (Int, (ArraySlice<UInt8>) -> Void) throws(HubError) -> Void
    ) {
        precondition(prefix.count >= 32, "A prefix that can be guessed.")
        self.prefix = prefix
        self.count = count
        self.value = value
    }

    /// What stands for the value with this number.
    public static func marker(_ number: Int, prefix: [UInt8]) -> [UInt8] {
        let digits = String(number).utf8
        return prefix + Array(repeating: UInt8(ascii: "0"), count: Self.digits - digits.count) + digits
    }

    /// Bytes of a marker.
    public static func markerLength(prefix: [UInt8]) -> Int { prefix.count + Self.digits }

    /// The number of a value, where these are the digits of a marker.
    public static func number(_ digits: ArraySlice<UInt8>) -> Int? { Int(String(decoding: digits, as: UTF8.self)) }

    func write(_ number: Int, into sink: (ArraySlice<UInt8>) -> Void) throws(HubError) {
        guard number < self.count else { throw HubError(.internalFault, "A marker stands for no value.") }
        try self.value(number, sink)
    }
}

/// Puts long values where their markers are, in bytes that come in pieces.
struct LongValueFill {
    private let values: LongValues
    private let markerLength: Int
    /// The end of what came, which may be the beginning of a marker.
    private var held: [UInt8] = []
    /// Why a value could not be had; nothing is written afterwards.
    private(set) var fault: HubError?

    init(_ values: LongValues) {
        self.values = values
        self.markerLength = LongValues.markerLength(prefix: values.prefix)
    }

    mutating func take(_ piece: UnsafeRawBufferPointer, into sink: (UnsafeRawBufferPointer) -> Void) {
        guard self.fault == nil else { return }
        unsafe self.held.append(contentsOf: piece)
        var start = 0
        while let marker = self.find(from: start) {
            guard marker + self.markerLength <= self.held.count else {
                // Its digits are still to come.
                return unsafe self.give(start..<marker, into: sink)
            }
            unsafe self.emit(start..<marker, into: sink)
            let digits = self.held[(marker + self.values.prefix.count)..<(marker + self.markerLength)]
            do throws(HubError) {
                guard let number = LongValues.number(digits) else {
                    throw HubError(.internalFault, "A marker has no number.")
                }
                try self.values.write(number) { piece in unsafe piece.withUnsafeBytes { unsafe sink($0) } }
            } catch {
                self.fault = error
                return
            }
            start = marker + self.markerLength
        }
        let end = max(start, self.held.count - self.values.prefix.count + 1)
        unsafe self.give(start..<end, into: sink)
    }

    /// Writes what was held back.
    mutating func finish(into sink: (UnsafeRawBufferPointer) -> Void) {
        guard self.fault == nil else { return }
        unsafe self.give(0..<self.held.count, into: sink)
    }

    /// Writes a part and lets go of all before its end.
    private mutating func give(_ range: Range<Int>, into sink: (UnsafeRawBufferPointer) -> Void) {
        unsafe self.emit(range, into: sink)
        self.held.removeSubrange(..<range.upperBound)
    }

    private func emit(_ range: Range<Int>, into sink: (UnsafeRawBufferPointer) -> Void) {
        guard !range.isEmpty else { return }
        unsafe self.held[range].withUnsafeBytes { unsafe sink($0) }
    }

    /// Where the next marker begins, as far as its prefix is there.
    private func find(from start: Int) -> Int? {
        let prefix = self.values.prefix
        var offset = start
        while offset + prefix.count <= self.held.count {
            guard let first = self.held[offset...(self.held.count - prefix.count)].firstIndex(of: prefix[0]) else { return nil }
            if self.held[first..<(first + prefix.count)].elementsEqual(prefix) { return first }
            offset = first + 1
        }
        return nil
    }
}
