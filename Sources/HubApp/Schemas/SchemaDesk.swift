public import HubJSON
public import HubModel
internal import HubSchema

/// Checks a folder of schemas: every schema, form, list of repairs and checks, and every example.
public struct SchemaDesk: Sendable {
    /// What a check found.
    public struct Report: Sendable {
        public let faults: [SettingsFault]
        public let types: Int
        public let examples: Int

        public var json: JSONValue {
            .object([
                "well": .bool(self.faults.isEmpty), "types": .init(integerLiteral: self.types),
                "examples": .init(integerLiteral: self.examples),
                "faults": .array(self.faults.map(\.json)),
            ])
        }
    }

    public init() {}

    /// - Parameter folder: With `domain/type/version` folders in it; those that come with the program when `nil`.
    /// - Throws: `configuration.invalid` when none is given and none is found.
    public func check(_ folder: String?, library: String? = nil) throws(HubError) -> Report {
        let place: String
        if let folder { place = folder } else { place = try Library.find(library).schemas }
        let check = SchemaCheck.run(folder: place)
        return Report(faults: check.faults, types: check.summary.types, examples: check.summary.examples)
    }
}
