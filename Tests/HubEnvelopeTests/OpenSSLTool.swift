import Foundation
import HubEnvelope

/// The independent judge of CMS envelopes: the `openssl` of the system, where it is installed.
///
/// It stands on the same library, but reads and writes by its own program and with its own choices.
enum OpenSSLTool {
    static let missing = "openssl is not on the PATH, so nobody else can judge"
    private static let program = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { "\($0)/openssl" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    static var isInstalled: Bool { Self.program != nil || Peers.areRequired }

    /// What the program writes for these arguments.
    ///
    /// - Parameters:
    ///   - files: what it finds in its folder, by name.
    ///   - output: the file that it writes.
    /// - Returns: `nil` if it says no.
    static func run(
        _ arguments: [String], files: [String: [UInt8]], output: String = "out"
    ) throws -> [UInt8]? {
        try TemporaryFolder.with { folder in
            for (name, bytes) in files { try Data(bytes).write(to: folder.appending(path: name)) }
            let process = Process()
            process.executableURL = Self.program.map { URL(filePath: $0) }
            process.arguments = arguments + ["-out", output]
            process.currentDirectoryURL = folder
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            process.standardInput = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else { return nil }
            return [UInt8](try Data(contentsOf: folder.appending(path: output)))
        }
    }
}
