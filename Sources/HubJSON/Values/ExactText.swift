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
        // Unequal strings cannot have equal bytes, so most comparisons end at the first half.
        left.utf8.count == right.utf8.count && left == right && Self.haveSameBytes(left, right)
    }

    private static func haveSameBytes(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }
}
