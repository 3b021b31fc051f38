internal import Foundation
public import HubModel

/// The folders of a landscape whose processes others start: containers, a service manager, people with five
/// terminals.
public struct PreparedLandscape: Sendable {
    /// One process: its name, and the arguments for this program.
    public struct Process: Sendable {
        public let name: String
        public let arguments: [String]
        /// Answers 200 once the process is ready.
        public let probe: String
    }

    /// `landscape.json`, for `lgsp replay --landscape`.
    public let file: String
    /// In the order in which they are best started.
    public let processes: [Process]

    /// Whether a landscape was written to the folder in full; `landscape.json` comes last.
    public static func exists(in folder: String) -> Bool {
        FileManager.default.fileExists(atPath: folder + "/landscape.json")
    }

    /// Writes folders, keys and configurations for the provinces of the demo.
    ///
    /// - Parameters:
    ///   - folder: Empty or absent.
    ///   - host: Where everything listens; the processes look for each other on loopback.
    ///   - firstPort: The ports are this one and those after it; free ones when `nil`.
    /// - Throws: `configuration.invalid` when the folder is not empty or cannot be written.
    public static func make(
        in folder: String, host: String, firstPort: Int?, library: Library
    ) throws(HubError) -> PreparedLandscape {
        let path = folder.hasPrefix("/") ? folder : FileManager.default.currentDirectoryPath + "/" + folder
        if let there = try? FileManager.default.contentsOfDirectory(atPath: path), !there.isEmpty {
            throw HubError(
                .configurationInvalid, "The folder for the landscape is not empty.",
                details: [ErrorDetail("path", path)]
            )
        }
        let plan = try LandscapePlan.make(
            in: path, homes: Replay.homes, ministries: Replay.ministries, library: library, host: host,
            firstPort: firstPort
        )
        return PreparedLandscape(
            file: plan.file,
            processes: plan.processes.map { Process(name: $0.name, arguments: $0.arguments, probe: $0.probe) }
        )
    }
}
