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
