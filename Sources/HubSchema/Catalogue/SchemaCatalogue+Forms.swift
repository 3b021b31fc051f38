public import HubModel
import HubYAML

extension SchemaCatalogue {
    /// The forms of the types that have one, in the order of the types.
    ///
    /// A form whose media type is not that of its schema is a fault too, and so are two that recognise the same payloads.
    public func forms() -> (forms: [MessageForm], faults: [SettingsFault]) {
        var forms: [MessageForm] = []
        var faults: [SettingsFault] = []
        var recognised: [FieldCondition: String] = [:]
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
                    for condition in form.recognise {
                        if let other = recognised[condition], other != file {
                            reader.note(
                                "It recognises the same payloads as \(other), by \(condition); a payload would be the one or the other.",
                                at: reader.tree("recognise")?.place ?? reader.place
                            )
                        }
                        recognised[condition] = recognised[condition] ?? file
                    }
                }
                faults += reader.faults
            }
        }
        return (forms, faults)
    }
}
