public import HubJSON
import HubModel
public import HubXML

/// A payload, parsed once: whatever verifies, validates, identifies or routes a message reads this.
public enum Document: Sendable {
    case xml(XMLDocument)
    case json(JSONDocument)

    public var mediaType: MediaType {
        switch self {
        case .xml: .xml
        case .json: .json
        }
    }
}

/// The two forms of a payload that have schemas.
public enum MediaType: String, Sendable, CaseIterable {
    case xml = "application/xml"
    case json = "application/json"

    /// The schema file of a message type in this form.
    public var schemaFile: String {
        switch self {
        case .xml: "schema.xsd"
        case .json: "schema.json"
        }
    }
}

extension Document {
    /// The texts at `path`, in the order of the document.
    ///
    /// White space around the text of an XML element is not part of the value. A JSON number or truth value gives
    /// its text; `null`, objects and arrays give none. A path of the other form finds nothing.
    public func texts(at path: FieldPath) -> [String] {
        switch (self, path.steps) {
        case (.xml(let document), .elements(let names)):
            Self.elements(below: document.root, names[...]).map { XMLText.trimmed($0.text) }
        case (.json(let document), .members(let members)):
            Self.values(in: document.value, members[...]).compactMap(Self.text(of:))
        default:
            []
        }
    }

    /// Whether there is anything at `path`, empty or not.
    public func contains(_ path: FieldPath) -> Bool {
        switch (self, path.steps) {
        case (.xml(let document), .elements(let names)):
            !Self.elements(below: document.root, names[...]).isEmpty
        case (.json(let document), .members(let members)):
            !Self.values(in: document.value, members[...]).isEmpty
        default:
            false
        }
    }

    private static func elements(below parent: XMLElement, _ names: ArraySlice<String>) -> [XMLElement] {
        guard let name = names.first else { return [parent] }
        let children = parent.children(name)
        return names.count == 1 ? children : children.flatMap { self.elements(below: $0, names.dropFirst()) }
    }

    private static func values(in value: JSONValue, _ members: ArraySlice<String>) -> [JSONValue] {
        guard let member = members.first else { return [value] }
        if let object = value.object {
            return object[member].map { self.values(in: $0, members.dropFirst()) } ?? []
        }
        guard let array = value.array else { return [] }
        if member == FieldPath.wildcard {
            return array.flatMap { self.values(in: $0, members.dropFirst()) }
        }
        guard let index = FieldPath.index(member), index < array.count else { return [] }
        return self.values(in: array[index], members.dropFirst())
    }

    /// The texts at a path of JSON below `value`.
    static func texts(in value: JSONValue, _ path: FieldPath) -> [String] {
        guard case .members(let members) = path.steps else { return [] }
        if members.count == 1, members[0] != FieldPath.wildcard, let object = value.object {
            return object[members[0]].flatMap(Self.text).map { [$0] } ?? []
        }
        return Self.values(in: value, members[...]).compactMap(Self.text(of:))
    }

    /// What stands at a path of JSON, with the pointers to it.
    static func places(in value: JSONValue, _ path: FieldPath) -> [(path: String, value: JSONValue)] {
        guard case .members(let members) = path.steps else { return [] }
        var found = [(path: "", value: value)]
        for member in members {
            found = found.flatMap { place, value -> [(path: String, value: JSONValue)] in
                if let object = value.object {
                    return object[member].map { [("\(place)/\(JSONPointer.escaped(member))", $0)] } ?? []
                }
                guard let array = value.array else { return [] }
                if member == FieldPath.wildcard { return array.enumerated().map { ("\(place)/\($0)", $1) } }
                guard let index = FieldPath.index(member), index < array.count else { return [] }
                return [("\(place)/\(index)", array[index])]
            }
        }
        return found
    }

    private static func text(of value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let truth): truth ? "true" : "false"
        case .null, .array, .object: nil
        }
    }
}
