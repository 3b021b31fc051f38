/// Everything that is wrong in one or several files that people edit.
///
/// Faults are gathered and handed over together, so that whoever edits the files can mend them in one go.
public struct SettingsFaults: Error, Hashable, Sendable {
    /// At least one, ordered by file and place.
    public let faults: [SettingsFault]

    public init(_ faults: [SettingsFault]) {
        self.faults = faults.sorted {
            ($0.file, $0.place.line, $0.place.column) < ($1.file, $1.place.line, $1.place.column)
        }
    }

    /// The same as one error, each fault as a detail `fault`.
    public func error(_ code: ErrorCode, _ summary: StaticString) -> HubError {
        HubError(code, summary, details: self.faults.map { ErrorDetail("fault", $0) })
    }
}

extension SettingsFaults: CustomStringConvertible {
    /// One fault a line, each in the form that editors jump to.
    public var description: String {
        self.faults.map(\.description).joined(separator: "\n")
    }
}
