import Foundation

/// Files of the repository.
enum TextFile {
    static func read(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    /// The files below a folder whose path from there fits.
    static func paths(in folder: String, where fits: (String) -> Bool) -> [String] {
        let folder = URL(filePath: folder).resolvingSymlinksInPath().path
        return (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).filter(
            fits
        ).sorted()
    }
}
