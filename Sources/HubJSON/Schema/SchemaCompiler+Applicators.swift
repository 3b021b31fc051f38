import HubModel

extension SchemaCompiler {
    /// `$ref` and `$dynamicRef`.
    mutating func addReferences(_ scope: SchemaScope, to checks: inout [SchemaCheck]) throws(HubError) {
        if let value = scope.object["$ref"] {
            let target = try self.reference(value, at: scope, keyword: "$ref")
            checks.append(.reference(self.number(of: target)))
        }
        if let value = scope.object["$dynamicRef"], !scope.isDraft7 {
            let target = try self.reference(value, at: scope, keyword: "$dynamicRef")
            let fallback = self.number(of: target)
            if let name = target.dynamicName {
                self.noteDynamic(name)
                checks.append(.dynamicReference(name: name, fallback: fallback))
            } else {
                checks.append(.reference(fallback))
            }
        }
    }

    /// Everything about the members of an object, put together so that one pass does it.
    mutating func addMembers(_ scope: SchemaScope, to checks: inout [SchemaCheck]) throws(HubError) {
        let applies = scope.dialect.vocabularies.contains(.applicator)
        let asserts = scope.dialect.vocabularies.contains(.validation)
        var required: [String] = []
        if asserts, let value = scope.object["required"] {
            required = try self.texts(value, scope, "required")
        }
        let isRequired = Set(required.map { ExactText($0) })
        var entries: [MembersCheck.Entry] = []
        var patterns: [(pattern: Pattern, schema: Int)] = []
        if applies {
            for (key, schema) in try self.schemas("properties", scope) {
                entries.append(
                    MembersCheck.Entry(
                        key: key, schema: schema, isRequired: isRequired.contains(ExactText(key)))
                )
            }
            for (key, schema) in try self.schemas("patternProperties", scope) {
                let place = scope.place.appending("patternProperties").appending(key)
                patterns.append((try self.pattern(.string(key), at: place), schema))
            }
        }
        let declared = Set(entries.map { ExactText($0.key) })
        for key in Set(required.map { ExactText($0) }) where !declared.contains(key) {
            entries.append(MembersCheck.Entry(key: key.text, schema: nil, isRequired: true))
        }
        let additional = applies ? self.schema("additionalProperties", scope) : nil
        if !entries.isEmpty || !patterns.isEmpty || additional != nil {
            checks.append(
                .members(MembersCheck(entries: entries, patterns: patterns, additional: additional)))
        }
        guard applies else { return }
        if let schema = self.schema("propertyNames", scope) { checks.append(.propertyNames(schema)) }
        if scope.isDraft7 {
            try self.addDependencies(scope, to: &checks)
        } else if scope.object["dependentSchemas"] != nil {
            checks.append(.dependentSchemas(try self.schemas("dependentSchemas", scope)))
        }
    }

    /// `dependencies` of draft 7: for each key either the names of other members or a schema.
    private mutating func addDependencies(_ scope: SchemaScope, to checks: inout [SchemaCheck])
        throws(HubError)
    {
        guard let value = scope.object["dependencies"] else { return }
        guard let object = value.object else { throw self.fault(scope, "dependencies", "an object") }
        var names: [(key: String, required: [String])] = []
        var schemas: [(key: String, schema: Int)] = []
        for (key, value) in object.members {
            if value.array != nil {
                names.append((key, try self.texts(value, scope, "dependencies")))
            } else {
                let place = scope.place.appending("dependencies").appending(key)
                schemas.append((key, self.number(of: place, in: scope.resource)))
            }
        }
        if !names.isEmpty { checks.append(.dependentRequired(keyword: "dependencies", names)) }
        if !schemas.isEmpty { checks.append(.dependentSchemas(schemas)) }
    }

    mutating func addItems(_ scope: SchemaScope, to checks: inout [SchemaCheck]) throws(HubError) {
        var first: [Int] = []
        var rest: Int?
        if scope.isDraft7, scope.object["items"]?.array != nil {
            first = try self.list("items", scope)
            rest = self.schema("additionalItems", scope)
        } else {
            if !scope.isDraft7 { first = try self.list("prefixItems", scope) }
            rest = self.schema("items", scope)
        }
        if !first.isEmpty || rest != nil { checks.append(.items(ItemsCheck(first: first, rest: rest))) }
        if let schema = self.schema("contains", scope) {
            let bounded = !scope.isDraft7 && scope.dialect.vocabularies.contains(.validation)
            checks.append(
                .contains(
                    ContainsCheck(
                        schema: schema,
                        least: bounded ? try self.count("minContains", scope) ?? 1 : 1,
                        most: bounded ? try self.count("maxContains", scope) : nil,
                        marksEvaluated: !scope.isDraft7
                    )
                )
            )
        }
    }

    /// The keywords that apply further schemas to the same value.
    mutating func addCombinations(_ scope: SchemaScope, to checks: inout [SchemaCheck]) throws(HubError) {
        if scope.object["allOf"] != nil { checks.append(.all(try self.list("allOf", scope))) }
        if scope.object["anyOf"] != nil { checks.append(.any(try self.list("anyOf", scope))) }
        if scope.object["oneOf"] != nil { checks.append(.one(try self.list("oneOf", scope))) }
        if let schema = self.schema("not", scope) { checks.append(.not(schema)) }
        if let condition = self.schema("if", scope) {
            let then = self.schema("then", scope)
            let otherwise = self.schema("else", scope)
            checks.append(.conditional(if: condition, then: then, else: otherwise))
        }
    }

    mutating func addUnevaluated(_ scope: SchemaScope, to checks: inout [SchemaCheck]) throws(HubError) {
        if let schema = self.schema("unevaluatedItems", scope) { checks.append(.unevaluatedItems(schema)) }
        if let schema = self.schema("unevaluatedProperties", scope) {
            checks.append(.unevaluatedProperties(schema))
        }
    }

    private mutating func schema(_ keyword: String, _ scope: SchemaScope) -> Int? {
        guard scope.object[keyword] != nil else { return nil }
        return self.number(of: scope.place.appending(keyword), in: scope.resource)
    }

    private mutating func list(_ keyword: String, _ scope: SchemaScope) throws(HubError) -> [Int] {
        guard let value = scope.object[keyword] else { return [] }
        guard let elements = value.array else { throw self.fault(scope, keyword, "an array of schemas") }
        let place = scope.place.appending(keyword)
        return elements.indices.map { self.number(of: place.appending($0), in: scope.resource) }
    }

    private mutating func schemas(
        _ keyword: String, _ scope: SchemaScope
    ) throws(HubError) -> [(key: String, schema: Int)] {
        guard let value = scope.object[keyword] else { return [] }
        guard let object = value.object else { throw self.fault(scope, keyword, "an object of schemas") }
        let place = scope.place.appending(keyword)
        return object.members.map { ($0.key, self.number(of: place.appending($0.key), in: scope.resource)) }
    }
}
