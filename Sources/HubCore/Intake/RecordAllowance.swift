internal import Synchronization

/// How many records may be made of what anyone can cause: some at once, then so many a second.
final class RecordAllowance: Sendable {
    private struct State {
        var left: Double
        var at: Duration?
    }

    private let perSecond: Double
    private let atOnce: Double
    private let state: Mutex<State>

    init(perSecond: Double, atOnce: Double) {
        self.perSecond = perSecond
        self.atOnce = atOnce
        self.state = Mutex(State(left: atOnce))
    }

    /// Takes one, if one is left at `uptime`.
    func allows(at uptime: Duration) -> Bool {
        self.state.withLock { state in
            let passed = state.at.map { max(.zero, uptime - $0) / .seconds(1) } ?? 0
            state.at = uptime
            state.left = min(self.atOnce, state.left + passed * self.perSecond)
            guard state.left >= 1 else { return false }
            state.left -= 1
            return true
        }
    }
}

extension String {
    /// The beginning, at most `limit` bytes of UTF-8 and no half a character code.
    ///
    /// A limit in characters would be none: one character may be of any length.
    func prefix(bytes limit: Int) -> String {
        guard self.utf8.count > limit else { return self }
        var end = self.utf8.index(self.utf8.startIndex, offsetBy: limit)
        while end > self.utf8.startIndex, UTF8.isContinuation(self.utf8[end]) { end = self.utf8.index(before: end) }
        return String(self.unicodeScalars[..<end])
    }
}
