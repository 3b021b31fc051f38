import HubJSON
public import HubModel
import HubXML

extension SchemaCatalogue {
    /// Reads and compiles every `<domain>/<type>/<version>/` below `folder`.
    ///
    /// What stands elsewhere below it (`hub/`, `directory/`) is not a message type and is left alone. If there is a
    /// `catalogue.yaml`, it has an entry for every folder and a folder for every entry.
    ///
    /// - Throws: `schema.invalid` with all faults at once: a `file` and a `reason` for each, and its `line` and `column`
    ///   where those are known.
    public static func load(folder: String) throws(HubError) -> SchemaCatalogue {
        let (catalogue, faults) = Self.read(folder: folder)
        guard let catalogue else {
            throw HubError(
                .schemaInvalid, "The folder of the schemas cannot be read.",
                details: [ErrorDetail("file", folder)]
            )
        }
        guard faults.isEmpty else {
            throw HubError(
                .schemaInvalid, "There are schemas that cannot be used.", details: faults.flatMap(\.details))
        }
        return catalogue
    }

    /// Reads what can be read, and says what cannot.
    ///
    /// - Returns: No catalogue when there is no such folder.
    static func read(folder: String) -> (catalogue: SchemaCatalogue?, faults: [SchemaFault]) {
        guard Folder.isFolder(folder) else {
            return (nil, [SchemaFault(file: folder, message: "The folder of the schemas cannot be read.")])
        }
        var faults: [SchemaFault] = []
        let file = "\(folder)/\(CatalogueFile.name)"
        let hasFile = Folder.files(in: folder).contains(CatalogueFile.name)
        let list = hasFile ? CatalogueFile.read(file, &faults) : nil
        let folders = Self.folders(in: folder, &faults)
        if let list { faults += Self.contradictions(list, folders, file: file) }
        var sources: [MessageType: SchemaSource] = [:]
        for (type, path) in folders.sorted(by: { $0.key < $1.key }) {
            sources[type] = SchemaSource.read(type, folder: path, entry: list?.entries[type], &faults)
        }
        var schemas: [MessageType: Schema] = [:]
        for (type, source) in sources.sorted(by: { $0.key < $1.key }) {
            let used = list.map { $0.closure(of: source.entry?.uses ?? []) } ?? []
            schemas[type] = source.compile(with: used.compactMap { sources[$0] }, &faults)
        }
        // In the order of the folders, whatever was read first.
        let inOrder = faults.enumerated().sorted {
            ($0.element.file, $0.offset) < ($1.element.file, $1.offset)
        }
        let catalogue = SchemaCatalogue(
            schemas: schemas, folders: folders.filter { schemas[$0.key] != nil }, domains: list?.domains ?? []
        )
        return (catalogue, inOrder.map(\.element))
    }

    private static func folders(in folder: String, _ faults: inout [SchemaFault]) -> [MessageType: String] {
        var folders: [MessageType: String] = [:]
        for domain in Folder.folders(in: folder) {
            for name in Folder.folders(in: "\(folder)/\(domain)") {
                for version in Folder.folders(in: "\(folder)/\(domain)/\(name)") {
                    let path = "\(folder)/\(domain)/\(name)/\(version)"
                    if let type = MessageType("\(domain)/\(name)/\(version)") {
                        folders[type] = path
                    } else {
                        faults.append(
                            SchemaFault(file: path, message: "The folder is not named domain/type/version."))
                    }
                }
            }
        }
        return folders
    }

    private static func contradictions(
        _ list: CatalogueFile, _ folders: [MessageType: String], file: String
    ) -> [SchemaFault] {
        let missing = list.entries.values.filter { folders[$0.type] == nil }.map { entry in
            SchemaFault(
                file: file, place: entry.place, message: "There is no folder for \(entry.type).",
                suggestion: SettingsReader.nearest(
                    to: entry.type.description, among: folders.keys.map(\.description)))
        }
        let unlisted = folders.filter { list.entries[$0.key] == nil }.map { type, path in
            SchemaFault(
                file: path,
                message: "The type \(type) is not in \(CatalogueFile.name); give it a line, below its domain."
            )
        }
        return missing + unlisted
    }
}
