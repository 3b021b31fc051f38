import HubJSON
import HubModel

/// What the steps of one run have set so far, by the numbers of a layout.
struct TargetFill {
    /// What a place has.
    enum Content {
        case nothing
        case value(JSONValue)
        /// One element of the place's name for each.
        case elements([ElementContent])
    }

    /// What is in an element, written already.
    struct ElementContent {
        let attributes: [UInt8]
        let inside: [UInt8]
    }

    /// A place of the layout.
    ///
    /// Members of a place are a list through the numbers of places, in the order in which they were first set.
    private struct Slot {
        var content = Content.nothing
        var first: Int32 = -1
        var last: Int32 = -1
        var next: Int32 = -1
        var count: Int32 = 0
        var isLinked = false
        /// Whether something other than attributes is in it.
        var hasMembers = false
    }

    private let layout: TargetLayout
    private let isXML: Bool
    private var slots: [Slot]

    init(_ layout: TargetLayout, isXML: Bool) {
        self.layout = layout
        self.isXML = isXML
        self.slots = Array(repeating: Slot(), count: layout.places.count)
    }

    /// Forgets what was set, for the next item of a list.
    mutating func clear() {
        for place in self.slots.indices where self.slots[place].isLinked || place == TargetLayout.itself {
            self.slots[place] = Slot()
        }
    }

    func content(at place: Int) -> Content { self.slots[place].content }

    /// - Throws: `mapping.failed` with `target-taken` when the place has members, or one around it a value; and what XML
    ///   cannot hold.
    mutating func set(_ value: JSONValue, at place: Int) throws(HubError) {
        if self.isXML {
            let takesList = place != TargetLayout.itself && !self.layout.places[place].isAttribute
            try Self.checkXML(value, takesList: takesList)
        }
        try self.put(.value(value), at: place)
    }

    mutating func set(_ elements: [ElementContent], at place: Int) throws(HubError) {
        try self.put(.elements(elements), at: place)
    }

    private mutating func put(_ content: Content, at place: Int) throws(HubError) {
        guard !self.slots[place].hasMembers, self.slots[place].isLinked || self.link(place) else {
            throw .mapping(.targetTaken, "The target already has a value here that is not an object.")
        }
        self.slots[place].content = content
    }

    /// Makes the place a member of the one around it; `false` when that one has a value already.
    private mutating func link(_ place: Int) -> Bool {
        if place == TargetLayout.itself { return true }
        let parent = self.layout.places[place].parent
        guard self.slots[parent].isLinked || self.link(parent) else { return false }
        if !self.layout.places[place].isAttribute {
            switch self.slots[parent].content {
            case .nothing: break
            case .value(.object) where !self.isXML: break
            case .value, .elements: return false
            }
            self.slots[parent].hasMembers = true
        }
        self.slots[place].isLinked = true
        let last = Int(self.slots[parent].last)
        if last < 0 {
            self.slots[parent].first = Int32(place)
        } else {
            self.slots[last].next = Int32(place)
        }
        self.slots[parent].last = Int32(place)
        self.slots[parent].count += 1
        return true
    }

    private static func checkXML(_ value: JSONValue, takesList: Bool) throws(HubError) {
        switch value {
        case .null, .bool, .number: break
        case .string(let text):
            guard XMLWriter.canHold(text) else {
                throw .mapping(.notXMLText, "The value has a character that XML cannot hold.")
            }
        case .array(let items) where takesList:
            for item in items { try Self.checkXML(item, takesList: false) }
        case .array, .object:
            throw .mapping(.notText, "The value has no text that could stand in XML.")
        }
    }
}

// MARK: JSON

extension TargetFill {
    /// The object that was set.
    var object: JSONObject { self.object(at: TargetLayout.itself) }

    private func object(at place: Int) -> JSONObject {
        var members: [(key: String, value: JSONValue)] = []
        members.reserveCapacity(Int(self.slots[place].count))
        var next = self.slots[place].first
        while next >= 0 {
            let member = Int(next)
            members.append((self.layout.places[member].name, self.value(at: member)))
            next = self.slots[member].next
        }
        return JSONObject(distinct: members)
    }

    private func value(at place: Int) -> JSONValue {
        switch self.slots[place].content {
        case .value(.object(let copied)) where self.slots[place].hasMembers:
            // Members set below a copied object are added to it.
            return .object(JSONObject(copied.members + self.object(at: place).members))
        case .value(let value): return value
        case .nothing, .elements: return .object(self.object(at: place))
        }
    }
}

// MARK: XML

extension TargetFill {
    /// The inside of the element itself, for a list of such elements.
    var element: ElementContent {
        var attributes = XMLWriter()
        self.write(attributesOf: TargetLayout.itself, to: &attributes)
        var inside = XMLWriter()
        self.write(insideOf: TargetLayout.itself, to: &inside)
        return ElementContent(attributes: attributes.bytes, inside: inside.bytes)
    }

    /// The whole element, with the declarations of its root.
    func write(_ root: XMLRoot, to writer: inout XMLWriter) {
        writer.append(root.start)
        self.write(attributesOf: TargetLayout.itself, to: &writer)
        self.write(end: root.name, aroundMembersOf: TargetLayout.itself, to: &writer)
    }

    private func write(attributesOf place: Int, to writer: inout XMLWriter) {
        var next = self.slots[place].first
        while next >= 0 {
            let member = Int(next)
            next = self.slots[member].next
            guard self.layout.places[member].isAttribute, case .value(let value) = self.slots[member].content
            else {
                continue
            }
            writer.append(" ")
            writer.append(self.layout.places[member].name)
            writer.append("=\"")
            writer.append(attribute: SourceNode.text(of: value) ?? "")
            writer.append("\"")
        }
    }

    private func write(insideOf place: Int, to writer: inout XMLWriter) {
        if case .value(let value) = self.slots[place].content {
            writer.append(text: SourceNode.text(of: value) ?? "")
            return
        }
        var next = self.slots[place].first
        while next >= 0 {
            let member = Int(next)
            next = self.slots[member].next
            if !self.layout.places[member].isAttribute { self.write(elementsAt: member, to: &writer) }
        }
    }

    private func write(elementsAt place: Int, to writer: inout XMLWriter) {
        let name = self.layout.places[place].name
        switch self.slots[place].content {
        case .elements(let elements):
            for element in elements {
                self.write(start: name, of: place, to: &writer)
                writer.append(element.attributes)
                self.write(end: name, around: element.inside, to: &writer)
            }
        case .value(.array(let items)):
            for item in items {
                self.write(start: name, of: place, to: &writer)
                self.write(end: name, aroundText: SourceNode.text(of: item) ?? "", to: &writer)
            }
        case .value(let value):
            self.write(start: name, of: place, to: &writer)
            self.write(end: name, aroundText: SourceNode.text(of: value) ?? "", to: &writer)
        case .nothing:
            self.write(start: name, of: place, to: &writer)
            self.write(end: name, aroundMembersOf: place, to: &writer)
        }
    }

    private func write(start name: String, of place: Int, to writer: inout XMLWriter) {
        writer.append("<")
        writer.append(name)
        self.write(attributesOf: place, to: &writer)
    }

    private func write(end name: String, aroundMembersOf place: Int, to writer: inout XMLWriter) {
        writer.append(">")
        let start = writer.bytes.count
        self.write(insideOf: place, to: &writer)
        if writer.bytes.count > start {
            self.write(endTag: name, to: &writer)
        } else {
            writer.closeEmptyElement()
        }
    }

    private func write(end name: String, aroundText text: String, to writer: inout XMLWriter) {
        if text.isEmpty { return writer.append("/>") }
        writer.append(">")
        writer.append(text: text)
        self.write(endTag: name, to: &writer)
    }

    private func write(end name: String, around inside: [UInt8], to writer: inout XMLWriter) {
        if inside.isEmpty { return writer.append("/>") }
        writer.append(">")
        writer.append(inside)
        self.write(endTag: name, to: &writer)
    }

    private func write(endTag name: String, to writer: inout XMLWriter) {
        writer.append("</")
        writer.append(name)
        writer.append(">")
    }
}
