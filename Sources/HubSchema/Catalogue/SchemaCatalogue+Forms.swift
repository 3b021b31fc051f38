public import HubModel
import HubYAML

extension SchemaCatalogue {
    /// The forms of the types that have one, in the order of the types.
    ///
    /// A form whose media type is not that of its schema is a fault too.
    public func forms() -> (forms: [MessageForm], faults: [SettingsFault]) {
        var forms: [MessageForm] = []
        var faults: [SettingsFault] = []
        // A type without a form is what providers are sent and what they answer; nobody hands it in.
        for type in self.types where self.hasForm(type) {
            guard let folder = self.folder(of: type) else { continue }
            let file = "\(folder)/\(MessageForm.file)"
            switch YAMLReader.read(file: file) {
            case .failure(let found): faults += found.faults
            case .success(let tree):
                let reader = SettingsReader(tree, file: file)
                if let form = MessageForm(settings: reader, type: type) {
                    forms.append(form)
                    if let schema = try? self.schema(for: type), schema.mediaType != form.mediaType {
                        reader.note(
                            "The schema beside this form is for \(schema.mediaType.rawValue).",
                            at: reader.tree("media-type")?.place ?? reader.place
                        )
                    }
                }
                faults += reader.faults
            }
        }
        return (forms, faults)
    }
}
