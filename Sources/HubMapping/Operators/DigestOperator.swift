import HubJSON
import HubModel

/// `digest: { parts: [ … ], with: TEXT }`: the SHA-256, in hexadecimal, of texts in a row.
final class DigestOperator: MappingOperator {
    private let parts: TextParts

    init?(_ tree: SettingsTree, _ compiler: MappingCompiler) {
        let reader = compiler.reader(of: tree)
        let parts = TextParts(reader, compiler, for: .digest)
        reader.refuseOtherKeys()
        guard let parts else { return nil }
        self.parts = parts
    }

    /// Parts that are all left out have the empty text: a checksum is there even when nothing is.
    func value(in scope: MappingScope) throws(HubError) -> JSONValue? {
        guard let digest = scope.run.digest else {
            throw .mapping(
                .contextAbsent, "The hub has no hash function here.", ErrorDetail("name", "digest function"))
        }
        let text = try self.parts.text(in: scope) ?? ""
        return .string(try digest(Array(text.utf8)).description)
    }
}
