public import HubModel

extension Mapping {
    /// The mapping that makes the source from the target, of the steps that say enough for it.
    ///
    /// Constants and what the hub knew about the message are left out: they are not in the source. Its faults at run time
    /// name the lines of this mapping's file.
    ///
    /// - Returns: All steps that cannot be turned around, with line, column and why, if there is one.
    public func inverse() -> Result<Mapping, SettingsFaults> {
        let inverter = MappingInverter(self)
        guard let tree = inverter.tree() else { return .failure(SettingsFaults(inverter.faults)) }
        return Self.compile(tree, file: self.file)
    }
}

extension SettingsTree {
    /// The value of a key; `nil` when there is none or this is no map.
    subscript(key: String) -> SettingsTree? {
        guard case .map(let entries, _) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }

    var text: String? {
        if case .scalar(let text, _) = self { text } else { nil }
    }

    var items: [SettingsTree] {
        if case .list(let items, _) = self { items } else { [] }
    }

    /// A map whose keys and values all stand at one place; `nil` leaves a key out.
    static func map(at place: SourcePlace, _ entries: (String, SettingsTree?)...) -> SettingsTree {
        .map(
            entries.compactMap { key, value in value.map { SettingsEntry(key: key, place: place, value: $0) }
            },
            at: place
        )
    }
}
