import FoundationEssentials
public import HubModel

/// Reads the files that people edit: a strict part of YAML 1.1, in which a text means one thing.
///
/// Maps, lists, plain and quoted scalars and block scalars, in block or flow style. Refused are anchors, aliases,
/// tags, directives, merge keys, several documents, keys that are not a text or stand twice, tab characters, a
/// byte order mark, anything but UTF-8, files above `maxBytes` and nesting beyond `maxDepth`. Scalars stay text.
public enum YAMLReader {
    public static let maxBytes = 1 << 20
    public static let maxDepth = 32
    /// Further faults are not listed: a file with more is another kind of file.
    static let maxFaults = 100

    /// Reads a file.
    ///
    /// - Parameter path: Also the name under which faults are reported.
    public static func read(file path: String) -> Result<SettingsTree, SettingsFaults> {
        Self.read(file: path, reportedAs: path)
    }

    /// Reads a file and reports its faults under another name, such as the path from the folder a command was given.
    public static func read(file path: String, reportedAs name: String) -> Result<
        SettingsTree, SettingsFaults
    > {
        // Links are followed: deployments often mount settings as links. Pipes and devices are not settings.
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target) else {
            return Self.failure("There is no such file, or it cannot be reached.", in: name)
        }
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            return Self.failure("This is not a regular file.", in: name)
        }
        if let size = attributes[.size] as? Int, size > Self.maxBytes { return Self.tooLarge(name) }
        guard let data = try? Data(contentsOf: URL(filePath: target)) else {
            return Self.failure("The file cannot be read; look at its permissions.", in: name)
        }
        return Self.read([UInt8](data), file: name)
    }

    /// Reads the text of a file.
    ///
    /// - Parameter file: The name under which faults are reported.
    public static func read(_ bytes: [UInt8], file: String) -> Result<SettingsTree, SettingsFaults> {
        if bytes.count > Self.maxBytes { return Self.tooLarge(file) }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            return Self.failure(
                "A byte order mark stands first; save the file as UTF-8 without one.", in: file)
        }
        if let place = Self.firstInvalidPlace(in: bytes) {
            return Self.failure("The text is not UTF-8 from here on.", in: file, at: place)
        }
        var builder = SettingsTreeBuilder(file: file, maxDepth: Self.maxDepth)
        Self.noteTabs(in: bytes, &builder)
        do throws(YAMLSyntaxFault) {
            let events = try YAMLEventStream(bytes)
            while builder.faults.count < Self.maxFaults, builder.take(try events.next()) {}
        } catch {
            // A tab is often what the scanner stumbles over, in words that do not help.
            if !builder.faults.contains(where: { $0.place.line == error.place.line }) {
                builder.note(Self.sentence(for: error.problem), at: error.place)
            }
        }
        guard builder.faults.isEmpty, let root = builder.root else {
            return .failure(SettingsFaults(builder.faults))
        }
        return .success(root)
    }

    private static func tooLarge(_ file: String) -> Result<SettingsTree, SettingsFaults> {
        Self.failure("The file is larger than \(Self.maxBytes) bytes.", in: file)
    }

    private static func failure(
        _ message: String, in file: String, at place: SourcePlace = SourcePlace(line: 1, column: 1)
    ) -> Result<SettingsTree, SettingsFaults> {
        .failure(SettingsFaults([SettingsFault(file: file, place: place, message: message)]))
    }

    private static func firstInvalidPlace(in bytes: [UInt8]) -> SourcePlace? {
        if String(validating: bytes, as: UTF8.self) != nil { return nil }
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var valid = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            valid += UTF8.width(scalar)
        }
        return SourcePlace(after: bytes.prefix(valid))
    }

    /// Tabs look like spaces and count differently in every editor. Within quotes `\t` says what is meant.
    private static func noteTabs(in bytes: [UInt8], _ builder: inout SettingsTreeBuilder) {
        var noted = 0
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            guard noted < Self.maxFaults, let tab = line.firstIndex(of: 0x09) else { continue }
            let column = SourcePlace(after: line[..<tab]).column
            builder.note(
                "A tab character is not allowed; use spaces.",
                at: SourcePlace(line: index + 1, column: column))
            noted += 1
        }
    }

    private static func sentence(for problem: String) -> String {
        switch problem {
        case "mapping values are not allowed in this context":
            "A colon cannot stand here; a text that contains ': ' needs quotes."
        case "did not find expected key", "did not find expected '-' indicator":
            "The indentation does not fit what stands before."
        case "could not find expected ':'":
            "A key without a colon stands before this."
        case "found unexpected end of stream":
            "The file ends inside a quoted text."
        case "control characters are not allowed":
            "A control character is not allowed."
        case let problem where problem.hasPrefix("Maximum nesting level"):
            "Lists and maps are nested deeper than \(Self.maxDepth)."
        default:
            "This is not well-formed YAML: \(problem)."
        }
    }
}
