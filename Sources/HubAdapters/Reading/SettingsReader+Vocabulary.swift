import HubModel

extension SettingsReader {
    /// A text in both languages: `{ vi: …, en: … }`. Notes a fault when it is absent or lacks one of them.
    func title(_ key: String) -> Bilingual? {
        guard self.requiredTree(key) != nil, let map = self.map(key) else { return nil }
        let (vi, en) = (map.requiredString("vi"), map.requiredString("en"))
        map.refuseOtherKeys()
        guard let vi, let en else { return nil }
        return Bilingual(vi: vi, en: en)
    }

    /// One of the texts of an enumeration, or `nil` when the key is absent or its value was refused.
    func option<Value: RawRepresentable & CaseIterable>(_ key: String, _ type: Value.Type) -> Value?
    where Value.RawValue == String {
        self.choice(key, Value.allCases.map(\.rawValue)).flatMap(Value.init(rawValue:))
    }

    /// Like `option`, and notes a fault when the key is absent.
    func requiredOption<Value: RawRepresentable & CaseIterable>(_ key: String, _ type: Value.Type) -> Value?
    where Value.RawValue == String {
        self.requiredTree(key) == nil ? nil : self.option(key, type)
    }

    /// Like `parsed`, and notes a fault when the key is absent.
    func requiredParsed<Value>(_ key: String, expected: String, _ parse: (String) -> Value?) -> Value? {
        self.requiredTree(key) == nil ? nil : self.parsed(key, expected: expected, parse)
    }

    /// The version of a file's format, which has to be `format`.
    func refuseOtherFormat(than format: String) {
        if self.requiredTree("format") != nil { _ = self.choice("format", [format]) }
    }

    /// The maps of a list, each with a reader of its own.
    func maps(_ key: String) -> [SettingsReader] {
        self.list(key).map { self.reader(of: $0) }
    }
}
