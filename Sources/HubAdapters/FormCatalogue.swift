public import HubModel
public import HubSchema

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
    /// - Returns: All faults of all files at once, if there is one.
    public static func load(_ schemas: SchemaCatalogue) -> Result<FormCatalogue, SettingsFaults> {
        let (forms, faults) = schemas.forms()
        return faults.isEmpty ? .success(FormCatalogue(forms)) : .failure(SettingsFaults(faults))
    }
}
