import HubModel

// The library's sentences about keys, such as "No match found for key-sequence ['1'] of keyref '{urn:x}there'." and
// "Duplicate key-sequence ['1'] in unique identity-constraint '{urn:x}once'."
extension SchemaComplaint {
    /// Whether it is about a reference to a key, in which case the library gives no element.
    var isKeyReference: Bool {
        guard self.kind == .identity, let end = self.sentence.lastIndex(of: "]") else { return false }
        return self.sentence[end...].hasPrefix("] of keyref '")
    }

    /// Whether the library could not look at a part of a key, as it does when the value there does not fit its type.
    var isUnreadKey: Bool {
        self.kind == .identity && self.sentence.hasPrefix("Warning: No precomputed value")
    }

    /// Whether an element is said to lack a part of its key.
    var isIncompleteKey: Bool { self.kind == .identity && self.sentence.hasPrefix("Not all fields") }

    /// The constraint that does not hold: what is quoted last.
    var constraint: ExpectedName {
        guard let end = self.sentence.lastIndex(of: "'"),
            let start = self.sentence[..<end].lastIndex(of: "'")
        else { return ExpectedName("") }
        return ExpectedName(self.sentence[self.sentence.index(after: start)..<end])
    }

    /// The values of the document that make up the key, each in quotes; empty where they are not said.
    var keyValues: String {
        guard let start = self.sentence.firstRange(of: "key-sequence [")?.upperBound,
            let end = self.sentence[start...].lastIndex(of: "]")
        else { return "" }
        return String(self.sentence[start..<end])
    }

    /// About keys.
    ///
    /// - Parameter name: The element.
    func identity(_ name: String, by facts: SchemaFacts) -> Bilingual {
        let constraint = facts.constraint(self.constraint)
        let key = constraint?.key.flatMap(facts.constraint)
        let fields = Self.names(constraint) ?? ""
        // The quotes around the values, and between them.
        let values = self.keyValues.dropFirst().dropLast().replacing("', '", with: ", ")
        let value = ValueExcerpt.shown(values, open: "“", close: "”")
        let said =
            fields.isEmpty ? value : Bilingual(vi: "\(fields) \(value.vi)", en: "\(fields) \(value.en)")
        if self.isKeyReference, self.sentence.hasPrefix("No match") {
            guard let key, let field = Self.names(key), !key.selected.isEmpty else {
                return Bilingual(
                    vi: "Phần tử “\(name)” trỏ tới \(said.vi), nhưng không có.",
                    en: "Element “\(name)” refers to \(said.en), which is not there."
                )
            }
            let target = key.selected.map { "“\($0)”" }.joined(separator: ", ")
            return Bilingual(
                vi: "Phần tử “\(name)” trỏ tới \(said.vi), nhưng không có \(target) nào mang \(field) này.",
                en: "Element “\(name)” refers to \(said.en), and no \(target) has this \(field)."
            )
        }
        if self.sentence.hasPrefix("Duplicate") {
            return Bilingual(
                vi: "Phần tử “\(name)” lặp lại \(said.vi); giá trị này chỉ được có một lần.",
                en: "Element “\(name)” repeats \(said.en), which may stand only once."
            )
        }
        if self.isIncompleteKey, !fields.isEmpty {
            return Bilingual(
                vi: "Phần tử “\(name)” thiếu khóa của nó: \(fields).",
                en: "Element “\(name)” lacks its key: \(fields)."
            )
        }
        return Bilingual(
            vi: "Khóa của phần tử “\(name)” bị trùng, bị thiếu hoặc không trỏ đến đâu.",
            en: "The key of element “\(name)” repeats, is missing or refers to nothing."
        )
    }

    /// What the parts of a key are called.
    private static func names(_ constraint: SchemaFacts.Constraint?) -> String? {
        let names = (constraint?.fields ?? []).compactMap(\.name)
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }
}
