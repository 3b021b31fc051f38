import HubModel
import HubXML

/// What was repaired so far, each thing that concerns a whole document once.
struct RepairNotes {
    /// Further repairs are counted only.
    static let limit = 100

    private(set) var warnings: [Warning] = []
    private var unlisted = 0
    private var once: Set<String> = []

    struct Mark {
        fileprivate let warnings: Int
        fileprivate let unlisted: Int
    }

    var mark: Mark { Mark(warnings: self.warnings.count, unlisted: self.unlisted) }

    mutating func goBack(to mark: Mark) {
        self.warnings.removeSubrange(mark.warnings...)
        self.unlisted = mark.unlisted
    }

    mutating func note(_ repair: Repair, found: String, read: String, at element: XMLElement) {
        guard self.warnings.count < Self.limit else {
            self.unlisted += 1
            return
        }
        self.warnings.append(repair.warning(found: found, read: read, path: element.path))
    }

    /// The same, but not again for the same `key`.
    mutating func noteOnce(_ repair: Repair, key: String, found: String, read: String, at element: XMLElement)
    {
        guard self.once.insert("\(repair.rawValue) \(key)").inserted else { return }
        self.note(repair, found: found, read: read, at: element)
    }

    /// All that is to be said.
    var all: [Warning] {
        guard self.unlisted > 0 else { return self.warnings }
        return self.warnings + [Repair.more.warning(found: String(self.unlisted), read: "", path: "")]
    }
}
