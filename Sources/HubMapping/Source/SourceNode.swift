import HubJSON
import HubXML

/// A piece of the source: an element of an XML document or a value of a JSON one.
enum SourceNode: Sendable {
    case element(XMLElement)
    case value(JSONValue)

    /// All pieces at `path`, in the order of the document. A path of the other form finds nothing.
    func nodes(at path: SourcePath) -> [SourceNode] {
        switch (self, path.steps) {
        case (_, .itself): [self]
        case (.element(let element), .elements(let names)):
            Self.elements(below: element, names[...]).map(SourceNode.element)
        case (.value(let value), .members(let members)):
            Self.values(in: value, members[...]).map(SourceNode.value)
        case (.element, .members), (.value, .elements): []
        }
    }

    /// The text of a scalar, without the white space around an element's; `nil` for null, objects and arrays.
    var text: String? {
        switch self {
        case .element(let element): Self.trimmed(element.text)
        case .value(.string(let text)): text
        case .value(.number(let number)): number.text
        case .value(.bool(let truth)): truth ? "true" : "false"
        case .value(.null), .value(.array), .value(.object): nil
        }
    }

    /// What `copy` writes: an element's text, a JSON value as it is.
    var copied: JSONValue {
        switch self {
        case .element(let element): .string(Self.trimmed(element.text))
        case .value(let value): value
        }
    }

    /// Null, an empty text and an empty element are as good as absent: senders fill forms with them.
    var isBlank: Bool {
        switch self {
        case .element(let element): element.children.isEmpty && Self.trimmed(element.text).isEmpty
        case .value(.null), .value(.string("")): true
        case .value: false
        }
    }

    private static func elements(below parent: XMLElement, _ names: ArraySlice<String>) -> [XMLElement] {
        guard let name = names.first else { return [parent] }
        return parent.children(name).flatMap { Self.elements(below: $0, names.dropFirst()) }
    }

    private static func values(in value: JSONValue, _ members: ArraySlice<String>) -> [JSONValue] {
        guard let member = members.first else { return [value] }
        switch value {
        case .object(let object):
            return object[member].map { Self.values(in: $0, members.dropFirst()) } ?? []
        case .array(let items) where member == SourcePath.wildcard:
            return items.flatMap { Self.values(in: $0, members.dropFirst()) }
        case .array(let items):
            guard let index = Int(member), items.indices.contains(index), String(index) == member else {
                return []
            }
            return Self.values(in: items[index], members.dropFirst())
        case .null, .bool, .number, .string:
            return []
        }
    }

    private static func trimmed(_ text: String) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        guard let first = text.utf8.firstIndex(where: { !isSpace($0) }),
            let last = text.utf8.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(text[first...last])
    }
}
