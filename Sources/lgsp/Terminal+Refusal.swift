import HubJSON
import HubModel

extension Terminal {
    /// What a hub answered instead of doing what it was asked: the code, the reason in both languages, and everything that
    /// says where the fault is.
    ///
    /// - Parameter problem: The answer (RFC 9457), or the part of it that says why.
    static func say(refusal code: String, _ problem: JSONValue) {
        Self.say("Bị từ chối / Refused: \(code)")
        Self.say("  \(problem["title_vi"]?.string ?? "")\n  \(problem["detail"]?.string ?? "")")
        let violations = problem["violations"]?.array ?? []
        var fixed = ["type", "title", "title_vi", "status", "code", "detail", "advice", "fault", "faults", "violations"]
        // Those of the first violation, which has its own line.
        if !violations.isEmpty { fixed += ["line", "column", "path"] }
        if problem["faults"] == nil, let fault = problem["fault"]?.string { Self.say("  \(fault)") }
        for (name, value) in problem.object?.members ?? [] where !fixed.contains(name) {
            if let text = value.string ?? value.int.map(String.init) { Self.say("  \(name): \(text)") }
        }
        for fault in problem["faults"]?.array ?? [] { Self.say("  \(fault.string ?? "")") }
        for violation in violations {
            let place = "\(violation["line"]?.int ?? 0):\(violation["column"]?.int ?? 0)"
            Self.say("  \(place) \(violation["path"]?.string ?? ""): \(violation["message"]?["vi"]?.string ?? "")")
            Self.say("      \(violation["message"]?["en"]?.string ?? "")")
        }
    }

    /// Where a document does not fit, a place a line, as compilers write it.
    static func say(_ violations: [Violation], in file: String) {
        for violation in violations {
            Self.say(
                "\(file):\(violation.line):\(violation.column): \(violation.path): \(violation.message.vi)\n"
                    + "      \(violation.message.en) [\(violation.rule)]")
        }
    }

    /// What is told of a document that is taken all the same.
    static func say(_ warnings: [Warning]) {
        for warning in warnings {
            Self.say("  \(warning.path.isEmpty ? "" : warning.path + ": ")\(warning.message.vi)\n      \(warning.message.en) [\(warning.code)]")
        }
    }
}
