import HubJSON
import HubModel
import HubSchema

/// Reads the rules of an adapter: what it sends, receives, subscribes to and provides.
struct RuleReader {
    let schemas: SchemaCatalogue
    let forms: FormCatalogue
    /// `nil` while it could not be read.
    let dialect: Adapter.Dialect?

    static let typeExample = "a message type such as edoc/document/1"

    /// Service names are formed like message types: domain, name, version.
    static func isServiceName(_ text: String) -> Bool { MessageType(text) != nil }

    func sendRule(_ reader: SettingsReader) -> SendRule? {
        let message = self.type("message", reader)
        self.refuseForeignToAxis(message, reader)
        let signature = reader.option("signature", SignaturePolicy.self) ?? .required
        let identity = self.identity(reader, of: message)
        let orderBy = reader.string("order-by")
        if let orderBy, let place = reader.tree("order-by")?.place {
            self.refuseUnknownField(orderBy, of: message, reader, at: place)
        }
        let isConfidential = self.isConfidential(reader)
        let timestamp = reader.choice("timestamp", ["required", "optional"])
        let profile = reader.option("profile", ReadingProfile.self) ?? .strict
        let receivers = self.receivers(reader, of: message)
        reader.refuseOtherKeys()
        return message.map {
            SendRule(
                message: $0, signature: signature, identity: identity, orderBy: orderBy,
                isConfidential: isConfidential, needsTimestamp: timestamp == "required", profile: profile,
                receivers: receivers
            )
        }
    }

    /// `to: all`, or `to: [H44, G12]`. What names its receivers cannot be sent to anybody before it is said to whom.
    private func receivers(_ reader: SettingsReader, of message: MessageType?) -> ReceiverScope {
        let form = message.flatMap { self.forms[$0] }
        let scope: ReceiverScope
        if case .scalar("all", _) = reader.tree("to") { scope = .all } else { scope = .within(reader.codes("to").map(\.code)) }
        if let message, let form, let place = reader.tree("to")?.place {
            if form.goesTo != nil { reader.note("\(message) goes to one place by its form; 'to' changes nothing.", at: place) }
        } else if let message, let form, form.goesTo == nil, form.recipients != nil {
            reader.note(
                "Say to whom the system may send \(message): 'to: all', or agencies such as 'to: [H44, G12]'; each stands for all below it.",
                at: reader.place
            )
        }
        return scope
    }

    /// `confidential: true`, of a dialect that can carry CMS.
    private func isConfidential(_ reader: SettingsReader) -> Bool {
        guard let text = reader.choice("confidential", ["true", "false"]), text == "true",
            let place = reader.tree("confidential")?.place
        else { return false }
        if self.dialect != .exchange {
            reader.note("Only 'speaks: exchange' can carry encrypted messages.", at: place)
        }
        return true
    }

    func receiveRule(_ reader: SettingsReader) -> ReceiveRule? {
        let message = self.type("message", reader)
        self.refuseForeignToAxis(message, reader)
        let road = self.road(reader)
        reader.refuseOtherKeys()
        guard let message, let road else { return nil }
        return ReceiveRule(message: message, by: road)
    }

    func subscribeRule(_ reader: SettingsReader, _ mappings: inout MappingFolder) -> SubscribeRule? {
        let message = self.type("message", reader)
        let target = self.type("as", reader)
        if self.dialect == .axis {
            reader.note(
                "The axis has no place for copies; only 'speaks: exchange' can subscribe.", at: reader.place)
        }
        let mapping = reader.requiredString("mapping")
        let road = self.road(reader)
        let filter = reader.map("when").flatMap { self.filter($0, of: message) }
        reader.refuseOtherKeys()
        if let mapping, let place = reader.tree("mapping")?.place {
            mappings.use(mapping, for: message, target, reader, at: place)
        }
        guard let message, let target, let mapping, let road else { return nil }
        return SubscribeRule(message: message, target: target, mapping: mapping, by: road, when: filter)
    }

    func processRule(_ reader: SettingsReader) -> ProcessRule? {
        let message = self.type("message", reader)
        let process = reader.requiredParsed("process", expected: "a file such as process/khai-sinh.yaml") {
            SettingsFolder.isInside($0) && $0.hasPrefix("process/") && $0.hasSuffix(".yaml") ? $0 : nil
        }
        reader.refuseOtherKeys()
        guard let message, let process else { return nil }
        return ProcessRule(message: message, process: process)
    }

    /// Notes every message type that a list names twice.
    func refuseRepeats(in rules: [SettingsReader]) {
        var lines: [String: Int] = [:]
        for rule in rules {
            guard case .scalar(let text, let place)? = rule.tree("message") else { continue }
            if let line = lines[text] {
                rule.note("A rule for \(text) stands on line \(line) already.", at: place)
            } else {
                lines[text] = place.line
            }
        }
    }

    /// A type that the schemas know.
    func type(_ key: String, _ reader: SettingsReader) -> MessageType? {
        guard let type = reader.requiredParsed(key, expected: Self.typeExample, MessageType.init),
            let place = reader.tree(key)?.place
        else { return nil }
        guard self.schemas.types.contains(type) else {
            reader.note(
                "There is no schema for '\(type)'.", at: place,
                suggestion: SettingsReader.nearest(
                    to: type.description, among: self.schemas.types.map(\.description)
                )
            )
            return nil
        }
        return type
    }

    private func refuseForeignToAxis(_ message: MessageType?, _ reader: SettingsReader) {
        guard self.dialect == .axis, let message, let place = reader.tree("message")?.place,
            !message.description.hasPrefix("edoc/")
        else { return }
        reader.note("The axis carries edoc/… only, not \(message).", at: place)
    }

    private func identity(_ reader: SettingsReader, of message: MessageType?) -> [String] {
        guard let tree = reader.tree("identity") else { return [SendRule.content] }
        let names = reader.strings("identity")
        if case .list([], _) = tree {
            reader.note("'identity' needs at least one field, or 'content'.", at: tree.place)
        }
        for (name, place) in names where name != SendRule.content {
            self.refuseUnknownField(name, of: message, reader, at: place)
        }
        if names.count > 1, let content = names.first(where: { $0.text == SendRule.content }) {
            reader.note(
                "'content' is the digest of all bytes; other fields beside it change nothing.",
                at: content.place)
        }
        return names.map(\.text)
    }

    private func refuseUnknownField(
        _ name: String, of message: MessageType?, _ reader: SettingsReader, at place: SourcePlace
    ) {
        guard let message, let form = self.forms[message], form.fields[name] == nil else { return }
        reader.note(
            "The form of \(message) has no field '\(name)'.", at: place,
            suggestion: SettingsReader.nearest(to: name, among: form.fields.keys.sorted())
        )
    }

    /// `by: mailbox`, `by: { http: ENDPOINT, path: /PATH }`, or `by: { transport: NAME, endpoint: ENDPOINT, path: /PATH }`.
    private func road(_ reader: SettingsReader) -> DeliveryRoad? {
        guard let tree = reader.requiredTree("by") else { return nil }
        if case .scalar = tree {
            let road: DeliveryRoad? = reader.parsed("by", expected: "mailbox, or { http: endpoint, path: /… }") {
                $0 == "mailbox" ? .mailbox : nil
            }
            if road == .mailbox, self.dialect == .national {
                reader.note(
                    "Nobody fetches from here: the national platform does not sign in at the hub. Only { http: …, path: /… } would do.",
                    at: tree.place
                )
            }
            return road
        }
        let road = reader.reader(of: tree)
        let transport = road.parsed("transport", expected: "the name of a transport") { SystemID($0)?.description }
        let endpoint = road.requiredParsed(
            road.tree("transport") == nil ? "http" : "endpoint", expected: "the name of an endpoint"
        ) { SystemID($0)?.description }
        let path = road.requiredParsed("path", expected: "a path such as /indicators") {
            $0.hasPrefix("/") ? $0 : nil
        }
        road.refuseOtherKeys()
        if self.dialect == .axis {
            reader.note("Over the axis a system fetches its messages: 'by: mailbox'.", at: tree.place)
        }
        guard let endpoint, let path else { return nil }
        if let transport { return .transport(name: transport, endpoint: endpoint, path: path) }
        return .http(endpoint: endpoint, path: path)
    }

    private func filter(_ reader: SettingsReader, of message: MessageType?) -> SubscriptionFilter? {
        let field = reader.requiredString("field")
        if let field, let place = reader.tree("field")?.place {
            self.refuseUnknownField(field, of: message, reader, at: place)
        }
        let equals = reader.string("equals")
        let unwanted = reader.string("not")
        reader.refuseOtherKeys()
        switch (equals, unwanted) {
        case (let text?, nil): return field.map { SubscriptionFilter(field: $0, .equals(text)) }
        case (nil, let text?): return field.map { SubscriptionFilter(field: $0, .differs(from: text)) }
        case (nil, nil), (_?, _?):
            reader.note("A condition needs either 'equals' or 'not'.", at: reader.place)
            return nil
        }
    }
}
