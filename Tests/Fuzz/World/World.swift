public import HubEnvelope
public import HubModel
import HubXML

/// What is registered, trusted and signed where the fuzz targets are.
///
/// The same in every run, so that an input that was found once can be looked at anywhere.
///
/// The keys are derived from their names. Everybody can compute them, and nothing is protected by them.
public enum World {
    public static let start = Timestamp(seconds: 1_767_225_600)  // 2026-01-01
    public static let end = Timestamp(seconds: 2_082_758_400)  // 2036-01-01
    /// When seeds are signed and everything is checked.
    public static let now = Timestamp(seconds: 1_893_456_000)  // 2030-01-01
    public static let validity = Self.start...Self.end

    /// The registered keys, of three of the kinds that can be derived.
    public static let keys = [
        Self.p256("registered"), must { try SigningKey(pem: PKCS8.p384("registered")) },
        must { try SigningKey(pem: PKCS8.ed25519("registered")) },
    ]

    public static let publicKeys = Self.keys.map(\.publicKey)

    /// A key that nobody has registered.
    public static let stranger = Self.p256("stranger")

    /// A key that never signed anything.
    public static let unused = Self.p256("unused").publicKey

    /// A secret that never signed anything.
    public static let secret = try? SharedSecret(SHA256.hash("unused").bytes)

    /// Whoever can open the encrypted seeds.
    public static let recipient = Self.p256("recipient")

    public static func p256(_ name: String) -> SigningKey { must { try SigningKey(pem: PKCS8.p256(name)) } }

    /// The registered key with this fingerprint in hexadecimal.
    public static func key(_ fingerprint: String) -> PublicKey? {
        Self.publicKeys.first { $0.fingerprint.description == fingerprint }
    }

    /// Everything that a registered key ever signed, and that was ever sealed, except XML documents.
    public static let contents = [
        #"{"a":1}"#, "nội dung", "", String(repeating: "0123456789abcdef", count: 40),
    ].map { Array($0.utf8) }

    /// What the timestamps of the seeds are over.
    public static let digest = SHA256.hash(Self.contents[1])

    private static let edXML = "http://www.mic.gov.vn/TBT/QCVN_102_2016"

    /// Every XML document that a registered key ever signed, without the signature.
    public static let documents = [
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <edXML xmlns="\(Self.edXML)"><edXML:edXMLEnvelope xmlns:edXML="\(Self.edXML)"><edXML:edXMLHeader>
        <edXML:Subject>Số liệu &lt;1&gt; &amp; 2</edXML:Subject></edXML:edXMLHeader><edXML:edXMLBody/>
        </edXML:edXMLEnvelope></edXML>
        """,
        """
        <e:edXML xmlns:e="\(Self.edXML)"><e:edXMLEnvelope xmlns:u="urn:u"><e:edXMLHeader>
        <u:x y="1" u:y='2' xml:lang="vi"><![CDATA[<a>]]>&#13;</u:x></e:edXMLHeader ><?p i?>
        </e:edXMLEnvelope></e:edXML><!-- end -->
        """,
    ].map { Array($0.utf8) }

    /// A file of the seeds.
    public static func file(_ path: String) -> [UInt8] { must { try Files.read(Files.seeds + "/" + path) } }
}

/// The value, which is there unless the target itself is wrong.
public func must<Value>(_ make: () throws -> Value) -> Value {
    do { return try make() } catch { report("the world of the fuzz targets cannot be made: \(error)") }
}

/// Reports the input if something does not hold that must hold for every input.
public func require(_ condition: Bool, _ what: StaticString) {
    if !condition { report("oracle: \(what)") }
}

/// A value that must be there for every input; reports the input otherwise.
public func require<Value>(_ value: Value?, _ what: StaticString) -> Value {
    guard let value else { report("oracle: \(what)") }
    return value
}

private func report(_ what: String) -> Never {
    // Meant: the end of the process is how libFuzzer learns of a finding, and nothing of this package is in the hub.
    fatalError(what)
}

/// The bytes that libFuzzer lends.
public func input(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
    Array(UnsafeBufferPointer(start: start, count: count))
}
