internal import Foundation
public import HubJSON
internal import HubModel
internal import HubWorkload
internal import UnixSignals

/// Plays a suite: through a landscape that runs already, or through one that it starts, watches and stops.
public struct Replay: Sendable {
    /// How it ended.
    public struct Outcome: Sendable {
        /// Every step as expected, every ledger in agreement, nothing lost, repeated or out of order.
        public let passed: Bool
        public let json: JSONValue
        /// For a clerk, in Vietnamese and English.
        public let summary: String
    }

    /// What happens to the landscape after the suite.
    public enum Afterwards: Sendable {
        /// Processes end, folders go.
        case stop
        /// It stays until SIGINT or SIGTERM, then as above.
        case stayUntilSignal
        /// Processes and folders outlive this command.
        case keep
    }

    private let library: Library
    private let suite: String
    private let folder: String?
    private let landscape: String?
    private let afterwards: Afterwards

    /// - Parameters:
    ///   - suite: A folder, or the name of one in the library.
    ///   - folder: For everything that the landscape writes; a new one below the temporary folder when `nil`.
    ///   - landscape: `landscape.json` of processes that run already.
    public init(library: Library, suite: String, folder: String?, landscape: String?, afterwards: Afterwards) {
        self.library = library
        self.suite = suite
        self.folder = folder
        self.landscape = landscape
        self.afterwards = afterwards
    }

    /// - Parameter tell: Gets a line of progress at a time.
    /// - Throws: What keeps the landscape from starting.
    public func run(tell: @escaping @Sendable (String) -> Void) async throws -> Outcome {
        let suite = try Suite.load(folder: try self.suiteFolder())
        if let file = self.landscape {
            return try await Self.play(suite, through: try Landscape.load(file: file), restarts: { 0 }, tell: tell)
        }
        let folder = try self.makeFolder()
        let plan = try LandscapePlan.make(
            in: folder, homes: Self.homes, ministries: Self.ministries, library: self.library
        )
        let keeps = self.afterwards == .keep
        let running = RunningLandscape(plan, stopsWithParent: !keeps)
        tell("Thư mục / Folder: \(folder)")
        // A Ctrl-C must not leave processes or keys behind.
        let interrupt = Interrupt()
        do {
            try await running.start()
            for process in running.processes { tell("  \(process.name) (pid \(process.identifier))") }
            let outcome = try await interrupt.race {
                try await self.play(suite, plan: plan, running: running, tell: tell)
            }
            if self.afterwards == .stayUntilSignal {
                tell(outcome.summary)
                tell("\nVẫn đang chạy; Ctrl-C để dừng. / Still running; Ctrl-C to stop.\n  \(plan.file)")
                await interrupt.wait()
            }
            if !keeps {
                await running.stop()
                if self.folder == nil { try? FileManager.default.removeItem(atPath: folder) }
            }
            return outcome
        } catch {
            await running.stop()
            tell("Nhật ký còn trong / The logs are left in: \(folder)")
            throw error
        }
    }

    static let homes = ["H44", "H55"].compactMap(AgencyCode.init)
    static let ministries = ["G14"].compactMap(AgencyCode.init)

    private func play(
        _ suite: Suite, plan: LandscapePlan, running: RunningLandscape,
        tell: @escaping @Sendable (String) -> Void
    ) async throws -> Outcome {
        try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask {
                await running.watch { name in
                    tell("  ! \(name) đã dừng và được chạy lại / ended and was started again")
                }
                return nil
            }
            group.addTask {
                try await Self.play(
                    suite, through: try Landscape.load(file: plan.file), restarts: { running.restarts }, tell: tell
                )
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let outcome = result { return outcome }
            }
            throw CancellationError()
        }
    }

    private static func play(
        _ suite: Suite, through landscape: Landscape, restarts: @Sendable () -> Int,
        tell: @escaping @Sendable (String) -> Void
    ) async throws -> Outcome {
        let report = try await SuitePlayer(suite, landscape).run { progress in
            switch progress {
            case .began(let index, let count, let title):
                tell("[\(index)/\(count)] \(title.vi) / \(title.en)")
            case .ended(_, _, let step):
                for fault in step.faults { tell("      ✗ \(fault)") }
            case .settling:
                tell("… chờ mọi thông điệp đến nơi / waiting until every message has arrived")
            }
        }
        var json = report.json.object ?? JSONObject()
        json["restarts"] = .init(integerLiteral: restarts())
        return Outcome(
            passed: report.passed, json: .object(json),
            summary: "\n" + report.summary(.vi) + "\n\n" + report.summary(.en)
        )
    }

    private func suiteFolder() throws(HubError) -> String {
        for folder in [self.suite, self.library.suites + "/" + self.suite]
        where FileManager.default.fileExists(atPath: folder + "/suite.yaml") {
            return folder
        }
        throw HubError(
            .configurationInvalid, "There is no such suite: a folder with a suite.yaml, or the name of one.",
            details: [ErrorDetail("suite", self.suite), ErrorDetail("known-in", self.library.suites)]
        )
    }

    private func makeFolder() throws(HubError) -> String {
        if let folder = self.folder {
            let path = folder.hasPrefix("/") ? folder : FileManager.default.currentDirectoryPath + "/" + folder
            if let there = try? FileManager.default.contentsOfDirectory(atPath: path), !there.isEmpty {
                throw HubError(
                    .configurationInvalid, "The folder for the landscape is not empty.",
                    details: [ErrorDetail("path", path)]
                )
            }
            return path
        }
        return NSTemporaryDirectory() + "lgsp-" + UUID().uuidString.prefix(8).lowercased()
    }
}

/// SIGINT and SIGTERM, while a landscape runs.
private struct Interrupt: Sendable {
    /// The work, or `CancellationError` when a signal comes first.
    func race(_ work: @escaping @Sendable () async throws -> Replay.Outcome) async throws -> Replay.Outcome {
        try await withThrowingTaskGroup(of: Replay.Outcome?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                await self.wait()
                return nil
            }
            defer { group.cancelAll() }
            guard let outcome = try await group.next() ?? nil else { throw CancellationError() }
            return outcome
        }
    }

    func wait() async {
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return }
    }
}
