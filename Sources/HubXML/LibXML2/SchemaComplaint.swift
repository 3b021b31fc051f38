import CLibXML2

/// What the library says about a place that does not fit, taken apart.
///
/// Its sentences are not passed on: they hold whole values of the document. The names it expected are found nowhere
/// else, though, so the parts that come from the schema are read out of the sentence.
struct SchemaComplaint {
    /// The name the XSD recommendation gives to the rule.
    let rule: String
    /// The element it is about, as far as the library names it.
    let element: ExpectedName
    /// The attribute it is about; `nil` if about the element.
    let attribute: XMLAttributeName?
    let kind: SchemaRule
    /// What was found and what was asked for; which is which depends on the rule.
    let found: String
    let wanted: String
    let expected: [ExpectedName]
    /// The sentence behind the place, for telling apart what shares a number.
    let sentence: Substring

    init(_ error: xmlError) {
        let rule = SchemaRule(code: unsafe error.code)
        let message = unsafe ErrorText.ends(error.message) ?? ""
        // "Element '{urn:x}a', attribute 'b': This is wrong."
        let head = message.firstRange(of: "': ")
        let place = head.map { message[..<$0.lowerBound] } ?? ""
        let sentence = head.map { message[$0.upperBound...] } ?? message[...]
        self.kind = rule
        self.rule = rule.name
        self.element = ExpectedName(place.dropFirst("Element '".count).prefix { $0 != "'" })
        self.attribute = place.firstRange(of: "', attribute '").map {
            let name = ExpectedName(place[$0.upperBound...])
            return XMLAttributeName(local: name.local, namespace: name.namespace)
        }
        self.found = unsafe ErrorText.ends(error.str1) ?? ""
        self.wanted = unsafe ErrorText.ends(error.str2) ?? ""
        self.sentence = sentence
        self.expected = rule == .content ? Self.expected(in: sentence) : []
    }

    /// The names in brackets at the end of a sentence.
    ///
    /// Such as "Expected is one of ( {urn:x}a, {urn:x}b )."
    private static func expected(in sentence: Substring) -> [ExpectedName] {
        guard let start = sentence.firstRange(of: "Expected is"),
            let open = sentence[start.upperBound...].firstRange(of: "( "),
            let close = sentence[open.upperBound...].firstRange(of: " )")
        else { return [] }
        return sentence[open.upperBound..<close.lowerBound].split(separator: ", ").map { ExpectedName($0) }
    }

    /// The name of the type that was asked for.
    ///
    /// As in "… is not a valid value of the atomic type 'xs:int'."
    var typeName: String? {
        // The sentence ends with the schema's quotation, or with none; one before it is the document's.
        guard let end = self.sentence.lastIndex(of: "'"), self.sentence[end...].dropFirst().prefix(2) == ".\n"
        else { return nil }
        let before = self.sentence[..<end]
        guard let start = before.lastIndex(of: "'"), before[..<start].hasSuffix("type ") else { return nil }
        return String(before[before.index(after: start)...])
    }
}

/// A name in the library's form `{namespace}local`, or a wildcard such as `##other{namespace}*`.
struct ExpectedName: Hashable, Sendable, CustomStringConvertible {
    let namespace: String?
    let local: String

    init(namespace: String?, local: String) {
        self.namespace = namespace
        self.local = local
    }

    init(_ text: some StringProtocol) {
        guard let open = text.firstIndex(of: "{"), let close = text[open...].firstIndex(of: "}") else {
            self.namespace = nil
            self.local = String(text)
            return
        }
        self.namespace = String(text[text.index(after: open)..<close])
        self.local = String(text[..<open]) + String(text[text.index(after: close)...])
    }

    var description: String { self.namespace.map { "{\($0)}\(self.local)" } ?? self.local }

    var isWildcard: Bool { self.local.hasSuffix("*") }

    /// Whether it is a wildcard for the elements of its namespace, and not for those of all others.
    var isAnyOfNamespace: Bool { self.local == "*" }
}
