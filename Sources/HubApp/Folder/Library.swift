internal import Foundation
public import HubModel

/// The schemas, adapters and suites that come with the program.
public struct Library: Sendable {
    public let folder: String

    var schemas: String { self.folder + "/schemas" }
    var adapters: String { self.folder + "/adapters" }
    var suites: String { self.folder + "/suites" }

    /// Finds them: in `given`, in `LGSP_HOME`, in the current folder or one above it, beside the program or in
    /// `../share/lgsp` of it.
    ///
    /// - Throws: `configuration.invalid`, naming where they were looked for.
    public static func find(_ given: String?) throws(HubError) -> Library {
        var candidates: [String] = []
        if let given {
            candidates = [given]
        } else {
            if let home = ProcessInfo.processInfo.environment["LGSP_HOME"] { candidates.append(home) }
            let program = Program.path
            var folder = FileManager.default.currentDirectoryPath
            var above = (program as NSString).deletingLastPathComponent
            candidates.append(((above as NSString).deletingLastPathComponent as NSString).appendingPathComponent("share/lgsp"))
            for _ in 0..<5 {
                candidates.append(folder)
                candidates.append(above)
                folder = (folder as NSString).deletingLastPathComponent
                above = (above as NSString).deletingLastPathComponent
            }
        }
        let files = FileManager.default
        for candidate in candidates
        where files.fileExists(atPath: candidate + "/schemas/directory")
            && files.fileExists(atPath: candidate + "/adapters")
        {
            return Library(folder: candidate)
        }
        throw HubError(
            .configurationInvalid, "The folders schemas and adapters were not found; name their place with --library.",
            details: [ErrorDetail("looked-in", candidates.joined(separator: ", "))]
        )
    }
}

/// The running program.
enum Program {
    static var path: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
