import FoundationEssentials
import HubModel

/// Names below a folder of settings. Those that begin with a dot are not looked at.
enum SettingsFolder {
    static func isFolder(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
    }

    /// The names of the folders in `path`, in order; none when it cannot be read.
    static func folders(in path: String) -> [String] {
        self.names(in: path).filter { self.isFolder("\(path)/\($0)") }
    }

    /// The names of the files in `path` with this ending, in order; none when it cannot be read.
    static func files(in path: String, ending: String) -> [String] {
        self.names(in: path).filter { $0.hasSuffix(ending) && !self.isFolder("\(path)/\($0)") }
    }

    static func bytes(of path: String) -> [UInt8]? {
        (try? Data(contentsOf: URL(filePath: path))).map(Array.init)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path)
    }

    /// Whether `path` stays inside the folder it is relative to.
    static func isInside(_ path: String) -> Bool {
        !path.isEmpty && !path.hasPrefix("/") && !path.split(separator: "/").contains("..")
    }

    /// A fault about a file or folder as a whole.
    static func fault(_ message: String, in path: String) -> SettingsFault {
        SettingsFault(file: path, place: SourcePlace(line: 1, column: 1), message: message)
    }

    private static func names(in path: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: path)
        return (names ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }
}
