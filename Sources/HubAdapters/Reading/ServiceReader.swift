import HubJSON
import HubModel
import HubSchema

/// Reads the services that an adapter provides.
struct ServiceReader {
    let rules: RuleReader

    func service(_ reader: SettingsReader, _ mappings: inout MappingFolder) -> ProvidedService? {
        let name = reader.requiredParsed("service", expected: Self.example) {
            RuleReader.isServiceName($0) ? $0 : nil
        }
        let title = reader.bilingual("title")
        let request = self.rules.type("request", reader)
        if let request, !self.rules.schemas.hasForm(request), let place = reader.tree("request")?.place {
            reader.note("\(request) has no form.yaml, so nobody can send it.", at: place)
        }
        let reply = reader.tree("reply").flatMap { _ in self.rules.type("reply", reader) }
        let isConfidential = reader.choice("confidential", ["true", "false"]) == "true"
        let terms = self.terms(reader)
        let call = reader.requiredTree("call").flatMap {
            self.call(reader.reader(of: $0), request: request, reply: reply, &mappings)
        }
        reader.refuseOtherKeys()
        guard let name, let title, let request, let call else { return nil }
        return ProvidedService(
            service: name, title: title, request: request, reply: reply, call: call.call,
            requestMapping: call.requestMapping, replyMapping: call.replyMapping, isConfidential: isConfidential, terms: terms
        )
    }

    static let example = "a service name such as dan-cu/xac-thuc/1"

    private func terms(_ reader: SettingsReader) -> ServiceTerms {
        let owner = reader.parsed("owner", expected: "an agency code such as G15", AgencyCode.init)
        let state = reader.option("state", ServiceTerms.State.self) ?? .published
        let until = reader.day("until")
        let successor = reader.parsed("successor", expected: Self.example) { RuleReader.isServiceName($0) ? $0 : nil }
        if state == .draft || state == .published {
            for key in ["until", "successor"] {
                guard let tree = reader.tree(key) else { continue }
                reader.note("'\(key)' belongs to a service that is deprecated or retired.", at: tree.place)
            }
        }
        if state == .deprecated, reader.tree("until") == nil, let place = reader.tree("state")?.place {
            reader.note("A deprecated service needs 'until', the last day on which it is called.", at: place)
        }
        return ServiceTerms(
            owner: owner, state: state, until: until, successor: successor,
            environment: reader.option("environment", ServiceTerms.Environment.self) ?? .production,
            needsApproval: reader.choice("approval", ["none", "required"]) == "required",
            source: reader.option("source", ServiceTerms.Source.self), limits: reader.callLimits("limits")
        )
    }

    private typealias Call = (call: ServiceCall, requestMapping: String?, replyMapping: String?)

    private func call(
        _ reader: SettingsReader, request: MessageType?, reply: MessageType?, _ mappings: inout MappingFolder
    ) -> Call? {
        let gateway = reader.parsed("gateway", expected: "a path such as /dmdc/1.0", Self.path)
        let endpoint = reader.parsed("http", expected: "the name of an endpoint") { SystemID($0)?.description }
        let path = reader.parsed("path", expected: "a path such as /tra-cuu", Self.path)
        let portal = reader.string("dvcqg")
        let method = reader.option("method", ServiceCall.Method.self)
        let action = reader.string("soap-action")
        let query = self.query(reader)
        let requestMapping = reader.string("request")
        if let requestMapping, let place = reader.tree("request")?.place {
            mappings.use(requestMapping, for: request, nil, reader, at: place)
        }
        let replyMapping = reader.string("reply")
        if let replyMapping, let place = reader.tree("reply")?.place {
            if reply == nil { reader.note("A mapping of the reply needs the type that it makes: 'reply' of the service.", at: place) }
            mappings.use(replyMapping, for: nil, reply, reader, at: place)
        }
        let kinds = ["gateway", "http", "dvcqg"].filter { reader.tree($0) != nil }
        guard kinds.count == 1, let kind = kinds.first else {
            reader.refuseOtherKeys()
            reader.note("A call needs exactly one of 'gateway', 'http' and 'dvcqg'.", at: reader.place)
            return nil
        }
        if kind == "http" { _ = reader.requiredTree("path") }
        if kind != "dvcqg" { _ = reader.requiredTree("method") }
        reader.refuseOtherKeys()
        self.refuseStrangers(to: kind, reader)
        let slots = Self.slots(of: gateway ?? path ?? "")
        for slot in slots where !query.contains(where: { $0.name == slot }) {
            reader.note(
                "'{\(slot)}' of the path has no value: add it to 'query'.",
                at: reader.tree(gateway == nil ? "path" : "gateway")?.place ?? reader.place
            )
        }
        if method == .post, let tree = reader.tree("query"), query.contains(where: { !slots.contains($0.name) }) {
            reader.note("A POST carries the request as its body, not in the query.", at: tree.place)
        }
        if action != nil, method == .get, let place = reader.tree("method")?.place {
            reader.note("SOAP is posted.", at: place)
        }
        if let place = reader.tree("soap-action")?.place, requestMapping == nil {
            reader.note("SOAP is XML, which a mapping makes: 'request' is missing.", at: place)
        }
        if let portal { return (.dossierPortal(service: portal), requestMapping, replyMapping) }
        guard let method else { return nil }
        switch (gateway, endpoint, path) {
        case (let gateway?, nil, _):
            let call: ServiceCall =
                action.map { .soap(path: gateway, action: $0) } ?? .gateway(path: gateway, method: method, query: query)
            return (call, requestMapping, replyMapping)
        case (nil, let endpoint?, let path?):
            return (.http(endpoint: endpoint, path: path, method: method, query: query), requestMapping, replyMapping)
        default: return nil
        }
    }

    /// Keys that belong to another kind of call.
    private func refuseStrangers(to kind: String, _ reader: SettingsReader) {
        let strangers: [String] =
            switch kind {
            case "gateway": ["path"]
            case "http": ["soap-action"]
            default: ["path", "method", "query", "soap-action"]
            }
        for key in strangers {
            guard let tree = reader.tree(key) else { continue }
            reader.note("'\(key)' does not belong to a call of '\(kind)'.", at: tree.place)
        }
    }

    private func query(_ reader: SettingsReader) -> [QueryParameter] {
        guard let map = reader.map("query") else { return [] }
        return map.keys.compactMap { name in
            map.parsed(name, expected: "a JSON Pointer such as /msdn") {
                $0.hasPrefix("/") && JSONPointer.tokens(of: $0) != nil ? $0 : nil
            }.map { QueryParameter(name: name, pointer: $0) }
        }
    }

    /// The names in braces in a path, whose values stand there.
    private static func slots(of path: String) -> [String] {
        path.split(separator: "{").dropFirst().compactMap { part in
            part.firstIndex(of: "}").map { String(part[..<$0]) }
        }
    }

    private static func path(_ text: String) -> String? {
        text.hasPrefix("/") && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
    }
}
