internal import Foundation
internal import HubModel
internal import Synchronization

/// A process of the landscape: this program with other arguments.
///
/// It holds the child's standard input open; the child ends when that closes, so nothing is left behind even when
/// this process is killed.
final class ChildProcess: Sendable {
    let name: String
    private let arguments: [String]
    private let logFile: String
    private let stopsWithParent: Bool
    private let state = Mutex<State>(State())

    private struct State {
        var process: Process?
        var isStopping = false
        var starts = 0
    }

    init(name: String, arguments: [String], logFile: String, stopsWithParent: Bool) {
        self.name = name
        self.arguments = arguments
        self.logFile = logFile
        self.stopsWithParent = stopsWithParent
    }

    /// Ends of this process that nobody asked for.
    var restarts: Int { max(0, self.state.withLock { $0.starts } - 1) }

    var identifier: Int32? { self.state.withLock { $0.process?.processIdentifier } }

    var isRunning: Bool { self.state.withLock { $0.process?.isRunning ?? false } }

    /// - Throws: `configuration.invalid` when the program cannot be started.
    func start() throws(HubError) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = self.arguments + (self.stopsWithParent ? ["--stop-with-input"] : [])
        process.standardInput = self.stopsWithParent ? Pipe() : FileHandle.nullDevice
        if !FileManager.default.fileExists(atPath: self.logFile) {
            _ = FileManager.default.createFile(atPath: self.logFile, contents: nil)
        }
        let log = FileHandle(forWritingAtPath: self.logFile) ?? FileHandle.nullDevice
        _ = try? log.seekToEnd()
        process.standardOutput = log
        process.standardError = log
        do {
            try process.run()
        } catch {
            throw HubError(
                .configurationInvalid, "A process of the landscape could not be started.",
                details: [ErrorDetail("process", self.name)], cause: error
            )
        }
        self.state.withLock {
            $0.process = process
            $0.starts += 1
        }
    }

    /// Starts it again if it ended without being asked to.
    ///
    /// - Returns: Whether it did.
    func restartIfEnded() throws(HubError) -> Bool {
        let ended = self.state.withLock { !$0.isStopping && $0.process.map { !$0.isRunning } ?? false }
        if ended { try self.start() }
        return ended
    }

    /// Asks it to stop, and kills it after `patience`.
    func stop(patience: Duration) async {
        let process = self.state.withLock { state -> Process? in
            state.isStopping = true
            return state.process
        }
        guard let process, process.isRunning else { return }
        process.terminate()
        let deadline = ContinuousClock.now + patience
        while process.isRunning, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// The end of its log, for a message about why it did not start.
    var logTail: String {
        guard let data = FileManager.default.contents(atPath: self.logFile) else { return "" }
        return String(decoding: data.suffix(600), as: UTF8.self)
    }
}
