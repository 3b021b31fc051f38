import HubModel

/// Turns the settings of a mapping into steps and notes what does not fit.
final class MappingCompiler {
    /// Steps and operators inside one another.
    ///
    /// Each level of a file becomes calls inside calls when the mapping runs.
    static let maxDepth = 16

    private let reader: SettingsReader
    private let tree: SettingsTree
    private var tables = MappingTables(nil)
    /// The form of the paths of the document that is read here, and the line that said so.
    private var form: (isXML: Bool, line: Int)?
    /// The names that lead to what paths begin at; `nil` in another document, whose type is not known.
    private var start: [String]? = []
    private var reads: [MappingRead] = []
    private var depth = 0
    private var isTooDeep = false

    init(_ tree: SettingsTree, file: String) {
        self.tree = tree
        self.reader = SettingsReader(tree, file: file)
    }

    var faults: [SettingsFault] { self.reader.faults }

    func mapping() -> Mapping? {
        if self.reader.requiredTree("format") != nil { _ = self.reader.choice("format", [Mapping.format]) }
        let source = self.type("source")
        let target = self.type("target")
        let root = self.reader.tree("root")
        let syntax: TargetSyntax? = root.map { self.root($0).map(TargetSyntax.xml) } ?? .json
        self.tables = MappingTables(self.reader.map("tables"))
        let body = self.reader.requiredTree("steps").flatMap { steps in
            // Without a root that can be read, each prefix would be a fault of its own.
            syntax.flatMap { self.body(steps, making: $0) }
        }
        self.reader.refuseOtherKeys()
        if syntax != nil { self.tables.refuseUnused(self) }
        guard self.faults.isEmpty, let source, let target, let body else { return nil }
        return Mapping(
            file: self.reader.file, source: source, target: target, body: body, readsXML: self.form?.isXML,
            tree: self.tree, reads: self.reads
        )
    }

    func note(_ message: String, at place: SourcePlace, suggestion: String? = nil) {
        self.reader.note(message, at: place, suggestion: suggestion)
    }

    func reader(of tree: SettingsTree) -> SettingsReader { self.reader.reader(of: tree) }

    func table(_ name: String, at place: SourcePlace) -> [String: String]? {
        self.tables.use(name, at: place, self)
    }

    private func type(_ key: String) -> MessageType? {
        guard self.reader.requiredTree(key) != nil else { return nil }
        return self.reader.parsed(key, expected: "a message type such as edoc/document/1", MessageType.init)
    }

    private func root(_ tree: SettingsTree) -> XMLRoot? {
        let reader = self.reader(of: tree)
        let root = XMLRoot(name: reader.requiredTree("name"), in: reader, self)
        reader.refuseOtherKeys()
        return root
    }
}

// MARK: Steps and operators

extension MappingCompiler {
    /// The steps of a mapping, of `each`, `json` or `xml`, with their targets checked against each other.
    ///
    /// `nil` when a fault was noted.
    func body(_ tree: SettingsTree, making syntax: TargetSyntax) -> TargetBody? {
        let builder = TargetLayoutBuilder(syntax)
        let steps = self.steps(tree, into: builder)
        var check = TargetCheck(builder.layout, self)
        check.visit(steps)
        return steps.isEmpty ? nil : TargetBody(syntax: syntax, layout: builder.layout, steps: steps)
    }

    /// The steps of a list or group, which set places of one object or element.
    func steps(_ tree: SettingsTree, into builder: TargetLayoutBuilder) -> [MappingStep] {
        guard case .list(let items, let place) = tree else {
            self.note("The value of 'steps' must be a list.", at: tree.place)
            return []
        }
        if items.isEmpty { self.note("'steps' needs at least one step.", at: place) }
        return self.nested(at: place) {
            items.compactMap { MappingStep(self.reader(of: $0), self, into: builder) }
        } ?? []
    }

    /// One operator in a map of its own, as parts are written; `nil` when a fault was noted.
    func part(_ tree: SettingsTree) -> (any MappingOperator)? {
        let reader = self.reader(of: tree)
        let kinds = OperatorKind.allCases.filter { reader.tree($0.rawValue) != nil }
        reader.refuseOtherKeys()
        guard let kind = kinds.first, kinds.count == 1, let argument = reader.tree(kind.rawValue) else {
            reader.note("A part is exactly one operator, such as { copy: … }.", at: reader.place)
            return nil
        }
        return self.nested(at: tree.place) { kind.made(from: argument, self) } ?? nil
    }

    /// The operators of a list; `nil` when a fault was noted.
    func parts(_ key: String, of reader: SettingsReader, for name: String) -> [any MappingOperator]? {
        let items = reader.requiredTree(key) == nil ? [] : reader.list(key)
        if items.isEmpty { reader.note("'\(name)' needs at least one part.", at: reader.place) }
        let parts = items.map { self.part($0) }
        let made = parts.compactMap { $0 }
        return made.isEmpty || made.count < parts.count ? nil : made
    }

    /// Compiles what reads another document, whose paths have a form of their own.
    ///
    /// - Parameter isXML: `nil` when that could not be read.
    func inside<Made>(isXML: Bool?, line: Int, _ make: () -> Made) -> Made {
        let outer = (self.form, self.start)
        self.form = isXML.map { ($0, line) }
        self.start = nil
        defer { (self.form, self.start) = outer }
        return make()
    }

    private func nested<Made>(at place: SourcePlace, _ make: () -> Made) -> Made? {
        guard self.depth < Self.maxDepth else {
            if !self.isTooDeep {
                self.note("Steps and parts are nested deeper than \(Self.maxDepth) here.", at: place)
            }
            self.isTooDeep = true
            return nil
        }
        self.depth += 1
        defer { self.depth -= 1 }
        return make()
    }
}

// MARK: Paths

extension MappingCompiler {
    /// Reads the input of an operator: a path alone, or a map with `from`, `of`, `optional` and what `more` asks for.
    func source(_ tree: SettingsTree, more: (SettingsReader) -> Void = { _ in }) -> SourceReading? {
        if case .scalar(let text, let place) = tree {
            more(self.reader(of: .map([], at: place)))
            return self.path(text, at: place).map {
                SourceReading(path: $0, origin: .item, isOptional: false)
            }
        }
        let reader = self.reader(of: tree)
        let text = reader.requiredString("from")
        let origin = reader.choice("of", SourceReading.Origin.allCases.map(\.rawValue))
            .flatMap(SourceReading.Origin.init(rawValue:))
        let isOptional = reader.boolean("optional") ?? false
        let outer = self.start
        if origin == .document, outer != nil { self.start = [] }
        let path = text.flatMap { text in reader.tree("from").flatMap { self.path(text, at: $0.place) } }
        // What else is read, as in `each`, begins there.
        if let path { self.start = self.start.map { $0 + path.names } }
        more(reader)
        self.start = outer
        reader.refuseOtherKeys()
        return path.map { SourceReading(path: $0, origin: origin ?? .item, isOptional: isOptional) }
    }

    private func path(_ text: String, at place: SourcePlace) -> SourcePath? {
        guard let path = SourcePath(text) else {
            self.note(
                "'\(text)' is not a path: local names such as a/b for XML, a pointer such as /a/b for JSON, or '.'.",
                at: place
            )
            return nil
        }
        let isXML: Bool? =
            switch path.steps {
            case .elements, .child: true
            case .members: false
            case .itself: nil
            }
        if let isXML {
            if let form = self.form, form.isXML != isXML {
                self.note(
                    "This path is for \(isXML ? "XML" : "JSON"), the one on line \(form.line) for "
                        + "\(isXML ? "JSON" : "XML"); a mapping reads one of them.", at: place
                )
            }
            self.form = self.form ?? (isXML, place.line)
        }
        if let start = self.start, !path.names.isEmpty {
            self.reads.append(MappingRead(path: text, names: start + path.names, own: path.names.count, place: place))
        }
        return path
    }
}
