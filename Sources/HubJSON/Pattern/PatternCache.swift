internal import Synchronization

/// Patterns that were compiled before: the schemas of a catalogue write the same few over and over, and a compiled one never
/// changes.
enum PatternCache {
    /// Beyond it nothing new is kept: many different patterns are no catalogue but an attack or a test.
    private static let most = 1000
    private static let patterns = Mutex<[String: Pattern]>([:])

    static func pattern(_ source: String) throws(PatternFault) -> Pattern {
        if let known = Self.patterns.withLock({ $0[source] }) { return known }
        let made = try Pattern(source)
        Self.patterns.withLock { patterns in
            if patterns.count < Self.most { patterns[source] = made }
        }
        return made
    }
}
