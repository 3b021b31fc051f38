import HubModel

extension SchemaCompiler {
    /// The keywords that look at one value and at nothing inside it.
    mutating func addAssertions(_ scope: SchemaScope, to checks: inout [SchemaCheck]) throws(HubError) {
        if let value = scope.object["type"] { checks.append(.type(try self.types(value, scope))) }
        if let value = scope.object["const"] { checks.append(.const(value)) }
        if let value = scope.object["enum"] {
            guard let values = value.array else { throw self.fault(scope, "enum", "an array") }
            checks.append(.oneOfValues(ValuesCheck(values)))
        }
        if let value = scope.object["multipleOf"] { checks.append(try self.multiple(value, scope)) }
        for bound in [NumberBound.minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum] {
            guard let value = scope.object[bound.rawValue] else { continue }
            guard let number = value.number else { throw self.fault(scope, bound.rawValue, "a number") }
            checks.append(.bound(bound, number))
        }
        for bound in [CountBound.minLength, .maxLength, .minItems, .maxItems, .minProperties, .maxProperties]
        {
            if let count = try self.count(bound.rawValue, scope) { checks.append(.count(bound, count)) }
        }
        if let value = scope.object["pattern"] {
            checks.append(.pattern(try self.pattern(value, at: scope.place.appending("pattern"))))
        }
        if let value = scope.object["uniqueItems"] {
            guard let isUnique = value.bool else { throw self.fault(scope, "uniqueItems", "true or false") }
            if isUnique { checks.append(.uniqueItems) }
        }
        if let value = scope.object["dependentRequired"], !scope.isDraft7 {
            guard let object = value.object else { throw self.fault(scope, "dependentRequired", "an object") }
            var dependencies: [(key: String, required: [String])] = []
            for (key, value) in object.members {
                dependencies.append((key, try self.texts(value, scope, "dependentRequired")))
            }
            checks.append(.dependentRequired(keyword: "dependentRequired", dependencies))
        }
    }

    mutating func addFormat(_ scope: SchemaScope, to checks: inout [SchemaCheck]) throws(HubError) {
        guard let value = scope.object["format"] else { return }
        guard let name = value.string else { throw self.fault(scope, "format", "a string") }
        let asserts = self.assertsFormat || scope.dialect.vocabularies.contains(.formatAssertion)
        if asserts, let format = SchemaFormat(rawValue: name) { checks.append(.format(format)) }
    }

    func count(_ keyword: String, _ scope: SchemaScope) throws(HubError) -> Int? {
        guard let value = scope.object[keyword] else { return nil }
        guard let count = value.int, count >= 0 else {
            throw self.fault(scope, keyword, "a whole number that is not negative")
        }
        return count
    }

    func texts(_ value: JSONValue, _ scope: SchemaScope, _ keyword: String) throws(HubError) -> [String] {
        guard let elements = value.array else { throw self.fault(scope, keyword, "an array of strings") }
        let texts = elements.compactMap(\.string)
        guard texts.count == elements.count else { throw self.fault(scope, keyword, "an array of strings") }
        return texts
    }

    /// - Parameter place: Where it stands.
    func pattern(_ value: JSONValue, at place: SchemaPlace) throws(HubError) -> Pattern {
        guard let text = value.string else { throw self.fault(place, "a regular expression") }
        do throws(PatternFault) {
            return try PatternCache.pattern(text)
        } catch {
            throw HubError(
                .schemaInvalid, "A regular expression of the schema cannot be used.",
                details: [
                    ErrorDetail("location", self.location(of: place)),
                    ErrorDetail("offset", error.offset), ErrorDetail("reason", error.reason.rawValue),
                ]
            )
        }
    }

    private func types(_ value: JSONValue, _ scope: SchemaScope) throws(HubError) -> JSONTypes {
        let names: [String]
        if let name = value.string { names = [name] } else { names = try self.texts(value, scope, "type") }
        var types: JSONTypes = []
        for name in names {
            guard let known = JSONTypes.named.first(where: { $0.name == name }) else {
                throw self.fault(scope, "type", "names of JSON types")
            }
            types.insert(known.type)
        }
        return types
    }

    private func multiple(_ value: JSONValue, _ scope: SchemaScope) throws(HubError) -> SchemaCheck {
        let number = value.number
        let parts = number?.withDecimal { decimal -> (divisor: UInt64, scale: Int)? in
            guard !decimal.isZero, !decimal.isNegative, decimal.digitCount <= 18 else { return nil }
            var divisor: UInt64 = 0
            decimal.forEachDigit { divisor = divisor * 10 + UInt64($0) }
            return (divisor, decimal.exponent - decimal.digitCount)
        }
        guard let number, let (divisor, scale) = parts ?? nil else {
            throw self.fault(scope, "multipleOf", "a positive number of at most 18 digits")
        }
        return .multiple(of: number, divisor: divisor, scale: scale)
    }
}
