public import HubModel

/// What does not fit, before anybody has looked up where in the text that is.
public struct XMLFinding: Equatable, Sendable {
    /// The element it is about, which may be one of another document than the one that was validated; `nil` when not known.
    public let element: XMLElement?
    /// The attribute of `element` that it is about; `nil` if about the element.
    public let attribute: XMLAttributeName?
    /// Which rule, by the name the XSD recommendation gives it.
    public let rule: String
    public let message: Bilingual

    private static let longestName = 60
    /// A path in bytes; the names in it are the sender's and may be long.
    private static let longestPath = 512

    public init(
        element: XMLElement?, attribute: XMLAttributeName? = nil, rule: String, message: Bilingual
    ) {
        self.element = element
        self.attribute = attribute
        self.rule = rule
        self.message = message
    }

    /// The same about another element, such as the one from which a copy was made.
    public func moved(to element: XMLElement) -> XMLFinding {
        XMLFinding(element: element, attribute: self.attribute, rule: self.rule, message: self.message)
    }

    /// With its place; without one where that is not known, and the line is then the library's.
    func violation(at place: SourcePlace?, _ paths: inout ElementPaths) -> Violation {
        let attribute =
            self.attribute.map { "/@" + ErrorText.shortened($0.local, to: Self.longestName) } ?? ""
        return Violation(
            line: place?.line ?? self.element?.line ?? 0, column: place?.column ?? 0,
            path: ErrorText.shortened(
                (self.element.map { paths.path(of: $0) } ?? "") + attribute, toBytes: Self.longestPath),
            rule: self.rule, message: self.message
        )
    }
}

/// The name of an attribute.
public struct XMLAttributeName: Hashable, Sendable {
    public let local: String
    /// `nil` for none.
    public let namespace: String?

    public init(local: String, namespace: String?) {
        self.local = local
        self.namespace = namespace
    }
}
