internal import HubEnvelope
internal import HubJSON
package import HubMapping
package import HubModel
package import HubSchema
internal import HubXML

/// What a mapping made of a document, found to fit the schema of its target.
package struct MappedForm: Sendable {
    package let document: Document
    package let bytes: [UInt8]

    /// - Throws: `mapping.failed`, also for a result that does not fit.
    package init(
        _ mapping: Mapping, of source: Document, context: [String: String], schemas: SchemaCatalogue
    ) throws(HubError) {
        let input: MappingSource =
            switch source {
            case .xml(let document): .xml(document)
            case .json(let document): .json(document.value)
            }
        let result = try mapping.run(on: input, context: context) { bytes in SHA256.hash(bytes) }
        self.bytes = result.bytes
        switch result {
        case .json: self.document = .json(try JSONDocument.parse(self.bytes))
        case .xml: self.document = .xml(try XMLDocument.parse(self.bytes))
        }
        let violations = try schemas.schema(for: mapping.target).violations(in: self.document, limit: 10)
        guard violations.isEmpty else {
            throw HubError(
                .mappingFailed, "What the mapping made does not fit the schema of its target.",
                details: [
                    ErrorDetail("reason", "result-invalid"), ErrorDetail("file", mapping.file),
                    ErrorDetail("line", mapping.place(setting: violations.first?.path ?? "").line),
                ],
                violations: violations
            )
        }
    }
}
