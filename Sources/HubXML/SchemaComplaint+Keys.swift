// The library's sentences about keys, such as "No match found for key-sequence ['1'] of keyref '{urn:x}there'." and
// "Duplicate key-sequence ['1'] in unique identity-constraint '{urn:x}once'."
extension SchemaComplaint {
    /// Whether it is about a reference to a key, in which case the library gives no element.
    var isKeyReference: Bool {
        guard self.kind == .identity, let end = self.sentence.lastIndex(of: "]") else { return false }
        return self.sentence[end...].hasPrefix("] of keyref '")
    }

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
}
