import HubJSON

// Writing what was set as elements and attributes.
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
