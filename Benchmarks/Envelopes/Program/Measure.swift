import Glibc

/// What this process had of the processor while something was done, in nanoseconds, of all threads together.
///
/// Unlike the time that passed, it does not count what else the machine does.
func nanoseconds(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
    let start = now()
    try body()
    return now() - start
}

/// The one in the middle, which a few disturbed rounds do not move.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
}

/// The memory of this process that is in use, as the kernel counts it.
enum Resident {
    /// In bytes.
    static var now: Double { Self.value("VmRSS:") }

    /// The most since the process began, or since `forgetPeak`.
    static var peak: Double { Self.value("VmHWM:") }

    static func forgetPeak() throws(Files.Fault) {
        try Files.write(Array("5".utf8), "/proc/self/clear_refs")
    }

    private static func value(_ name: String) -> Double {
        guard let bytes = try? Files.read("/proc/self/status") else { return .nan }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix(name) {
            let number = line.dropFirst(name.count).filter { $0.isNumber }
            return (Double(number) ?? .nan) * 1024
        }
        return .nan
    }
}

/// Whole files.
enum Files {
    struct Fault: Error {
        let path: String
        let number: Int32
    }

    /// The bytes of a file, in memory of exactly their size if the file says what that is.
    static func read(_ path: String) throws(Fault) -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw Fault(path: path, number: errno) }
        defer { fclose(file) }
        var status = stat()
        let size = fstat(fileno(file), &status) == 0 ? Int(status.st_size) : 0
        var bytes = [UInt8](unsafeUninitializedCapacity: max(size, 1 << 16)) { buffer, count in
            count = fread(buffer.baseAddress, 1, buffer.count, file)
        }
        var piece = [UInt8](repeating: 0, count: 1 << 12)
        while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
        guard ferror(file) == 0 else { throw Fault(path: path, number: errno) }
        return bytes
    }

    static func write(_ bytes: [UInt8], _ path: String) throws(Fault) {
        guard let file = fopen(path, "wb") else { throw Fault(path: path, number: errno) }
        let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
        guard fclose(file) == 0, isWritten else { throw Fault(path: path, number: errno) }
    }
}
