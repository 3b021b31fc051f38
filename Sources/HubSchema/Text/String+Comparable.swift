// The standard library has the tables of Unicode already; full Foundation would bring them a second time.
@_spi(_Unicode) internal import Swift

extension String {
    /// The text as it is compared with another one: in composed Unicode (NFC), without the white space around it.
    ///
    /// Two systems write one name in different characters, and Swift's own `==` knows that, but bytes that are stored,
    /// hashed or looked up do not. The text of a payload itself is never replaced by this one: it is signed.
    public var comparable: String {
        var isPlain = true
        var isTrimmed = true
        var last: UInt8 = 0x21
        var isFirst = true
        for byte in self.utf8 {
            if byte >= 0x80 {
                isPlain = false
                break
            }
            if isFirst, byte <= 0x20 { isTrimmed = false }
            isFirst = false
            last = byte
        }
        if isPlain, isTrimmed, last > 0x20 { return self }
        return isPlain ? Self(Self.trimmed(self[...])) : Self(Self.trimmed(self.composed[...]))
    }

    /// The same without the difference of upper and lower case.
    var foldedForComparison: String { self.comparable.lowercased() }

    private var composed: String {
        var text = String.UnicodeScalarView()
        text.reserveCapacity(self.utf8.count)
        text.append(contentsOf: self._nfc)
        return String(text)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return Substring(scalars[first...last])
    }
}
