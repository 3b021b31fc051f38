import HubModel

extension SchemaComplaint {
    private static let longestFacet = 200
    private static let longestName = 60

    /// The complaint about `element` in a sentence.
    ///
    /// Of the document's values it holds what `ValueExcerpt` shows.
    func message(about element: XMLElement?, by facts: SchemaFacts) -> Bilingual {
        let name = ErrorText.shortened(element?.localName ?? self.element.local, to: Self.longestName)
        switch self.kind {
        case .noDeclaration where element != nil && element?.parent == nil:
            return Self.root(name, element?.namespace, by: facts)
        case .content, .noDeclaration, .emptyContent, .textInElementContent, .elementInSimpleContent:
            return self.structure(name, element)
        case .identity:
            return self.identity(name, by: facts)
        case .pattern:
            return self.pattern(by: facts)
        case .attributeMissing, .attributeUnknown, .abstractType, .notNillable, .nilWithContent, .other:
            return self.declaration(name)
        default:
            return self.value()
        }
    }

    /// About elements at the wrong place.
    private func structure(_ name: String, _ element: XMLElement?) -> Bilingual {
        switch self.kind {
        case .content where self.sentence.hasPrefix("Missing"):
            return Bilingual(
                vi: "Phần tử “\(name)” còn thiếu phần tử con\(self.expectation(vi: true)).",
                en: "Element “\(name)” lacks child elements\(self.expectation(vi: false))."
            )
        case .content:
            let namespace = element?.namespace
            if let right = self.expected.first(where: { $0.local == element?.localName }) {
                return Self.wrongNamespace(name, found: namespace, expected: right.namespace)
            }
            if self.expected.count == 1, let wildcard = self.expected.first, wildcard.isAnyOfNamespace,
                wildcard.namespace != namespace
            {
                return Self.wrongNamespace(name, found: namespace, expected: wildcard.namespace)
            }
            let found = self.expected.contains(where: \.isWildcard) ? Self.namespace(namespace) : nil
            return Bilingual(
                vi: "Phần tử “\(name)”\(found.map { " thuộc \($0.vi)" } ?? "") không được ở vị trí này"
                    + "\(self.expectation(vi: true)).",
                en: "Element “\(name)”\(found.map { " in \($0.en)" } ?? "") is not allowed here"
                    + "\(self.expectation(vi: false))."
            )
        case .noDeclaration:
            return Bilingual(
                vi: "Lược đồ không khai báo phần tử “\(name)”.",
                en: "The schema does not declare element “\(name)”."
            )
        case .emptyContent:
            return Bilingual(vi: "Phần tử “\(name)” phải rỗng.", en: "Element “\(name)” must be empty.")
        case .textInElementContent:
            return Bilingual(
                vi: "Phần tử “\(name)” chỉ được chứa phần tử con, không được chứa văn bản.",
                en: "Element “\(name)” may hold elements only, not text."
            )
        default:
            return Bilingual(
                vi: "Phần tử “\(name)” chỉ được chứa giá trị, không được chứa phần tử con.",
                en: "Element “\(name)” may hold a value only, not elements."
            )
        }
    }

    private static func wrongNamespace(_ name: String, found: String?, expected: String?) -> Bilingual {
        let (found, expected) = (self.namespace(found), self.namespace(expected))
        return Bilingual(
            vi: "Phần tử “\(name)” thuộc \(found.vi), phải thuộc \(expected.vi).",
            en: "Element “\(name)” is in \(found.en), it must be in \(expected.en)."
        )
    }

    private static func namespace(_ uri: String?) -> Bilingual {
        guard let uri else { return Bilingual(vi: "không gian tên rỗng", en: "no namespace") }
        let shown = ErrorText.shortened(uri, to: 80)
        return Bilingual(vi: "không gian tên “\(shown)”", en: "namespace “\(shown)”")
    }

    /// About an outermost element that the schema does not have.
    private static func root(_ name: String, _ namespace: String?, by facts: SchemaFacts) -> Bilingual {
        if let right = facts.roots.first(where: { $0.local == name }), right.namespace != namespace {
            return self.wrongNamespace(name, found: namespace, expected: right.namespace)
        }
        let found = self.namespace(namespace)
        guard let first = facts.roots.first else {
            return Bilingual(
                vi: "Lược đồ không có phần tử gốc “\(name)” trong \(found.vi).",
                en: "The schema has no root element “\(name)” in \(found.en)."
            )
        }
        // A schema with many is not one of a message; the first few tell what it is about.
        let names = facts.roots.prefix(3).map { "“\($0.local)”" }.joined(separator: ", ")
        let expected = self.namespace(first.namespace)
        return Bilingual(
            vi: "Lược đồ không có phần tử gốc “\(name)” trong \(found.vi)"
                + "; cần \(names) trong \(expected.vi).",
            en: "The schema has no root element “\(name)” in \(found.en)"
                + "; expected is \(names) in \(expected.en)."
        )
    }

    /// `; expected: a, b`, or nothing if the library could not say.
    private func expectation(vi: Bool) -> String {
        guard !self.expected.isEmpty else { return "" }
        var names: [String] = []
        // Any element at all is one of any namespace, or of none.
        let isAny = self.expected.contains { $0.isWildcard && $0.namespace == "*" }
        for name in self.expected where !(isAny && name.isWildcard && name.namespace == nil) {
            let shown = name.isWildcard ? Self.wildcard(name, vi: vi) : "“\(name.local)”"
            if !names.contains(shown) { names.append(shown) }
        }
        let list = names.joined(separator: ", ")
        switch (vi, names.count) {
        case (true, 1): return "; cần \(list)"
        case (true, _): return "; cần một trong: \(list)"
        case (false, 1): return "; expected is \(list)"
        case (false, _): return "; expected is one of \(list)"
        }
    }

    /// Any element, or any of one namespace, or of all but one.
    private static func wildcard(_ name: ExpectedName, vi: Bool) -> String {
        if name.namespace == "*" { return vi ? "phần tử bất kỳ" : "any element" }
        let namespace = self.namespace(name.namespace)
        return name.isAnyOfNamespace
            ? (vi ? "phần tử thuộc \(namespace.vi)" : "an element in \(namespace.en)")
            : (vi ? "phần tử không thuộc \(namespace.vi)" : "an element not in \(namespace.en)")
    }

    /// About what the declaration of an element or attribute allows.
    private func declaration(_ name: String) -> Bilingual {
        let found = ErrorText.shortened(ExpectedName(self.found).local, to: Self.longestName)
        switch self.kind {
        case .attributeMissing:
            return Bilingual(
                vi: "Phần tử “\(name)” thiếu thuộc tính “\(found)”.",
                en: "Element “\(name)” lacks attribute “\(found)”."
            )
        case .attributeUnknown:
            return Bilingual(
                vi: "Phần tử “\(name)” không được có thuộc tính “\(found)”.",
                en: "Element “\(name)” may not have attribute “\(found)”."
            )
        case .abstractType:
            return Bilingual(
                vi: "Kiểu của phần tử “\(name)” là trừu tượng; cần ghi kiểu cụ thể trong xsi:type.",
                en: "The type of element “\(name)” is abstract; xsi:type must name a concrete one."
            )
        case .notNillable:
            return Bilingual(
                vi: "Phần tử “\(name)” không được có xsi:nil.", en: "Element “\(name)” may not have xsi:nil."
            )
        case .nilWithContent:
            return Bilingual(
                vi: "Phần tử “\(name)” có xsi:nil nên phải rỗng.",
                en: "Element “\(name)” has xsi:nil, so it must be empty."
            )
        default:
            return Bilingual(
                vi: "Phần tử “\(name)” không đúng lược đồ (\(self.rule)).",
                en: "Element “\(name)” does not fit the schema (\(self.rule))."
            )
        }
    }

    /// About a value of the wrong form: in the schema's own words if it has some, and never with a part of a pattern, which
    /// would be another pattern.
    private func pattern(by facts: SchemaFacts) -> Bilingual {
        let value = ValueExcerpt.shown(self.found, open: "“", close: "”")
        let form = facts.form(self.wanted)
        if let words = form.words {
            return Bilingual(
                vi: "Giá trị \(value.vi) không đúng dạng: \(words.vi).",
                en: "Value \(value.en) is not of the form: \(words.en)."
            )
        }
        let pattern = form.patterns.joined(separator: "|")
        if pattern.unicodeScalars.count <= Self.longestFacet {
            return Bilingual(
                vi: "Giá trị \(value.vi) không khớp mẫu \(pattern).",
                en: "Value \(value.en) does not match the pattern \(pattern)."
            )
        }
        let type = form.type.map { ErrorText.shortened($0, to: Self.longestName) }
        return Bilingual(
            vi: "Giá trị \(value.vi) không khớp mẫu của \(type.map { "kiểu “\($0)”" } ?? "lược đồ").",
            en: "Value \(value.en) does not match the pattern of"
                + " \(type.map { "type “\($0)”" } ?? "the schema")."
        )
    }

    /// About the value of an element or attribute.
    private func value() -> Bilingual {
        let value = ValueExcerpt.shown(self.found, open: "“", close: "”")
        let facet = ErrorText.shortened(self.wanted, to: Self.longestFacet)
        // Of a value that is too long or too short the library gives no more than how long it is.
        let length = ErrorText.shortened(self.found, to: Self.longestName)
        switch self.kind {
        case .enumeration:
            return Bilingual(
                vi: "Giá trị \(value.vi) không nằm trong danh sách cho phép: \(facet).",
                en: "Value \(value.en) is not one of those allowed: \(facet)."
            )
        case .length:
            return Bilingual(
                vi: "Độ dài là \(length), phải là \(facet).",
                en: "The length is \(length), it must be \(facet).")
        case .minLength:
            return Bilingual(
                vi: "Độ dài là \(length), ít nhất phải là \(facet).",
                en: "The length is \(length), it must be at least \(facet)."
            )
        case .maxLength:
            return Bilingual(
                vi: "Độ dài là \(length), nhiều nhất là \(facet).",
                en: "The length is \(length), it may be at most \(facet)."
            )
        case .minInclusive:
            return Bilingual(
                vi: "Giá trị \(value.vi) nhỏ hơn \(facet).", en: "Value \(value.en) is less than \(facet).")
        case .maxInclusive:
            return Bilingual(
                vi: "Giá trị \(value.vi) lớn hơn \(facet).", en: "Value \(value.en) is greater than \(facet)."
            )
        case .minExclusive:
            return Bilingual(
                vi: "Giá trị \(value.vi) phải lớn hơn \(facet).",
                en: "Value \(value.en) must be greater than \(facet)."
            )
        case .maxExclusive:
            return Bilingual(
                vi: "Giá trị \(value.vi) phải nhỏ hơn \(facet).",
                en: "Value \(value.en) must be less than \(facet)."
            )
        case .totalDigits:
            return Bilingual(
                vi: "Giá trị \(value.vi) có quá \(facet) chữ số.",
                en: "Value \(value.en) has more than \(facet) digits."
            )
        case .fractionDigits:
            return Bilingual(
                vi: "Giá trị \(value.vi) có quá \(facet) chữ số thập phân.",
                en: "Value \(value.en) has more than \(facet) digits after the point."
            )
        case .fixedValue:
            return Bilingual(
                vi: "Giá trị \(value.vi) phải là “\(facet)”.", en: "Value \(value.en) must be “\(facet)”."
            )
        default:
            let type = self.typeName.map { ErrorText.shortened($0, to: Self.longestName) }
            return Bilingual(
                vi: "Giá trị \(value.vi) không đúng kiểu \(type ?? "đã khai báo").",
                en: "Value \(value.en) is not of \(type.map { "type \($0)" } ?? "the declared type")."
            )
        }
    }
}
