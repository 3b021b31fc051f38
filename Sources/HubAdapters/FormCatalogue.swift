public import HubModel
public import HubSchema
import HubYAML

/// The forms of all message types: how each is recognised, who sends it, and what its fields are called.
public struct FormCatalogue: Sendable {
    private let forms: [MessageType: MessageForm]

    public init(_ forms: [MessageForm]) {
        self.forms = Dictionary(forms.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })
    }

    public subscript(type: MessageType) -> MessageForm? { self.forms[type] }

    /// In order of their types.
    public var all: [MessageForm] { self.forms.values.sorted { $0.type < $1.type } }

    /// Reads the `form.yaml` beside each schema.
    ///
    /// - Returns: All faults of all files at once, if there is one. A form whose media type is not that of its schema
    ///   is a fault too.
    public static func load(_ schemas: SchemaCatalogue) -> Result<FormCatalogue, SettingsFaults> {
        var forms: [MessageForm] = []
        var faults: [SettingsFault] = []
        for type in schemas.types {
            guard let folder = schemas.folder(of: type) else { continue }
            let file = "\(folder)/form.yaml"
            // A type without a form is what providers are sent and what they answer; nobody hands it in.
            guard SettingsFolder.exists(file) else { continue }
            switch YAMLReader.read(file: file) {
            case .failure(let found): faults += found.faults
            case .success(let tree):
                let reader = SettingsReader(tree, file: file)
                if let form = MessageForm(settings: reader, type: type) {
                    forms.append(form)
                    if let schema = try? schemas.schema(for: type), schema.mediaType != form.mediaType {
                        reader.note(
                            "The schema beside this form is for \(schema.mediaType.rawValue).",
                            at: reader.tree("media-type")?.place ?? reader.place
                        )
                    }
                }
                faults += reader.faults
            }
        }
        return faults.isEmpty ? .success(FormCatalogue(forms)) : .failure(SettingsFaults(faults))
    }
}
