/// Where a text stands in a list that never changes, found by its code points.
///
/// The texts of a list are those of a schema, and only they decide how many have to be compared, whatever is looked up.
/// So a plain hash will do, where a `Dictionary` has to take one that nobody can foresee.
struct TextTable: Sendable {
    /// All texts, one behind the other.
    private var bytes: [UInt8] = []
    /// Where each of them ends.
    private var ends: [Int] = []
    /// Positions in the order of the hashes, with at least as many gaps.
    private var slots: [Int]

    private static let gap = -1

    /// Of texts that occur twice the first counts.
    init(_ texts: [String]) {
        var size = 2
        while size < 2 * texts.count { size *= 2 }
        self.slots = Array(repeating: Self.gap, count: size)
        for (position, text) in texts.enumerated() {
            let bytes = Array(text.utf8)
            self.bytes += bytes
            self.ends.append(self.bytes.count)
            var slot = self.firstSlot(bytes.span)
            while self.slots[slot] != Self.gap { slot = (slot + 1) & (size - 1) }
            self.slots[slot] = position
        }
    }

    /// - Parameter place: The position to try first, whether or not there is one.
    @inline(__always)
    func position(of text: String, expectedAt place: Int = 0) -> Int? {
        self.position(of: text.utf8.span, expectedAt: place)
    }

    private func position(of text: Span<UInt8>, expectedAt place: Int) -> Int? {
        if place < self.ends.count, self.isText(text, at: place) { return place }
        var slot = self.firstSlot(text)
        while self.slots[slot] != Self.gap {
            if self.isText(text, at: self.slots[slot]) { return self.slots[slot] }
            slot = (slot + 1) & (self.slots.count - 1)
        }
        return nil
    }

    @inline(__always)
    private func firstSlot(_ text: Span<UInt8>) -> Int {
        Int(SmallHash.of(text)) & (self.slots.count - 1)
    }

    @inline(__always)
    private func isText(_ text: Span<UInt8>, at position: Int) -> Bool {
        let start = position == 0 ? 0 : self.ends[position - 1]
        guard self.ends[position] - start == text.count else { return false }
        return ExactText.haveSameBytes(self.bytes.span.extracting(start..<start + text.count), text)
    }
}
