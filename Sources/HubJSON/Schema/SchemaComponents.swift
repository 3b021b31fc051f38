/// The schemas of several documents as `components/schemas` of one OpenAPI 3.1 document.
///
/// Generators of clients follow no other references than those to components. So a document becomes a component, each of
/// its `$defs` one of its own, `<name>.<definition>`, and references lead to these. That is sound for what refers by place
/// only: a document of draft 7, one that names its parts (`$anchor`, `$dynamicAnchor`, a second `$id`), one with a reference
/// to something else than these schemas, and what such a document refers to, is a component as it is and with its `$id`.
package struct SchemaComponents {
    /// One document.
    package struct Source {
        let name: String
        let uri: String
        let value: JSONValue
        let draft: JSONSchemaDraft

        /// - Parameters:
        ///   - name: Of the component; of letters, digits, `.`, `_` and `-`.
        ///   - uri: What others call the document, and its `$id` if it says none.
        ///   - draft: Unless its `$schema` says.
        package init(name: String, uri: String, value: JSONValue, draft: JSONSchemaDraft) {
            (self.name, self.uri, self.value, self.draft) = (name, uri, value, draft)
        }
    }

    private static let prefix = "#/components/schemas/"

    private var parts: [Part]
    private var byURI: [String: Int] = [:]
    /// The components by their names.
    package private(set) var schemas = JSONObject()

    package init(_ sources: [Source]) {
        self.parts = sources.map(Part.init)
        for (index, part) in self.parts.enumerated() {
            for uri in [part.base.resource, part.uri] where self.byURI[uri] == nil { self.byURI[uri] = index }
        }
        self.keepWhatIsKept()
        var names = Set(sources.map(\.name))
        for index in self.parts.indices where !self.parts[index].isKept {
            self.parts[index].nameDefinitions(&names)
        }
        for part in self.parts {
            self.schemas[part.name] = part.isKept ? part.kept : self.moved(part.value, of: part, isRoot: true)
            for (key, name) in part.definitions {
                self.schemas[name] = part.value["$defs"]?[key].map { self.moved($0, of: part) }
            }
        }
        self.tellTitlesApart()
    }

    /// Generators name what they make after titles, and refuse two of a name: a title that two components have becomes their
    /// description, and they are named after the component.
    private mutating func tellTitlesApart() {
        let titles = Dictionary(grouping: self.schemas.members.compactMap { $0.value["title"]?.string }) {
            $0
        }
        let kept = Set(self.parts.filter(\.isKept).map(\.name))
        for (name, value) in self.schemas.members where !kept.contains(name) {
            guard case .object(var object) = value, let title = object["title"]?.string,
                (titles[title] ?? []).count > 1
            else { continue }
            object["title"] = nil
            object["description"] = .string(
                [title, object["description"]?.string].compactMap(\.self).joined(separator: ". "))
            self.schemas[name] = .object(object)
        }
    }

    /// A reference to the component of this name, as a schema.
    package static func reference(to name: String) -> JSONValue {
        .object(["$ref": .string(self.prefix + name)])
    }

    /// One that is kept leads to others by their identifiers, which those must keep as well.
    private mutating func keepWhatIsKept() {
        var open: [Int] = []
        for index in self.parts.indices {
            let part = self.parts[index]
            if part.namesParts || part.references.contains(where: { self.target($0, from: part) == nil }) {
                open.append(index)
            }
        }
        while let index = open.popLast() {
            guard !self.parts[index].isKept else { continue }
            self.parts[index].isKept = true
            let part = self.parts[index]
            open += part.references.compactMap { self.target($0, from: part)?.part }
        }
    }

    /// The schema that a reference leads to; `nil` when it is none of these.
    private func target(_ reference: String, from part: Part) -> (part: Int, pointer: String)? {
        let uri = URIReference(reference).resolved(against: part.base)
        guard let index = self.byURI[uri.resource], let pointer = uri.decodedFragment,
            self.parts[index].places.contains(pointer)
        else { return nil }
        return (index, pointer)
    }

    /// A schema of a document without what belongs to the document as a whole, and with references to components.
    private func moved(_ value: JSONValue, of part: Part, isRoot: Bool = false) -> JSONValue {
        guard case .object(let object) = value else { return value }
        var result = JSONObject()
        for (key, member) in object.members where !(isRoot && ["$schema", "$id", "$defs"].contains(key)) {
            if key == "$ref", let text = member.string, let found = self.target(text, from: part) {
                result[key] = .string(self.reference(to: found.pointer, in: self.parts[found.part]))
            } else {
                result[key] = part.dialect.mapSchemas(in: member, of: key) { self.moved($0, of: part) }
            }
        }
        return .object(result)
    }

    private func reference(to pointer: String, in part: Part) -> String {
        guard !part.isKept else {
            return part.base.resource + (pointer.isEmpty ? "" : "#" + Self.encoded(pointer))
        }
        let tokens = JSONPointer.tokens(of: pointer) ?? []
        guard tokens.first == "$defs", tokens.count > 1,
            let name = part.definitions.first(where: { $0.key == tokens[1] })?.name
        else { return Self.prefix + part.name + Self.encoded(pointer) }
        return Self.prefix + name
            + Self.encoded(tokens.dropFirst(2).map { "/" + JSONPointer.escaped($0) }.joined())
    }

    /// As it may stand behind a `#` (RFC 3986 section 3.5).
    private static func encoded(_ pointer: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        let allowed = Set(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?".utf8)
        let bytes = pointer.utf8.flatMap { byte in
            allowed.contains(byte) ? [byte] : [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension SchemaComponents {
    /// A document, and what must be known to move it.
    fileprivate struct Part {
        let name: String
        let uri: String
        let value: JSONValue
        let dialect: SchemaDialect
        /// Where its references start.
        let base: URIReference
        /// The pointers of all schemas in it.
        private(set) var places: Set<String> = []
        private(set) var references: [String] = []
        /// Whether something in it may be referred to by a name, or is of a draft that components do not have.
        private(set) var namesParts: Bool
        var isKept = false
        /// Of its `$defs`, what each is called as a component.
        private(set) var definitions: [(key: String, name: String)] = []

        init(_ source: Source) {
            (self.name, self.value) = (source.name, source.value)
            let named = source.value["$schema"]?.string.map { URIReference($0).resource }
            let draft = named.map(JSONSchemaDraft.init(rawValue:)) ?? source.draft
            self.dialect = SchemaDialect(draft ?? .draft2020)
            self.namesParts = draft != .draft2020
            let uri = URIReference(source.uri)
            self.uri = uri.resource
            self.base = source.value["$id"]?.string.map { URIReference($0).resolved(against: uri) } ?? uri
            self.survey(source.value, at: "")
        }

        /// What it is as a component when nothing in it is changed.
        var kept: JSONValue {
            guard case .object(let object) = self.value else { return self.value }
            var result: JSONObject = [
                "$schema": .string(self.dialect.draft.rawValue), "$id": .string(self.base.resource),
            ]
            for (key, member) in object.members where key != "$id" { result[key] = member }
            return .object(result)
        }

        private mutating func survey(_ value: JSONValue, at pointer: String) {
            self.places.insert(pointer)
            guard case .object(let object) = value else { return }
            let naming =
                ["$anchor", "$dynamicAnchor", "$dynamicRef", "$vocabulary"]
                + (pointer.isEmpty ? [] : ["$id", "$schema"])
            if naming.contains(where: { object[$0] != nil }) { self.namesParts = true }
            if let reference = object["$ref"]?.string { self.references.append(reference) }
            for (key, member) in object.members {
                for (part, place) in self.dialect.schemas(
                    in: member, of: key, at: "\(pointer)/\(JSONPointer.escaped(key))")
                {
                    self.survey(part, at: place)
                }
            }
        }

        mutating func nameDefinitions(_ taken: inout Set<String>) {
            let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._")
            for key in self.value["$defs"]?.object?.keys ?? [] {
                let plain = "\(self.name).\(String(key.map { allowed.contains($0) ? $0 : "_" }))"
                var (name, number) = (plain, 2)
                while !taken.insert(name).inserted { (name, number) = ("\(plain)-\(number)", number + 1) }
                self.definitions.append((key, name))
            }
        }
    }
}

extension SchemaDialect {
    /// The schemas in the value of a keyword, with their pointers.
    fileprivate func schemas(in value: JSONValue, of keyword: String, at pointer: String) -> [(
        JSONValue, String
    )] {
        switch (self.holding(keyword), value) {
        case (.list, .array(let elements)), (.schema, .array(let elements)):
            elements.enumerated().map { ($1, "\(pointer)/\($0)") }
        case (.map, .object(let object)):
            object.members.map { ($0.value, "\(pointer)/\(JSONPointer.escaped($0.key))") }
        case (.schema, .object), (.schema, .bool):
            [(value, pointer)]
        default:
            []
        }
    }

    /// The value of a keyword with other schemas in it.
    fileprivate func mapSchemas(
        in value: JSONValue, of keyword: String, _ transform: (JSONValue) -> JSONValue
    ) -> JSONValue {
        switch (self.holding(keyword), value) {
        case (.list, .array(let elements)), (.schema, .array(let elements)): .array(elements.map(transform))
        case (.map, .object(let object)):
            .object(JSONObject(object.members.map { ($0.key, transform($0.value)) }))
        case (.schema, .object): transform(value)
        default: value
        }
    }
}
