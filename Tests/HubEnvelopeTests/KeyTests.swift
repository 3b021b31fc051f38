import HubEnvelope
import HubJSON
import HubModel
import Testing

@Suite("Keys")
struct KeyTests {
    static let message = Array("Kính gửi Uỷ ban nhân dân tỉnh Phú Thọ".utf8)

    @Test(
        "A key of each kind signs, survives PEM, and its signature belongs to its bytes only",
        arguments: KeyKind.allCases)
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

    @Test(
        "What is not a usable key is refused",
        arguments: [
            "", "nonsense", "-----BEGIN PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----",
            Weak.rsa1024, Weak.p224, Weak.secp256k1, Weak.x25519, Weak.explicitCurve,
        ])
    func unusable(pem: String) {
        let error = #expect(throws: HubError.self) { try PublicKey(pem: Array(pem.utf8)) }
        #expect(error?.code == .envelopeKeyUnusable)
        let other = #expect(throws: HubError.self) { try SigningKey(pem: Array(pem.utf8)) }
        #expect(other?.code == .envelopeKeyUnusable)
    }

    @Test("An encrypted private key is refused, and nobody is asked for its password")
    func encrypted() throws {
        let pem = TestDocument.text(try TestKeys.key(.p256).pem)
        for changed in [
            pem.replacing("PRIVATE KEY", with: "ENCRYPTED PRIVATE KEY"),
            pem.replacing(
                "KEY-----\n", with: "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n",
                maxReplacements: 1),
        ] {
            let error = #expect(throws: HubError.self) { try SigningKey(pem: Array(changed.utf8)) }
            #expect(error?.code == .envelopeKeyUnusable)
        }
    }

    @Test("Text around a block and Windows line ends do not matter; bytes after the key do")
    func leniency() throws {
        let key = try TestKeys.key(.p256).publicKey
        let text = "A key\r\n" + TestDocument.text(key.pem).replacing("\n", with: "\r\n") + "The end\r\n"
        #expect(try PublicKey(pem: Array(text.utf8)) == key)
        #expect(throws: HubError.self) { try PublicKey(der: key.der + [0]) }
        #expect(throws: HubError.self) { try PublicKey(der: []) }
    }

    @Test("An RSA key whose exponent is one or even, or whose modulus is even, is refused")
    func rsaNumbers() throws {
        let modulus = [0xC1] + [UInt8](repeating: 0x5B, count: 255)
        func key(_ modulus: [UInt8], _ exponent: [UInt8]) throws -> PublicKey? {
            try JWKText.publicKey([
                "kty": "RSA", "n": .string(Base64.urlText(modulus)), "e": .string(Base64.urlText(exponent)),
            ])
        }
        #expect(try key(modulus, [1, 0, 1])?.kind == .rsa2048)
        for (modulus, exponent) in [
            (modulus, [1]), (modulus, [2]), (modulus, [0]),
            (modulus.dropLast() + [0x5A], [1, 0, 1] as [UInt8]),
            (modulus.dropLast() + [], [1, 0, 1]), (modulus + [1], [1, 0, 1]),
        ] {
            let error = #expect(throws: HubError.self) { try key(modulus, exponent) }
            #expect(error?.code == .envelopeKeyUnusable)
        }
    }

    @Test("A private key whose halves do not belong together is refused")
    func foreignHalf() throws {
        let one = try SigningKey.generate(.p256)
        let other = try SigningKey.generate(.p256)
        let pem = TestDocument.text(try one.pem).split(separator: "\n").dropFirst().dropLast().joined()
        let der = try #require(Base64.bytes(pem))
        // The public point is the end of both forms.
        let mixed = der.dropLast(64) + other.publicKey.der.suffix(64)
        let text = "-----BEGIN PRIVATE KEY-----\n\(Base64.text(mixed))\n-----END PRIVATE KEY-----\n"
        let error = #expect(throws: HubError.self) { try SigningKey(pem: Array(text.utf8)) }
        #expect(error?.code == .envelopeKeyUnusable)
    }

    @Test("A key that cannot use an algorithm says so")
    func wrongAlgorithm() throws {
        let key = try TestKeys.key(.p256)
        let error = #expect(throws: HubError.self) { try key.sign(Self.message, with: .rsaSHA256) }
        #expect(error?.code == .envelopeKeyUnusable && error?.detail("algorithm") == "rsa-sha256")
        #expect(try !key.publicKey.verifies(key.sign(Self.message), of: Self.message, with: .ecdsaSHA384))
    }

    @Test(
        "ECDSA signatures have their fixed length, whatever their numbers are",
        arguments: [(KeyKind.p256, 64), (.p384, 96), (.p521, 132)])
    func fixedLength(kind: KeyKind, length: Int) throws {
        let key = try TestKeys.key(kind)
        // About one number in 256 begins with a zero byte, so a thousand signatures have a few.
        for index in 0..<1000 {
            let message = [UInt8(index & 0xFF), UInt8(index >> 8)]
            let signature = try key.sign(message)
            #expect(signature.count == length)
            #expect(try key.publicKey.verifies(signature, of: message))
            let form = try #require(key.publicKey.standardForm(of: signature))
            #expect(key.publicKey.signature(fromStandardForm: form) == signature)
        }
    }

    @Test("The lengths of an ECDSA signature in DER are written in one way only", arguments: [KeyKind.p256, .p521])
    func lengths(kind: KeyKind) throws {
        let key = try TestKeys.key(kind).publicKey
        // Numbers of full length below the order of the curve.
        let raw = [UInt8](repeating: 1, count: kind == .p256 ? 64 : 132)
        let form = try #require(key.standardForm(of: raw))
        #expect(key.signature(fromStandardForm: form) == raw)
        #expect(form[1] == (kind == .p256 ? 0x44 : 0x81))
        let content = Array(form.dropFirst(kind == .p256 ? 2 : 3))
        let count = UInt8(content.count)
        let others: [[UInt8]] =
            [[0x30, 0x82, 0, count] + content, [0x30, 0x80] + content + [0, 0], form + [0]]
            + [form.dropLast() + [], [0x31] + form.dropFirst(), [0x30], [0x30, 0x81], []]
            + [kind == .p256 ? [0x30, 0x81, count] + content : [0x30, count] + content]
        for other in others { #expect(key.signature(fromStandardForm: other) == nil, "\(other)") }
    }

    @Test("Damaged public keys are refused or read, and never worse", arguments: 0..<300 as Range<UInt64>)
    func damaged(seed: UInt64) throws {
        var random = Random(seed: seed)
        var der = try TestKeys.key([.p256, .rsa2048, .ed25519][random.below(3)]).publicKey.der
        switch random.below(3) {
        case 0: der.removeLast(1 + random.below(der.count))
        case 1: der[random.below(der.count)] = UInt8(random.below(256))
        default: der[random.below(der.count)] ^= UInt8(1 << random.below(8))
        }
        do throws(HubError) {
            let key = try PublicKey(der: der)
            for length in [64, 96, 256] {
                #expect(try !key.verifies([UInt8](repeating: 1, count: length), of: Self.message))
            }
        } catch {
            #expect(error.code == .envelopeKeyUnusable)
        }
    }
}
