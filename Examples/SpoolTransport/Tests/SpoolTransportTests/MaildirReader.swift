import Foundation
import HubTesting

/// Reads the unread mails of a Maildir as a program does that works through them.
enum MaildirReader {
    struct Unreadable: Error {
        let file: String
        let why: String
    }

    /// A mail with its fields decoded; a field that is there twice has both values.
    struct Mail {
        let fields: [String: [String]]
        let body: [UInt8]

        /// The value of a field; empty when there is none.
        func text(_ name: String) -> String { self.fields[name, default: []].joined(separator: " and ") }
    }

    static func names(in maildir: String) throws -> [String] {
        let folder = maildir + "/new"
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    static func mails(in maildir: String) throws -> [Mail] {
        try Self.names(in: maildir).map { name in
            guard let data = FileManager.default.contents(atPath: "\(maildir)/new/\(name)") else {
                throw Unreadable(file: name, why: "gone")
            }
            return try Self.parse(String(decoding: data, as: UTF8.self), name)
        }
    }

    static func arrivals(in maildir: String) throws -> [DestinationConformance.Arrival] {
        try Self.mails(in: maildir).map { mail in
            DestinationConformance.Arrival(
                message: mail.text("Lgsp-Message-Id"), delivery: mail.text("Lgsp-Delivery-Id"),
                type: mail.text("Lgsp-Service"), contentType: mail.text("Lgsp-Content-Type"),
                signature: mail.text("Lgsp-Signature"), recipient: mail.text("Lgsp-To"), payload: mail.body
            )
        }
    }

    static func parse(_ text: String, _ name: String) throws -> Mail {
        guard let end = text.range(of: "\n\n") else { throw Unreadable(file: name, why: "no header") }
        guard text.hasSuffix("\n") else { throw Unreadable(file: name, why: "the last line has no end") }
        var fields: [String: [String]] = [:]
        let unfolded = text[..<end.lowerBound].replacingOccurrences(of: "\n ", with: " ")
        for line in unfolded.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { throw Unreadable(file: name, why: "\(line)") }
            let value = line[line.index(after: colon)...].trimmingPrefix(" ")
            fields[String(line[..<colon]), default: []].append(try Self.decoded(String(value), name))
        }
        let lines = text[end.upperBound...].filter { $0 != "\n" }
        guard let body = Data(base64Encoded: lines) else { throw Unreadable(file: name, why: "no base64") }
        return Mail(fields: fields, body: Array(body))
    }

    /// Undoes encoded words; the space between two of them is none of the text.
    private static func decoded(_ text: String, _ name: String) throws -> String {
        guard text.hasPrefix("=?utf-8?B?") else { return text }
        var bytes = Data()
        for word in text.split(separator: " ") {
            guard word.utf8.count <= 75, let data = Data(base64Encoded: String(word.dropFirst(10).dropLast(2))),
                String(validating: data, as: UTF8.self) != nil
            else { throw Unreadable(file: name, why: "the word \(word)") }
            bytes += data
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
