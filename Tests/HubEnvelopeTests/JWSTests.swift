import Foundation
import HubEnvelope
import HubJSON
import HubModel
import Testing

@Suite("JWS")
struct JWSTests {
    static let payload = Array(#"{"MaHoSo":"H44.14-240315-0001","TenThuTuc":"Cấp giấy phép"}"#.utf8)

    /// A header of the test's choosing, signed properly.
    static func token(
        _ header: String, with key: SigningKey, payload: [UInt8] = Self.payload, isDetached: Bool = true,
        isEncoded: Bool = false, algorithm: SignatureAlgorithm? = nil
    ) throws -> String {
        let header = Base64.urlText(Array(header.utf8))
        let body = isEncoded ? Array(Base64.urlText(payload).utf8) : payload
        let signature = try key.sign(Array((header + ".").utf8) + body, with: algorithm)
        let middle = isDetached ? "" : String(decoding: body, as: UTF8.self)
        return header + "." + middle + "." + Base64.urlText(signature)
    }

    @Test(
        "A detached signature holds for its payload and its key, and for nothing else",
        arguments: KeyKind.allCases)
    func detached(kind: KeyKind) throws {
        let key = try TestKeys.key(kind)
        let signature = try JWS.signDetached(Self.payload, with: key)
        var asked: [String] = []
        let report = JWS.verifyDetached(signature, payload: Self.payload) {
            asked.append($0)
            return key.publicKey
        }
        #expect(report.verdict == .valid && report.code == nil && report.refusal == nil)
        #expect(report.key == key.publicKey.fingerprint && report.claimedKey == report.key)
        #expect(asked == [key.publicKey.fingerprint.description])

        let changed = JWS.verifyDetached(signature, payload: Self.payload + [0x20]) { _ in key.publicKey }
        #expect(
            changed.verdict == .invalid && changed.code == .envelopeSignatureInvalid && changed.key == nil)
        let unknown = JWS.verifyDetached(signature, payload: Self.payload) { _ in nil }
        #expect(unknown.verdict == .notVerifiable && unknown.code == .envelopeKeyUnknown)
        #expect(unknown.claimedKey == key.publicKey.fingerprint)
        let other = try SigningKey.generate(kind == .rsa4096 || kind == .rsa3072 ? .rsa2048 : kind).publicKey
        #expect(JWS.verifyDetached(signature, payload: Self.payload) { _ in other }.verdict == .invalid)
    }

    @Test("A payload that comes in pieces is checked as the whole one is, by ECDSA and RSA and as it is")
    func pieces() throws {
        func verify(_ signature: String, _ payload: [UInt8], _ key: PublicKey) -> SignatureReport {
            JWS.verifyDetached(
                signature,
                pieces: { take throws(HubError) in
                    for start in stride(from: 0, to: payload.count, by: 7) {
                        take(payload[start..<min(start + 7, payload.count)])
                    }
                }
            ) { _ in key }
        }
        for kind in KeyKind.allCases {
            let key = try TestKeys.key(kind)
            let signature = try JWS.signDetached(Self.payload, with: key)
            let report = verify(signature, Self.payload, key.publicKey)
            guard kind != .ed25519 else {
                #expect(report.verdict == .invalid && report.code == .envelopeSignatureMalformed)
                continue
            }
            #expect(report.verdict == .valid)
            #expect(verify(signature, Self.payload + [0x20], key.publicKey).code == .envelopeSignatureInvalid)
        }
        let key = try TestKeys.key(.p256)
        let encoded = try Self.token(#"{"alg":"ES256","kid":"x"}"#, with: key, isEncoded: true)
        #expect(verify(encoded, Self.payload, key.publicKey).code == .envelopeSignatureMalformed)
        let broken = JWS.verifyDetached(
            try JWS.signDetached(Self.payload, with: key),
            pieces: { _ throws(HubError) in throw HubError(.journalUnavailable, "The disk does not answer.") }
        ) { _ in key.publicKey }
        #expect(broken.verdict == .notVerifiable && broken.code == .journalUnavailable)
    }

    @Test("Both ways of writing a detached payload are read: base64url (RFC 7515) and as it is (RFC 7797)")
    func bothForms() throws {
        let key = try TestKeys.key(.p256)
        let encoded = try Self.token(#"{"alg":"ES256","kid":"x"}"#, with: key, isEncoded: true)
        #expect(JWS.verifyDetached(encoded, payload: Self.payload) { _ in key.publicKey }.verdict == .valid)
        let marked = try Self.token(#"{"alg":"ES256","b64":true,"crit":["b64"]}"#, with: key, isEncoded: true)
        #expect(JWS.verifyDetached(marked, payload: Self.payload) { _ in key.publicKey }.verdict == .valid)
        let binary = (0...255).map { UInt8($0) }
        let raw = try JWS.signDetached(binary, with: key)
        #expect(JWS.verifyDetached(raw, payload: binary) { _ in key.publicKey }.verdict == .valid)
        let empty = try JWS.signDetached([], with: key)
        #expect(JWS.verifyDetached(empty, payload: []) { _ in key.publicKey }.verdict == .valid)
    }

    @Test(
        "An attached token gives its claims to the holder of the right key only", arguments: KeyKind.allCases)
    func compact(kind: KeyKind) throws {
        let key = try TestKeys.key(kind)
        let token = try JWS.signCompact(Self.payload, with: key)
        let read = JWS.verifyCompact(token, type: "JWT") { _ in key.publicKey }
        #expect(read.report.verdict == .valid && read.payload == Self.payload)
        let unknown = JWS.verifyCompact(token) { _ in nil }
        #expect(unknown.report.verdict == .notVerifiable && unknown.payload == nil)
        let other = JWS.verifyCompact(token, type: "at+jwt") { _ in key.publicKey }
        #expect(other.report.verdict == .invalid && other.payload == nil)
    }

    @Test("Every single character of a token matters")
    func mutation() throws {
        let key = try TestKeys.key(.p256)
        let token = Array(try JWS.signCompact(Self.payload, with: key).utf8)
        for position in token.indices {
            for replacement in Array("A-_.=+ \n".utf8) where replacement != token[position] {
                var changed = token
                changed[position] = replacement
                let read = JWS.verifyCompact(String(decoding: changed, as: UTF8.self)) { _ in key.publicKey }
                #expect(read.report.verdict == .invalid && read.payload == nil)
            }
        }
    }

    @Test(
        "A signature that the registered key made under an unusual header is refused all the same",
        arguments: [
            (#"{"alg":"none"}"#, ErrorCode.envelopeAlgorithmRefused),
            (#"{"alg":"None"}"#, .envelopeAlgorithmRefused),
            (#"{"alg":"HS256"}"#, .envelopeAlgorithmRefused),
            (#"{"alg":"ES512"}"#, .envelopeAlgorithmRefused),
            (#"{"alg":"es256"}"#, .envelopeAlgorithmRefused),
            (#"{"alg":"RS256"}"#, .envelopeAlgorithmRefused),
            (#"{"alg":"EdDSA"}"#, .envelopeAlgorithmRefused),
            (#"{"alg":"ES384"}"#, .envelopeAlgorithmRefused),
            (#"{"alg":["ES256"]}"#, .envelopeSignatureMalformed),
            (#"{"alg":null}"#, .envelopeSignatureMalformed),
            (#"{"kid":"1"}"#, .envelopeSignatureMalformed),
            (#"{}"#, .envelopeSignatureMalformed),
            (#"[]"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","alg":"ES256"}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","\u0061lg":"none"}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","kid":1}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","typ":{}}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","b64":false}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","b64":"false","crit":["b64"]}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","b64":null,"crit":["b64"]}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","crit":["b64"]}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","crit":[]}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","crit":"b64","b64":true}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","crit":["b64","b64"],"b64":true}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","crit":["b64","exp"],"b64":true,"exp":1}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","crit":["alg"]}"#, .envelopeSignatureMalformed),
            (
                #"{"alg":"ES256","crit":["http://example.invalid/x"],"http://example.invalid/x":1}"#,
                .envelopeSignatureMalformed
            ),
        ])
    func oddHeader(header: String, code: ErrorCode) throws {
        let key = try TestKeys.key(.p256)
        for isEncoded in [true, false] {
            let token = try Self.token(header, with: key, isEncoded: isEncoded)
            let report = JWS.verifyDetached(token, payload: Self.payload) { _ in key.publicKey }
            #expect(report.verdict == .invalid && report.code == code)
        }
        let token = try Self.token(header, with: key, isDetached: false, isEncoded: true)
        let read = JWS.verifyCompact(token) { _ in key.publicKey }
        #expect(read.report.verdict == .invalid && read.report.code == code && read.payload == nil)
    }

    @Test(
        "Text that is not a JWS of the asked form is malformed",
        arguments: [
            "", ".", "..", "...", "a.b", "a..b.c", "e30..AA", "!!..AA", "eyJhbGciOiJFUzI1NiJ9..A",
            "eyJhbGciOiJFUzI1NiJ9..AA==",
            "eyJhbGciOiJFUzI1NiJ9=..AA", "eyJhbGciOiJFUzI1NiJ9.AA.AA",
            String(repeating: "A", count: 100_000) + "..AA",
        ])
    func notJWS(text: String) throws {
        let key = try TestKeys.key(.p256).publicKey
        let report = JWS.verifyDetached(text, payload: Self.payload) { _ in key }
        #expect(report.verdict == .invalid && report.code == .envelopeSignatureMalformed)
    }

    @Test("A public key is never taken for a shared secret")
    func confusion() throws {
        let key = try TestKeys.key(.rsa2048).publicKey
        let header = Base64.urlText(Array(#"{"alg":"HS256","kid":"\#(key.fingerprint)"}"#.utf8))
        let input = Array((header + "." + Base64.urlText(Self.payload)).utf8)
        for secret in [key.pem, key.der] {
            let token =
                String(decoding: input, as: UTF8.self) + "."
                + Base64.urlText(HMACSHA256.code(input, key: secret))
            let read = JWS.verifyCompact(token) { _ in key }
            #expect(read.report.verdict == .invalid && read.report.code == .envelopeAlgorithmRefused)
        }
    }

    @Test("A key that travels in the header is not used", arguments: ["jwk", "jku", "x5c", "x5u"])
    func embeddedKey(member: String) throws {
        let registered = try TestKeys.key(.p256)
        let forger = try SigningKey.generate(.p256)
        let value = Base64.text(forger.publicKey.der)
        let token = try Self.token(
            #"{"alg":"ES256","\#(member)":["\#(value)"]}"#, with: forger, isEncoded: true)
        let report = JWS.verifyDetached(token, payload: Self.payload) { _ in registered.publicKey }
        #expect(report.verdict == .invalid && report.code == .envelopeSignatureInvalid)
    }

    @Test("A detached signature does not pass for an attached token, nor the other way round")
    func noMixing() throws {
        let key = try TestKeys.key(.p256)
        let token = try JWS.signCompact(Self.payload, with: key)
        #expect(JWS.verifyDetached(token, payload: Self.payload) { _ in key.publicKey }.verdict == .invalid)
        let raw = try Self.token(
            #"{"alg":"ES256","b64":false,"crit":["b64"]}"#, with: key, payload: Array("abcd".utf8),
            isDetached: false)
        #expect(JWS.verifyCompact(raw) { _ in key.publicKey }.payload == nil)
        let detached = try JWS.signDetached(Self.payload, with: key)
        #expect(JWS.verifyCompact(detached) { _ in key.publicKey }.report.verdict == .invalid)
    }

    @Test(
        "Of the published vectors those by a private key hold, and those by a shared secret are refused as what they are"
    )
    func vectors() throws {
        for name in JOSESuiteTests.files {
            let vector = try JOSESuiteTests.Vector(name)
            for (signing, jwk) in zip(vector.signing, vector.keys) where signing["unprotected"] == nil {
                let key = try JWKText.publicKey(jwk)
                let protected = try #require(signing["protected_b64u"]?.string)
                let token = "\(protected)..\(try #require(signing["sig"]?.string))"
                let registered = try key ?? TestKeys.key(.p256).publicKey
                let report = JWS.verifyDetached(token, payload: vector.payload) { _ in registered }
                #expect(report.verdict == (key == nil ? .invalid : .valid))
                #expect(key != nil || report.code != .envelopeSignatureInvalid, "refused for what it is")
                for (serialisation, output) in vector.outputs where serialisation == "compact" {
                    let read = JWS.verifyCompact(String(decoding: output, as: UTF8.self)) { _ in registered }
                    #expect(read.report.verdict == (key == nil ? .invalid : .valid))
                    #expect(read.payload == (key == nil ? nil : vector.payload))
                }
            }
        }
    }
}
