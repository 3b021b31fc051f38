import HubModel

extension SchemaComplaint {
    private static let longestValue = 20
    private static let longestFacet = 200
    private static let longestName = 60

    /// The complaint about `element` in a sentence.
    ///
    /// Of the document's values it holds a short prefix at most.
    func message(about element: XMLElement?) -> Bilingual {
        let name = ErrorText.shortened(element?.localName ?? self.element.local, to: Self.longestName)
        switch self.kind {
        case .content, .noDeclaration, .emptyContent, .textInElementContent, .elementInSimpleContent:
            return self.structure(name, element)
        case .attributeMissing, .attributeUnknown, .abstractType, .notNillable, .nilWithContent, .identity,
            .other:
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
            if let right = self.expected.first(where: { $0.local == element?.localName }) {
                return Self.wrongNamespace(name, found: element?.namespace, expected: right.namespace)
            }
            return Bilingual(
                vi: "Phần tử “\(name)” không được ở vị trí này\(self.expectation(vi: true)).",
                en: "Element “\(name)” is not allowed here\(self.expectation(vi: false))."
            )
        case .noDeclaration where element?.parent == nil:
            return Bilingual(
                vi: "Lược đồ không có phần tử gốc “\(name)” trong không gian tên này.",
                en: "The schema has no root element “\(name)” in this namespace."
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
        let found = found.map { ErrorText.shortened($0, to: 80) }
        return Bilingual(
            vi: "Phần tử “\(name)” thuộc không gian tên “\(found ?? "")”, phải là “\(expected ?? "")”.",
            en: "Element “\(name)” is in namespace “\(found ?? "")”, it must be in “\(expected ?? "")”."
        )
    }

    /// `; expected: a, b`, or nothing if the library could not say.
    private func expectation(vi: Bool) -> String {
        guard !self.expected.isEmpty else { return "" }
        var names: [String] = []
        for name in self.expected {
            let shown =
                name.isWildcard ? (vi ? "phần tử ngoài lược đồ" : "an element from elsewhere") : name.local
            if !names.contains(shown) { names.append(shown) }
        }
        let list = names.map { "“\($0)”" }.joined(separator: ", ")
        switch (vi, names.count) {
        case (true, 1): return "; cần \(list)"
        case (true, _): return "; cần một trong: \(list)"
        case (false, 1): return "; expected is \(list)"
        case (false, _): return "; expected is one of \(list)"
        }
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
        case .identity:
            return Bilingual(
                vi: "Khóa của phần tử “\(name)” bị trùng, bị thiếu hoặc không trỏ đến đâu.",
                en: "The key of element “\(name)” repeats, is missing or refers to nothing."
            )
        default:
            return Bilingual(
                vi: "Phần tử “\(name)” không đúng lược đồ (\(self.rule)).",
                en: "Element “\(name)” does not fit the schema (\(self.rule))."
            )
        }
    }

    /// About the value of an element or attribute.
    private func value() -> Bilingual {
        let value = ErrorText.shortened(self.found, to: Self.longestValue)
        let facet = ErrorText.shortened(self.wanted, to: Self.longestFacet)
        switch self.kind {
        case .pattern:
            return Bilingual(
                vi: "Giá trị “\(value)” không khớp mẫu \(facet).",
                en: "Value “\(value)” does not match the pattern \(facet)."
            )
        case .enumeration:
            return Bilingual(
                vi: "Giá trị “\(value)” không nằm trong danh sách cho phép: \(facet).",
                en: "Value “\(value)” is not one of those allowed: \(facet)."
            )
        case .length:
            return Bilingual(
                vi: "Độ dài là \(value), phải là \(facet).",
                en: "The length is \(value), it must be \(facet).")
        case .minLength:
            return Bilingual(
                vi: "Độ dài là \(value), ít nhất phải là \(facet).",
                en: "The length is \(value), it must be at least \(facet)."
            )
        case .maxLength:
            return Bilingual(
                vi: "Độ dài là \(value), nhiều nhất là \(facet).",
                en: "The length is \(value), it may be at most \(facet)."
            )
        case .minInclusive:
            return Bilingual(
                vi: "Giá trị “\(value)” nhỏ hơn \(facet).", en: "Value “\(value)” is less than \(facet).")
        case .maxInclusive:
            return Bilingual(
                vi: "Giá trị “\(value)” lớn hơn \(facet).", en: "Value “\(value)” is greater than \(facet).")
        case .minExclusive:
            return Bilingual(
                vi: "Giá trị “\(value)” phải lớn hơn \(facet).",
                en: "Value “\(value)” must be greater than \(facet)."
            )
        case .maxExclusive:
            return Bilingual(
                vi: "Giá trị “\(value)” phải nhỏ hơn \(facet).",
                en: "Value “\(value)” must be less than \(facet)."
            )
        case .totalDigits:
            return Bilingual(
                vi: "Giá trị “\(value)” có quá \(facet) chữ số.",
                en: "Value “\(value)” has more than \(facet) digits."
            )
        case .fractionDigits:
            return Bilingual(
                vi: "Giá trị “\(value)” có quá \(facet) chữ số thập phân.",
                en: "Value “\(value)” has more than \(facet) digits after the point."
            )
        case .fixedValue:
            return Bilingual(
                vi: "Giá trị “\(value)” phải là “\(facet)”.", en: "Value “\(value)” must be “\(facet)”."
            )
        default:
            let type = self.typeName.map { ErrorText.shortened($0, to: Self.longestName) }
            return Bilingual(
                vi: "Giá trị “\(value)” không đúng kiểu \(type ?? "đã khai báo").",
                en: "Value “\(value)” is not of \(type.map { "type \($0)" } ?? "the declared type")."
            )
        }
    }
}
