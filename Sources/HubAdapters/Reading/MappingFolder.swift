import HubMapping
import HubModel
import HubSchema
import HubYAML

/// The mapping files of one adapter: compiled once each, checked against the rules that use them.
struct MappingFolder {
    private let folder: String
    private let system: String
    private let schemas: SchemaCatalogue
    private(set) var compiled: [String: Mapping] = [:]
    private var tried: Set<String> = []
    private var faults: [SettingsFault] = []

    /// - Parameter system: Whose mappings they are; a running hub names them `SYSTEM/mapping/FILE`.
    init(folder: String, system: String, schemas: SchemaCatalogue) {
        self.folder = folder
        self.system = system
        self.schemas = schemas
    }

    /// Compiles `path` if that has not been done and notes what does not fit the rule that uses it.
    mutating func use(
        _ path: String, for source: MessageType?, _ target: MessageType?, _ reader: SettingsReader,
        at place: SourcePlace
    ) {
        guard SettingsFolder.isInside(path), path.hasPrefix("mapping/") else {
            reader.note("A mapping is a file of the adapter's folder 'mapping'.", at: place)
            return
        }
        guard SettingsFolder.exists("\(self.folder)/\(path)") else {
            let known = SettingsFolder.files(in: "\(self.folder)/mapping", ending: ".yaml").map {
                "mapping/\($0)"
            }
            reader.note(
                "There is no file '\(path)' in the adapter's folder.", at: place,
                suggestion: SettingsReader.nearest(to: path, among: known)
            )
            return
        }
        guard let mapping = self.compile(path) else { return }
        if let source, mapping.source != source {
            reader.note("This mapping is for \(mapping.source), not for \(source).", at: place)
        }
        if let target, mapping.target != target {
            reader.note("This mapping makes \(mapping.target), not \(target).", at: place)
        }
    }

    /// Compiles the mapping files that no rule uses as well, and gives all faults.
    ///
    /// - Parameter noteUnused: Whether it is a fault not to be used. Not when the rules have faults themselves: a
    ///   mistyped name would be two.
    mutating func finish(noteUnused: Bool) -> [SettingsFault] {
        for file in SettingsFolder.files(in: "\(self.folder)/mapping", ending: ".yaml") {
            let path = "mapping/\(file)"
            guard !self.tried.contains(path) else { continue }
            _ = self.compile(path)
            guard noteUnused else { continue }
            self.faults.append(
                SettingsFolder.fault("No rule of the adapter uses this mapping.", in: self.name(path)))
        }
        return self.faults
    }

    private mutating func compile(_ path: String) -> Mapping? {
        guard self.tried.insert(path).inserted else { return self.compiled[path] }
        let file = self.name(path)
        switch YAMLReader.read(file: file).flatMap({ Mapping.compile($0, file: file) }) {
        case .failure(let faults):
            self.faults += faults.faults
            return nil
        case .success(let mapping):
            self.compiled[path] = mapping.named("\(self.system)/\(path)")
            self.checkForm(of: mapping, file)
            return mapping
        }
    }

    private mutating func checkForm(of mapping: Mapping, _ file: String) {
        for type in [mapping.source, mapping.target] where !self.schemas.types.contains(type) {
            self.faults.append(SettingsFolder.fault("There is no schema for '\(type)'.", in: file))
        }
        if let schema = try? self.schemas.schema(for: mapping.target), (schema.mediaType == .xml) != mapping.writesXML {
            self.faults.append(
                SettingsFolder.fault(
                    "The mapping makes \(mapping.writesXML ? "XML" : "JSON"), but \(mapping.target) is \(schema.mediaType.rawValue).",
                    in: file
                )
            )
        }
        guard let readsXML = mapping.readsXML, let schema = try? self.schemas.schema(for: mapping.source),
            (schema.mediaType == .xml) != readsXML
        else { return }
        self.faults.append(
            SettingsFolder.fault(
                "The paths are for \(readsXML ? "XML" : "JSON"), but \(mapping.source) is \(schema.mediaType.rawValue).",
                in: file
            )
        )
    }

    private func name(_ path: String) -> String { "\(self.folder)/\(path)" }
}
