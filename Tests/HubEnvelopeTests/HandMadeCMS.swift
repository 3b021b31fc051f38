import HubEnvelope
import HubModel

/// A signed envelope that is put together by hand, so that it can be wrong in any one way.
///
/// As it is made first it is right: attached, P-256, the two attributes that must be there.
struct HandMadeCMS {
    static let dataType = "1.2.840.113549.1.7.1"
    static let sha256 = TestDER.sequence(TestDER.identifier("2.16.840.1.101.3.4.2.1"))
    static let ecdsaSHA256 = TestDER.sequence(TestDER.identifier("1.2.840.10045.4.3.2"))

    var key: SigningKey
    var certificate: Certificate
    var signing: SignatureAlgorithm
    var outerType = "1.2.840.113549.1.7.2"
    var version: UInt8 = 1
    var digests = [Self.sha256]
    var innerType = Self.dataType
    /// What stands under eContent, with its tag; `nil` for a detached signature.
    var content: [UInt8]?
    var certificates: [[UInt8]]
    /// What stands between the certificates and the signatures.
    var extra: [UInt8] = []
    var signerVersion: UInt8 = 1
    var signerName: [UInt8]
    var digest = Self.sha256
    /// The attributes as they stand; `nil` for none at all.
    var attributes: [[UInt8]]?
    var isSorted = true
    var algorithm: [UInt8]
    /// What stands behind the signature.
    var unsigned: [UInt8] = []
    var signerCount = 1

    init(_ content: [UInt8], kind: KeyKind = .p256) throws {
        self.key = try TestKeys.key(kind)
        self.certificate = try TestCertificates.certificate(kind)
        self.signing = kind.usualAlgorithm
        self.content = TestDER.octets(content)
        self.certificates = [self.certificate.der]
        self.signerName = Self.name(self.certificate)
        self.attributes = [
            Self.attribute("1.2.840.113549.1.9.3", TestDER.identifier(Self.dataType)),
            Self.attribute("1.2.840.113549.1.9.4", TestDER.octets(SHA256.hash(content).bytes)),
        ]
        self.algorithm =
            kind == .p256
            ? Self.ecdsaSHA256
            : TestDER.sequence(TestDER.identifier("1.2.840.113549.1.1.11"), TestDER.null)
    }

    static func attribute(_ type: String, _ values: [UInt8]...) -> [UInt8] {
        TestDER.sequence(TestDER.identifier(type), TestDER.set(values))
    }

    /// Issuer and serial number, cut out of the certificate.
    static func name(_ certificate: Certificate) -> [UInt8] {
        let fields = Self.fields(certificate)
        return TestDER.sequence(fields[3], fields[1])
    }

    /// `[0]` with the subject key identifier, cut out of the last extension.
    static func keyIdentifier(_ certificate: Certificate) -> [UInt8] {
        let extensions = TestDER.content(of: TestDER.content(of: Self.fields(certificate)[7]))
        let last = TestDER.elements(of: extensions).last.map { TestDER.elements(of: TestDER.content(of: $0)) }
        let value = last?.last.map { TestDER.content(of: TestDER.content(of: $0)) } ?? []
        return TestDER.element(0x80, value)
    }

    private static func fields(_ certificate: Certificate) -> [[UInt8]] {
        let outer = TestDER.elements(of: TestDER.content(of: certificate.der))
        return TestDER.elements(of: TestDER.content(of: outer[0]))
    }

    func der() throws -> [UInt8] {
        let signers = try TestDER.set(Array(repeating: self.signer(), count: self.signerCount))
        let content = self.content.map { TestDER.context(0, $0) } ?? []
        let certificates =
            self.certificates.isEmpty ? [] : TestDER.context(0, self.certificates.flatMap { $0 })
        return TestDER.sequence(
            TestDER.identifier(self.outerType),
            TestDER.context(
                0,
                TestDER.sequence(
                    TestDER.integer(self.version), TestDER.set(self.digests),
                    TestDER.sequence(TestDER.identifier(self.innerType), content), certificates, self.extra,
                    signers
                )
            )
        )
    }

    private func signer() throws -> [UInt8] {
        var attributes = self.attributes
        if self.isSorted { attributes?.sort { $0.lexicographicallyPrecedes($1) } }
        // Without attributes it is the content itself that is signed (RFC 5652, 5.4).
        let signed = attributes.map { TestDER.set($0) } ?? self.content.map { TestDER.content(of: $0) } ?? []
        var signature = try self.key.sign(signed, with: self.signing)
        if self.key.kind == .p256 {
            signature = TestDER.sequence(Self.number(signature[..<32]), Self.number(signature[32...]))
        }
        return TestDER.sequence(
            TestDER.integer(self.signerVersion), self.signerName, self.digest,
            attributes.map { TestDER.context(0, $0.flatMap { $0 }) } ?? [], self.algorithm,
            TestDER.octets(signature), self.unsigned
        )
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let digits = bytes.drop { $0 == 0 }
        return TestDER.element(0x02, (digits.first.map { $0 >= 0x80 } ?? true ? [0] : []) + digits)
    }
}

/// One certificate for each of the keys of a run.
enum TestCertificates {
    private static let certificates: [KeyKind: Result<Certificate, any Error>] = Dictionary(
        uniqueKeysWithValues: KeyKind.allCases.map { kind in
            (kind, Result { try Self.make(TestKeys.key(kind)) })
        }
    )

    static func certificate(_ kind: KeyKind) throws -> Certificate {
        guard let certificate = Self.certificates[kind] else { return try Self.make(TestKeys.key(kind)) }
        return try certificate.get()
    }

    /// A certificate that no other has the issuer and serial number of.
    static func make(_ key: SigningKey) throws -> Certificate {
        try Certificate.selfSigned(key: key, commonName: "qlvb-mau", days: 30)
    }
}
