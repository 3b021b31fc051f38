import HubEnvelope
import HubModel
import Testing

@Suite("Keys")
struct KeyTests {
    static let message = Array("Kính gửi Uỷ ban nhân dân tỉnh Phú Thọ".utf8)

    @Test("A key of each kind signs, survives PEM, and its signature belongs to its bytes only", arguments: KeyKind.allCases)
    func roundTrip(kind: KeyKind) throws {
        let key = try SigningKey(pem: SigningKey.generate(kind).pem)
        #expect(key.kind == kind)
        let publicKey = try PublicKey(pem: key.publicKey.pem)
        #expect(publicKey == key.publicKey)
        #expect(publicKey.fingerprint == SHA256.hash(publicKey.der))
        let algorithms = SignatureAlgorithm.allCases.filter { $0.suits(kind) }
        #expect(algorithms.contains(kind.usualAlgorithm))
        for algorithm in algorithms {
            let signature = try key.sign(Self.message, with: algorithm)
            #expect(try publicKey.verifies(signature, of: Self.message, with: algorithm))
            #expect(try !publicKey.verifies(signature, of: Self.message + [0], with: algorithm))
            #expect(try !publicKey.verifies(signature.dropLast() + [], of: Self.message, with: algorithm))
            #expect(try !publicKey.verifies(signature + [0], of: Self.message, with: algorithm))
            #expect(try !publicKey.verifies([], of: Self.message, with: algorithm))
            let zero = [UInt8](repeating: 0, count: signature.count)
            #expect(try !publicKey.verifies(zero, of: Self.message, with: algorithm))
            let full = [UInt8](repeating: 0xFF, count: signature.count)
            #expect(try !publicKey.verifies(full, of: Self.message, with: algorithm))
            for other in algorithms where other != algorithm {
                #expect(try !publicKey.verifies(signature, of: Self.message, with: other))
            }
        }
    }
}
