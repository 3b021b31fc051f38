import Foundation
import HubEnvelope
import HubJSON
import HubModel
import Testing

/// The published vectors (RFC 7520, 4; RFC 8037; RFC 7797), each file whole: what it says was made is checked, made
/// again, and refused after any change.
@Suite("JWS beside the JOSE cookbook")
struct JOSESuiteTests {
    static let files = [
        "curve25519/jws", "jws/4_1.rsa_v15_signature", "jws/4_2.rsa-pss_signature", "jws/4_3.ecdsa_signature",
        "jws/4_4.hmac-sha2_integrity_protection", "jws/4_5.signature_with_detached_content",
        "jws/4_6.protecting_specific_header_fields", "jws/4_7.protecting_content_only",
        "jws/4_8.multiple_signatures", "rfc7797/4.2.hmac-sha2_b64_false", "rfc7797/hmac-sha2_b64_false",
    ]
    /// Its header says `b64` and does not mark it critical, against RFC 7797, 6.
    static let unmarked = "rfc7797/4.2.hmac-sha2_b64_false"
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/jose")

    /// One file of the suite, as it is there.
    struct Vector {
        let payload: [UInt8]
        /// The keys as JWK, one for each signature.
        let keys: [JSONValue]
        let algorithms: [String]
        /// What was signed and how, one for each signature.
        let signing: [JSONValue]
        let isReproducible: Bool
        /// The JWS by the name of the serialisation.
        let outputs: [(name: String, bytes: [UInt8])]

        init(_ name: String) throws {
            let file = JOSESuiteTests.folder.appending(path: name + ".json")
            let value = try JSONDocument.parse([UInt8](Data(contentsOf: file))).value
            func list(_ value: JSONValue?) -> [JSONValue] { value?.array ?? [value].compactMap(\.self) }
            self.payload = Array(try #require(value.value(at: "/input/payload")?.string).utf8)
            self.keys = list(value.value(at: "/input/key"))
            self.algorithms = list(value.value(at: "/input/alg")).compactMap(\.string)
            self.signing = list(value["signing"])
            self.isReproducible = value["reproducible"]?.bool ?? false
            self.outputs = try #require(value["output"]?.object).members.map { name, output in
                (name, output.string.map { Array($0.utf8) } ?? output.serialised())
            }
            #expect(self.keys.count == self.signing.count && self.algorithms.count == self.keys.count)
        }

        /// Every key under the name that its JWK gives it.
        func registered() throws -> (String) -> [VerificationKey] {
            let keys = try self.keys.map { ($0["kid"]?.string ?? "", try JWKText.verificationKey($0)) }
            return { kid in keys.filter { $0.0 == kid }.map { $0.1 } }
        }

        /// Those who signed, with the headers that are there.
        func signers() throws -> [JWSSigner] {
            try zip(self.signing, zip(self.keys, self.algorithms)).map { signing, pair in
                let (jwk, algorithm) = pair
                let kid = signing.value(at: "/protected/kid") ?? signing.value(at: "/unprotected/kid")
                let keyID = kid?.string.map { JWSSigner.KeyID.text($0) } ?? .unnamed
                let unprotected = Set(
                    (signing["unprotected"]?.object?.keys ?? []).compactMap { JWSSigner.Member(rawValue: $0) }
                )
                if let secret = try JWKText.secret(jwk) {
                    return JWSSigner(secret, keyID: keyID, unprotected: unprotected)
                }
                let key = try JWKText.signingKey(jwk)
                let pss = algorithm == "PS384" ? SignatureAlgorithm.rsaPSSSHA384 : nil
                return JWSSigner(key, algorithm: pss, keyID: keyID, unprotected: unprotected)
            }
        }
    }

    static func content(_ vector: Vector, _ output: [UInt8]) -> [UInt8]? {
        let text = String(decoding: output, as: UTF8.self)
        return text.contains("..") || (text.hasPrefix("{") && !text.contains(#""payload""#))
            ? vector.payload : nil
    }

    @Test("No file of the suite is left out")
    func complete() throws {
        let all = try #require(FileManager.default.enumerator(atPath: Self.folder.path()))
        let found = all.compactMap { $0 as? String }.filter { $0.hasSuffix(".json") }
        #expect(found.sorted() == Self.files.map { $0 + ".json" })
    }

    @Test("Every output holds, in every serialisation", arguments: files)
    func outputs(name: String) throws {
        let vector = try Vector(name)
        let keys = try vector.registered()
        #expect(!vector.outputs.isEmpty)
        for (serialisation, output) in vector.outputs {
            let report = JWS.verify(
                output, content: Self.content(vector, output), policy: .every, keys: keys)
            let expected = ["compact": JWSSerialisation.compact, "json": .general, "json_flat": .flattened]
            #expect(report.serialisation == expected[serialisation])
            #expect(report.signatures.count == vector.signing.count)
            if name == Self.unmarked {
                #expect(report.overall.verdict == .invalid && report.payload == nil)
                #expect(report.overall.code == .envelopeSignatureMalformed, "refused for its header")
                continue
            }
            #expect(report.overall.verdict == .valid, "\(serialisation): \(report)")
            #expect(report.payload == vector.payload)
            #expect(report.signatures.map(\.report.algorithm) == vector.algorithms)
            for (signature, signing) in zip(report.signatures, vector.signing) {
                let unprotected = signing["unprotected"]?.object?.keys ?? []
                #expect(Set(signature.unprotected) == Set(unprotected))
                #expect(signature.report.verdict == .valid && signature.report.key != nil)
            }
        }
    }

    /// The vectors of RFC 7797 have a signing input that belongs to an earlier draft; their outputs are the outputs.
    @Test(
        "The signing input of a file is the one of its outputs",
        arguments: files.filter { !$0.hasPrefix("rfc7797") })
    func signingInput(name: String) throws {
        let vector = try Vector(name)
        for (signing, jwk) in zip(vector.signing, vector.keys) {
            let input = Array(try #require(signing["sig-input"]?.string).utf8)
            let sig = try #require(signing["sig"]?.string)
            let protected = signing["protected_b64u"]?.string ?? ""
            #expect(input == Array((protected + "." + Base64.urlText(vector.payload)).utf8))
            var parts = JSONObject()
            parts["payload"] = .string(Base64.urlText(vector.payload))
            if !protected.isEmpty { parts["protected"] = .string(protected) }
            parts["header"] = signing["unprotected"]
            parts["signature"] = .string(sig)
            let key = try JWKText.verificationKey(jwk)
            let report = JWS.verify(JSONValue.object(parts).serialised(), policy: .every) { _ in [key] }
            #expect(report.overall.verdict == .valid && report.payload == vector.payload, "\(report)")
        }
    }

    @Test("What is deterministic comes out the same, and the rest is as good", arguments: files)
    func made(name: String) throws {
        let vector = try Vector(name)
        let keys = try vector.registered()
        let signers = try vector.signers()
        let isEncoded = !name.hasPrefix("rfc7797")
        let names: [String: JWSSerialisation] = [
            "compact": .compact, "json": .general, "json_flat": .flattened,
        ]
        for (serialisation, output) in vector.outputs {
            let content = Self.content(vector, output)
            let made = try JWS.sign(
                vector.payload, by: signers, as: try #require(names[serialisation]), detached: content != nil,
                encoded: isEncoded)
            let report = JWS.verify(made, content: content, policy: .every, keys: keys)
            #expect(report.overall.verdict == .valid && report.payload == vector.payload, "\(report)")
            guard vector.isReproducible, name != Self.unmarked else { continue }
            if serialisation == "compact" {
                #expect(made == output)
            } else {
                #expect(try JSONDocument.parse(made).value == JSONDocument.parse(output).value)
            }
        }
    }

    @Test("The example of RFC 7797, 4.2, comes out as it is printed there")
    func unencoded() throws {
        let vector = try Vector(Self.unmarked)
        let made = try JWS.sign(vector.payload, by: vector.signers(), as: .flattened, encoded: false)
        let printed: JSONValue = [
            "protected": "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19", "payload": "$.02",
            "signature": "A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY",
        ]
        #expect(try JSONDocument.parse(made).value == printed)
        let report = JWS.verify(printed.serialised(), policy: .every, keys: try vector.registered())
        #expect(report.overall.verdict == .valid && report.payload == Array("$.02".utf8))
    }

    @Test("No output holds after a change of any of its parts", arguments: files)
    func changed(name: String) throws {
        let vector = try Vector(name)
        let keys = try vector.registered()
        var count = 0
        for (serialisation, output) in vector.outputs {
            let content = Self.content(vector, output)
            let changes =
                try serialisation == "compact"
                ? Self.changes(compact: String(decoding: output, as: UTF8.self)).map { Array($0.utf8) }
                : Self.changes(JSONDocument.parse(output).value).map { $0.serialised() }
            for changed in changes {
                let report = JWS.verify(changed, content: content, policy: .every, keys: keys)
                #expect(
                    report.overall.verdict != .valid && report.payload == nil,
                    "\(String(decoding: changed, as: UTF8.self))")
            }
            count += changes.count
            guard let content else { continue }
            for other in [content + [0], content.dropLast() + [], []] {
                let report = JWS.verify(output, content: other, policy: .every, keys: keys)
                #expect(report.overall.code == .envelopeSignatureInvalid)
            }
        }
        #expect(count >= 20)
    }

    /// A character of the text exchanged for another, at some places, and the text without its end and with more.
    static func changes(in text: String) -> [String] {
        let characters = Array(text.utf8)
        var changed = [String(text.dropLast()), text + "A", ""].filter { $0 != text }
        for place in Set([0, characters.count / 3, characters.count / 2, characters.count - 1])
        where !characters.isEmpty {
            var other = characters
            other[place] = other[place] == 0x41 ? 0x42 : 0x41
            changed.append(String(decoding: other, as: UTF8.self))
        }
        return changed
    }

    static func changes(compact text: String) -> [String] {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        return parts.indices.flatMap { index in
            Self.changes(in: parts[index]).map { changed in
                var other = parts
                other[index] = changed
                return other.joined(separator: ".")
            }
        }
    }

    /// Every member changed in place, whatever its depth, and left out.
    static func changes(_ value: JSONValue) -> [JSONValue] {
        switch value {
        case .string(let text): return Self.changes(in: text).map { .string($0) }
        case .array(let elements):
            let inside = elements.indices.flatMap { index in
                Self.changes(elements[index]).map { changed in
                    var other = elements
                    other[index] = changed
                    return JSONValue.array(other)
                }
            }
            return inside + [[], .object([:])]
        case .object(let object):
            return object.members.flatMap { key, member in
                ([nil] + Self.changes(member)).map { changed in
                    var other = object
                    other[key] = changed
                    return JSONValue.object(other)
                }
            }
        default: return []
        }
    }
}
