import HubModel

// What is read for a value; `nil` where it is read as it is, because it is right or because nobody knows what it means.
extension RepairRules {
    private static let dateForm = DateForm("yyyy/MM/dd")
    private static let stampForm = DateForm("yyyy/MM/dd HH:mm:ss")

    func date(_ value: String) -> String? {
        let text = value.comparable
        guard !text.isEmpty, Self.dateForm?.read(text) == nil else { return nil }
        return self.dates.lazy.compactMap { $0.read(text) }.first?.edxmlDate
    }

    func stamp(_ value: String) -> String? {
        let text = value.comparable
        guard !text.isEmpty, Self.stampForm?.read(text) == nil else { return nil }
        return self.stamps.lazy.compactMap { $0.read(text) }.first?.edxmlStamp
    }

    /// A name without `cid:`, unless it has another scheme.
    func contentID(_ value: String) -> String? {
        let text = value.comparable
        guard !text.isEmpty, !text.contains(":") else { return nil }
        return "cid:" + text
    }

    func code(_ value: String, in list: String) -> String? {
        // No listed name is longer, and names come in any length.
        guard value.utf8.count <= 100 else { return nil }
        return self.codes[list]?[value.foldedForComparison]
    }

    func namespacesAndOwn(_ namespace: String) -> Bool {
        namespace == self.namespace || self.namespaces.contains(namespace)
    }
}
