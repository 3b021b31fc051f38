/// A value of a payload under a name that adapters, rules and mappings use.
public struct MessageField: Hashable, Sendable {
    /// Where the value stands: the first of these that counts and at which there is a text that is not empty.
    public let places: [Place]
    /// When the value counts; always, if there is no condition.
    public let when: FieldCondition?
    /// The value where the payload has none.
    public let fallback: String?

    /// A place that counts always, or under a condition.
    public struct Place: Hashable, Sendable {
        public let path: FieldPath
        public let when: FieldCondition?

        public init(_ path: FieldPath, when: FieldCondition? = nil) {
            self.path = path
            self.when = when
        }
    }

    public init(places: [Place], when: FieldCondition? = nil, fallback: String? = nil) {
        self.places = places
        self.when = when
        self.fallback = fallback
    }

    /// The texts of this field: exactly one empty text when the condition fails, the fallback when there is nothing
    /// but empty texts, and without a fallback what stands at the last path, if anything.
    public func texts(in document: Document) -> [String] {
        if let when = self.when, !when.holds(in: document) { return [""] }
        var texts: [String] = []
        for place in self.places where place.when?.holds(in: document) ?? true {
            texts = document.texts(at: place.path)
            if !texts.allSatisfy(\.isEmpty) { return texts }
        }
        return self.fallback.map { [$0] } ?? texts
    }
}

/// A question about one value of a payload.
public struct FieldCondition: Hashable, Sendable {
    /// What is asked of the value.
    public enum Test: Hashable, Sendable {
        /// There is something at the path, empty or not.
        case present
        /// The first text is this one.
        case equals(String)
        /// There is a text that is not empty, and the first is not this one.
        case not(String)
    }

    public let path: FieldPath
    public let test: Test

    public init(path: FieldPath, test: Test) {
        self.path = path
        self.test = test
    }

    public func holds(in document: Document) -> Bool {
        switch self.test {
        case .present:
            document.contains(self.path)
        case .equals(let text):
            document.texts(at: self.path).first == text
        case .not(let text):
            document.texts(at: self.path).first.map { !$0.isEmpty && $0 != text } ?? false
        }
    }
}

extension FieldCondition: CustomStringConvertible {
    /// As people write it: `/yeuCau = tinh`.
    public var description: String {
        switch self.test {
        case .present: "\(self.path)"
        case .equals(let text): "\(self.path) = \(text)"
        case .not(let text): "\(self.path) ≠ \(text)"
        }
    }
}
