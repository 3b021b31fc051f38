import HubModel

extension SettingsReader {
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

    /// The agency codes of a list, each once, with their places.
    func codes(_ key: String) -> [(code: AgencyCode, place: SourcePlace)] {
        var codes: [(code: AgencyCode, place: SourcePlace)] = []
        for (text, place) in self.strings(key) {
            guard let code = AgencyCode(text) else {
                self.note("'\(text)' is not an agency code such as H44.13 or 000.00.13.H44.", at: place)
                continue
            }
            if let first = codes.first(where: { $0.code == code }) {
                self.note("The agency \(code) stands on line \(first.place.line) already.", at: place)
                continue
            }
            codes.append((code, place))
        }
        return codes
    }

    /// How often something may be called: `{ rate: 20, burst: 40, per-day: 50000 }`.
    func callLimits(_ key: String) -> CallLimits? {
        guard let map = self.map(key) else { return nil }
        let rate = map.requiredTree("rate").flatMap { _ in map.integer("rate", in: 1...100_000) }
        let burst = map.integer("burst", in: 1...1_000_000)
        let perDay = map.integer("per-day", in: 1...1_000_000_000)
        map.refuseOtherKeys()
        if let rate, let perDay, perDay < rate, let place = map.tree("per-day")?.place {
            map.note("A day allows fewer calls than a second.", at: place)
        }
        return rate.map { CallLimits(rate: $0, burst: burst, perDay: perDay) }
    }

    /// A day such as 2027-06-30.
    func day(_ key: String) -> CivilDate? {
        self.parsed(key, expected: "a day such as 2027-06-30") { CivilDate(iso: $0) }
    }

    /// The maps of a list, each with a reader of its own.
    func maps(_ key: String) -> [SettingsReader] {
        self.list(key).map { self.reader(of: $0) }
    }
}
