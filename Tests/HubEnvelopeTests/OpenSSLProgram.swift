import Foundation

/// The `openssl` command line, where it is installed: another reader and writer of what is made here.
enum OpenSSLProgram {
    static let missing = "openssl is not installed, so nobody else can judge"
    private static let program = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/opt/homebrew/bin/openssl"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    static var isInstalled: Bool { Self.program != nil || Peers.areRequired }

    struct Answer {
        let status: Int32
        let text: String
        var isGood: Bool { self.status == 0 }
    }

    /// Runs it in a folder with these files, and returns what it said on both channels.
    static func run(_ arguments: [String], in folder: URL) throws -> Answer {
        let process = Process()
        process.executableURL = Self.program.map { URL(filePath: $0) }
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Answer(status: process.terminationStatus, text: String(decoding: bytes, as: UTF8.self))
    }

    static func write(_ bytes: [UInt8], _ name: String, in folder: URL) throws {
        try Data(bytes).write(to: folder.appending(path: name))
    }

    static func read(_ name: String, in folder: URL) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: name)))
    }
}
