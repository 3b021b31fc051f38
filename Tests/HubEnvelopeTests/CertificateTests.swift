import HubEnvelope
import HubModel
import Testing

@Suite("Certificates")
struct CertificateTests {
    @Test("A certificate that a key issues to itself says what it was told", arguments: KeyKind.allCases)
    func selfSigned(kind: KeyKind) throws {
        let key = try TestKeys.key(kind)
        let start = try #require(Timestamp(rfc3339: "2026-03-01T00:00:00Z"))
        let made = try Certificate.selfSigned(key: key, commonName: "Sở Mẫu, Phú Thọ", days: 365, from: start)
        let read = try Certificate(pem: made.pem)
        #expect(read == made)
        #expect(read.subject == "CN=Sở Mẫu\\, Phú Thọ")
        #expect(read.fingerprint == key.publicKey.fingerprint && read.spki == key.publicKey.der)
        #expect(read.notBefore == start && read.notAfter == Timestamp(rfc3339: "2027-03-01T00:00:00Z"))
        #expect(read.isValid(at: start) && !read.isValid(at: start.advanced(by: .seconds(-1))))
        #expect(read.isValid(at: read.notAfter) && !read.isValid(at: read.notAfter.advanced(by: .seconds(1))))
        #expect(try PublicKey(pem: made.pem) == key.publicKey && made.publicKey() == key.publicKey)
    }

    @Test("Years after 2049 are written and read")
    func farAway() throws {
        let start = try #require(Timestamp(rfc3339: "2049-12-31T23:59:59Z"))
        let made = try Certificate.selfSigned(
            key: TestKeys.key(.p256), commonName: "x", days: 3650, from: start)
        #expect(made.notBefore == start && made.notAfter == start.advanced(by: .seconds(3650 * 86_400)))
    }

    @Test("A name that X.509 cannot hold is refused")
    func longName() throws {
        let key = try TestKeys.key(.p256)
        let error = #expect(throws: HubError.self) {
            try Certificate.selfSigned(key: key, commonName: String(repeating: "a", count: 65), days: 1)
        }
        #expect(error?.code == .envelopeCryptoFailed)
    }

    @Test("Damaged certificates are refused or read, and never worse", arguments: 0..<300 as Range<UInt64>)
    func damaged(seed: UInt64) throws {
        var random = Random(seed: seed)
        var der = try Self.sample.get().der
        switch random.below(3) {
        case 0: der.removeLast(1 + random.below(der.count))
        case 1: der[random.below(der.count)] = UInt8(random.below(256))
        default: der += [UInt8(random.below(256))]
        }
        do throws(HubError) {
            let read = try Certificate(der: der)
            _ = try? read.publicKey()
        } catch {
            #expect(error.code == .envelopeKeyUnusable)
        }
    }

    private static let sample = Result {
        try Certificate.selfSigned(key: SigningKey.generate(.p256), commonName: "x", days: 1)
    }
}
