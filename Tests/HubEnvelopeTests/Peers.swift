import Foundation

/// Whether a test that needs another program may do without it.
enum Peers {
    /// In continuous integration a missing program is a failure, not a reason to skip.
    static let areRequired = ProcessInfo.processInfo.environment["CI"] == "true"
}
