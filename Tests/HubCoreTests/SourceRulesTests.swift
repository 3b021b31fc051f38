import Foundation
import Testing

/// What a simulated country in virtual time needs of the engine (DESIGN 6): nothing in it may reach for the machine's
/// own clock, randomness or threads, or start tasks that nobody waits for.
@Suite("The sources of the engine")
struct SourceRulesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/HubCore").resolvingSymlinksInPath()

    private static func sources() throws -> [(name: String, lines: [Substring])] {
        let files = FileManager.default.enumerator(at: Self.folder, includingPropertiesForKeys: nil)
        return try (files?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }.map { file in
            let text = try String(contentsOf: file, encoding: .utf8)
            return (file.lastPathComponent, text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    private static let forbidden = [
        "Task.sleep", "Task {", "Task.detached", "Task.immediate", "import Dispatch", "DispatchQueue", "Date(",
        "Date.now", "UInt64.random", "Int.random", "Double.random", ".randomElement", ".shuffle", "UUID(",
        "SystemRandomNumberGenerator", "ContinuousClock", "SuspendingClock", "import Foundation", "Thread", "pthread",
        "@TaskLocal", "clock_gettime", "getenv", "ProcessInfo", "URLSession", "FileManager", ".hashValue",
        "ObjectIdentifier",
    ]

    @Test("use only injected time, randomness and structured tasks", arguments: Self.forbidden)
    func clean(word: String) throws {
        let sources = try Self.sources()
        #expect(sources.count > 10, "the sources were not found")
        for (name, lines) in sources {
            for (number, line) in lines.enumerated() where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                // Tasks of a group are structured.
                #expect(!line.replacing("addTask {", with: "").contains(word), "\(name):\(number + 1)")
            }
        }
    }

    @Test("have at most 400 lines a file")
    func short() throws {
        for (name, lines) in try Self.sources() { #expect(lines.count <= 400, "\(name)") }
    }
}
