import FoundationEssentials
import HubModel

/// Fills the fields of a message file, the `{{…}}` that testers write, so that every run sends messages of its own.
///
/// None is left in what is sent (`docs/suites.md`).
///
/// | field | becomes |
/// | --- | --- |
/// | `{{date}}`, `{{stamp}}` | today, and now, as edXML writes them, in Viet Nam's time |
/// | `{{compact}}`, `{{day}}` | now as `yyyyMMddHHmmss`, today as `yyMMdd` |
/// | `{{number}}`, `{{number:NAME}}` | a number of five digits, the same for the same label or name within a run |
/// | `{{unique}}` | eight digits and letters, the same within a run |
/// | `{{pdf:5MB}}` | a PDF file of that size in base64 |
/// | anything else | what the step gives under `with` |
struct Template {
    /// Begins with a number that the last run is unlikely to have used: the second of the day.
    private var nextNumber: Int
    private var numbers: [String: Int] = [:]
    private let unique: String
    /// When the run began: its day is that of all its messages, so that a document keeps its id beyond midnight.
    private let began: CivilTime

    init(now: Timestamp, unique: String) {
        let civil = CivilTime(now, offset: CivilTime.vietnamOffset)
        self.began = civil
        self.nextNumber = 10_000 + (civil.hour * 3600 + civil.minute * 60 + civil.second) % 80_000
        self.unique = unique
    }

    /// - Throws: `configuration.invalid` for a field that nobody knows.
    mutating func fill(
        _ text: String, label: String, variables: [String: String], now: Timestamp
    ) throws(HubError) -> String {
        var filled = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "{{") {
            filled += rest[..<start.lowerBound]
            rest = rest[start.upperBound...]
            guard let end = rest.firstRange(of: "}}") else { throw Self.unknown("{{") }
            let name = String(rest[..<end.lowerBound])
            rest = rest[end.upperBound...]
            if let value = variables[name] {
                // A value may hold fields, but not itself.
                let others = variables.filter { $0.key != name }
                filled += try self.fill(value, label: label, variables: others, now: now)
            } else {
                filled += try self.value(of: name, label: label, now: now)
            }
        }
        return filled + rest
    }

    private mutating func value(of name: String, label: String, now: Timestamp) throws(HubError) -> String {
        let civil = CivilTime(now, offset: CivilTime.vietnamOffset)
        switch name {
        case "date": return self.began.edxmlDate
        case "stamp": return civil.edxmlStamp
        case "compact": return civil.compactStamp
        case "day": return String(self.began.compactStamp.dropFirst(2).prefix(6))
        case "unique": return self.unique
        case "number": return self.number(of: label)
        default: break
        }
        guard let colon = name.firstIndex(of: ":") else { throw Self.unknown(name) }
        let argument = String(name[name.index(after: colon)...])
        switch name[..<colon] {
        case "number":
            return self.number(of: argument)
        case "pdf":
            guard let size = Self.size(argument) else { throw Self.unknown(name) }
            return Base64.text(PDFFile.bytes(count: size))
        default:
            throw Self.unknown(name)
        }
    }

    private mutating func number(of name: String) -> String {
        if let number = self.numbers[name] { return String(number) }
        self.numbers[name] = self.nextNumber
        self.nextNumber += 1
        return String(self.nextNumber - 1)
    }

    private static func size(_ text: String) -> Int? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard let count = Int(digits), count <= 1 << 20 else { return nil }
        return switch text.dropFirst(digits.count) {
        case "": count
        case "KB": count << 10
        case "MB" where count <= 512: count << 20
        default: nil
        }
    }

    private static func unknown(_ name: String) -> HubError {
        HubError(
            .configurationInvalid, "A message file has a field {{…}} that is not known or not closed.",
            details: [ErrorDetail("field", name)]
        )
    }
}

/// A small but whole PDF, made as large as wanted by a stream that no page uses.
enum PDFFile {
    /// Exactly `count` bytes, or the smallest PDF there is if that is larger.
    static func bytes(count: Int) -> [UInt8] {
        // The length is written twice, in the stream and in the offsets after it, so it is found by trying.
        var padding = max(0, count - Self.file(padding: 0).count)
        var file = Self.file(padding: padding)
        while file.count > count, padding > 0 {
            padding -= min(padding, file.count - count)
            file = Self.file(padding: padding)
        }
        if file.count < count { file += [UInt8](repeating: 0x0A, count: count - file.count) }
        return file
    }

    private static func file(padding: Int) -> [UInt8] {
        var file = Array("%PDF-1.4\n".utf8)
        var offsets: [Int] = []
        func object(_ number: Int, _ body: [UInt8]) {
            offsets.append(file.count)
            file += Array("\(number) 0 obj\n".utf8) + body + Array("\nendobj\n".utf8)
        }
        object(1, Array("<< /Type /Catalog /Pages 2 0 R >>".utf8))
        object(2, Array("<< /Type /Pages /Kids [3 0 R] /Count 1 >>".utf8))
        object(3, Array("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>".utf8))
        // Noise from a linear congruential generator, so that it is as hard to compress as a scan.
        var state: UInt32 = 2_463_534_242
        let noise = [UInt8](unsafeUninitializedCapacity: padding) { buffer, written in
            for index in 0..<padding {
                state = state &* 1_664_525 &+ 1_013_904_223
                buffer[index] = UInt8(truncatingIfNeeded: state >> 24)
            }
            written = padding
        }
        object(4, Array("<< /Length \(padding) >>\nstream\n".utf8) + noise + Array("\nendstream".utf8))
        let start = file.count
        file += Array("xref\n0 5\n0000000000 65535 f \n".utf8)
        for offset in offsets {
            let digits = String(offset)
            file += Array(
                (String(repeating: "0", count: 10 - digits.utf8.count) + digits + " 00000 n \n").utf8)
        }
        file += Array("trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n\(start)\n%%EOF\n".utf8)
        return file
    }
}
