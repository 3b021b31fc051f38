import Entry
import HubXML
import World

/// XML: whatever is read has, but for relative namespaces, a canonical form, which is its own canonical form.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let document = try? XMLDocument.parse(input(start, count)) else { return 0 }
    visit(document.root, depth: 0)
    for method in [Canonicalisation.exclusive, .inclusive] {
        guard let text = canonical(document, method) else { continue }
        require(canonical(document, method) == text, "a document has one canonical form")
        let again = require(try? XMLDocument.parse(text), "canonical XML can be read")
        require(canonical(again, method) == text, "the canonical form is canonical")
    }
    return 0
}

@main
enum Target {
    static func main() { _ = lgsp_fuzz_main(CommandLine.argc, CommandLine.unsafeArgv) }
}

private func canonical(_ document: XMLDocument, _ method: Canonicalisation) -> [UInt8]? {
    var bytes: [UInt8] = []
    let isWritten = (try? document.canonicalise(method) { bytes += Array($0) }) != nil
    return isWritten ? bytes : nil
}

/// Looks at everything that a reader can ask an element for.
private func visit(_ element: XMLElement, depth: Int) {
    require(depth < XMLLimits().maxDepth, "the depth is limited")
    require(element.isNamed(element.localName, in: element.namespace), "an element has its name")
    require(!element.path.isEmpty && element.line > 0, "an element has a place")
    for attribute in element.attributes {
        let value = element.attribute(attribute.name, in: attribute.namespace)
        require(value == attribute.value, "an attribute that is listed is found")
    }
    for child in element.children {
        require(child.parent == element, "a child has its parent")
        visit(child, depth: depth + 1)
    }
}
