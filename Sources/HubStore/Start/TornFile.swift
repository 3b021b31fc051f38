internal import HubModel

/// Bytes at the end of the chain that a crash cut off, kept beside their segment for whoever asks.
enum TornFile {
    /// Puts the bytes into a file of their own; what earlier crashes left stays.
    /// - Returns: Its path. The bytes and the name are on disk.
    /// - Throws: `journal.unavailable`.
    static func keep(
        _ bytes: [UInt8], of number: Int, in folder: String, with disk: DiskCalls
    ) throws(HubError) -> String {
        let base = folder + "/" + SegmentHeader.fileName(number).dropLast(4) + ".torn"
        var path = base
        var copies = 1
        while try Folder.exists(path) {
            copies += 1
            path = base + "-\(copies)"
        }
        let file = try OpenFile(path, .create, with: disk)
        let fault = bytes.withUnsafeBytes { disk.write(file.descriptor, $0, 0) }
        guard fault == 0 else { throw DiskFault.error(fault, "write", path) }
        try file.sync(with: disk)
        try Folder.sync(folder, with: disk)
        return path
    }
}
