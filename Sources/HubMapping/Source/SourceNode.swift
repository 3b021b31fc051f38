import HubJSON
import HubModel
import HubXML

/// A piece of the source: an element or an attribute of an XML document, or a value of a JSON one.
enum SourceNode: Sendable {
    case element(XMLElement)
    case attribute(String)
    case value(JSONValue)

    /// The text of a scalar, without the white space around an element's; `nil` for null, objects and arrays.
    var text: String? {
        switch self {
        case .element(let element): XMLText.trimmed(element.text)
        case .attribute(let text): text
        case .value(let value): Self.text(of: value)
        }
    }

    /// What `copy` writes: the text of an element or attribute, a JSON value as it is.
    var copied: JSONValue {
        switch self {
        case .element(let element): .string(XMLText.trimmed(element.text))
        case .attribute(let text): .string(text)
        case .value(let value): value
        }
    }

    /// Null, an empty text and an empty element are as good as absent: senders fill forms with them.
    var isBlank: Bool {
        switch self {
        case .element(let element): element.firstChild == nil && !element.hasOwnText
        case .attribute(let text): text.isEmpty
        case .value(.null), .value(.string("")): true
        case .value: false
        }
    }

    /// The text of a scalar of JSON, `nil` for anything else.
    static func text(of value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let truth): truth ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// Without XML's four kinds of white space at both ends.
}

// MARK: Paths

extension SourceNode {
    /// The first piece at `path`.
    ///
    /// A path of the other form finds nothing.
    func first(at path: SourcePath, _ budget: MappingBudget) throws(HubError) -> SourceNode? {
        switch (self, path.steps) {
        case (_, .itself):
            return self
        case (.element(let element), .elements(let names, nil)):
            return element.descendant(names).map(SourceNode.element)
        case (.element(let element), .child(let name)):
            return element.child(name).map(SourceNode.element)
        case (.value(let value), .members(let members)):
            return try Self.first(in: value, members, from: 0, budget).map(SourceNode.value)
        default:
            return try self.nodes(at: path, budget).first
        }
    }

    /// All pieces at `path`, in the order of the document.
    func nodes(at path: SourcePath, _ budget: MappingBudget) throws(HubError) -> [SourceNode] {
        switch (self, path.steps) {
        case (_, .itself):
            return [self]
        case (.element(let element), .elements(let names, nil)), (.element(let element), .child(let names)):
            let found = element.descendants(names)
            try budget.visit(found.count)
            return found.map(SourceNode.element)
        case (.element(let element), .elements(let names, let attribute?)):
            let found = names.isEmpty ? [element] : element.descendants(names)
            try budget.visit(found.count)
            return found.compactMap { $0.attribute(attribute).map(SourceNode.attribute) }
        case (.value(let value), .members(let members)):
            var found: [SourceNode] = []
            try Self.collect(from: value, members, from: 0, budget, into: &found)
            return found
        case (.element, .members), (.value, .elements), (.value, .child), (.attribute, _):
            return []
        }
    }

    private static func first(
        in value: JSONValue, _ members: [SourcePath.Member], from start: Int, _ budget: MappingBudget
    ) throws(HubError) -> JSONValue? {
        var value = value
        for position in start..<members.count {
            let member = members[position]
            if member.isWildcard, case .array(let items) = value {
                for item in items {
                    try budget.visit()
                    if let found = try Self.first(in: item, members, from: position + 1, budget) {
                        return found
                    }
                }
                return nil
            }
            guard let inner = Self.member(member, of: value) else { return nil }
            value = inner
        }
        return value
    }

    private static func collect(
        from value: JSONValue, _ members: [SourcePath.Member], from start: Int, _ budget: MappingBudget,
        into found: inout [SourceNode]
    ) throws(HubError) {
        guard start < members.count else {
            found.append(.value(value))
            return
        }
        if members[start].isWildcard, case .array(let items) = value {
            try budget.visit(items.count)
            for item in items { try Self.collect(from: item, members, from: start + 1, budget, into: &found) }
        } else if let inner = Self.member(members[start], of: value) {
            try Self.collect(from: inner, members, from: start + 1, budget, into: &found)
        }
    }

    /// In an object `*` is a name like any other.
    private static func member(_ member: SourcePath.Member, of value: JSONValue) -> JSONValue? {
        switch value {
        case .object(let object):
            return member.guess.value(of: member.name, in: object)
        case .array(let items):
            guard let index = member.index, index < items.count else { return nil }
            return items[index]
        case .null, .bool, .number, .string:
            return nil
        }
    }
}
