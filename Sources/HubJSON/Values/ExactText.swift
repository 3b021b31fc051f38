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
        left.utf8.count == right.utf8.count && Self.haveSameBytes(left, right)
    }

    /// Eight bytes at a time; `==` would compare what the characters look like.
    private static func haveSameBytes(_ left: String, _ right: String) -> Bool {
        var left = left
        var right = right
        return left.withUTF8 { left in
            right.withUTF8 { right in
                let left = UnsafeRawBufferPointer(left)
                let right = UnsafeRawBufferPointer(right)
                var index = 0
                while index + 8 <= left.count {
                    let word = left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    guard word == right.loadUnaligned(fromByteOffset: index, as: UInt64.self) else {
                        return false
                    }
                    index += 8
                }
                while index < left.count {
                    guard left[index] == right[index] else { return false }
                    index += 1
                }
                return true
            }
        }
    }
}
