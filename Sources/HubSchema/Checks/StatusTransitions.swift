public import HubModel

/// Which status may follow on which, of one document or dossier.
///
/// Real systems leave steps out and send two in the same second, so what does not follow is told and never dropped.
public struct StatusTransitions: Sendable {
    /// What may come first.
    let first: Set<String>
    /// What may follow on a code; one without an entry ends the matter.
    let after: [String: Set<String>]
    /// Codes that lead back: what could follow before an aside may follow after them too.
    let resuming: Set<String>
    /// Codes that begin an aside.
    let asides: Set<String>

    /// Whether `next` may follow on `earlier`, the codes so far in the order in which they came.
    public func allows(_ next: String, after earlier: some BidirectionalCollection<String>) -> Bool {
        guard let last = earlier.last else { return self.first.contains(next) }
        if self.after[last]?.contains(next) == true { return true }
        guard self.resuming.contains(last) else { return false }
        let before = earlier.last { !self.resuming.contains($0) && !self.asides.contains($0) }
        guard let before else { return self.first.contains(next) }
        return self.after[before]?.contains(next) == true
    }

    /// What to say of `next`; `nil` when it may follow.
    public func warning(
        for next: String, after earlier: some BidirectionalCollection<String>, name: String = "StatusCode",
        path: String = ""
    ) -> Warning? {
        guard !self.allows(next, after: earlier) else { return nil }
        let wanted = earlier.last.map { "“\($0.prefix(bytes: 20))”" } ?? "∅"
        return CheckCode.statusTransition.warning(path: path, name: name, found: next, wanted: wanted)
    }
}
