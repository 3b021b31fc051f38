import Foundation
import HubJSON
import HubModel
import Testing

/// The independent implementations in Python, `signxml` and `joserfc`, where `scripts/setup-peers.sh` has put them.
///
/// Each of the small programs in `Peers` answers a whole list of jobs, so that Python starts once for many.
enum PythonPeers {
    static let missing =
        "signxml and joserfc are not installed (scripts/setup-peers.sh), so nobody else can judge"

    /// `LGSP_PEERS_PYTHON` if it is set, otherwise the Python of the folder that the script made.
    private static let program: String? = {
        let environment = ProcessInfo.processInfo.environment
        let home = FileManager.default.homeDirectoryForCurrentUser.path(percentEncoded: false)
        let caches = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? home + "/.cache"
        let program = environment["LGSP_PEERS_PYTHON"] ?? caches + "/lgsp-hub-peers/bin/python3"
        return FileManager.default.isExecutableFile(atPath: program) ? program : nil
    }()

    static var isInstalled: Bool { Self.program != nil || Peers.areRequired }

    /// The answers of one of the programs, in the order of the jobs.
    static func run(_ script: String, _ jobs: [JSONValue]) throws -> [JSONValue] {
        let program = try #require(Self.program, Comment(rawValue: Self.missing))
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Peers/" + script)
        return try TemporaryFolder.with { folder in
            let input = folder.appending(path: "jobs")
            try Data(JSONValue.array(jobs).serialised()).write(to: input)
            let process = Process()
            process.executableURL = URL(filePath: program)
            process.arguments = [script.path(percentEncoded: false)]
            process.standardInput = try FileHandle(forReadingFrom: input)
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let bytes = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
            let answers = try #require(try JSONDocument.parse(bytes).value.array)
            try #require(answers.count == jobs.count)
            return answers
        }
    }

    /// Bytes as the programs write them.
    static func text(_ bytes: [UInt8]) -> JSONValue { .string(Base64.text(bytes)) }

    /// The bytes of a member of an answer; `nil` if it is not there.
    static func bytes(_ value: JSONValue?) -> [UInt8]? { value?.string.flatMap { Base64.bytes($0) } }
}
