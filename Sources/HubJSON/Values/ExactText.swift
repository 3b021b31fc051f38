/// A string that equals another only when both are the same code points.
struct ExactText: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExactText, right: ExactText) -> Bool { Self.areSame(left.text, right.text) }

    func hash(into hasher: inout Hasher) {
        var text = self.text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    @inline(__always)
    static func areSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && Self.haveSameBytes(left.utf8.span, right.utf8.span)
    }

    /// Eight bytes at a time; `==` would compare what the characters look like.
    ///
    /// Both have the same length.
    @inline(__always)
    static func haveSameBytes(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        let count = left.count
        guard count >= 8 else {
            for index in 0..<count where left[index] != right[index] { return false }
            return true
        }
        let left = left.bytes
        let right = right.bytes
        var index = 0
        while true {
            let word = left.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard word == right.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self) else {
                return false
            }
            if index == count - 8 { return true }
            // The last word may overlap the one before.
            index = min(index + 8, count - 8)
        }
    }
}
