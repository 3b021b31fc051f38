import Glibc

/// Measures what `Options` asks for; docs/benchmarks.md says what each row means.
@main
struct EnvelopeBenchmarks {
    static func main() async {
        do {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            if let child = options.child { return try Large.step(child.step, child.file, options) }
            var report = Report(isJSON: options.isJSON)
            for row in options.rows {
                switch row {
                case .opening: try Opening.measure(options, into: &report)
                case .receipts: try Receipts.measure(options, into: &report)
                case .audit: try await Audit.measure(options, into: &report)
                case .large: try Large.measure(options, into: &report)
                case .million: try Million.measure(options, into: &report)
                }
            }
            if options.isJSON { report.printJSON() }
            if report.isMissed { exit(1) }
        } catch {
            let text = Array("envelopes: \(error)\n".utf8)
            _ = write(STDERR_FILENO, text, text.count)
            exit(3)
        }
    }
}
