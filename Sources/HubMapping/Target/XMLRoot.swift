import HubModel

/// The root element of an XML target, with the prefixes that names below it may have.
struct XMLRoot: Sendable {
    let name: String
    /// Prefixes and URIs in the order of the file; the empty prefix is the default namespace.
    let namespaces: [(prefix: String, uri: String)]
    /// The start tag, without its end.
    let start: String

    private static let xml = "http://www.w3.org/XML/1998/namespace"
    private static let xmlns = "http://www.w3.org/2000/xmlns/"

    /// Reads `namespaces`, a map from prefixes to URIs, and the root's name; `nil` when a fault was noted.
    init?(name tree: SettingsTree?, in reader: SettingsReader, _ compiler: MappingCompiler) {
        let faults = compiler.faults.count
        var namespaces: [(prefix: String, uri: String)] = []
        if let declared = reader.map("namespaces") {
            for prefix in declared.keys {
                guard let uri = declared.string(prefix), let place = declared.tree(prefix)?.place else {
                    continue
                }
                Self.check(prefix, uri, at: place, compiler)
                namespaces.append((prefix, uri))
            }
        }
        self.namespaces = namespaces
        guard case .scalar(let name, let place)? = tree else {
            if let tree { compiler.note("The name of the root must be a single text.", at: tree.place) }
            return nil
        }
        self.name = name
        var writer = XMLWriter()
        writer.append("<")
        writer.append(name)
        for (prefix, uri) in namespaces {
            writer.append(prefix.isEmpty ? " xmlns=\"" : " xmlns:\(prefix)=\"")
            writer.append(attribute: uri)
            writer.append("\"")
        }
        self.start = String(decoding: writer.bytes, as: UTF8.self)
        guard self.accepts(name, at: place, compiler), compiler.faults.count == faults else { return nil }
    }

    /// Whether a qualified name is well-formed and its prefix declared; notes a fault otherwise.
    func accepts(_ name: String, at place: SourcePlace, _ compiler: MappingCompiler) -> Bool {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, parts.allSatisfy(XMLName.isNCName), name != "xmlns" else {
            compiler.note("'\(name)' is not a name of XML.", at: place)
            return false
        }
        guard parts.count == 2, parts[0] != "xml" else { return true }
        let prefixes = self.namespaces.map(\.prefix)
        guard prefixes.contains(parts[0]) else {
            compiler.note(
                "The prefix '\(parts[0])' is not one of 'namespaces'.", at: place,
                suggestion: SettingsReader.nearest(to: parts[0], among: prefixes.filter { !$0.isEmpty })
            )
            return false
        }
        return true
    }

    private static func check(
        _ prefix: String, _ uri: String, at place: SourcePlace, _ compiler: MappingCompiler
    ) {
        if !prefix.isEmpty, !XMLName.isNCName(prefix) || prefix == "xml" || prefix == "xmlns" {
            compiler.note("'\(prefix)' cannot be a prefix.", at: place)
        }
        if uri.isEmpty || uri == Self.xml || uri == Self.xmlns || !XMLWriter.canHold(uri) {
            compiler.note("'\(uri)' cannot be the URI of a prefix.", at: place)
        }
    }
}

/// Names of XML 1.0 without a colon (Namespaces in XML, NCName).
enum XMLName {
    static func isNCName(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, Self.isStart(first) else { return false }
        return text.unicodeScalars.allSatisfy { Self.isStart($0) || Self.isInside($0) }
    }

    private static func isStart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x41...0x5A, 0x5F, 0x61...0x7A, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2FF, 0x370...0x37D,
            0x37F...0x1FFF, 0x200C...0x200D, 0x2070...0x218F, 0x2C00...0x2FEF, 0x3001...0xD7FF,
            0xF900...0xFDCF,
            0xFDF0...0xFFFD, 0x1_0000...0xE_FFFF:
            true
        default: false
        }
    }

    private static func isInside(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2D, 0x2E, 0x30...0x39, 0xB7, 0x300...0x36F, 0x203F...0x2040: true
        default: false
        }
    }
}
