package import HubModel

/// Files in one file, as POSIX `ustar` (IEEE Std 1003.1, pax, "ustar Interchange Format"): what an evidence pack is, so
/// that `tar` opens it anywhere.
///
/// Only plain files are written and read; the same files always make the same bytes.
package enum TarArchive {
    package struct File: Sendable, Hashable {
        /// Relative, of letters, digits and `-._/`, at most 100 bytes.
        package let name: String
        package let bytes: [UInt8]

        package init(_ name: String, _ bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// What files begin at a multiple of.
    package static let block = 512
    /// Bytes of the largest file that a header can name.
    package static let longest = 0o77777777777
    /// More files than any pack has.
    private static let mostFiles = 100_000

    /// - Parameter time: Of every file.
    package static func write(_ files: [File], time: Timestamp) -> [UInt8] {
        var archive: [UInt8] = []
        archive.reserveCapacity(files.reduce(2 * Self.block) { $0 + 2 * Self.block + $1.bytes.count })
        for file in files {
            archive += Self.header(file.name, file.bytes.count, time)
            archive += file.bytes
            archive += [UInt8](repeating: 0, count: Self.padding(file.bytes.count))
        }
        return archive + [UInt8](repeating: 0, count: 2 * Self.block)
    }

    /// - Throws: `evidence.invalid` for anything but an archive of plain files with plain names, each once.
    package static func read(_ archive: [UInt8]) throws(HubError) -> [File] {
        var files: [File] = []
        var names: Set<String> = []
        var position = 0
        while true {
            guard archive.count - position >= Self.block else { throw Self.fault("it breaks off") }
            let header = archive[position..<position + Self.block]
            position += Self.block
            if header.allSatisfy({ $0 == 0 }) { break }
            let (name, size) = try Self.member(Array(header))
            guard size <= archive.count - position else { throw Self.fault("a file breaks off") }
            guard names.insert(name).inserted else { throw Self.fault("a file is there twice") }
            guard files.count < Self.mostFiles else { throw Self.fault("it has too many files") }
            files.append(File(name, Array(archive[position..<position + size])))
            position += size + Self.padding(size)
            guard position <= archive.count else { throw Self.fault("it breaks off") }
        }
        guard archive[position...].allSatisfy({ $0 == 0 }) else { throw Self.fault("something stands behind its end") }
        return files
    }

    /// Zeros behind a file of this length.
    package static func padding(_ count: Int) -> Int { (Self.block - count % Self.block) % Self.block }

    /// What stands before a file.
    ///
    /// - Parameter size: At most `longest`.
    package static func header(_ name: String, _ size: Int, _ time: Timestamp) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: Self.block)
        func put(_ text: String, at offset: Int) {
            for (place, byte) in text.utf8.enumerated() { header[offset + place] = byte }
        }
        func octal(_ value: Int, _ digits: Int) -> String {
            let text = String(max(0, value), radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(String(name.prefix(100)), at: 0)
        put("0000644\0", at: 100)
        put("0000000\0", at: 108)
        put("0000000\0", at: 116)
        put(octal(size, 11), at: 124)
        put(octal(Int(time.nanoseconds / 1_000_000_000), 11), at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar\0", at: 257)
        put("00", at: 263)
        let sum = header.reduce(0) { $0 + Int($1) }
        put(octal(sum, 6) + "\0 ", at: 148)
        return header
    }

    /// Reads what stands before a file.
    ///
    /// - Throws: `evidence.invalid` unless it announces a plain file with a plain name.
    package static func member(_ header: [UInt8]) throws(HubError) -> (name: String, size: Int) {
        func text(_ range: Range<Int>) -> String {
            String(decoding: header[range].prefix { $0 != 0 }, as: UTF8.self)
        }
        func number(_ range: Range<Int>) -> Int? {
            Int(String(decoding: header[range].prefix { $0 != 0 && $0 != 0x20 }, as: UTF8.self), radix: 8)
        }
        var blank = header
        for place in 148..<156 { blank[place] = 0x20 }
        guard text(257..<262) == "ustar", number(148..<156) == blank.reduce(0, { $0 + Int($1) }) else {
            throw Self.fault("the head of a file is not one")
        }
        guard header[156] == 0x30 || header[156] == 0, header[345..<500].allSatisfy({ $0 == 0 }) else {
            throw Self.fault("it has something that is not a plain file")
        }
        let name = text(0..<100)
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2D || byte == 0x2E || byte == 0x2F || byte == 0x5F
        }
        guard isPlain, !name.isEmpty, !name.hasPrefix("/"), !name.split(separator: "/").contains(".."),
            let size = number(124..<136), size >= 0
        else { throw Self.fault("the name or the size of a file is not one") }
        return (name, size)
    }

    package static func fault(_ what: String) -> HubError {
        HubError(.evidenceInvalid, "The pack is not an archive that was made here.", details: [ErrorDetail("fault", what)])
    }
}
