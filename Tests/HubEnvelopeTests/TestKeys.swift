import HubEnvelope

/// One key of each kind for a whole run: making an RSA key takes longer than any test that uses it.
enum TestKeys {
    private static let keys: [KeyKind: Result<SigningKey, any Error>] = Dictionary(
        uniqueKeysWithValues: KeyKind.allCases.map { kind in (kind, Result { try SigningKey.generate(kind) })
        }
    )

    static func key(_ kind: KeyKind) throws -> SigningKey {
        guard let key = Self.keys[kind] else { return try SigningKey.generate(kind) }
        return try key.get()
    }
}
