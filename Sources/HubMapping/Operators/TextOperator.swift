import Foundation
import HubJSON
import HubModel

/// `text: { from: PATH, case: upper, trim: true, take: 50, normal: nfc, otherwise: TEXT }`: a text in another writing.
///
/// First the ends are trimmed, then follow case, normal form and length.
final class TextOperator: MappingOperator {
    private enum Case: String, CaseIterable {
        case upper, lower
    }

    private let source: SourceReading
    private let letters: Case?
    private let trims: Bool
    private let isNormal: Bool
    /// In characters, as people count them.
    private let length: Int?
    private let otherwise: String?

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        var letters: Case?
        var trims = false
        var isNormal = false
        var length: Int?
        var otherwise: String?
        let source = compiler.source(tree) { reader in
            letters = reader.choice("case", Case.allCases.map(\.rawValue)).flatMap(Case.init(rawValue:))
            trims = reader.boolean("trim") ?? false
            isNormal = reader.choice("normal", ["nfc"]) != nil
            length = reader.integer("take", in: 1...1_000_000)
            otherwise = reader.string("otherwise")
        }
        guard let source else { return nil }
        self.source = source
        self.letters = letters
        self.trims = trims
        self.isNormal = isNormal
        self.length = length
        self.otherwise = otherwise
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        guard let node = try self.source.found(in: scope) else {
            if let otherwise = self.otherwise { return .string(otherwise) }
            if self.source.isOptional { return nil }
            throw self.source.failure("The source has no such value.", .absent)
        }
        guard let given = node.isBlank ? "" : node.text else {
            throw self.source.failure("The value has no text.", .notText)
        }
        let text = self.written(given)
        if text.isEmpty {
            if let otherwise = self.otherwise { return .string(otherwise) }
            if self.source.isOptional { return nil }
        }
        return .string(text)
    }

    private func written(_ given: String) -> String {
        var text = given
        if self.trims { text = Self.trimmed(text) }
        switch self.letters {
        case .upper: text = text.uppercased()
        case .lower: text = text.lowercased()
        case nil: break
        }
        if self.isNormal { text = text.precomposedStringWithCanonicalMapping }
        // A character has at least one byte.
        if let length = self.length, text.utf8.count > length { text = String(text.prefix(length)) }
        return text
    }

    private static func trimmed(_ text: String) -> String {
        func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(scalars[first...last])
    }
}
