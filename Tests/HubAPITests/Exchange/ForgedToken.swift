import HubEnvelope
import HubJSON
import HubModel
import Testing

/// A token that somebody made who was not asked to.
struct ForgedToken: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Gets the key of the hub, the key of a stranger, and a good token.
    let make: @Sendable (_ hub: SigningKey, _ stranger: SigningKey, _ good: String) throws -> String

    init(
        _ name: String, make: @escaping @Sendable (SigningKey, SigningKey, String) throws -> String
    ) {
        self.testDescription = name
        self.make = make
    }

    /// Those of a good one, with some changed and those that are `nil` left out.
    static func claims(_ changes: [String: JSONValue?] = [:]) -> [UInt8] {
        var claims: JSONObject = [
            "iss": .string(HubBench.issuer), "aud": .string(HubBench.issuer),
            "sub": .string(HubBench.oneStop),
            "iat": 1_760_000_000, "exp": 1_760_000_900,
        ]
        for (name, value) in changes { claims[name] = value }
        return JSONValue.object(claims).serialised()
    }

    static func joined(_ header: String, _ claims: [UInt8], _ signature: [UInt8]) -> String {
        [Array(header.utf8), claims, signature].map { Base64.urlText($0) }.joined(separator: ".")
    }

    static let signed: [ForgedToken] = [
        ForgedToken("is signed by another hub") { _, stranger, _ in
            try JWS.signCompact(ForgedToken.claims(), with: stranger)
        },
        ForgedToken("is of a hub of another province with the same key") { hub, _, _ in
            try JWS.signCompact(
                ForgedToken.claims(["iss": "lgsp-hub:H55", "aud": "lgsp-hub:H55"]), with: hub)
        },
        ForgedToken("is for somebody else to read") { hub, _, _ in
            try JWS.signCompact(ForgedToken.claims(["aud": "lgsp-hub:H55"]), with: hub)
        },
        ForgedToken("is for many to read") { hub, _, _ in
            try JWS.signCompact(ForgedToken.claims(["aud": [.string(HubBench.issuer)]]), with: hub)
        },
        ForgedToken("has no end") { hub, _, _ in
            try JWS.signCompact(ForgedToken.claims(["exp": .some(nil)]), with: hub)
        },
        ForgedToken("has a text for its end") { hub, _, _ in
            try JWS.signCompact(ForgedToken.claims(["exp": "1760000900"]), with: hub)
        },
        ForgedToken("was over long ago") { hub, _, _ in
            try JWS.signCompact(ForgedToken.claims(["exp": 0]), with: hub)
        },
        ForgedToken("is for nobody") { hub, _, _ in
            try JWS.signCompact(ForgedToken.claims(["sub": .some(nil)]), with: hub)
        },
        ForgedToken("is for a name that is none") { hub, _, _ in
            try JWS.signCompact(ForgedToken.claims(["sub": "Mot Cua"]), with: hub)
        },
        ForgedToken("is for a system that is not here any more") { hub, _, _ in
            try JWS.signCompact(ForgedToken.claims(["sub": "mot-cua-h99"]), with: hub)
        },
        ForgedToken("is signed and says nothing") { hub, _, _ in try JWS.signCompact([], with: hub) },
        ForgedToken("is signed and is no JSON") { hub, _, _ in
            try JWS.signCompact(Array("sub=mot-cua-h44".utf8), with: hub)
        },
        ForgedToken("names one claim twice") { hub, _, _ in
            let claims = String(decoding: ForgedToken.claims(), as: UTF8.self)
            return try JWS.signCompact(
                Array(claims.replacing("{", with: #"{"sub":"ioc-h44","#).utf8), with: hub)
        },
    ]

    static let altered: [ForgedToken] = [
        ForgedToken("has other claims than were signed") { _, _, good in
            var parts = good.split(separator: ".").map(String.init)
            parts[1] = Base64.urlText(ForgedToken.claims(["sub": "ioc-h44"]))
            return parts.joined(separator: ".")
        },
        ForgedToken("has another signature") { _, _, good in
            good.dropLast(10) + (good.dropLast(9).last == "A" ? "B" : "A") + good.suffix(9)
        },
        ForgedToken("has lost its signature") { _, _, good in
            good.split(separator: ".").prefix(2).joined(separator: ".") + "."
        },
        ForgedToken("has a fourth part") { _, _, good in good + ".AAAA" },
        ForgedToken("is signed with no algorithm") { _, _, _ in
            ForgedToken.joined(#"{"alg":"none","typ":"JWT"}"#, ForgedToken.claims(), [])
        },
        ForgedToken("is signed with no algorithm and names the key of the hub") { hub, _, _ in
            let kid = hub.publicKey.fingerprint
            return ForgedToken.joined(
                #"{"alg":"none","kid":"\#(kid)","typ":"JWT"}"#, ForgedToken.claims(), [])
        },
        ForgedToken("uses the public key as a shared secret") { hub, _, _ in
            let header = #"{"alg":"HS256","kid":"\#(hub.publicKey.fingerprint)","typ":"JWT"}"#
            let input = [Array(header.utf8), ForgedToken.claims()].map { Base64.urlText($0) }.joined(
                separator: ".")
            return input + "." + Base64.urlText(HMACSHA256.code(Array(input.utf8), key: hub.publicKey.pem))
        },
        ForgedToken("names the key of the hub and is signed with another") { hub, stranger, _ in
            let header = #"{"alg":"ES256","kid":"\#(hub.publicKey.fingerprint)","typ":"JWT"}"#
            let input = [Array(header.utf8), ForgedToken.claims()].map { Base64.urlText($0) }.joined(
                separator: ".")
            return input + "." + Base64.urlText(try stranger.sign(Array(input.utf8)))
        },
        ForgedToken("is a detached signature") { hub, _, _ in
            try JWS.signDetached(ForgedToken.claims(), with: hub)
        },
        ForgedToken("is not one") { _, _, _ in "abc" },
        ForgedToken("is empty") { _, _, _ in "" },
        ForgedToken("is very long") { _, _, good in good + String(repeating: "A", count: 70_000) },
    ]
}
