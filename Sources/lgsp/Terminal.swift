import Foundation
import HubJSON
import HubModel

/// What is printed, and where: answers to standard output, everything else to standard error.
enum Terminal {
    static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text.hasSuffix("\n") ? text : text + "\n").utf8))
    }

    /// Progress of long work: shown to people, silent in a pipe.
    static func progress(_ text: String) {
        if Self.isInteractive { Self.complain(text) }
    }

    static func show(_ json: JSONValue) {
        Self.say(String(decoding: json.serialised(pretty: true), as: UTF8.self))
    }

    /// One value of many, on a line of its own.
    static func line(_ json: JSONValue) { Self.say(String(decoding: json.serialised(), as: UTF8.self)) }

    /// A line of the answer, at once also in a pipe.
    static func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    /// An error in both languages, with its details a line each and every violation with its place.
    static func report(_ error: HubError) {
        let title = error.code.title
        Self.complain("lgsp: \(title.vi)\n      \(error.summary) [\(error.code.rawValue)]")
        for detail in error.details { Self.complain("      \(detail.key): \(detail.value)") }
        for violation in error.violations.prefix(20) {
            Self.complain("      \(violation.line):\(violation.column) \(violation.path): \(violation.message.vi)")
            Self.complain("          \(violation.message.en)")
        }
    }
}
