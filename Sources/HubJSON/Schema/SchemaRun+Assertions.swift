import HubModel

/// The checks that look at one value and at nothing inside it.
extension SchemaRun {
    mutating func assert(_ assertion: SchemaCheck, of node: Int, on value: JSONValue) -> Bool {
        switch assertion {
        case .type(let types):
            return types.allows(value) || self.refuse(node, "type", ViolationText.type(types, value))
        case .pattern(let pattern):
            guard case .string(let text) = value, !pattern.matches(text) else { return true }
            return self.refuse(node, "pattern", ViolationText.pattern(pattern.source, value))
        case .count(let bound, let limit):
            guard let count = Self.count(for: bound, of: value, limit: limit) else { return true }
            return self.refuse(node, bound.rawValue, ViolationText.count(bound, limit, found: count))
        case .bound(let bound, let limit):
            guard case .number(let number) = value, !Self.holds(bound, limit, number) else { return true }
            return self.refuse(node, bound.rawValue, ViolationText.bound(bound, limit, value))
        case .const(let constant):
            return value == constant || self.refuse(node, "const", ViolationText.values([constant], value))
        case .oneOfValues(let check):
            return check.contains(value)
                || self.refuse(node, "enum", ViolationText.values(check.values, value))
        case .multiple(let number, let divisor, let scale):
            guard case .number(let found) = value,
                !found.withDecimal({ $0.isMultiple(of: divisor, scale: scale) })
            else { return true }
            return self.refuse(node, "multipleOf", ViolationText.multiple(of: number, value))
        case .format(let format):
            guard case .string(let text) = value, !format.accepts(text) else { return true }
            return self.refuse(node, "format", ViolationText.format(format, value))
        case .uniqueItems:
            guard case .array(let elements) = value, let (first, second) = Self.repeated(elements) else {
                return true
            }
            return self.refuse(
                node, "uniqueItems", ViolationText.repeated(first: first, second: second),
                below: .index(second)
            )
        case .dependentRequired(let keyword, let dependencies):
            return self.assertDependencies(dependencies, keyword, of: node, on: value)
        case .never:
            let step = self.lastStep
            return self.refuse(node, nil, ViolationText.notAllowed(at: step))
        default:
            return true
        }
    }

    private mutating func assertDependencies(
        _ dependencies: [(key: String, required: [String])], _ keyword: String, of node: Int,
        on value: JSONValue
    ) -> Bool {
        guard case .object(let object) = value else { return true }
        var fits = true
        for (key, required) in dependencies where object.position(of: key) != nil {
            for name in required where object.position(of: name) == nil {
                fits = self.refuse(node, keyword, ViolationText.missing(name, because: key))
            }
        }
        return fits
    }

    /// - Returns: The count, when it is on the wrong side of the limit.
    private static func count(for bound: CountBound, of value: JSONValue, limit: Int) -> Int? {
        let count: Int
        switch (bound, value) {
        case (.maxLength, .string(let text)):
            // Code points are never more than bytes.
            if text.utf8.count <= limit { return nil }
            count = text.unicodeScalars.count
        case (.minLength, .string(let text)):
            // And a code point is never more than four bytes.
            if (text.utf8.count + 3) / 4 >= limit { return nil }
            count = text.unicodeScalars.count
        case (.minItems, .array(let elements)), (.maxItems, .array(let elements)): count = elements.count
        case (.minProperties, .object(let object)), (.maxProperties, .object(let object)):
            count = object.count
        default: return nil
        }
        switch bound {
        case .minLength, .minItems, .minProperties: return count < limit ? count : nil
        case .maxLength, .maxItems, .maxProperties: return count > limit ? count : nil
        }
    }

    private static func holds(_ bound: NumberBound, _ limit: JSONNumber, _ number: JSONNumber) -> Bool {
        let order = number.compared(to: limit)
        return switch bound {
        case .minimum: order != .less
        case .maximum: order != .greater
        case .exclusiveMinimum: order == .greater
        case .exclusiveMaximum: order == .less
        }
    }

    /// The first element that equals an earlier one.
    private static func repeated(_ elements: [JSONValue]) -> (first: Int, second: Int)? {
        if elements.count <= 8 {
            for second in elements.indices {
                for first in 0..<second where elements[first] == elements[second] { return (first, second) }
            }
            return nil
        }
        var seen: [JSONValue: Int] = [:]
        for (position, element) in elements.enumerated() {
            if let first = seen[element] { return (first, position) }
            seen[element] = position
        }
        return nil
    }
}
