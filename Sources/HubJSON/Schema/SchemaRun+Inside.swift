import HubModel

/// The checks that go into objects and arrays.
extension SchemaRun {
    mutating func run(
        _ check: MembersCheck, of node: Int, on value: JSONValue, _ evaluated: inout Evaluated?
    ) -> Bool {
        guard case .object(let object) = value else { return true }
        var fits = true
        var requiredSeen = 0
        // Messages tend to have the order of their schema, so the next entry is tried before the table.
        var nextEntry = 0
        for position in object.members.indices {
            let (key, value) = object.members[position]
            var isCovered = false
            if let found = check.keys.position(of: key, expectedAt: nextEntry) {
                nextEntry = found + 1
                if check.entries[found].isRequired { requiredSeen += 1 }
                if let schema = check.entries[found].schema {
                    isCovered = true
                    fits = self.run(schema, on: value, below: .key(key)) && fits
                }
            }
            for (pattern, schema) in check.patterns where pattern.matches(key) {
                isCovered = true
                fits = self.run(schema, on: value, below: .key(key)) && fits
            }
            if !isCovered, let schema = check.additional {
                isCovered = true
                fits = self.run(schema, on: value, below: .key(key)) && fits
            }
            if isCovered { evaluated?.mark(position) }
            if !fits, !self.isReporting { return false }
        }
        if requiredSeen == check.requiredCount { return fits }
        guard self.isReporting else { return false }
        for entry in check.entries where entry.isRequired && object.position(of: entry.key) == nil {
            _ = self.refuse(node, "required", ViolationText.missing(entry.key))
        }
        return false
    }

    mutating func run(_ check: ItemsCheck, on value: JSONValue, _ evaluated: inout Evaluated?) -> Bool {
        guard case .array(let elements) = value else { return true }
        var fits = true
        for position in elements.indices {
            guard let schema = position < check.first.count ? check.first[position] : check.rest else {
                break
            }
            evaluated?.mark(position)
            if self.run(schema, on: elements[position], below: .index(position)) { continue }
            fits = false
            guard self.isReporting else { return false }
        }
        if check.rest != nil { evaluated?.markAll() }
        return fits
    }

    mutating func run(
        _ check: ContainsCheck, of node: Int, on value: JSONValue, _ evaluated: inout Evaluated?
    ) -> Bool {
        guard case .array(let elements) = value else { return true }
        var count = 0
        let marks = check.marksEvaluated && evaluated != nil
        for (position, element) in elements.enumerated() {
            var none: Evaluated?
            guard self.tries(check.schema, on: element, &none) else { continue }
            count += 1
            if marks { evaluated?.mark(position) }
            if !marks, check.most == nil, count >= check.least { return true }
        }
        if count < check.least {
            let keyword = check.least > 1 ? "minContains" : "contains"
            return self.refuse(node, keyword, ViolationText.contains(atLeast: check.least, found: count))
        }
        if let most = check.most, count > most {
            return self.refuse(node, "maxContains", ViolationText.contains(atMost: most, found: count))
        }
        return true
    }

    mutating func runNames(_ schema: Int, on value: JSONValue) -> Bool {
        guard case .object(let object) = value else { return true }
        var fits = true
        for (key, _) in object.members where !self.run(schema, on: .string(key), below: .key(key)) {
            fits = false
            guard self.isReporting else { return false }
        }
        return fits
    }

    mutating func runUnevaluatedItems(_ schema: Int, on value: JSONValue, _ evaluated: inout Evaluated?)
        -> Bool
    {
        guard case .array(let elements) = value, let before = evaluated else { return true }
        var fits = true
        for position in elements.indices where !before.contains(position) {
            if self.run(schema, on: elements[position], below: .index(position)) { continue }
            fits = false
            guard self.isReporting else { return false }
        }
        evaluated?.markAll()
        return fits
    }

    mutating func runUnevaluatedMembers(_ schema: Int, on value: JSONValue, _ evaluated: inout Evaluated?)
        -> Bool
    {
        guard case .object(let object) = value, let before = evaluated else { return true }
        var fits = true
        for (position, member) in object.members.enumerated() where !before.contains(position) {
            if self.run(schema, on: member.value, below: .key(member.key)) { continue }
            fits = false
            guard self.isReporting else { return false }
        }
        evaluated?.markAll()
        return fits
    }
}
