import HubJSON
import HubModel

/// A JWS taken apart, whichever way it was written (RFC 7515, 7).
///
/// The JSON serialisations are read more narrowly than the standard has them: no member that it does not name, none
/// twice, none empty.
struct JWSForm {
    /// One signature of it.
    struct Part {
        /// As it stands, in base64url; empty if there is none.
        let protected: String
        /// `nil` if there is none; never in the compact serialisation.
        let unprotected: JSONObject?
        /// In base64url.
        let signature: String
    }

    let serialisation: JWSSerialisation
    /// The payload as it stands; `nil` if it travels beside.
    let payload: String?
    let parts: [Part]

    /// - Returns: `nil` if it is not a JWS in any serialisation.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= JWS.maxBytes else { return nil }
        if bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == 0x7B {
            self.init(json: bytes)
        } else {
            self.init(compact: bytes)
        }
    }

    /// An empty payload is one that travels beside: there is no telling the two apart.
    private init?(compact bytes: [UInt8]) {
        let parts = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
        // What is signed unencoded must be printable (RFC 7797, 5.2); the rest is base64url anyway.
        guard parts.count == 3, bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        let texts = parts.map { String(decoding: $0, as: UTF8.self) }
        guard !texts[0].isEmpty else { return nil }
        self.serialisation = .compact
        self.payload = texts[1].isEmpty ? nil : texts[1]
        self.parts = [Part(protected: texts[0], unprotected: nil, signature: texts[2])]
    }

    private init?(json bytes: [UInt8]) {
        let limits = JSONLimits(maxDepth: 12, maxBytes: JWS.maxBytes, maxValues: 4096, maxNameBytes: 256)
        guard let members = (try? JSONDocument.parse(bytes, limits: limits))?.value.object else { return nil }
        if let member = members["payload"] {
            guard let payload = member.string else { return nil }
            self.payload = payload
        } else {
            self.payload = nil
        }
        var rest = members
        rest["payload"] = nil
        if let member = rest["signatures"] {
            guard rest.count == 1, let signatures = member.array,
                (1...JWS.mostSignatures).contains(signatures.count)
            else { return nil }
            self.serialisation = .general
            self.parts = signatures.compactMap { $0.object.flatMap { Self.part($0) } }
            guard self.parts.count == signatures.count else { return nil }
        } else {
            guard let part = Self.part(rest) else { return nil }
            self.serialisation = .flattened
            self.parts = [part]
        }
    }

    private static func part(_ members: JSONObject) -> Part? {
        guard let signature = members["signature"]?.string, !signature.isEmpty,
            members.keys.allSatisfy({ ["protected", "header", "signature"].contains($0) })
        else { return nil }
        let protected = members["protected"]
        let unprotected = members["header"]
        // Each that is there says something (RFC 7515, 7.2.1), and one of them is there.
        guard protected != nil || unprotected != nil,
            protected.map({ $0.string?.isEmpty == false }) ?? true,
            unprotected.map({ $0.object?.isEmpty == false }) ?? true
        else { return nil }
        return Part(
            protected: protected?.string ?? "", unprotected: unprotected?.object, signature: signature)
    }
}
