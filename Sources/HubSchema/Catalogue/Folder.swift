import HubModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What is in a folder, by name; names that begin with a dot are not looked at.
enum Folder {
    static func isFolder(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
    }

    static func names(in path: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: path)
        return (names ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    static func folders(in path: String) -> [String] {
        self.names(in: path).filter { self.isFolder("\(path)/\($0)") }
    }

    static func files(in path: String) -> [String] {
        self.names(in: path).filter { !self.isFolder("\(path)/\($0)") }
    }

    static func bytes(of path: String) throws(HubError) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw HubError(
                .schemaInvalid, "A file of a schema folder cannot be read.",
                details: [ErrorDetail("file", path)],
                cause: error
            )
        }
    }
}
