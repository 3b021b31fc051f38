/// One schema, compiled.
///
/// Other schemas are named by their position in the arena.
struct SchemaNode: Sendable {
    /// Where the schema stands: `#` and a pointer in the first document, a whole URI in another.
    let location: String
    let resource: Int
    /// In the order in which they are run; those that look at what others have evaluated come last.
    ///
    /// Where they stand in the arena of checks, so that a run holds no object for the node it is in.
    let checks: Range<Int>
    /// What the first check allows, if that is `type`: with a value of these types a run begins behind it.
    let typesAtOnce: JSONTypes
    let looksAtEvaluation: Bool
}

/// What one keyword, or a few that work together, demands.
///
/// A run copies each check it comes to. So the common ones stand here as they are, and only large ones are boxed.
enum SchemaCheck: Sendable {
    /// The schema `false`.
    case never
    case type(JSONTypes)
    case const(JSONValue)
    case oneOfValues(ValuesCheck)
    indirect case multiple(of: JSONNumber, divisor: UInt64, scale: Int)
    case bound(NumberBound, JSONNumber)
    case count(CountBound, Int)
    case pattern(Pattern)
    case format(SchemaFormat)
    case uniqueItems
    indirect case dependentRequired(keyword: String, [(key: String, required: [String])])
    case members(MembersCheck)
    case propertyNames(Int)
    case dependentSchemas([(key: String, schema: Int)])
    case items(ItemsCheck)
    indirect case contains(ContainsCheck)
    case reference(Int)
    indirect case dynamicReference(name: String, fallback: Int)
    case all([Int])
    case any([Int])
    case one([Int])
    case not(Int)
    indirect case conditional(if: Int, then: Int?, else: Int?)
    case unevaluatedItems(Int)
    case unevaluatedProperties(Int)

    var looksAtEvaluation: Bool {
        switch self {
        case .unevaluatedItems, .unevaluatedProperties: true
        default: false
        }
    }

    /// The schemas that are applied to the same value as this one.
    var schemasInPlace: [Int] {
        switch self {
        case .reference(let schema), .not(let schema): [schema]
        case .all(let schemas), .any(let schemas), .one(let schemas): schemas
        case .conditional(let condition, let then, let otherwise):
            [condition] + [then, otherwise].compactMap(\.self)
        case .dependentSchemas(let schemas): schemas.map(\.schema)
        default: []
        }
    }
}

enum NumberBound: String, Sendable {
    case minimum, maximum, exclusiveMinimum, exclusiveMaximum
}

enum CountBound: String, Sendable {
    case minLength, maxLength, minItems, maxItems, minProperties, maxProperties
}

/// The values of an `enum`.
final class ValuesCheck: Sendable {
    let values: [JSONValue]
    private let texts: TextTable
    /// Those that are no texts.
    private let others: [JSONValue]

    init(_ values: [JSONValue]) {
        self.values = values
        self.texts = TextTable(values.compactMap(\.string))
        self.others = values.filter { $0.string == nil }
    }

    func contains(_ value: JSONValue) -> Bool {
        if case .string(let text) = value { return self.texts.position(of: text) != nil }
        return self.others.contains(value)
    }
}

/// `properties`, `required`, `patternProperties` and `additionalProperties` in one pass over an object.
final class MembersCheck: Sendable {
    struct Entry: Sendable {
        let key: String
        let schema: Int?
        let isRequired: Bool
    }

    let entries: [Entry]
    /// The keys of the entries.
    let keys: TextTable
    let requiredCount: Int
    let patterns: [(pattern: Pattern, schema: Int)]
    let additional: Int?

    init(entries: [Entry], patterns: [(pattern: Pattern, schema: Int)], additional: Int?) {
        self.entries = entries
        self.patterns = patterns
        self.additional = additional
        self.keys = TextTable(entries.map(\.key))
        self.requiredCount = entries.count { $0.isRequired }
    }
}

/// Schemas for the first elements, and one for those behind them.
struct ItemsCheck: Sendable {
    let first: [Int]
    let rest: Int?
}

struct ContainsCheck: Sendable {
    let schema: Int
    let least: Int
    let most: Int?
    /// In 2020-12 an element that matches counts as evaluated.
    let marksEvaluated: Bool
}

/// A set of JSON types.
struct JSONTypes: OptionSet, Sendable {
    let rawValue: Int

    static let null = JSONTypes(rawValue: 1)
    static let boolean = JSONTypes(rawValue: 2)
    static let integer = JSONTypes(rawValue: 4)
    static let number = JSONTypes(rawValue: 8)
    static let string = JSONTypes(rawValue: 16)
    static let array = JSONTypes(rawValue: 32)
    static let object = JSONTypes(rawValue: 64)

    static let named: [(name: String, type: JSONTypes)] = [
        ("string", .string), ("integer", .integer), ("number", .number), ("boolean", .boolean),
        ("array", .array),
        ("object", .object), ("null", .null),
    ]

    @inline(__always)
    func allows(_ value: JSONValue) -> Bool {
        switch value {
        case .null: self.contains(.null)
        case .bool: self.contains(.boolean)
        case .number(let number): self.contains(.number) || self.contains(.integer) && number.isInteger
        case .string: self.contains(.string)
        case .array: self.contains(.array)
        case .object: self.contains(.object)
        }
    }
}
