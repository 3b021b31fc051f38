import Glibc
import HubJSON

/// What was measured, in the order in which it was.
struct Report {
    enum Limit {
        case atMost(Double)
        case atLeast(Double)
    }

    private struct Line {
        let row: String
        let name: String
        let value: Double
        let unit: String
        let limit: Limit?

        var isMissed: Bool {
            switch self.limit {
            case .atMost(let most): self.value > most
            case .atLeast(let least): self.value < least
            case nil: false
            }
        }
    }

    private let isJSON: Bool
    private var lines: [Line] = []

    init(isJSON: Bool) {
        self.isJSON = isJSON
    }

    var isMissed: Bool { self.lines.contains { $0.isMissed } }

    /// Takes down a figure, and shows it at once where people read.
    mutating func add(
        _ row: Options.Row, _ name: String, _ value: Double, _ unit: String, _ limit: Limit? = nil
    ) {
        let line = Line(row: row.rawValue, name: name, value: value, unit: unit, limit: limit)
        if !self.isJSON {
            if self.lines.last?.row != line.row { print("\n\(line.row)") }
            let figure = Self.padded(Self.text(value), to: 12, isRight: true)
            print("  \(Self.padded(name, to: 52))\(figure) \(Self.padded(unit, to: 18))\(Self.verdict(line))")
            fflush(nil)
        }
        self.lines.append(line)
    }

    /// All of it as one JSON object.
    func printJSON() {
        let lines = self.lines.map { line -> JSONValue in
            var members: [(key: String, value: JSONValue)] = [
                ("row", .string(line.row)), ("name", .string(line.name)), ("value", Self.number(line.value)),
                ("unit", .string(line.unit)), ("missed", .bool(line.isMissed)),
            ]
            switch line.limit {
            case .atMost(let most): members.append(("at-most", Self.number(most)))
            case .atLeast(let least): members.append(("at-least", Self.number(least)))
            case nil: break
            }
            return .object(JSONObject(members))
        }
        print(String(decoding: JSONValue.array(lines).serialised(pretty: true), as: UTF8.self))
    }

    private static func number(_ value: Double) -> JSONValue {
        JSONNumber(value).map { .number($0) } ?? .null
    }

    private static func verdict(_ line: Line) -> String {
        switch line.limit {
        case .atMost(let most): "at most \(self.text(most)): \(line.isMissed ? "MISSED" : "held")"
        case .atLeast(let least): "at least \(self.text(least)): \(line.isMissed ? "MISSED" : "held")"
        case nil: ""
        }
    }

    /// Three figures that count, or all of a whole number.
    private static func text(_ value: Double) -> String {
        if value == value.rounded() || abs(value) >= 1000 { return String(Int(value.rounded())) }
        let digits = abs(value) >= 100 ? 1 : abs(value) >= 10 ? 10 : 100
        let whole = Int((value * Double(digits)).rounded())
        guard digits > 1 else { return String(whole) }
        let fraction = String(abs(whole) % digits)
        let zeros = String(repeating: "0", count: String(digits).count - 1 - fraction.count)
        return "\(whole < 0 ? "-" : "")\(abs(whole) / digits).\(zeros)\(fraction)"
    }

    private static func padded(_ text: String, to width: Int, isRight: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - text.count))
        return isRight ? blanks + text : text + blanks
    }
}
