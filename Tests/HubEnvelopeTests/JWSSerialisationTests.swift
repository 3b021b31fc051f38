import HubEnvelope
import HubJSON
import HubModel
import Testing

@Suite("JWS in every serialisation")
struct JWSSerialisationTests {
    static let payload = JWSTests.payload
    static let secretBytes = (1...32).map { UInt8($0) }

    static func secret() throws -> SharedSecret { try SharedSecret(Self.secretBytes) }

    /// Finds these keys by their fingerprints.
    static func known(_ keys: [VerificationKey]) -> (String) -> [VerificationKey] {
        { kid in
            keys.filter {
                switch $0 {
                case .publicKey(let key): key.fingerprint.description == kid
                case .secret(let secret): secret.fingerprint.description == kid
                }
            }
        }
    }

    static func verify(_ text: String, _ keys: [VerificationKey]) -> JWSReport {
        JWS.verify(Array(text.utf8), policy: .every) { _ in keys }
    }

    // MARK: Keys

    @Test(
        "Every kind of key signs in every serialisation, inside and beside, encoded and not",
        arguments: KeyKind.allCases)
    func roundTrip(kind: KeyKind) throws {
        let key = try TestKeys.key(kind)
        let text = Array("Kính gửi «Uỷ ban», \u{0} \"\\\" 😀.".utf8)
        for serialisation in JWSSerialisation.allCases {
            for (isDetached, isEncoded) in [(false, true), (true, true), (true, false), (false, false)] {
                // Unencoded inside a compact JWS there is only plain text.
                let isPlain = serialisation == .compact && !isDetached && !isEncoded
                let payload = isPlain ? Array("Plain text!".utf8) : text
                let made = try JWS.sign(
                    payload, by: [JWSSigner(key)], as: serialisation, detached: isDetached, encoded: isEncoded
                )
                let beside = isDetached ? payload : nil
                let report = JWS.verify(
                    made, content: beside, policy: .every, keys: Self.known([.publicKey(key.publicKey)]))
                #expect(report.overall.verdict == .valid && report.payload == payload, "\(report)")
                #expect(
                    report.serialisation == serialisation && report.overall.key == key.publicKey.fingerprint)
                #expect(report.signatures.map(\.keyID) == [key.publicKey.fingerprint.description])
                #expect(report.signatures.map(\.unprotected) == [[]])
                let other = isDetached ? nil : payload
                let turned = JWS.verify(made, content: other, policy: .every) { _ in
                    [.publicKey(key.publicKey)]
                }
                #expect(turned.overall.code == .envelopeSignatureMalformed && turned.payload == nil)
            }
        }
    }

    @Test("Each algorithm of a key can be asked for, and holds under its own name only")
    func algorithms() throws {
        let key = try TestKeys.key(.rsa2048)
        for (algorithm, name) in [
            (SignatureAlgorithm.rsaSHA256, "RS256"), (.rsaSHA384, "RS384"), (.rsaSHA512, "RS512"),
            (.rsaPSSSHA256, "PS256"), (.rsaPSSSHA384, "PS384"), (.rsaPSSSHA512, "PS512"),
        ] {
            let made = try JWS.sign(
                Self.payload, by: [JWSSigner(key, algorithm: algorithm, unprotected: [.algorithm])],
                as: .flattened)
            let text = TestDocument.text(made)
            let report = Self.verify(text, [.publicKey(key.publicKey)])
            #expect(report.overall.verdict == .valid && report.overall.algorithm == name)
            #expect(report.signatures[0].unprotected == ["alg"])
            let other = text.replacing(name, with: name == "RS256" ? "PS256" : "RS256")
            #expect(Self.verify(other, [.publicKey(key.publicKey)]).overall.code == .envelopeSignatureInvalid)
        }
    }

    @Test("A secret signs and checks, and is told by a fingerprint that is not a signature")
    func secrets() throws {
        let secret = try Self.secret()
        for serialisation in JWSSerialisation.allCases {
            let made = try JWS.sign(Self.payload, by: [JWSSigner(secret)], as: serialisation)
            let report = JWS.verify(made, policy: .every, keys: Self.known([.secret(secret)]))
            #expect(report.overall.verdict == .valid && report.payload == Self.payload)
            #expect(report.overall.key == secret.fingerprint && report.overall.algorithm == "HS256")
            let other = try SharedSecret(Self.secretBytes.reversed())
            #expect(other.fingerprint != secret.fingerprint)
            let refused = JWS.verify(made, policy: .every) { _ in [.secret(other)] }
            #expect(refused.overall.code == .envelopeSignatureInvalid && refused.payload == nil)
        }
        // RFC 2104 over the fixed text, and nothing of the secret itself.
        let code = HMACSHA256.code(Array("fingerprint of a shared secret".utf8), key: Self.secretBytes)
        #expect(secret.fingerprint.bytes == code)
        var dumped = ""
        dump(secret, to: &dumped)
        #expect("\(secret)" == "SharedSecret(\(secret.fingerprint))")
        #expect(!dumped.contains("bytes") && dumped.contains("fingerprint"), "\(dumped)")
    }

    @Test(
        "A secret that is shorter than the hash, or longer than any, is refused",
        arguments: [0, 1, 31, 32, 1024, 1025])
    func secretLength(count: Int) throws {
        let bytes = [UInt8](repeating: 7, count: count)
        guard !(32...1024).contains(count) else {
            _ = try SharedSecret(bytes)
            return
        }
        let error = #expect(throws: HubError.self) { try SharedSecret(bytes) }
        #expect(error?.code == .envelopeKeyUnusable && error?.detail("bytes") == "\(count)")
    }

    @Test(
        "A public key is never taken for a secret, nor a secret for a public key",
        arguments: [KeyKind.p256, .rsa2048])
    func confusion(kind: KeyKind) throws {
        let key = try TestKeys.key(kind).publicKey
        // The forger knows the public key in every form; the checker has it as a public key.
        for bytes in [key.der, key.pem, key.fingerprint.bytes] {
            let forged = try JWS.sign(Self.payload, by: [JWSSigner(SharedSecret(bytes))], as: .flattened)
            let report = JWS.verify(forged, policy: .every) { _ in [.publicKey(key)] }
            #expect(report.overall.verdict == .invalid && report.overall.code == .envelopeAlgorithmRefused)
            let compact = try JWS.sign(Self.payload, by: [JWSSigner(SharedSecret(bytes))], as: .compact)
            let read = JWS.verifyCompact(TestDocument.text(compact)) { _ in key }
            #expect(read.report.code == .envelopeAlgorithmRefused && read.payload == nil)
            let token = try JWS.sign(
                Self.payload, by: [JWSSigner(SharedSecret(bytes))], as: .compact, detached: true)
            let detached = JWS.verifyDetached(TestDocument.text(token), payload: Self.payload) { _ in key }
            #expect(detached.code == .envelopeAlgorithmRefused)
        }
        let signed = try JWS.sign(Self.payload, by: [JWSSigner(TestKeys.key(kind))], as: .flattened)
        let secret = try Self.secret()
        let report = JWS.verify(signed, policy: .every) { _ in [.secret(secret)] }
        #expect(report.overall.verdict == .invalid && report.overall.code == .envelopeAlgorithmRefused)
    }

    @Test("Of several keys with one name the one of the algorithm is used")
    func sameName() throws {
        let keys = try [KeyKind.p256, .rsa2048, .p521].map { try TestKeys.key($0) }
        let known = try keys.map { VerificationKey.publicKey($0.publicKey) } + [.secret(Self.secret())]
        let signers = keys.map { JWSSigner($0, keyID: .text("bilbo")) }
        let made = try JWS.sign(
            Self.payload, by: signers + [JWSSigner(Self.secret(), keyID: .text("bilbo"))], as: .general)
        let report = JWS.verify(made, policy: .every) { $0 == "bilbo" ? known : [] }
        #expect(report.overall.verdict == .valid && report.payload == Self.payload)
        #expect(report.signatures.map(\.report.algorithm) == ["ES256", "RS256", "ES512", "HS256"])
        // Two keys of one kind: the second one signed.
        let pair = try [SigningKey.generate(.p256), TestKeys.key(.p256)].map {
            VerificationKey.publicKey($0.publicKey)
        }
        let single = try JWS.sign(Self.payload, by: [signers[0]], as: .flattened)
        #expect(JWS.verify(single, policy: .every) { _ in pair }.overall.verdict == .valid)
    }

    // MARK: Policies

    /// Three signatures, with what each becomes.
    enum Fate: CaseIterable { case valid, unknown, broken, refused }

    @Test("The policy decides what several signatures are together", arguments: Fate.allCases, Fate.allCases)
    func policies(first: Fate, second: Fate) throws {
        let keys = try [TestKeys.key(.p256), TestKeys.key(.ed25519)]
        let made = try JWS.sign(
            Self.payload, by: keys.map { JWSSigner($0, unprotected: [.algorithm]) }, as: .general)
        var text = TestDocument.text(made)
        var known: [VerificationKey] = []
        let value = try JSONDocument.parse(made).value
        for (index, fate) in [first, second].enumerated() {
            let key = keys[index]
            if fate != .unknown { known.append(.publicKey(key.publicKey)) }
            let signature = try #require(value.value(at: "/signatures/\(index)/signature")?.string)
            if fate == .broken {
                text = text.replacing(
                    signature, with: (signature.hasPrefix("A") ? "B" : "A") + signature.dropFirst())
            }
            if fate == .refused { text = text.replacing(index == 0 ? "ES256" : "EdDSA", with: "none") }
        }
        for policy in [JWSPolicy.every, .oneKnown] {
            let report = JWS.verify(Array(text.utf8), policy: policy, keys: Self.known(known))
            let fates = [first, second]
            let isBroken = fates.contains(.broken) || fates.contains(.refused)
            let isValid =
                switch policy {
                case .every: fates == [.valid, .valid]
                case .oneKnown: fates.contains(.valid) && !isBroken
                }
            #expect((report.overall.verdict == .valid) == isValid, "\(policy) \(fates): \(report)")
            #expect(report.payload == (isValid ? Self.payload : nil))
            let codes: [Fate: ErrorCode] = [
                .unknown: .envelopeKeyUnknown, .broken: .envelopeSignatureInvalid,
                .refused: .envelopeAlgorithmRefused,
            ]
            #expect(report.signatures.map(\.report.code) == fates.map { codes[$0] })
            if !isValid {
                let obstacles = fates.filter {
                    $0 != .valid && (policy == .every || !isBroken || $0 != .unknown)
                }
                #expect(report.overall.code == obstacles.first.flatMap { codes[$0] })
            }
        }
    }

    @Test("One to eight signatures are a JWS, none and nine are not")
    func count() throws {
        let key = try TestKeys.key(.ed25519)
        let made = try JWS.sign(Self.payload, by: Array(repeating: JWSSigner(key), count: 8), as: .general)
        #expect(Self.verify(TestDocument.text(made), [.publicKey(key.publicKey)]).overall.verdict == .valid)
        var value = try #require(try JSONDocument.parse(made).value.object)
        let signatures = try #require(value["signatures"]?.array)
        for others in [[], signatures + [signatures[0]]] {
            value["signatures"] = .array(others)
            for policy in [JWSPolicy.every, .oneKnown] {
                let report = JWS.verify(JSONValue.object(value).serialised(), policy: policy) { _ in
                    [.publicKey(key.publicKey)]
                }
                #expect(report.overall.code == .envelopeSignatureMalformed && report.signatures.isEmpty)
            }
        }
        for (signers, serialisation) in [
            (0, JWSSerialisation.general), (9, .general), (2, .flattened), (2, .compact), (0, .compact),
        ] {
            let error = #expect(throws: HubError.self) {
                try JWS.sign([1], by: Array(repeating: JWSSigner(key), count: signers), as: serialisation)
            }
            #expect(error?.code == .envelopeSignatureMalformed)
        }
    }
}
