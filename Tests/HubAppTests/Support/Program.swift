import Foundation
import HubJSON
import Testing

/// The program as its users have it: a file that is run.
enum Program {
    /// The repository, where schemas, adapters and suites are.
    static let repository: String = {
        var folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.path
    }()

    /// Built beside the tests.
    static let path: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: tests).deletingLastPathComponent().path + "/lgsp"
    }()

    struct Result {
        let code: Int32
        let output: String
        let complaint: String

        var json: JSONValue { (try? JSONDocument.parse(Array(self.output.utf8)).value) ?? .null }
    }

    /// Runs a command to its end.
    ///
    /// - Parameter shell: What a shell is to do first, such as setting a limit.
    static func run(_ arguments: String..., in folder: String? = nil, after shell: String? = nil) throws -> Result {
        try Self.run(arguments, in: folder, after: shell)
    }

    static func run(_ arguments: [String], in folder: String? = nil, after shell: String? = nil) throws -> Result {
        let process = Self.process(arguments, in: folder, after: shell)
        let scratch = TestFolder()
        let (output, complaint) = (scratch.path + "/out", scratch.path + "/err")
        // Files, because a full pipe would hold the program up.
        for file in [output, complaint] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
        let (outputFile, complaintFile) = (
            FileHandle(forWritingAtPath: output), FileHandle(forWritingAtPath: complaint)
        )
        process.standardOutput = outputFile
        process.standardError = complaintFile
        try process.run()
        process.waitUntilExit()
        return Result(
            code: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: try String(contentsOfFile: output, encoding: .utf8),
            complaint: try String(contentsOfFile: complaint, encoding: .utf8)
        )
    }

    /// Runs a line of shell; gives its exit code.
    static func shell(_ line: String, in folder: String? = nil) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", line]
        process.currentDirectoryURL = URL(filePath: folder ?? Self.repository)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    static func process(_ arguments: [String], in folder: String? = nil, after shell: String? = nil) -> Process {
        let process = Process()
        if let shell {
            process.executableURL = URL(filePath: "/bin/bash")
            process.arguments = ["-c", shell + #"; exec "$0" "$@""#, Self.path] + arguments
        } else {
            process.executableURL = URL(filePath: Self.path)
            process.arguments = arguments
        }
        process.currentDirectoryURL = URL(filePath: folder ?? Self.repository)
        process.standardInput = FileHandle.nullDevice
        return process
    }
}

/// A folder for one test, removed with everything in it.
final class TestFolder: Sendable {
    let path: String

    init() {
        self.path = FileManager.default.temporaryDirectory.path + "/lgsp-test-" + UUID().uuidString.lowercased()
        try? FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func text(_ name: String) throws -> String {
        try String(contentsOfFile: self.path + "/" + name, encoding: .utf8)
    }

    func write(_ text: String, _ name: String) throws {
        try text.write(toFile: self.path + "/" + name, atomically: false, encoding: .utf8)
    }

    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: self.path + "/" + name)
        return try #require(attributes[.posixPermissions] as? NSNumber).intValue
    }
}

/// Asks again until there is an answer, or gives up: processes need their time, and how much is not ours to say.
func eventually<Value>(
    within limit: Duration = .seconds(60), _ what: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ question: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let answer = try await question() { return answer }
        guard ContinuousClock.now < deadline else {
            Issue.record("Did not happen in time: \(what)", sourceLocation: sourceLocation)
            throw CancellationError()
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}
