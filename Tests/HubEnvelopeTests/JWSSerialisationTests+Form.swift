import HubEnvelope
import HubJSON
import HubModel
import Testing

/// What may stand where.
extension JWSSerialisationTests {
    /// A flattened JWS of the test's choosing, signed properly.
    static func flattened(
        protected: String?, header: String?, payload: String? = nil, more: String = "", with key: SigningKey,
        isEncoded: Bool = true
    ) throws -> String {
        let protected = protected.map { Base64.urlText(Array($0.utf8)) }
        let body = payload ?? (isEncoded ? Base64.urlText(Self.payload) : "text")
        let signature = try key.sign(Array(((protected ?? "") + "." + body).utf8))
        var members = [#""payload":"\#(body)""#]
        if let protected { members.append(#""protected":"\#(protected)""#) }
        if let header { members.append(#""header":\#(header)"#) }
        members.append(#""signature":"\#(Base64.urlText(signature))""#)
        return "{" + members.joined(separator: ",") + more + "}"
    }

    @Test(
        "Headers, protected and not, that hold",
        arguments: [
            (#"{"alg":"ES256"}"#, nil, []), (#"{"alg":"ES256"}"#, #"{"kid":"x"}"#, ["kid"]),
            (nil, #"{"kid":"x","alg":"ES256"}"#, ["kid", "alg"]),
            (#"{"kid":"x"}"#, #"{"alg":"ES256","note":{"a":[1]}}"#, ["alg", "note"]),
            (#"{"alg":"ES256","b64":true,"crit":["b64"]}"#, #"{"jwk":{},"typ":"JOSE"}"#, ["jwk", "typ"]),
        ] as [(String?, String?, [String])])
    func headers(protected: String?, header: String?, unprotected: [String]) throws {
        let key = try TestKeys.key(.p256)
        let text = try Self.flattened(protected: protected, header: header, with: key)
        let report = Self.verify(text, [.publicKey(key.publicKey)])
        #expect(
            report.overall.verdict == .valid && report.signatures[0].unprotected == unprotected, "\(report)")
        let general = try Self.general(text)
        #expect(Self.verify(general, [.publicKey(key.publicKey)]).overall.verdict == .valid)
    }

    /// The same JWS in the general serialisation.
    static func general(_ flattened: String) throws -> String {
        var members = try #require(try JSONDocument.parse(Array(flattened.utf8)).value.object)
        let payload = members["payload"]
        members["payload"] = nil
        return JSONValue.object(["payload": payload ?? .null, "signatures": [.object(members)]]).text
    }

    @Test(
        "Headers that are refused although the registered key signed them",
        arguments: [
            // In both, whether alike or not.
            (#"{"alg":"ES256"}"#, #"{"alg":"ES256"}"#, ErrorCode.envelopeSignatureMalformed),
            (#"{"alg":"ES256","kid":"a"}"#, #"{"kid":"b"}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","note":1}"#, #"{"n\u006fte":1}"#, .envelopeSignatureMalformed),
            // What changes the signed bytes, unprotected.
            (#"{"alg":"ES256"}"#, #"{"b64":true}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256"}"#, #"{"b64":false,"crit":["b64"]}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","b64":true}"#, #"{"crit":["b64"]}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256"}"#, #"{"crit":["exp"],"exp":1}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256","crit":["exp"]}"#, #"{"exp":1}"#, .envelopeSignatureMalformed),
            // No header, or an empty one where there should be none.
            (nil, nil, .envelopeSignatureMalformed), (#"{"alg":"ES256"}"#, "{}", .envelopeSignatureMalformed),
            ("{}", #"{"alg":"ES256"}"#, .envelopeSignatureMalformed),
            ("", #"{"alg":"ES256"}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256"}"#, "null", .envelopeSignatureMalformed),
            (#"{"alg":"ES256"}"#, "[]", .envelopeSignatureMalformed),
            (#"{"kid":"x"}"#, #"{"note":1}"#, .envelopeSignatureMalformed),
            // Members of the wrong kind.
            (#"{"alg":"ES256"}"#, #"{"kid":1}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256"}"#, #"{"typ":1}"#, .envelopeSignatureMalformed),
            (nil, #"{"alg":["ES256"]}"#, .envelopeSignatureMalformed),
            (#"{"alg":"ES256"}"#, #"{"a":1,"a":1}"#, .envelopeSignatureMalformed),
            (
                #"{"alg":"ES256"}"#, #"{"a":"\#(String(repeating: "x", count: 9000))"}"#,
                .envelopeSignatureMalformed
            ),
            // Other algorithms.
            (nil, #"{"alg":"none"}"#, .envelopeAlgorithmRefused),
            (nil, #"{"alg":"HS256"}"#, .envelopeAlgorithmRefused),
            (nil, #"{"alg":"ES512"}"#, .envelopeAlgorithmRefused),
            (nil, #"{"alg":"HS512"}"#, .envelopeAlgorithmRefused),
        ] as [(String?, String?, ErrorCode)])
    func oddHeaders(protected: String?, header: String?, code: ErrorCode) throws {
        let key = try TestKeys.key(.p256)
        let text = try Self.flattened(protected: protected, header: header, with: key)
        for form in [text, (try? Self.general(text)) ?? text] {
            for policy in [JWSPolicy.every, .oneKnown] {
                let report = JWS.verify(Array(form.utf8), policy: policy) { _ in [.publicKey(key.publicKey)] }
                #expect(report.overall.verdict == .invalid && report.payload == nil, "\(report)")
                #expect(report.overall.code == code)
            }
        }
    }

    @Test(
        "Members that the serialisation does not have, or twice, or of another kind",
        arguments: [
            #","note":1"#, #","signatures":[]"#, #","Payload":"""#, #","signature":"AA""#,
            #","payload":"AA""#,
            #","p\u0061yload":"AA""#, #","protected":"""#, ",", "}",
        ])
    func oddMembers(more: String) throws {
        let key = try TestKeys.key(.p256)
        let good = try Self.flattened(protected: #"{"alg":"ES256"}"#, header: nil, with: key)
        #expect(Self.verify(good, [.publicKey(key.publicKey)]).overall.verdict == .valid)
        let text = try Self.flattened(protected: #"{"alg":"ES256"}"#, header: nil, more: more, with: key)
        let report = Self.verify(text, [.publicKey(key.publicKey)])
        #expect(report.overall.code == .envelopeSignatureMalformed && report.serialisation == nil)
    }

    @Test(
        "A JSON object that is not quite a JWS is refused",
        arguments: [
            "{}", #"{"payload":"AA"}"#, #"{"signatures":[{}]}"#, #"{"payload":"AA","signatures":{}}"#,
            #"{"payload":"AA","signatures":[1]}"#, #"{"payload":"AA","signature":"AA"}"#, "{", "[]", "",
            #"{"payload":null,"protected":"eyJhbGciOiJFUzI1NiJ9","signature":"AA"}"#,
            #"{"payload":1,"protected":"eyJhbGciOiJFUzI1NiJ9","signature":"AA"}"#,
            #"{"payload":"AA","protected":"eyJhbGciOiJFUzI1NiJ9","signature":""}"#,
            #"{"payload":"AA","protected":"eyJhbGciOiJFUzI1NiJ9","signature":null}"#,
            #"{"payload":"AA","protected":{"alg":"ES256"},"signature":"AA"}"#,
            #"{"payload":"A","protected":"eyJhbGciOiJFUzI1NiJ9","signature":"AA"}"#,
            #"{"payload":"AA","signatures":[{"protected":"eyJhbGciOiJFUzI1NiJ9","signature":"AA","payload":"AA"}]}"#,
            #"{"payload":"AA","signatures":[{"protected":"eyJhbGciOiJFUzI1NiJ9","signature":"AA"}],"note":1}"#,
            #"{"payload":"AA","protected":"eyJhbGciOiJFUzI1NiJ9","signature":"A"}"#,
            #"{"payload":"AA","protected":"eyJhbGciOiJFUzI1NiJ9","signature":"AA=="}"#,
            "a.b", "..", "eyJhbGciOiJFUzI1NiJ9.AA.AA\n", "eyJhbGciOiJFUzI1NiJ9.AA.AA.AA", ".AA.AA",
        ])
    func notJWS(text: String) throws {
        let key = try TestKeys.key(.p256).publicKey
        for content in [nil, [0] as [UInt8]] {
            let report = JWS.verify(Array(text.utf8), content: content, policy: .oneKnown) { _ in
                [.publicKey(key)]
            }
            #expect(report.overall.code == .envelopeSignatureMalformed && report.payload == nil, "\(report)")
        }
    }

    @Test("More than 64 MB are refused on both sides")
    func tooLarge() throws {
        let key = try TestKeys.key(.ed25519)
        let large = [UInt8](repeating: 0x20, count: (64 << 20) + 1)
        #expect(JWS.verify(large, policy: .every) { _ in [] }.overall.code == .envelopeSignatureMalformed)
        for (payload, isEncoded) in [(large, false), ([UInt8](repeating: 1, count: 49 << 20), true)] {
            let error = #expect(throws: HubError.self) {
                try JWS.sign(payload, by: [JWSSigner(key)], as: .flattened, encoded: isEncoded)
            }
            #expect(error?.code == .intakeTooLarge)
        }
    }

    @Test("Signatures that do not agree on how the payload is encoded are refused, whatever each is worth")
    func mixedEncoding() throws {
        let key = try TestKeys.key(.p256)
        func part(_ header: String) throws -> JSONValue {
            let text = try Self.flattened(protected: header, header: nil, payload: "text", with: key)
            var members = try #require(try JSONDocument.parse(Array(text.utf8)).value.object)
            members["payload"] = nil
            return .object(members)
        }
        let encoded = try part(#"{"alg":"ES256"}"#)
        let plain = try part(#"{"alg":"ES256","b64":false,"crit":["b64"]}"#)
        for (parts, code) in [
            ([encoded, encoded], nil), ([plain, plain], nil),
            ([encoded, plain], ErrorCode.envelopeSignatureMalformed),
        ] {
            let text = JSONValue.object(["payload": "text", "signatures": .array(parts)]).serialised()
            let report = JWS.verify(text, policy: .oneKnown) { _ in [.publicKey(key.publicKey)] }
            #expect(report.overall.code == code, "\(report)")
        }
    }

    @Test("What a signature is for must be protected")
    func type() throws {
        let key = try TestKeys.key(.p256)
        for (unprotected, isValid) in [([], true), ([JWSSigner.Member.type], false)] {
            let made = try JWS.sign(
                Self.payload, by: [JWSSigner(key, type: "receipt", unprotected: Set(unprotected))],
                as: .flattened)
            for (type, isSame) in [("receipt", true), ("token", false)] {
                let report = JWS.verify(made, type: type, policy: .every) { _ in [.publicKey(key.publicKey)] }
                #expect((report.overall.verdict == .valid) == (isValid && isSame))
            }
            #expect(
                Self.verify(TestDocument.text(made), [.publicKey(key.publicKey)]).overall.verdict == .valid)
        }
    }

    @Test("What cannot be written in a serialisation is not signed")
    func unwritable() throws {
        let key = try TestKeys.key(.p256)
        let plain = JWSSigner(key)
        let cases: [([UInt8], JWSSigner, JWSSerialisation, Bool)] = [
            ([0xFF], plain, .flattened, false), ([0xC0, 0x80], plain, .general, false),
            (Array("a.b".utf8), plain, .compact, false), (Array("ô".utf8), plain, .compact, false),
            ([], plain, .compact, false), ([], plain, .compact, true),
            ([1], JWSSigner(key, unprotected: [.keyID]), .compact, true),
            ([1], JWSSigner(key, keyID: .text(String(repeating: "k", count: 9000))), .flattened, true),
        ]
        for (payload, signer, serialisation, isEncoded) in cases {
            let error = #expect(throws: HubError.self) {
                try JWS.sign(payload, by: [signer], as: serialisation, encoded: isEncoded)
            }
            #expect(error?.code == .envelopeSignatureMalformed)
        }
        let unsuited = #expect(throws: HubError.self) {
            try JWS.sign([1], by: [JWSSigner(key, algorithm: .rsaSHA256)], as: .compact)
        }
        #expect(unsuited?.code == .envelopeKeyUnusable)
        let empty = try JWS.sign([], by: [plain], as: .flattened)
        #expect(Self.verify(TestDocument.text(empty), [.publicKey(key.publicKey)]).payload == [])
    }

    @Test(
        "No single byte of a JWS in JSON can be changed to another that matters",
        arguments: [JWSSerialisation.flattened, .general])
    func everyByte(serialisation: JWSSerialisation) throws {
        let key = try TestKeys.key(.ed25519)
        let made = try JWS.sign(Array("nội dung".utf8), by: [JWSSigner(key)], as: serialisation)
        var refused = 0
        for place in made.indices {
            for replacement in Array("A\" {},:\\".utf8) where replacement != made[place] {
                var changed = made
                changed[place] = replacement
                let report = JWS.verify(changed, policy: .every) { _ in [.publicKey(key.publicKey)] }
                #expect(report.payload == nil, "\(TestDocument.text(changed))")
                refused += report.overall.verdict == .valid ? 0 : 1
            }
        }
        #expect(refused > 7 * made.count)
    }
}
