import HubJSON
import HubModel
import HubXML
import HubYAML

/// The files of one schema folder, read and not yet compiled.
struct SchemaSource {
    private enum Content {
        case xml
        case json(JSONDocument)
    }

    let type: MessageType
    let folder: String
    let entry: CatalogueEntry?
    private let content: Content
    private let repairs: RepairRules?
    private let checks: MessageChecks?

    private var file: String {
        switch self.content {
        case .xml: "\(self.folder)/\(MediaType.xml.schemaFile)"
        case .json: "\(self.folder)/\(MediaType.json.schemaFile)"
        }
    }

    /// - Returns: `nil` when the schema itself cannot be read; the faults say why.
    static func read(
        _ type: MessageType, folder: String, entry: CatalogueEntry?, _ faults: inout [SchemaFault]
    ) -> SchemaSource? {
        let files = Folder.files(in: folder)
        let hasXML = files.contains(MediaType.xml.schemaFile)
        guard hasXML != files.contains(MediaType.json.schemaFile) else {
            faults.append(
                SchemaFault(
                    file: folder, message: "A schema folder has either a schema.xsd or a schema.json."))
            return nil
        }
        if let entry, (entry.form == .xsd) != hasXML {
            faults.append(
                SchemaFault(
                    file: folder,
                    message:
                        "\(CatalogueFile.name) says '\(entry.form.rawValue)' of \(type), which has a schema of the other form."
                ))
        }
        let repairs = Self.beside(folder, RepairRules.file, files, &faults, RepairRules.init(settings:))
        let checks = Self.beside(folder, MessageChecks.file, files, &faults, MessageChecks.init(settings:))
        if repairs != nil, !hasXML {
            faults.append(
                SchemaFault(
                    file: "\(folder)/\(RepairRules.file)", message: "Only XML has a tolerant reading."))
        }
        if hasXML {
            return SchemaSource(
                type: type, folder: folder, entry: entry, content: .xml, repairs: repairs, checks: checks)
        }
        guard let document = Self.json(of: "\(folder)/\(MediaType.json.schemaFile)", &faults) else {
            return nil
        }
        return SchemaSource(
            type: type, folder: folder, entry: entry, content: .json(document), repairs: repairs,
            checks: checks)
    }

    /// What a file beside the schema says, if it is there.
    private static func beside<Value>(
        _ folder: String, _ name: String, _ files: [String], _ faults: inout [SchemaFault],
        _ read: (SettingsReader) -> Value?
    ) -> Value? {
        guard files.contains(name) else { return nil }
        let file = "\(folder)/\(name)"
        switch YAMLReader.read(file: file) {
        case .failure(let found):
            faults += found.faults.map(SchemaFault.init)
            return nil
        case .success(let tree):
            let reader = SettingsReader(tree, file: file)
            let value = read(reader)
            faults += SettingsFaults(reader.faults).faults.map(SchemaFault.init)
            return value
        }
    }

    private static func json(of file: String, _ faults: inout [SchemaFault]) -> JSONDocument? {
        do throws(HubError) {
            return try JSONDocument.parse(try Folder.bytes(of: file))
        } catch {
            faults.append(SchemaFault(error, file: file))
            return nil
        }
    }

    // MARK: Compiling

    /// - Parameter used: The sources of all types that this one's schema may refer to, and those that theirs may.
    /// - Returns: `nil` when the schema cannot be used; the faults say why.
    func compile(with used: [SchemaSource], _ faults: inout [SchemaFault]) -> Schema? {
        do throws(HubError) {
            switch self.content {
            case .xml:
                let files = Dictionary(uniqueKeysWithValues: used.map { ($0.type.schemaURN, $0.file) })
                let schema = try XMLSchema(file: self.file, within: self.folder, imports: files)
                if self.entry != nil { faults += self.strayImports() }
                return Schema(
                    type: self.type, rules: .xml(schema), repairs: self.repairs, checks: self.checks)
            case .json(let document):
                if self.entry != nil { faults += self.strayReferences(document) }
                let (schema, found) = self.compile(document, with: used)
                faults += self.faults(found, in: document)
                return schema.map {
                    Schema(type: self.type, rules: .json($0), repairs: self.repairs, checks: self.checks)
                }
            }
        } catch {
            faults += SchemaFault.all(in: error, file: self.file, folder: self.folder)
            return nil
        }
    }

    private func compile(
        _ document: JSONDocument, with used: [SchemaSource]
    ) -> (schema: JSONSchema?, faults: [HubError]) {
        var documents: [String: JSONValue] = [:]
        for source in used {
            if case .json(let other) = source.content { documents[source.type.schemaURN] = other.value }
        }
        return JSONSchema.compiled(
            document.value, baseURI: self.entry == nil ? "" : self.type.schemaURN, documents: documents,
            draft: self.entry?.draft ?? .draft2020, assertsFormat: self.entry?.assertsFormat ?? false)
    }

    /// What is wrong with a JSON Schema, in the order of the file.
    private func faults(_ errors: [HubError], in document: JSONDocument) -> [SchemaFault] {
        var faults: [SchemaFault] = []
        for error in errors {
            let fault = self.fault(error, in: document)
            // One that refers often to a type that cannot be used says so once.
            if !faults.contains(fault) { faults.append(fault) }
        }
        return faults.sorted {
            ($0.place?.line ?? 0, $0.place?.column ?? 0, $0.message) < (
                $1.place?.line ?? 0, $1.place?.column ?? 0, $1.message
            )
        }
    }

    private func fault(_ error: HubError, in document: JSONDocument) -> SchemaFault {
        if let location = error.detail("location"), let other = MessageType(schemaURN: location),
            other != self.type
        {
            return SchemaFault(file: self.file, message: "The schema uses \(other), whose schema has faults.")
        }
        let pointer = error.detail("location").map { String($0.drop { $0 != "#" }.dropFirst()) }
        let place = pointer.flatMap { document.place(of: $0) }
        if let reference = error.detail("reference") {
            return self.fault(error, reference: reference, in: document, at: place)
        }
        let others = error.details.filter { !["file", "line", "column", "location"].contains($0.key) }
        let tail = others.map { "\($0.key): \($0.value.prefix(bytes: 200))" }.joined(separator: ", ")
        let message =
            "\(error.summary)" + (tail.isEmpty ? "" : " \(tail.prefix(1).uppercased())\(tail.dropFirst()).")
        return SchemaFault(file: self.file, place: place, message: message)
    }

    /// A reference that leads nowhere: within the file somebody has mistyped it, out of it nothing is fetched.
    private func fault(
        _ error: HubError, reference: String, in document: JSONDocument, at place: SourcePlace?
    ) -> SchemaFault {
        let shown = "'\(reference.prefix(bytes: 200))'"
        guard reference.hasPrefix("#") else {
            return SchemaFault(
                file: self.file, place: place,
                message:
                    "\(shown) is not fetched; refer to a part of this file, or to a type of the catalogue by its"
                    + " urn:lgsp-hub:schema:… and name it in 'uses'.")
        }
        let parts = ["$defs", "definitions"].flatMap { key in
            document.value[key]?.object?.keys.map { "#/\(key)/\(JSONPointer.escaped($0))" } ?? []
        }
        return SchemaFault(
            file: self.file, place: place, message: "There is no \(shown) in this file.",
            suggestion: SettingsReader.nearest(to: reference, among: parts))
    }

    /// What is wrong with the identifier and the draft of a JSON Schema, and with how it refers to other types.
    private func strayReferences(_ document: JSONDocument) -> [SchemaFault] {
        var faults: [SchemaFault] = []
        func note(_ pointer: String, _ message: String) {
            faults.append(SchemaFault(file: self.file, place: document.place(of: pointer), message: message))
        }
        if let id = document.value["$id"]?.string, id != self.type.schemaURN {
            note(
                "/$id", "The schema calls itself '\(id.prefix(bytes: 100))'; it is '\(self.type.schemaURN)'.")
        }
        if let named = document.value["$schema"]?.string, let draft = self.entry?.draft,
            let found = JSONSchemaDraft(rawValue: named.hasSuffix("#") ? String(named.dropLast()) : named),
            found != draft
        {
            note(
                "/$schema",
                "\(CatalogueFile.name) says '\(self.entry?.form.rawValue ?? "")', the schema another draft.")
        }
        var referred: Set<MessageType> = []
        for (reference, pointer) in document.value.references(below: "") {
            guard let other = MessageType(schemaURN: reference), other != self.type else { continue }
            referred.insert(other)
            if self.entry?.uses.contains(other) != true {
                note(
                    pointer,
                    "The schema refers to \(other); name it in 'uses' of \(self.type) in \(CatalogueFile.name)."
                )
            }
        }
        return faults + self.unused(referred)
    }

    /// The same for an XSD that could be compiled.
    private func strayImports() -> [SchemaFault] {
        guard let bytes = try? Folder.bytes(of: self.file), let document = try? XMLDocument.parse(bytes)
        else { return [] }
        var referred: Set<MessageType> = []
        var faults: [SchemaFault] = []
        var next = document.root.firstChild
        while let element = next {
            next = element.nextSibling
            guard let location = element.attribute("schemaLocation"),
                let other = MessageType(schemaURN: location)
            else {
                continue
            }
            referred.insert(other)
            if self.entry?.uses.contains(other) != true {
                faults.append(
                    SchemaFault(
                        file: self.file, place: SourcePlace(line: element.line, column: 1),
                        message:
                            "The schema imports \(other); name it in 'uses' of \(self.type) in \(CatalogueFile.name)."
                    ))
            }
        }
        return faults + self.unused(referred)
    }

    private func unused(_ referred: Set<MessageType>) -> [SchemaFault] {
        (self.entry?.uses ?? []).filter { !referred.contains($0) }.map {
            SchemaFault(
                file: self.file,
                message: "\(CatalogueFile.name) says that \(self.type) uses \($0), but its schema does not.")
        }
    }
}

extension SchemaFault {
    /// One for each `file` that the error names, and one if it names none.
    static func all(in error: HubError, file: String, folder: String) -> [SchemaFault] {
        var groups: [[ErrorDetail]] = [[]]
        for detail in error.details {
            if detail.key == "file", groups != [[]] { groups.append([]) }
            groups[groups.count - 1].append(detail)
        }
        return groups.map { details in
            SchemaFault(
                HubError(error.code, error.summary, details: details, cause: error.cause), file: file,
                in: folder)
        }
    }

    /// The file, as a path that leads to it from here, the place, and what else the error says.
    init(_ error: HubError, file: String, in folder: String? = nil) {
        let named = error.detail("file").flatMap { name in
            folder.map { name.hasPrefix("/") ? name : "\($0)/\(name)" }
        }
        let place = error.detail("line").flatMap { Int($0) }.map { line in
            SourcePlace(line: line, column: error.detail("column").flatMap { Int($0) } ?? 1)
        }
        let known = ["file", "line", "column", "message", "reason"]
        let others = error.details.filter { !known.contains($0.key) }
        let tail = others.map { "\($0.key): \($0.value.prefix(bytes: 200))" }.joined(separator: ", ")
        let message = error.detail("message") ?? error.detail("reason") ?? "\(error.summary)"
        self.init(file: named ?? file, place: place, message: tail.isEmpty ? message : "\(message) (\(tail))")
    }
}

extension JSONValue {
    /// The references in a schema with the pointers to them.
    fileprivate func references(below pointer: String) -> [(reference: String, pointer: String)] {
        switch self {
        case .array(let items):
            return items.enumerated().flatMap { $1.references(below: "\(pointer)/\($0)") }
        case .object(let object):
            return object.members.flatMap { key, value -> [(reference: String, pointer: String)] in
                let place = "\(pointer)/\(JSONPointer.escaped(key))"
                if ["$ref", "$dynamicRef"].contains(key), let text = value.string { return [(text, place)] }
                return value.references(below: place)
            }
        default:
            return []
        }
    }
}
