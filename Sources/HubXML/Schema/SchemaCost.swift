import HubModel

/// Tells whether the parts of a schema are few enough for the library to put together, and to hold documents against.
///
/// The library writes out every group where it is referred to, and takes time by the cube of what is then in one element:
/// ten groups of ten of ten … take all memory there is, and 400 optional elements half a minute. It counts repetitions, and
/// where one number stands inside another it tries all ways to share the elements between the two, for seconds.
struct SchemaCost {
    /// One file of a schema.
    struct Unit {
        let file: String
        let root: XMLElement
    }

    /// What is wrong, in a sentence that says what to do, and the element it is about.
    struct Fault: Error {
        let message: String
        let unit: Unit
        let element: XMLElement
    }

    static let namespace = "http://www.w3.org/2001/XMLSchema"
    /// Elements, or attributes, or members of a union, once all references are written out.
    static let most = 200
    /// More of one thing than a document is likely to have; whoever writes it means any number.
    static let mostOccurrences = 100_000

    /// A repeated group around an element, in the same content.
    private struct Repetition {
        /// Whether the group, or one around it, is repeated a number of times.
        let isNumbered: Bool
    }

    private struct Definition {
        let element: XMLElement
        let unit: Unit
    }

    private let units: [Unit]
    /// By kind and name.
    private var definitions: [String: Definition] = [:]
    private var sizes: [String: Int] = [:]
    private var open: Set<String> = []
    /// Elements that may stand for another one.
    private var substitutes = 0

    private init(_ units: [Unit]) {
        self.units = units
        for unit in units {
            for child in unit.root.children where child.namespace == Self.namespace {
                if child.attribute("substitutionGroup") != nil { self.substitutes += 1 }
                if let name = child.attribute("name") {
                    self.definitions["\(child.localName) \(name)"] = Definition(element: child, unit: unit)
                }
            }
        }
    }

    /// - Throws: The first thing that is too much.
    static func check(_ units: [Unit]) throws(Fault) {
        var cost = SchemaCost(units)
        for unit in units { try cost.check(unit.root, in: unit, within: nil) }
    }

    private mutating func check(
        _ element: XMLElement, in unit: Unit, within repetition: Repetition?
    ) throws(Fault) {
        var repetition = repetition
        switch element.localName {
        case "redefine":
            throw Fault(
                message: "'redefine' is not taken; copy what it changes.", unit: unit, element: element)
        case "complexType":
            repetition = nil
            if try self.size(ofType: element, in: unit) > Self.most {
                throw self.tooLarge(
                    "The content of this type has more than \(Self.most) elements", element, unit)
            }
        case "attributeGroup", "union":
            if try self.size(ofList: element, in: unit) > Self.most {
                throw self.tooLarge("This has more than \(Self.most) members", element, unit)
            }
        case "element", "any", "sequence", "choice", "all", "group":
            let occurs = try self.occurs(element, in: unit)
            if occurs.isRepeated, let around = repetition, around.isNumbered || occurs.isNumbered {
                throw Fault(
                    message:
                        "A number of repetitions stands inside another repetition; leave one of the two out, or"
                        + " give the inner part an element of its own.", unit: unit, element: element)
            }
            if occurs.isRepeated {
                repetition = Repetition(isNumbered: occurs.isNumbered || repetition?.isNumbered == true)
            }
            if let name = element.attribute("ref").map(Self.local), element.localName == "group" {
                try self.checkGroup(name, from: element, in: unit, within: repetition)
            }
            if element.localName == "element" { repetition = nil }
        default: break
        }
        var next = element.firstChild
        while let child = next {
            next = child.nextSibling
            if child.namespace == Self.namespace { try self.check(child, in: unit, within: repetition) }
        }
    }

    /// What a group holds is repeated with the reference to it.
    private mutating func checkGroup(
        _ name: String, from element: XMLElement, in unit: Unit, within repetition: Repetition?
    ) throws(Fault) {
        guard let repetition, let group = self.definitions["group \(name)"] else { return }
        guard try self.size(of: element, in: unit) <= Self.most else {
            throw self.tooLarge("This group has more than \(Self.most) elements", element, unit)
        }
        let key = "group \(name)"
        guard self.open.insert(key).inserted else { return }
        defer { self.open.remove(key) }
        for child in group.element.children { try self.check(child, in: group.unit, within: repetition) }
    }

    private func tooLarge(_ message: String, _ element: XMLElement, _ unit: Unit) -> Fault {
        Fault(
            message: message
                + " once all references are written out; divide it into elements with types of their own.",
            unit: unit, element: element)
    }

    private func occurs(
        _ element: XMLElement, in unit: Unit
    ) throws(Fault) -> (isRepeated: Bool, isNumbered: Bool) {
        for name in ["minOccurs", "maxOccurs"] {
            guard let text = element.attribute(name), text != "unbounded" else { continue }
            // What is no number at all is for the library to say.
            guard text.utf8.count > 6 || Int(text).map({ $0 > Self.mostOccurrences }) == true else {
                continue
            }
            throw Fault(
                message:
                    "'\(name)' is more than \(Self.mostOccurrences); 'unbounded' says that there is no limit.",
                unit: unit, element: element)
        }
        let (least, most) = (
            element.attribute("minOccurs").flatMap { Int($0) } ?? 1, element.attribute("maxOccurs")
        )
        if most == "unbounded" { return (true, least > 1) }
        let number = most.flatMap { Int($0) } ?? 1
        return (number > 1, number > 1)
    }

    // MARK: Sizes

    private static func local(_ name: String) -> String {
        name.split(separator: ":").last.map(String.init) ?? name
    }

    /// Never more than one above what is allowed, so that sums stay small.
    private static func sum(_ one: Int, _ other: Int) -> Int { min(one + other, Self.most + 1) }

    /// The size of something with a name, once.
    private mutating func size(
        of key: String, _ measure: (inout SchemaCost, Definition) throws(Fault) -> Int
    ) throws(Fault) -> Int {
        if let known = self.sizes[key] { return known }
        // What is not there is for the library to say.
        guard let definition = self.definitions[key] else { return 0 }
        guard self.open.insert(key).inserted else {
            throw Fault(
                message:
                    "'\(definition.element.attribute("name") ?? "")' refers to itself, directly or through others.",
                unit: definition.unit, element: definition.element)
        }
        defer { self.open.remove(key) }
        guard self.open.count <= Self.most else {
            throw Fault(
                message: "There are more than \(Self.most) references one behind the other.",
                unit: definition.unit,
                element: definition.element)
        }
        let size = try measure(&self, definition)
        self.sizes[key] = size
        return size
    }

    /// The elements of a type, those of the type that it extends among them.
    private mutating func size(ofType type: XMLElement, in unit: Unit) throws(Fault) -> Int {
        var size = try self.size(ofChildrenOf: type, in: unit)
        guard let content = type.child("complexContent") else { return size }
        for derived in content.children {
            size = Self.sum(size, try self.size(ofChildrenOf: derived, in: unit))
            guard derived.isNamed("extension"), let base = derived.attribute("base").map(Self.local) else {
                continue
            }
            let inherited = try self.size(of: "complexType \(base)") { (cost, definition) throws(Fault) in
                try cost.size(ofType: definition.element, in: definition.unit)
            }
            size = Self.sum(size, inherited)
        }
        return size
    }

    private mutating func size(ofChildrenOf element: XMLElement, in unit: Unit) throws(Fault) -> Int {
        var size = 0
        for child in element.children { size = Self.sum(size, try self.size(of: child, in: unit)) }
        return size
    }

    private mutating func size(of particle: XMLElement, in unit: Unit) throws(Fault) -> Int {
        switch particle.localName {
        case "element": return particle.attribute("ref") == nil ? 1 : Self.sum(1, self.substitutes)
        case "any": return 1
        case "sequence", "choice", "all": return try self.size(ofChildrenOf: particle, in: unit)
        case "group":
            guard let name = particle.attribute("ref").map(Self.local) else {
                return try self.size(ofChildrenOf: particle, in: unit)
            }
            return try self.size(of: "group \(name)") { (cost, definition) throws(Fault) in
                try cost.size(ofChildrenOf: definition.element, in: definition.unit)
            }
        default: return 0
        }
    }

    /// The attributes of a group, or the members of a union.
    private mutating func size(ofList element: XMLElement, in unit: Unit) throws(Fault) -> Int {
        if element.isNamed("attributeGroup"), let name = element.attribute("ref").map(Self.local) {
            return try self.size(of: "attributeGroup \(name)") { (cost, definition) throws(Fault) in
                try cost.size(ofList: definition.element, in: definition.unit)
            }
        }
        var size = 0
        for child in element.children {
            switch child.localName {
            case "attribute", "simpleType": size = Self.sum(size, 1)
            case "attributeGroup": size = Self.sum(size, try self.size(ofList: child, in: unit))
            default: break
            }
        }
        for member in (element.attribute("memberTypes") ?? "").split(whereSeparator: \.isWhitespace) {
            let inherited = try self.size(of: "simpleType \(Self.local(String(member)))") {
                (cost, definition) throws(Fault) in
                guard let union = definition.element.child("union") else { return 1 }
                return try cost.size(ofList: union, in: definition.unit)
            }
            size = Self.sum(size, max(1, inherited))
        }
        return size
    }
}
