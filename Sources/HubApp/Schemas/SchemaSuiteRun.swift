internal import Foundation
public import HubJSON
public import HubModel

/// Runs a folder of the official JSON Schema test suite, or one laid out like it.
///
/// Files are arrays of groups with `schema` and `tests`, each of these with `data` and `valid`. The draft is that of the folder
/// (`draft7`, `draft2020-12`) that a file lies in. Documents that schemas may refer to are in `remotes/` beside `tests/`, under
/// `http://localhost:1234/`. In `optional/format/` the keyword `format` asserts.
public struct SchemaSuiteRun: Sendable {
    /// What became of one file.
    public struct File: Sendable {
        /// Relative to the folder that was given.
        public let name: String
        /// Below a folder `optional`: an implementation may differ.
        public let isOptional: Bool
        public internal(set) var passed = 0
        /// Of what was expected and came out otherwise: group, test and what was found.
        public internal(set) var failures: [String] = []
        /// Why the whole file was left out; `nil` when it was run.
        public internal(set) var skipReason: String?
        public internal(set) var skipped = 0

        var json: JSONValue {
            var object: JSONObject = [
                "file": .string(self.name), "optional": .bool(self.isOptional),
                "passed": .init(integerLiteral: self.passed), "failed": .init(integerLiteral: self.failures.count),
                "skipped": .init(integerLiteral: self.skipped),
                "total": .init(integerLiteral: self.passed + self.failures.count + self.skipped),
            ]
            if !self.failures.isEmpty { object["failures"] = .array(self.failures.map { .string($0) }) }
            object["reason"] = self.skipReason.map { .string($0) }
            return .object(object)
        }
    }

    public let files: [File]

    public var passed: Int { self.files.reduce(0) { $0 + $1.passed } }
    public var failed: Int { self.files.reduce(0) { $0 + $1.failures.count } }
    public var skipped: Int { self.files.reduce(0) { $0 + $1.skipped } }
    /// Of files that are not optional.
    public var requiredFailures: Int { self.files.reduce(0) { $0 + ($1.isOptional ? 0 : $1.failures.count) } }

    public var json: JSONValue {
        .object([
            "passed": .init(integerLiteral: self.passed), "failed": .init(integerLiteral: self.failed),
            "skipped": .init(integerLiteral: self.skipped),
            "total": .init(integerLiteral: self.passed + self.failed + self.skipped),
            "required_failed": .init(integerLiteral: self.requiredFailures),
            "files": .array(self.files.map(\.json)),
        ])
    }

    /// - Parameters:
    ///   - folder: The suite, a folder in it, or one file.
    ///   - remotes: Documents that schemas may refer to; found beside `tests/` when it is `nil`.
    /// - Throws: `configuration.invalid` when there is nothing to run.
    public init(folder: String, remotes: String? = nil) throws(HubError) {
        let paths = Self.paths(in: folder)
        guard !paths.isEmpty else {
            throw HubError(
                .configurationInvalid, "There is no file of a test suite here.", details: [ErrorDetail("path", folder)]
            )
        }
        let documents = Self.documents(remotes ?? Self.remotes(near: folder))
        self.files = paths.map { Self.run($0.path, named: $0.name, documents: documents) }
    }

    private static func paths(in folder: String) -> [(path: String, name: String)] {
        if folder.hasSuffix(".json") {
            return FileManager.default.fileExists(atPath: folder) ? [(folder, (folder as NSString).lastPathComponent)] : []
        }
        let names = (FileManager.default.subpaths(atPath: folder) ?? []).filter {
            $0.hasSuffix(".json") && !$0.hasPrefix("remotes/")
        }
        return names.sorted().map { (folder + "/" + $0, $0) }
    }

    /// `remotes/` in the folder or in one of those above it.
    private static func remotes(near folder: String) -> String? {
        var place = URL(filePath: folder).standardizedFileURL.path
        for _ in 0..<6 {
            if FileManager.default.fileExists(atPath: place + "/remotes") { return place + "/remotes" }
            place = (place as NSString).deletingLastPathComponent
        }
        return nil
    }

    private static func documents(_ folder: String?) -> [String: JSONValue] {
        guard let folder else { return [:] }
        var documents: [String: JSONValue] = [:]
        for name in FileManager.default.subpaths(atPath: folder) ?? [] where name.hasSuffix(".json") {
            documents["http://localhost:1234/" + name] = Self.read(folder + "/" + name)
        }
        return documents
    }

    private static func read(_ path: String) -> JSONValue? {
        FileManager.default.contents(atPath: path).flatMap { try? JSONDocument.parse(Array($0)).value }
    }

    private static func run(_ path: String, named name: String, documents: [String: JSONValue]) -> File {
        let parts = path.split(separator: "/")
        var file = File(name: name, isOptional: parts.contains("optional"))
        let draft: JSONSchemaDraft
        switch parts.last(where: { $0.hasPrefix("draft") }) {
        case "draft7": draft = .draft7
        case "draft2020-12", nil: draft = .draft2020
        case let other?:
            file.skipReason = "the draft \(other) is not one of draft7 and draft2020-12"
            file.skipped = 1
            return file
        }
        guard let groups = Self.read(path)?.array else {
            file.failures.append("the file is no array of groups")
            return file
        }
        for group in groups {
            let title = group["description"]?.string ?? "?"
            let tests = group["tests"]?.array ?? []
            guard let source = group["schema"] else {
                file.failures.append("\(title): there is no schema")
                continue
            }
            do throws(HubError) {
                let schema = try JSONSchema.compile(
                    source, baseURI: "http://localhost:1234/\(draft)/root.json", documents: documents, draft: draft,
                    assertsFormat: parts.contains("format")
                )
                for test in tests {
                    let isValid = test["data"].map { schema.isValid($0) }
                    if isValid == test["valid"]?.bool, isValid != nil {
                        file.passed += 1
                    } else {
                        file.failures.append("\(title): \(test["description"]?.string ?? "?")")
                    }
                }
            } catch {
                for test in tests {
                    file.failures.append("\(title): \(test["description"]?.string ?? "?"): \(error.summary)")
                }
            }
        }
        return file
    }
}
