package import HubModel

extension Mapping {
    /// Where the file sets a place of the result, or what it is a part of; where it names its target when no step does.
    ///
    /// - Parameter pointer: A JSON Pointer, as a violation names it.
    package func place(setting pointer: String) -> SourcePlace {
        if let place = self.step(setting: pointer) { return place }
        guard case .map(let entries, let place) = self.tree else { return self.tree.place }
        return entries.first { $0.key == "target" }?.value.place ?? place
    }

    /// Whether a step sets this place of the result, or what it is a part of.
    package func sets(_ pointer: String) -> Bool { self.step(setting: pointer) != nil }

    private func step(setting pointer: String) -> SourcePlace? {
        var best: (length: Int, place: SourcePlace)?
        func look(_ tree: SettingsTree) {
            guard case .map(let entries, _) = tree else { return }
            for entry in entries {
                switch (entry.key, entry.value) {
                case ("set", .scalar(let text, let place)):
                    guard pointer == text || pointer.hasPrefix(text + "/"), text.count > best?.length ?? 0 else { continue }
                    best = (text.count, place)
                case ("steps", .list(let steps, _)): for step in steps { look(step) }
                default: continue
                }
            }
        }
        look(self.tree)
        return best?.place
    }
}
