import Glibc

/// Maps documents, one thread, from what the parser made to the bytes that are sent; docs/benchmarks.md says what each
/// row means.
@main
struct MappingBenchmarks {
    static func main() {
        do {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            var isMissed = false
            for row in Row.all where options.rows.isEmpty || options.rows.contains(row.mapping) {
                let figures = try row.measured(folder: options.folder, rounds: options.rounds)
                let misses = figures.perSecond < row.limit
                isMissed = isMissed || misses
                print(
                    pad(row.name, 32), pad("\(figures.read) → \(figures.made) bytes", 26),
                    pad("\(Int(figures.perSecond)) a second (best \(Int(figures.best)))", 34),
                    pad("\(Int(1e9 / figures.perSecond / 1000)) µs each", 14),
                    "at least \(Int(row.limit)): \(misses ? "MISSED" : "held")"
                )
                fflush(nil)
            }
            if isMissed { exit(1) }
        } catch {
            let text = Array("mapping: \(error)\n".utf8)
            _ = write(STDERR_FILENO, text, text.count)
            exit(3)
        }
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

/// What the program was asked to measure.
struct Options {
    /// A fault in the arguments, in a sentence.
    struct Fault: Error { let reason: String }

    /// Where the mapping files are.
    var folder = "Benchmarks/Mapping/Mappings"
    /// The figure is the median of so many.
    var rounds = 9
    /// Names of mapping files; all when empty.
    var rows: [String] = []

    init(_ arguments: [String]) throws(Fault) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Fault(reason: "\(name) needs a value") }
            switch name {
            case "--folder": self.folder = value
            case "--rows": self.rows = value.split(separator: ",").map(String.init)
            case "--rounds":
                guard let rounds = Int(value), rounds > 0 else {
                    throw Fault(reason: "--rounds needs a number above 0")
                }
                self.rounds = rounds
            default: throw Fault(reason: "unknown option \(name)")
            }
        }
    }
}

/// What this process had of the processor while something was done.
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
