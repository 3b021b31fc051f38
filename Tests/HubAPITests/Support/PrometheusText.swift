/// A scrape, read as strictly as the text format of Prometheus (0.0.4) says it is written.
struct PrometheusText {
    /// The kind of each metric.
    private(set) var types: [String: String] = [:]
    /// The value of each series, by name and labels as they stand.
    private(set) var series: [String: Double] = [:]
    private var helps: Set<String> = []
    private var finished: Set<String> = []
    private var current = ""

    struct Fault: Error {
        let line: String
        let what: String
    }

    init(_ text: String) throws {
        guard text.isEmpty || text.hasSuffix("\n") else {
            throw Fault(line: "", what: "no line feed at the end")
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            try self.read(String(line))
        }
    }

    /// The series of a metric with their labels.
    func values(_ name: String) -> [String: Double] {
        self.series.filter { $0.key == name || $0.key.hasPrefix(name + "{") }
    }

    private mutating func read(_ line: String) throws {
        if line.hasPrefix("# HELP ") || line.hasPrefix("# TYPE ") {
            let parts = line.dropFirst(7).split(separator: " ", maxSplits: 1).map(String.init)
            guard parts.count == 2, Self.isName(parts[0]) else {
                throw Fault(line: line, what: "no name or no text")
            }
            try self.enter(parts[0], line)
            if line.hasPrefix("# HELP ") {
                guard self.helps.insert(parts[0]).inserted else {
                    throw Fault(line: line, what: "a second HELP")
                }
            } else {
                guard self.types.updateValue(parts[1], forKey: parts[0]) == nil else {
                    throw Fault(line: line, what: "a second TYPE")
                }
                guard ["counter", "gauge", "histogram"].contains(parts[1]) else {
                    throw Fault(line: line, what: "no type")
                }
            }
            return
        }
        let sample = try Self.sample(line)
        try self.enter(self.metric(of: sample.name), line)
        guard self.types[self.current] != nil, self.helps.contains(self.current) else {
            throw Fault(line: line, what: "a sample before HELP and TYPE")
        }
        guard self.series.updateValue(sample.value, forKey: sample.series) == nil else {
            throw Fault(line: line, what: "a second value of one series")
        }
    }

    /// All lines of a metric stand together.
    private mutating func enter(_ metric: String, _ line: String) throws {
        guard metric != self.current else { return }
        guard !self.finished.contains(metric) else {
            throw Fault(line: line, what: "lines of one metric apart")
        }
        self.finished.insert(self.current)
        self.current = metric
    }

    private func metric(of name: String) -> String {
        for suffix in ["_bucket", "_sum", "_count"] where name.hasSuffix(suffix) {
            let base = String(name.dropLast(suffix.count))
            if self.types[base] == "histogram" { return base }
        }
        return name
    }

    private static func sample(_ line: String) throws -> (name: String, series: String, value: Double) {
        guard let space = line.lastIndex(of: " "), let value = Self.number(line[line.index(after: space)...])
        else {
            throw Fault(line: line, what: "no value")
        }
        let series = String(line[..<space])
        guard let brace = series.firstIndex(of: "{") else {
            guard Self.isName(series) else { throw Fault(line: line, what: "no name") }
            return (series, series, value)
        }
        let name = String(series[..<brace])
        guard Self.isName(name), series.hasSuffix("}") else {
            throw Fault(line: line, what: "no name or no end")
        }
        var rest = series[series.index(after: brace)...].dropLast()
        var labels: Set<Substring> = []
        while !rest.isEmpty {
            guard let equals = rest.firstIndex(of: "="), Self.isName(String(rest[..<equals])),
                labels.insert(rest[..<equals]).inserted, rest[equals...].hasPrefix("=\"")
            else { throw Fault(line: line, what: "no label, or one twice") }
            rest = rest[equals...].dropFirst(2)
            var isEscaped = false
            guard
                let quote = rest.firstIndex(where: { character in
                    defer { isEscaped = character == "\\" && !isEscaped }
                    return character == "\"" && !isEscaped
                })
            else { throw Fault(line: line, what: "a label without an end") }
            rest = rest[rest.index(after: quote)...]
            guard rest.isEmpty || rest.first == "," else { throw Fault(line: line, what: "no comma") }
            rest = rest.dropFirst()
        }
        return (name, series, value)
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: text.first?.isLetter == true ? nil : Double(text)
        }
    }

    private static func isName(_ text: String) -> Bool {
        let isFirst: (Character) -> Bool = { $0 == "_" || $0 == ":" || ($0.isASCII && $0.isLetter) }
        guard let first = text.first, isFirst(first) else { return false }
        return text.allSatisfy { isFirst($0) || ($0.isASCII && $0.isNumber) }
    }
}
