internal import HubCore
internal import HubModel

/// The files in a `ustar` archive, found by their names and read where they stand.
struct TarFileReader {
    /// More files than any archive has.
    private static let mostFiles = 8_000_000
    /// Zeros behind the end, at most: some programs fill up.
    private static let longestEnd = 1 << 20

    let files: [String: FileExtent]

    /// - Throws: `evidence.invalid` for anything but an archive of plain files with plain names, each once, in one folder;
    ///   `journal.unavailable`.
    init(_ file: OpenFile, folder: String) throws(HubError) {
        let archive = try FileExtent(file)
        var files: [String: FileExtent] = [:]
        var position = 0
        while true {
            let header = try archive.read(TarArchive.block, at: position)
            guard header.count == TarArchive.block else { throw TarArchive.fault("it breaks off") }
            position += TarArchive.block
            if header.allSatisfy({ $0 == 0 }) { break }
            let (name, size) = try TarArchive.member(header)
            guard name.hasPrefix(folder) else { throw TarArchive.fault("it has a file of another folder") }
            guard size <= archive.count - position else { throw TarArchive.fault("a file breaks off") }
            guard files.count < Self.mostFiles else { throw TarArchive.fault("it has too many files") }
            let extent = FileExtent(archive.file, from: position, count: size)
            guard files.updateValue(extent, forKey: String(name.dropFirst(folder.utf8.count))) == nil else {
                throw TarArchive.fault("a file is there twice")
            }
            position += size + TarArchive.padding(size)
        }
        guard archive.count - position <= Self.longestEnd,
            try archive.read(Self.longestEnd, at: position).allSatisfy({ $0 == 0 })
        else { throw TarArchive.fault("something stands behind its end") }
        self.files = files
    }
}
