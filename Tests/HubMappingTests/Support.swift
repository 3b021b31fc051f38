import HubJSON
import HubMapping
import HubModel
import HubXML
import HubYAML

/// The head of a mapping takes three lines.
let head = "format: mapping-1\nsource: edoc/document/1\ntarget: indicator/event/1\n"

func compiled(_ body: String) throws -> Mapping {
    try Mapping.compile(
        YAMLReader.read(Array((head + body).utf8), file: "test.yaml").get(), file: "test.yaml"
    ).get()
}

func faults(_ text: String) throws -> [String] {
    let tree = try YAMLReader.read(Array(text.utf8), file: "test.yaml").get()
    guard case .failure(let faults) = Mapping.compile(tree, file: "test.yaml") else { return [] }
    return faults.faults.map(\.description)
}

func source(_ text: String) throws -> MappingSource {
    text.hasPrefix("<")
        ? .xml(try XMLDocument.parse(Array(text.utf8)))
        : .json(try JSONDocument.parse(Array(text.utf8)).value)
}

/// A mapping to XML whose root is `r` and has these prefixes.
func compiledXML(_ body: String) throws -> Mapping {
    try compiled(
        "root: { name: \"s:r\", namespaces: { s: \"urn:s\", q: \"urn:q\", \"\": \"urn:d\" } }\n" + body)
}

/// What a mapping to XML makes, without what every such document begins with.
func xml(_ mapping: Mapping, of text: String) throws -> String {
    let text = String(decoding: try mapping.run(on: source(text)).bytes, as: UTF8.self)
    let start =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<s:r xmlns:s=\"urn:s\" xmlns:q=\"urn:q\" xmlns=\"urn:d\""
    guard text.hasPrefix(start) else { return text }
    return String(text.dropFirst(start.count))
}
