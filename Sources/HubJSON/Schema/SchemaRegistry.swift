import HubModel

/// Where a schema stands: a document and a JSON Pointer into it.
struct SchemaPlace: Hashable, Sendable {
    let document: Int
    let pointer: String

    func appending(_ token: String) -> SchemaPlace {
        SchemaPlace(document: self.document, pointer: self.pointer + "/" + JSONPointer.escaped(token))
    }

    func appending(_ position: Int) -> SchemaPlace {
        SchemaPlace(document: self.document, pointer: self.pointer + "/\(position)")
    }
}

/// A schema with a URI of its own: a document, or a part of one that has `$id`.
struct SchemaResource: Sendable {
    let base: URIReference
    let place: SchemaPlace
    let dialect: SchemaDialect
    var anchors: [String: SchemaPlace] = [:]
    var dynamicAnchors: [String: SchemaPlace] = [:]
}

/// A schema that a reference led to, with the resource it belongs to.
struct SchemaTarget: Hashable {
    let place: SchemaPlace
    let resource: Int
    /// The name, when the reference met a `$dynamicAnchor`.
    var dynamicName: String?
}

/// The documents that references may lead to, taken apart into resources when they are first needed.
///
/// Nothing is fetched: what is neither given nor one of the built-in meta-schemas does not exist.
struct SchemaRegistry {
    private(set) var documents: [(uri: String, value: JSONValue)] = []
    private(set) var resources: [SchemaResource] = []
    private var resourceByURI: [String: Int] = [:]
    private var resourceByPlace: [SchemaPlace: Int] = [:]
    /// Documents that nobody has asked for yet.
    private var waiting: [String: JSONValue] = [:]
    private let defaultDraft: JSONSchemaDraft

    init(documents: [String: JSONValue], defaultDraft: JSONSchemaDraft) {
        self.defaultDraft = defaultDraft
        self.waiting = MetaSchemas.documents
        for (uri, value) in documents { self.waiting[URIReference(uri).resource] = value }
    }

    /// The resource that begins exactly here.
    func resource(at place: SchemaPlace) -> Int? { self.resourceByPlace[place] }

    func value(at place: SchemaPlace) -> JSONValue? {
        self.documents[place.document].value.value(at: place.pointer)
    }

    /// Takes a document in and finds what is identified in it.
    ///
    /// - Returns: The place of its root and the resource it is.
    mutating func add(_ value: JSONValue, uri: String) throws(HubError) -> SchemaTarget {
        let base = URIReference(uri)
        self.waiting[base.resource] = nil
        let place = SchemaPlace(document: self.documents.count, pointer: "")
        self.documents.append((uri: base.resource, value: value))
        let dialect = SchemaDialect(self.defaultDraft)
        try self.scan(value, at: place, base: base, dialect: dialect, resource: nil)
        let resource = self.resourceByPlace[place] ?? 0
        // Known by where it came from, too, when it calls itself something else.
        if self.resourceByURI[base.resource] == nil { self.resourceByURI[base.resource] = resource }
        return SchemaTarget(place: place, resource: resource)
    }

    /// Follows a reference from a resource.
    ///
    /// - Throws: `schema.invalid` when it leads nowhere.
    mutating func resolve(_ reference: String, from resource: Int) throws(HubError) -> SchemaTarget {
        let uri = URIReference(reference).resolved(against: self.resources[resource].base)
        guard let found = try self.resource(uri: uri.resource), let fragment = uri.decodedFragment else {
            throw HubError(
                .schemaInvalid, "A reference leads to a document that was not given.",
                details: [ErrorDetail("reference", reference), ErrorDetail("resolved", uri.resource)]
            )
        }
        if fragment.isEmpty { return SchemaTarget(place: self.resources[found].place, resource: found) }
        if let place = self.resources[found].dynamicAnchors[fragment] {
            return SchemaTarget(place: place, resource: found, dynamicName: fragment)
        }
        if let place = self.resources[found].anchors[fragment] {
            return SchemaTarget(place: place, resource: found)
        }
        guard fragment.hasPrefix("/"), let target = self.walk(fragment, from: found) else {
            throw HubError(
                .schemaInvalid, "A reference leads to nothing in its document.",
                details: [ErrorDetail("reference", reference), ErrorDetail("resolved", uri.resource)]
            )
        }
        return target
    }

    private func walk(_ pointer: String, from resource: Int) -> SchemaTarget? {
        guard let tokens = JSONPointer.tokens(of: pointer) else { return nil }
        var place = self.resources[resource].place
        var current = resource
        guard var value = self.value(at: place) else { return nil }
        for token in tokens {
            guard let next = value.value(at: "/" + JSONPointer.escaped(token)) else { return nil }
            value = next
            place = place.appending(token)
            current = self.resourceByPlace[place] ?? current
        }
        return SchemaTarget(place: place, resource: current)
    }

    private mutating func resource(uri: String) throws(HubError) -> Int? {
        if let known = self.resourceByURI[uri] { return known }
        if let value = self.waiting[uri] {
            let target = try self.add(value, uri: uri)
            return self.resourceByURI[uri] ?? target.resource
        }
        // It may be a part, with an identifier of its own, of a document that nobody asked for yet.
        for (other, value) in self.waiting.sorted(by: { $0.key < $1.key }) where value.mentions(uri) {
            _ = try self.add(value, uri: other)
            if let known = self.resourceByURI[uri] { return known }
        }
        return nil
    }

    private mutating func scan(
        _ value: JSONValue, at place: SchemaPlace, base: URIReference, dialect: SchemaDialect, resource: Int?
    ) throws(HubError) {
        guard case .object(let object) = value else {
            if resource == nil { _ = self.register(base, at: place, dialect: dialect) }
            return
        }
        var base = base
        var dialect = dialect
        var resource = resource
        if let schema = object["$schema"]?.string, resource == nil || object["$id"] != nil {
            dialect = try self.dialect(named: schema, at: place)
        }
        let hidesSiblings = dialect.draft == .draft7 && object["$ref"] != nil
        var anchor = dialect.draft == .draft2020 ? object["$anchor"]?.string : nil
        if !hidesSiblings, let text = object["$id"]?.string {
            let id = URIReference(text).resolved(against: base)
            if dialect.draft == .draft7, text.hasPrefix("#") {
                anchor = id.decodedFragment
            } else {
                base = id
                base.fragment = nil
                resource = self.register(base, at: place, dialect: dialect)
            }
        }
        let current = resource ?? self.register(base, at: place, dialect: dialect)
        if let anchor { self.resources[current].anchors[anchor] = place }
        if dialect.draft == .draft2020, let name = object["$dynamicAnchor"]?.string {
            self.resources[current].dynamicAnchors[name] = place
        }
        for (keyword, value) in object.members {
            guard let holding = dialect.holding(keyword) else { continue }
            let place = place.appending(keyword)
            for (part, place) in Self.schemas(in: value, held: holding, at: place) {
                try self.scan(part, at: place, base: base, dialect: dialect, resource: current)
            }
        }
    }

    private static func schemas(
        in value: JSONValue, held holding: SchemaDialect.Holding, at place: SchemaPlace
    ) -> [(JSONValue, SchemaPlace)] {
        switch (holding, value) {
        // `items` of draft 7 may be a list.
        case (.list, .array(let elements)), (.schema, .array(let elements)):
            elements.enumerated().map { ($1, place.appending($0)) }
        case (.map, .object(let object)):
            object.members.map { ($0.value, place.appending($0.key)) }
        case (.schema, .object):
            [(value, place)]
        default:
            []
        }
    }

    private mutating func register(_ base: URIReference, at place: SchemaPlace, dialect: SchemaDialect) -> Int
    {
        let resource = self.resources.count
        self.resources.append(SchemaResource(base: base, place: place, dialect: dialect))
        self.resourceByPlace[place] = resource
        if self.resourceByURI[base.resource] == nil { self.resourceByURI[base.resource] = resource }
        return resource
    }

    /// - Throws: `schema.invalid` for a meta-schema that was not given or demands an unknown vocabulary.
    private func dialect(named name: String, at place: SchemaPlace) throws(HubError) -> SchemaDialect {
        let uri = URIReference(name).resource
        if let draft = JSONSchemaDraft(rawValue: uri) { return SchemaDialect(draft) }
        guard let meta = self.waiting[uri] ?? self.documents.first(where: { $0.uri == uri })?.value else {
            throw HubError(
                .schemaInvalid, "The schema is written in a dialect that is not known.",
                details: [ErrorDetail("location", "#" + place.pointer), ErrorDetail("dialect", name)]
            )
        }
        let above = URIReference(meta["$schema"]?.string ?? "").resource
        let draft = JSONSchemaDraft(rawValue: above) ?? self.defaultDraft
        guard draft == .draft2020, let object = meta["$vocabulary"]?.object else {
            return SchemaDialect(draft)
        }
        var vocabularies: SchemaDialect.Vocabularies = []
        for (vocabulary, isRequired) in object.members {
            if let known = SchemaDialect.Vocabularies.byURI[vocabulary] {
                vocabularies.formUnion(known)
            } else if isRequired == true {
                throw HubError(
                    .schemaInvalid, "The schema's dialect demands a vocabulary that is not known.",
                    details: [ErrorDetail("dialect", name), ErrorDetail("vocabulary", vocabulary)]
                )
            }
        }
        return SchemaDialect(.draft2020, vocabularies: vocabularies)
    }
}

extension JSONValue {
    /// Whether some `$id` inside ends in the last segment of this URI: a cheap look before a document is taken in.
    fileprivate func mentions(_ uri: String) -> Bool {
        switch self {
        case .array(let elements): return elements.contains { $0.mentions(uri) }
        case .object(let object):
            if let id = object["$id"]?.string, let last = uri.split(separator: "/").last, id.contains(last) {
                return true
            }
            return object.members.contains { $0.value.mentions(uri) }
        default: return false
        }
    }
}
