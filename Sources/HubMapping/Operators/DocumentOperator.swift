import HubJSON
import HubModel

/// `json: { steps: [ … ] }`, or `xml: { root: NAME, namespaces: …, steps: [ … ] }`: a document as a text.
final class DocumentOperator: MappingOperator {
    private let body: TargetBody

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler, isXML: Bool) {
        let reader = compiler.reader(of: tree)
        let syntax: TargetSyntax? =
            isXML
            ? XMLRoot(name: reader.requiredTree("root"), in: reader, compiler).map(TargetSyntax.xml) : .json
        let body = reader.requiredTree("steps").flatMap { steps in
            syntax.flatMap { compiler.body(steps, making: $0) }
        }
        reader.refuseOtherKeys()
        guard let body else { return nil }
        self.body = body
    }

    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        switch try self.body.result(in: scope, declared: false) {
        case .json(let value): .string(value.text)
        case .xml(let bytes): .string(String(decoding: bytes, as: UTF8.self))
        }
    }
}
