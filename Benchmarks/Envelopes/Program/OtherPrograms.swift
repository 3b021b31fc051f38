import Foundation

/// Other programs: the C floor, and this one again with memory of its own.
enum Program {
    struct Fault: Error { let reason: String }

    static func run(_ path: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Fault(
                reason: "\(path) \(arguments.joined(separator: " ")): status \(process.terminationStatus)")
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The number that stands behind a word.
    static func number(behind word: String, in text: String) throws(Fault) -> Double {
        let words = text.split { $0.isWhitespace || $0 == "," }
        guard let place = words.firstIndex(of: Substring(word)), place + 1 < words.endIndex,
            let number = Double(words[place + 1])
        else { throw Fault(reason: "there is no \(word) in: \(text)") }
        return number
    }

    static var itself: String { CommandLine.arguments[0] }
}
