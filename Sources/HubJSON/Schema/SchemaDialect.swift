/// The drafts of JSON Schema that are understood.
public enum JSONSchemaDraft: String, CaseIterable, Sendable {
    case draft7 = "http://json-schema.org/draft-07/schema"
    case draft2020 = "https://json-schema.org/draft/2020-12/schema"
}

/// Which keywords mean something in a schema resource.
struct SchemaDialect: Hashable, Sendable {
    struct Vocabularies: OptionSet, Hashable, Sendable {
        let rawValue: Int

        static let applicator = Vocabularies(rawValue: 1)
        static let unevaluated = Vocabularies(rawValue: 2)
        static let validation = Vocabularies(rawValue: 4)
        static let formatAssertion = Vocabularies(rawValue: 8)
        static let standard: Vocabularies = [.applicator, .unevaluated, .validation]

        /// Vocabularies that only annotate add nothing to what is checked.
        static let byURI: [String: Vocabularies] = [
            "https://json-schema.org/draft/2020-12/vocab/core": [],
            "https://json-schema.org/draft/2020-12/vocab/applicator": .applicator,
            "https://json-schema.org/draft/2020-12/vocab/unevaluated": .unevaluated,
            "https://json-schema.org/draft/2020-12/vocab/validation": .validation,
            "https://json-schema.org/draft/2020-12/vocab/format-annotation": [],
            "https://json-schema.org/draft/2020-12/vocab/format-assertion": .formatAssertion,
            "https://json-schema.org/draft/2020-12/vocab/content": [],
            "https://json-schema.org/draft/2020-12/vocab/meta-data": [],
        ]
    }

    let draft: JSONSchemaDraft
    let vocabularies: Vocabularies

    init(_ draft: JSONSchemaDraft, vocabularies: Vocabularies = .standard) {
        self.draft = draft
        self.vocabularies = vocabularies
    }

    /// How the value of a keyword holds schemas.
    enum Holding {
        case schema, list, map
    }

    /// Where schemas are inside a schema, so that identifiers are found there and nowhere else.
    func holding(_ keyword: String) -> Holding? {
        switch keyword {
        case "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then":
            .schema
        case "allOf", "anyOf", "oneOf":
            .list
        case "properties", "patternProperties", "definitions":
            .map
        case "additionalItems" where self.draft == .draft7:
            .schema
        case "dependencies" where self.draft == .draft7:
            .map
        case "contentSchema", "unevaluatedItems", "unevaluatedProperties":
            self.draft == .draft2020 ? .schema : nil
        case "prefixItems":
            self.draft == .draft2020 ? .list : nil
        case "$defs", "dependentSchemas":
            self.draft == .draft2020 ? .map : nil
        default:
            nil
        }
    }
}
