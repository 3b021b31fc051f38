/// The hub's own name for a message: a version 7 UUID (RFC 9562), so ids sort by the time of acceptance.
public struct MessageID: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameters:
    ///   - timestamp: Its milliseconds become the leading 48 bits.
    ///   - random: Two random words; 74 of their bits are used.
    public init(at timestamp: Timestamp, random: (UInt64, UInt64)) {
        let milliseconds = UInt64(bitPattern: timestamp.nanoseconds / 1_000_000) & 0xFFFF_FFFF_FFFF
        self.high = milliseconds << 16 | 0x7000 | (random.0 & 0x0FFF)
        self.low = 0x8000_0000_0000_0000 | (random.1 & 0x3FFF_FFFF_FFFF_FFFF)
    }

    /// Reads the text form with hyphens, in either case; `nil` for anything else.
    public init?(_ text: String) {
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (position, byte) in text.utf8.enumerated() {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == 0x2D else { return nil }
                continue
            }
            guard let value = Hex.value(of: byte) else { return nil }
            if digits < 16 {
                words.0 = words.0 << 4 | UInt64(value)
            } else {
                words.1 = words.1 << 4 | UInt64(value)
            }
            digits += 1
        }
        guard digits == 32, text.utf8.count == 36 else { return nil }
        self.init(high: words.0, low: words.1)
    }

    /// Reads the sixteen bytes that `bytes` gives.
    public init?(bytes: some Sequence<UInt8>) {
        self.init(bytes: Array(bytes))
    }

    /// `nil` unless there are exactly 16 bytes.
    public init?(bytes: [UInt8]) {
        var words: (UInt64, UInt64) = (0, 0)
        var count = 0
        for byte in bytes {
            if count < 8 { words.0 = words.0 << 8 | UInt64(byte) } else { words.1 = words.1 << 8 | UInt64(byte) }
            count += 1
        }
        guard count == 16 else { return nil }
        self.init(high: words.0, low: words.1)
    }

    /// Sixteen bytes, most significant first.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            for index in 0..<8 {
                buffer[index] = UInt8(truncatingIfNeeded: self.high >> UInt64(56 - 8 * index))
                buffer[8 + index] = UInt8(truncatingIfNeeded: self.low >> UInt64(56 - 8 * index))
            }
            count = 16
        }
    }
}

extension MessageID: CustomStringConvertible, Comparable {
    public var description: String {
        let hex = Hex.text(self.bytes)
        var text = ""
        text.reserveCapacity(36)
        for (index, character) in hex.utf8.enumerated() {
            if index == 8 || index == 12 || index == 16 || index == 20 { text.append("-") }
            text.unicodeScalars.append(Unicode.Scalar(character))
        }
        return text
    }

    public static func < (left: MessageID, right: MessageID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

/// One delivery of a message: the message and the place of the receiver in its plan.
public struct DeliveryID: Hashable, Sendable, CustomStringConvertible, Comparable {
    public let message: MessageID
    /// From 0, in the order in which the receivers were found.
    public let ordinal: UInt16

    public init(message: MessageID, ordinal: UInt16) {
        self.message = message
        self.ordinal = ordinal
    }

    /// Reads `MESSAGE.ORDINAL`.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let message = MessageID(String(parts[0])), let ordinal = UInt16(parts[1]),
            String(ordinal) == parts[1]
        else { return nil }
        self.init(message: message, ordinal: ordinal)
    }

    public var description: String { "\(self.message).\(self.ordinal)" }

    public static func < (left: DeliveryID, right: DeliveryID) -> Bool {
        left.message == right.message ? left.ordinal < right.ordinal : left.message < right.message
    }
}
