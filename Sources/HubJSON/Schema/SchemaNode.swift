/// One schema, compiled.
///
/// Other schemas are named by their position in the arena.
final class SchemaNode: Sendable {
    /// Where the schema stands: `#` and a pointer in the first document, a whole URI in another.
    let location: String
    let resource: Int
    /// In the order in which they are run; those that look at what others have evaluated come last.
    let checks: [SchemaCheck]
    let looksAtEvaluation: Bool

    init(location: String, resource: Int, checks: [SchemaCheck]) {
        self.location = location
        self.resource = resource
        self.looksAtEvaluation = checks.contains { $0.looksAtEvaluation }
        self.checks = checks
    }
}

/// What one keyword, or a few that work together, demands.
indirect enum SchemaCheck: Sendable {
    /// The schema `false`.
    case never
    case type(JSONTypes)
    case const(JSONValue)
    case oneOfValues([JSONValue])
    case multiple(of: JSONNumber, divisor: UInt64, scale: Int)
    case bound(NumberBound, JSONNumber)
    case count(CountBound, Int)
    case pattern(Pattern)
    case format(SchemaFormat)
    case uniqueItems
    case dependentRequired(keyword: String, [(key: String, required: [String])])
    case members(MembersCheck)
    case propertyNames(Int)
    case dependentSchemas([(key: String, schema: Int)])
    case items(ItemsCheck)
    case contains(ContainsCheck)
    case reference(Int)
    case dynamicReference(name: String, fallback: Int)
    case all([Int])
    case any([Int])
    case one([Int])
    case not(Int)
    case conditional(if: Int, then: Int?, else: Int?)
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

/// `properties`, `required`, `patternProperties` and `additionalProperties` in one pass over an object.
final class MembersCheck: Sendable {
    struct Entry: Sendable {
        let key: String
        let schema: Int?
        let isRequired: Bool
    }

    let entries: [Entry]
    let positions: [ExactText: Int]
    let requiredCount: Int
    let patterns: [(pattern: Pattern, schema: Int)]
    let additional: Int?

    init(entries: [Entry], patterns: [(pattern: Pattern, schema: Int)], additional: Int?) {
        self.entries = entries
        self.patterns = patterns
        self.additional = additional
        var positions: [ExactText: Int] = [:]
        for (position, entry) in entries.enumerated() { positions[ExactText(entry.key)] = position }
        self.positions = positions
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
