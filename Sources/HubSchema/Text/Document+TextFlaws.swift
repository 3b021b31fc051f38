import HubJSON
public import HubModel
import HubXML

extension Document {
    /// Warnings about how texts are written, one for each flaw, with the place where it stands first.
    ///
    /// - Parameter content: The bytes of the document: most have nothing that calls for a look at the texts.
    public func textWarnings(_ content: [UInt8]) -> [Warning] {
        // A mark at the very beginning says that the file is UTF-8, and belongs to no text.
        guard TextFlaw.mayBe(in: content[(content.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)...]) else { return [] }
        var places: [TextFlaw: String] = [:]
        func look(_ text: String, at path: @autoclosure () -> String) {
            for flaw in TextFlaw.found(in: text) where places[flaw] == nil { places[flaw] = path() }
        }
        switch self {
        case .xml(let document): Self.walk(document.root) { look($0.text, at: $0.path) }
        case .json(let document): Self.walk(document.value, "") { look($0, at: $1) }
        }
        return TextFlaw.allCases.compactMap { flaw in
            places[flaw].map { Warning(code: flaw.rawValue, path: $0, message: flaw.message) }
        }
    }

    /// Every element without elements in it, in the order of the document.
    private static func walk(_ element: XMLElement, _ leaf: (XMLElement) -> Void) {
        guard var child = element.firstChild else { return leaf(element) }
        while true {
            Self.walk(child, leaf)
            guard let next = child.nextSibling else { return }
            child = next
        }
    }

    private static func walk(_ value: JSONValue, _ path: String, _ text: (String, String) -> Void) {
        if let string = value.string { return text(string, path) }
        if let items = value.array {
            for (index, item) in items.enumerated() { Self.walk(item, "\(path)/\(index)", text) }
        } else if let object = value.object {
            for member in object.members {
                text(member.key, path)
                Self.walk(member.value, path + "/" + JSONPointer.escaped(member.key), text)
            }
        }
    }
}
