import HubJSON
import HubModel

/// `split: { from: PATH, with: TEXT, part: 1 }`: one part of a text, counted from 1, or from the end with -1, -2, ….
final class SplitOperator: MappingOperator {
    private let source: SourceReading
    private let separator: [UInt8]
    private let part: Int

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        var separator: String?
        var part: Int?
        let source = compiler.source(tree) { reader in
            separator = reader.requiredString("with")
            if separator?.isEmpty == true {
                reader.note("'with' is the text between the parts and cannot be empty.", at: reader.place)
                separator = nil
            }
            if reader.requiredTree("part") != nil {
                part = reader.parsed("part", expected: "a whole number other than 0") { text in
                    text.hasPrefix("+") ? nil : Int(text).flatMap { $0 != 0 && abs($0) <= 1000 ? $0 : nil }
                }
            }
        }
        guard let source, let separator, let part else { return nil }
        self.source = source
        self.separator = Array(separator.utf8)
        self.part = part
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        guard let text = try self.source.firstText(in: scope) else { return nil }
        let parts = Self.parts(of: Array(text.utf8), self.separator)
        let index = self.part > 0 ? self.part - 1 : parts.count + self.part
        guard parts.indices.contains(index) else {
            if self.source.isOptional { return nil }
            throw self.source.failure("The text has no such part.", .absent)
        }
        if parts[index].isEmpty, self.source.isOptional { return nil }
        return .string(String(decoding: parts[index], as: UTF8.self))
    }

    private static func parts(of text: [UInt8], _ separator: [UInt8]) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index + separator.count <= text.count {
            if text[index] == separator[0], text[index..<index + separator.count].elementsEqual(separator) {
                parts.append(text[start..<index])
                index += separator.count
                start = index
            } else {
                index += 1
            }
        }
        parts.append(text[start...])
        return parts
    }
}
