#if canImport(Darwin)
    private import Darwin
#else
    private import Glibc
#endif

/// The files of the seeds, beside the sources of this package.
public enum Files {
    public static let seeds: String = {
        let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        return "/" + folder + "/seeds"
    }()

    public struct Fault: Error {
        public let path: String
        public let number: Int32
    }

    public static func read(_ path: String) throws(Fault) -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw Fault(path: path, number: errno) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            if count == 0 { break }
            bytes += piece[..<count]
        }
        guard ferror(file) == 0 else { throw Fault(path: path, number: errno) }
        return bytes
    }

    /// Writes a file; its folder is made if need be.
    public static func write(_ bytes: [UInt8], _ path: String) throws(Fault) {
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        guard mkdir("/" + folder, 0o755) == 0 || errno == EEXIST, let file = fopen(path, "wb") else {
            throw Fault(path: path, number: errno)
        }
        let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
        guard fclose(file) == 0, isWritten else { throw Fault(path: path, number: errno) }
    }
}
