import HubEnvelope
import HubJSON
import HubModel
import Testing

/// Our JWS in the hands of another implementation, and its JWS in ours.
@Suite(
    "JWS beside joserfc",
    .enabled(if: PythonPeers.isInstalled, Comment(rawValue: PythonPeers.missing)))
struct JWSPeerTests {
    static let payload = JWSTests.payload

    /// A key and one of the ways in which it signs.
    struct Way {
        let kind: KeyKind
        let algorithm: SignatureAlgorithm?
        let name: String

        static let all = [
            Way(kind: .p256, algorithm: nil, name: "ES256"), Way(kind: .p384, algorithm: nil, name: "ES384"),
            Way(kind: .p521, algorithm: nil, name: "ES512"),
            Way(kind: .ed25519, algorithm: nil, name: "EdDSA"),
            Way(kind: .rsa2048, algorithm: nil, name: "RS256"),
            Way(kind: .rsa2048, algorithm: .rsaPSSSHA256, name: "PS256"),
            Way(kind: .rsa2048, algorithm: .rsaPSSSHA384, name: "PS384"),
            Way(kind: .rsa2048, algorithm: .rsaSHA512, name: "RS512"),
        ]

        func key() throws -> SigningKey { try TestKeys.key(self.kind) }
        func kid() throws -> String { try self.key().publicKey.fingerprint.description }
    }

    static func secret() throws -> SharedSecret { try JWSSerialisationTests.secret() }

    /// Everything that the peer needs to check a JWS.
    static func job(
        _ made: [UInt8], keys: JSONObject, algorithms: [String], content: [UInt8]? = nil
    ) throws -> JSONValue {
        let text = String(decoding: made, as: UTF8.self)
        var job: JSONObject = [
            "jws": text.hasPrefix("{") ? try JSONDocument.parse(made).value : .string(text),
            "keys": .object(keys), "algorithms": .array(algorithms.map { .string($0) }),
        ]
        if let content { job["content"] = PythonPeers.text(content) }
        return .object(job)
    }

    @Test("The peer accepts what we sign, in every serialisation, and nothing that was changed")
    func ours() throws {
        var jobs: [JSONValue] = []
        var expected: [[UInt8]?] = []
        func add(
            _ made: [UInt8], _ keys: JSONObject, _ name: String, content: [UInt8]? = nil,
            gives payload: [UInt8]?
        ) throws {
            jobs.append(try Self.job(made, keys: keys, algorithms: [name], content: content))
            expected.append(payload)
        }
        for way in Way.all {
            let key = try way.key()
            let keys: JSONObject = [try way.kid(): PythonPeers.text(key.publicKey.pem)]
            let signer = JWSSigner(key, algorithm: way.algorithm)
            let open = JWSSigner(key, algorithm: way.algorithm, unprotected: [.keyID])
            for made in try [
                JWS.sign(Self.payload, by: [signer], as: .compact),
                JWS.sign(Self.payload, by: [signer], as: .flattened),
                JWS.sign(Self.payload, by: [open], as: .flattened),
                JWS.sign(Self.payload, by: [signer], as: .general),
                JWS.sign(Self.payload, by: [open, signer], as: .general),
            ] {
                try add(made, keys, way.name, gives: Self.payload)
                // One character of what stands last: the signature, or the one of the last signer.
                var changed = made
                let end = try #require(changed.lastIndex { $0 != 0x7D && $0 != 0x5D && $0 != 0x22 }) - 20
                changed[end] = changed[end] == 0x41 ? 0x42 : 0x41
                try add(changed, keys, way.name, gives: nil)
            }
            let beside = try JWS.sign(
                Self.payload, by: [signer], as: .compact, detached: true, encoded: false)
            let raw =
                way.algorithm == nil ? Array(try JWS.signDetached(Self.payload, with: key).utf8) : beside
            try add(raw, keys, way.name, content: Self.payload, gives: Self.payload)
            try add(raw, keys, way.name, content: Self.payload + [0x20], gives: nil)
        }
        let secret: JSONObject = [
            try Self.secret().fingerprint.description: PythonPeers.text(JWSSerialisationTests.secretBytes)
        ]
        for serialisation in JWSSerialisation.allCases {
            let made = try JWS.sign(Self.payload, by: [JWSSigner(Self.secret())], as: serialisation)
            try add(made, secret, "HS256", gives: Self.payload)
        }
        let answers = try PythonPeers.run("jose.py", jobs)
        for (index, answer) in answers.enumerated() {
            #expect(PythonPeers.bytes(answer["payload"]) == expected[index], "\(index): \(answer)")
            #expect((answer["refused"] != nil) == (expected[index] == nil))
        }
        #expect(answers.count == Way.all.count * 12 + 3)
    }

    @Test("We accept what the peer signs, in every serialisation, and nothing that was changed")
    func theirs() throws {
        var jobs: [JSONValue] = []
        for way in Way.all {
            let (kid, key) = (JSONValue.string(try way.kid()), PythonPeers.text(try way.key().pem))
            let alg = JSONValue.string(way.name)
            let whole: JSONValue = ["protected": ["alg": alg, "kid": kid], "key": key]
            let open: JSONValue = ["protected": ["alg": alg], "header": ["kid": kid], "key": key]
            let bare: JSONValue = ["header": ["alg": alg, "kid": kid], "key": key]
            let raw: JSONValue = [
                "protected": ["alg": alg, "kid": kid, "b64": false, "crit": ["b64"]], "key": key,
            ]
            for (form, members) in [
                ("compact", [whole]), ("detached", [whole]), ("raw", [raw]), ("flattened", [whole]),
                ("flattened", [open]),
                ("general", [whole, open]), ("flattened", [bare]), ("flattened", [raw]),
            ] {
                jobs.append([
                    "payload": PythonPeers.text(Self.payload), "form": .string(form),
                    "members": .array(members),
                ])
            }
        }
        let answers = try PythonPeers.run("jose.py", jobs)
        for (index, answer) in answers.enumerated() {
            let way = Way.all[index / 8]
            let key = try way.key().publicKey
            let made = try #require(answer["jws"])
            let bytes = made.string.map { Array($0.utf8) } ?? made.serialised()
            let isBeside = made.string?.contains("..") ?? false
            #expect(isBeside == [1, 2].contains(index % 8))
            func report(_ bytes: [UInt8], _ content: [UInt8]) throws -> JWSReport {
                let kid = try way.kid()
                return JWS.verify(bytes, content: isBeside ? content : nil, policy: .every) {
                    $0 == kid ? [.publicKey(key)] : []
                }
            }
            let read = try report(bytes, Self.payload)
            #expect(
                read.overall.verdict == .valid && read.payload == Self.payload, "\(way) \(index % 8): \(read)"
            )
            #expect(read.overall.algorithm == way.name)
            let unprotected: [[[String]]] = [
                [[]], [[]], [[]], [[]], [["kid"]], [[], ["kid"]], [["alg", "kid"]], [[]],
            ]
            #expect(read.signatures.map(\.unprotected) == unprotected[index % 8])
            if isBeside {
                #expect(try report(bytes, Self.payload + [0]).overall.code == .envelopeSignatureInvalid)
                let token = String(decoding: bytes, as: UTF8.self)
                #expect(JWS.verifyDetached(token, payload: Self.payload) { _ in key }.verdict == .valid)
            } else {
                let payload =
                    made["payload"]?.string ?? made.string.map { String($0.split(separator: ".")[1]) }
                let text = String(decoding: bytes, as: UTF8.self)
                let changed =
                    index % 8 == 7
                    ? text.replacing("H44.14", with: "H44.15")
                    : text.replacing(try #require(payload), with: Base64.urlText(Self.payload + [0x20]))
                #expect(changed != text)
                #expect(try report(Array(changed.utf8), []).overall.code == .envelopeSignatureInvalid)
            }
        }
        #expect(answers.count == Way.all.count * 8)
    }

    @Test("Several signers and a shared secret are one JWS to both")
    func several() throws {
        let kinds = [KeyKind.p521, .ed25519, .rsa2048]
        let names = ["ES512", "EdDSA", "RS256", "HS256"]
        let keys = try kinds.map { try TestKeys.key($0) }
        let secret = try Self.secret()
        let known = keys.map { VerificationKey.publicKey($0.publicKey) } + [.secret(secret)]
        let made = try JWS.sign(
            Self.payload, by: keys.map { JWSSigner($0) } + [JWSSigner(secret)], as: .general)
        var publicKeys: JSONObject = [
            secret.fingerprint.description: PythonPeers.text(JWSSerialisationTests.secretBytes)
        ]
        for key in keys {
            publicKeys[key.publicKey.fingerprint.description] = PythonPeers.text(key.publicKey.pem)
        }
        let pems =
            try keys.map { PythonPeers.text(try $0.pem) } + [
                PythonPeers.text(JWSSerialisationTests.secretBytes)
            ]
        let kids = keys.map(\.publicKey.fingerprint.description) + [secret.fingerprint.description]
        let members = names.indices.map { index -> JSONValue in
            [
                "protected": ["alg": .string(names[index])], "header": ["kid": .string(kids[index])],
                "key": pems[index],
            ]
        }
        let answers = try PythonPeers.run(
            "jose.py",
            [
                try Self.job(made, keys: publicKeys, algorithms: names),
                ["payload": PythonPeers.text(Self.payload), "form": "general", "members": .array(members)],
            ])
        #expect(PythonPeers.bytes(answers[0]["payload"]) == Self.payload, "\(answers[0])")
        let theirs = try #require(answers[1]["jws"]).serialised()
        let read = JWS.verify(theirs, policy: .every, keys: JWSSerialisationTests.known(known))
        #expect(read.overall.verdict == .valid && read.payload == Self.payload, "\(read)")
        #expect(read.signatures.map(\.report.algorithm) == names)
        let fewer = JWSSerialisationTests.known(Array(known.dropLast(2)))
        #expect(JWS.verify(theirs, policy: .every, keys: fewer).overall.code == .envelopeKeyUnknown)
        #expect(JWS.verify(theirs, policy: .oneKnown, keys: fewer).payload == Self.payload)
    }
}
