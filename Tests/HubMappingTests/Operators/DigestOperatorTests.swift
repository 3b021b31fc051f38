import HubJSON
import HubMapping
import HubModel
import Testing

@Suite("The operator digest")
struct DigestOperatorTests {
    /// No hash function: what it was given stands in the digest, so that a test sees it.
    static let visible: MappingDigest = { bytes throws(HubError) in
        Digest(bytes: (bytes + [UInt8](repeating: 0, count: 32)).prefix(32)) ?? .zero
    }

    private static func shown(_ text: String) -> JSONValue {
        .string(Hex.text((Array(text.utf8) + [UInt8](repeating: 0, count: 32)).prefix(32)))
    }

    static let json = #"{"a": "1", "b": 2, "l": ["x", "y"], "o": {}}"#

    @Test(
        "hands the joined texts to the hash function it was given",
        arguments: [
            OperatorExample("digest: { parts: [{ copy: /a }, { copy: /b }] }", of: json, gives: shown("12")),
            OperatorExample(
                "digest: { parts: [{ copy: /a }, { context: secret }], with: '|' }", of: json,
                gives: shown("1|bí mật")),
            OperatorExample(
                "digest: { parts: [{ copy: { from: /l, as: text, all: true } }] }", of: #"{"l": 5}"#,
                gives: shown("5")),
            OperatorExample("digest: { parts: [{ copy: /l }], with: '-' }", of: json, gives: shown("x-y")),
            OperatorExample(
                "digest: { parts: [{ copy: { from: /none, optional: true } }] }", of: json, gives: shown("")),
            OperatorExample("digest: { parts: [{ copy: /o }] }", of: json, fails: "not-text"),
        ]
    )
    func gives(_ example: OperatorExample) throws {
        try example.check(context: ["secret": "bí mật"], digest: Self.visible)
    }

    @Test("fails without a hash function")
    func without() throws {
        try OperatorExample("digest: { parts: [{ copy: /a }] }", of: Self.json, fails: "context-absent")
            .check()
    }

    @Test("is refused without parts")
    func faults() throws {
        try FaultExample("steps: [{ set: /a, digest: { with: x } }]", "4:28: The key 'parts' is missing.")
            .check()
    }
}
