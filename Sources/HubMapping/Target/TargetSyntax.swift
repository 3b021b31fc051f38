import HubModel

/// What steps write: members of a JSON object, or elements and attributes of XML whose names have these prefixes.
enum TargetSyntax: Sendable {
    case json
    case xml(XMLRoot)

    var isXML: Bool {
        if case .xml = self { true } else { false }
    }

    /// The tokens of a place, such as `/labels/state`; for XML also `/a:b/@c`, and `.` for the text of the element itself.
    ///
    /// `nil` when a fault was noted.
    func tokens(_ text: String, at place: SourcePlace, _ compiler: MappingCompiler) -> [String]? {
        if text == ".", self.isXML { return [] }
        guard let tokens = SourcePath.pointer(text) else {
            compiler.note("The value '\(text)' of 'set' is not a pointer such as /period/day.", at: place)
            return nil
        }
        guard case .xml(let root) = self else { return tokens }
        for (index, token) in tokens.enumerated() {
            let isAttribute = token.hasPrefix("@")
            if isAttribute, index < tokens.count - 1 {
                compiler.note("Nothing stands below the attribute '\(token)'.", at: place)
                return nil
            }
            let name = isAttribute ? String(token.dropFirst()) : token
            guard root.accepts(name, at: place, compiler) else { return nil }
        }
        return tokens
    }
}
