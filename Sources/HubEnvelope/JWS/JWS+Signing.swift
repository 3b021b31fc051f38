import HubJSON
public import HubModel

extension JWS {
    /// Signs bytes in any serialisation, once for each signer.
    ///
    /// - Parameters:
    ///   - signers: one, and in the general serialisation up to eight.
    ///   - detached: whether the payload travels beside.
    ///   - encoded: whether the payload is signed in base64url, as every reader understands; `false` is RFC 7797. Inside
    ///     JSON it is then a text in UTF-8, and inside the compact serialisation printable ASCII without a full stop.
    /// - Returns: the text of the JWS.
    /// - Throws: `envelope.signature_malformed` for what cannot be written in this way: another number of signers, an
    ///   unprotected header or an empty payload inside the compact serialisation, a payload that must be a text and is
    ///   none; `envelope.key_unusable` if an algorithm does not suit its key; `intake.too_large` above 64 MB;
    ///   `envelope.crypto_failed`.
    public static func sign(
        _ payload: [UInt8], by signers: [JWSSigner], as serialisation: JWSSerialisation,
        detached: Bool = false, encoded: Bool = true
    ) throws(HubError) -> [UInt8] {
        guard (1...(serialisation == .general ? Self.mostSignatures : 1)).contains(signers.count) else {
            throw Self.unwritable("A JWS has one signature, and in the general serialisation up to eight.")
        }
        try Self.check(count: encoded ? (payload.count + 2) / 3 * 4 : payload.count)
        let signed = encoded ? Array(Base64.urlText(payload).utf8) : payload
        let inside = detached ? nil : try Self.text(signed, for: serialisation)
        var parts: [JSONObject] = []
        for signer in signers {
            parts.append(try Self.part(signer, signed, isEncoded: encoded))
        }
        var whole = JSONObject()
        if let inside { whole["payload"] = .string(inside) }
        switch serialisation {
        case .compact:
            guard parts[0]["header"] == nil else {
                throw Self.unwritable("The compact serialisation has no unprotected header.")
            }
            let texts = [parts[0]["protected"]?.string, inside, parts[0]["signature"]?.string].map {
                $0 ?? ""
            }
            let token = Array(texts.joined(separator: ".").utf8)
            try Self.check(count: token.count)
            return token
        case .flattened:
            for (key, value) in parts[0].members { whole[key] = value }
        case .general:
            whole["signatures"] = .array(parts.map { .object($0) })
        }
        let text = JSONValue.object(whole).serialised()
        try Self.check(count: text.count)
        return text
    }

    private static func check(count: Int) throws(HubError) {
        guard count <= Self.maxBytes else {
            throw HubError(
                .intakeTooLarge, "The JWS would be larger than one may be.",
                details: [ErrorDetail("bytes", count), ErrorDetail("allowed", Self.maxBytes)])
        }
    }

    /// One signature with its headers, as the JSON serialisations write it.
    private static func part(
        _ signer: JWSSigner, _ signed: [UInt8], isEncoded: Bool
    ) throws(HubError) -> JSONObject {
        let headers = signer.headers(isEncoded: isEncoded)
        let protected =
            headers.protected.isEmpty ? "" : Base64.urlText(JSONValue.object(headers.protected).serialised())
        guard protected.utf8.count <= JWSHeader.maxBytes else {
            throw Self.unwritable("The header of the JWS would be longer than 8 KB.")
        }
        var part = JSONObject()
        if !protected.isEmpty { part["protected"] = .string(protected) }
        if !headers.unprotected.isEmpty { part["header"] = .object(headers.unprotected) }
        part["signature"] = .string(
            Base64.urlText(try signer.sign([Array(protected.utf8) + [0x2E], signed])))
        return part
    }

    /// The payload as it stands inside.
    private static func text(
        _ signed: [UInt8], for serialisation: JWSSerialisation
    ) throws(HubError) -> String {
        let text = String(decoding: signed, as: UTF8.self)
        // Bytes that are no UTF-8 would be replaced by others.
        guard text.utf8.elementsEqual(signed) else {
            throw Self.unwritable("The payload is not a text, so it cannot stand inside unencoded.")
        }
        guard serialisation == .compact else { return text }
        guard !signed.isEmpty, signed.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x2E }) else {
            throw Self.unwritable(
                "The payload is empty, or not printable, or has a full stop, so it cannot stand in a compact JWS."
            )
        }
        return text
    }

    private static func unwritable(_ summary: StaticString) -> HubError {
        HubError(.envelopeSignatureMalformed, summary)
    }
}
