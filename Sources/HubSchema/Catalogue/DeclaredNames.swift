import HubJSON
public import HubModel
import HubXML

/// The names that a schema gives to members, elements and attributes, wherever they stand.
///
/// Enough to tell that a path can lead to nothing, and not that it leads to something.
public struct DeclaredNames: Sendable {
    private var known: Set<String> = []
    /// Names under which anything may stand.
    private var open: Set<String> = []

    /// The place of the first name on a way that no document has; `nil` when there may be one that has all of them.
    package func stranger(in names: [String]) -> Int? {
        for (place, name) in names.enumerated() {
            if self.open.contains(name) { return nil }
            if !self.known.contains(name) { return place }
        }
        return nil
    }

    /// A path that leads to nothing, whatever comes; `nil` when there may be a document in which it leads to something.
    ///
    /// - Parameters:
    ///   - path: As it is written at `place`.
    ///   - names: On the way from the root of a document, without items of arrays.
    ///   - own: How many of them, at the end, are of the path itself; what led there is told where it stands.
    ///   - type: Of the documents.
    package func fault(
        of path: String, names: [String], own: Int, in type: MessageType, file: String, place: SourcePlace
    ) -> SettingsFault? {
        guard let strange = self.stranger(in: names), strange >= names.count - own else { return nil }
        return SettingsFault(
            file: file, place: place,
            message: "No \(type) has '\(names[strange])', so '\(path)' is never there.",
            suggestion: SettingsReader.nearest(to: names[strange], among: self.known.sorted())
        )
    }

    // MARK: XSD

    /// - Parameter files: The files beside it, whose names are taken too.
    /// - Returns: `false` when names that are not declared here may stand anywhere.
    fileprivate mutating func take(_ schema: XMLDocument, beside files: [String]) -> Bool {
        var elements = [schema.root]
        while let element = elements.popLast() {
            switch element.localName {
            case "element", "attribute":
                let name = element.attribute("name") ?? element.attribute("ref").map { Self.local($0) }
                guard let name else { break }
                self.known.insert(name)
                guard element.localName == "element", Self.isOpen(element) else { break }
                // Paths begin below a root.
                if element.parent == schema.root { return false }
                self.open.insert(name)
            case "any", "anyAttribute":
                // A signature is the one foreign part that is known by its name (XML-DSig 4).
                guard element.attribute("namespace") == Self.signatures else { return false }
                self.open.insert("Signature")
            case "extension", "restriction":
                if element.attribute("base").map({ Self.local($0) }) == "anyType" { return false }
            case "import", "include", "redefine":
                let location = element.attribute("schemaLocation") ?? ""
                guard files.contains(location) || location.hasPrefix("urn:") else { return false }
            default: break
            }
            elements += element.children
        }
        return true
    }

    /// Whether an element has no type that says what may be in it.
    private static func isOpen(_ element: XMLElement) -> Bool {
        guard element.attribute("ref") == nil, element.attribute("substitutionGroup") == nil else { return false }
        if let type = element.attribute("type") { return Self.local(type) == "anyType" }
        return !element.children.contains { ["complexType", "simpleType"].contains($0.localName) }
    }

    private static func local(_ name: String) -> String { String(name.split(separator: ":").last ?? "") }

    private static let signatures = "http://www.w3.org/2000/09/xmldsig#"

    // MARK: JSON Schema

    /// Takes the names of all parts of a schema.
    ///
    /// - Returns: `false` when names that are not declared here may stand anywhere.
    fileprivate mutating func take(_ schema: JSONValue, root: JSONValue) -> Bool {
        switch schema {
        case .array(let parts): return parts.allSatisfy { self.take($0, root: root) }
        case .object(let object):
            for (key, value) in object.members {
                if key == "patternProperties" || key == "$dynamicRef" { return false }
                if key == "properties", let properties = value.object {
                    for (name, property) in properties.members {
                        self.known.insert(name)
                        if Self.isOpen(property, root) { self.open.insert(name) }
                    }
                }
                // What only looks like a schema, such as an example, can at most add names.
                guard self.take(value, root: root) else { return false }
            }
            return true
        default: return true
        }
    }

    /// Whether a value may have members that the schema does not name.
    fileprivate static func isOpen(_ schema: JSONValue, _ root: JSONValue, depth: Int = 0) -> Bool {
        guard depth < 32, let object = schema.object else { return schema.bool != false }
        func isOpen(_ part: JSONValue) -> Bool { Self.isOpen(part, root, depth: depth + 1) }
        let reference = object["$ref"]?.string.map { Self.part($0, of: root) }
        if let reference, root["$schema"]?.string?.contains("draft-07") ?? false {
            // Nothing beside it counts there.
            return reference.map(isOpen) ?? true
        }
        let types = object["type"].map { type in type.array?.compactMap(\.string) ?? [type.string].compactMap(\.self) }
        if let types, !types.contains("object"), !types.contains("array") { return false }
        if let values = object["enum"]?.array ?? object["const"].map({ [$0] }) {
            return values.contains { $0.object != nil || $0.array != nil }
        }
        if object["additionalProperties"]?.bool == false { return false }
        if object["unevaluatedProperties"]?.bool == false, !Self.takesOthers(schema, root) { return false }
        if let part = reference ?? nil, !isOpen(part) { return false }
        if let all = object["allOf"]?.array, !all.allSatisfy(isOpen) { return false }
        for key in ["anyOf", "oneOf"] {
            if let branches = object[key]?.array, !branches.contains(where: isOpen) { return false }
        }
        guard let types, !types.contains("object"), object["prefixItems"] == nil else { return true }
        return object["items"].map(isOpen) ?? true
    }

    /// Whether some part that is about the same object has a word on members without a name, so that they are evaluated.
    private static func takesOthers(_ schema: JSONValue, _ root: JSONValue, depth: Int = 0) -> Bool {
        guard depth < 32, let object = schema.object else { return false }
        if let others = object["additionalProperties"], others.bool != false { return true }
        var parts = ["allOf", "anyOf", "oneOf"].flatMap { object[$0]?.array ?? [] }
        parts += ["if", "then", "else"].compactMap { object[$0] }
        parts += object["dependentSchemas"]?.object?.members.map(\.value) ?? []
        if let reference = object["$ref"]?.string {
            guard let part = Self.part(reference, of: root) else { return true }
            parts.append(part)
        }
        return parts.contains { Self.takesOthers($0, root, depth: depth + 1) }
    }

    /// What a reference inside one file refers to; `nil` for any other.
    private static func part(_ reference: String, of root: JSONValue) -> JSONValue? {
        reference.hasPrefix("#") ? root.value(at: String(reference.dropFirst())) : nil
    }
}

extension SchemaCatalogue {
    /// The names in messages of a type; `nil` where its schema lets others stand anywhere, or cannot be read.
    public func names(of type: MessageType) -> DeclaredNames? {
        switch try? self.schema(for: type).mediaType {
        case .xml: self.namesOfXML(type)
        case .json: self.namesOfJSON(type)
        case nil: nil
        }
    }

    private func namesOfXML(_ type: MessageType) -> DeclaredNames? {
        var names = DeclaredNames()
        for folder in ([type] + self.used(by: [type])).compactMap({ self.folder(of: $0) }) {
            let files = Folder.files(in: folder).filter { $0.hasSuffix(".xsd") }
            for file in files {
                guard let schema = Self.document("\(folder)/\(file)") else { return nil }
                let isKnown = names.take(schema, beside: files)
                if !isKnown { return nil }
            }
        }
        return names
    }

    private func namesOfJSON(_ type: MessageType) -> DeclaredNames? {
        var names = DeclaredNames()
        for (part, text) in self.texts(of: [type]) {
            guard let schema = try? JSONDocument.parse(text).value else { return nil }
            if part == type, DeclaredNames.isOpen(schema, schema) { return nil }
            let isKnown = names.take(schema, root: schema)
            if !isKnown { return nil }
        }
        return names
    }

    private static func document(_ path: String) -> XMLDocument? {
        guard let text = try? Folder.bytes(of: path) else { return nil }
        return try? XMLDocument.parse(text)
    }
}
