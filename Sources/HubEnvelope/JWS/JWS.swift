public import HubModel

/// JSON Web Signatures (RFC 7515), attached and detached (RFC 7515 appendix F, RFC 7797).
///
/// What a signature may do is narrower than the standard. The key is the one that the caller has registered for the
/// `kid`, and the algorithm must belong to it, so a signature cannot choose how it is checked. `none` does not exist
/// here. Anything marked critical other than `b64` is refused.
///
/// The functions in this file are those of the hub: compact, and by a `PublicKey`, so an algorithm of shared secrets
/// (`HS256`, …) does not exist for them. `verify` and `sign` know the JSON serialisations and shared secrets too.
public enum JWS {
    /// Longer than any header and signature that are allowed; a token's claims fit too.
    private static let maxCharacters = 64 << 10

    /// Signs bytes that travel beside the signature, as they are (`b64: false`).
    ///
    /// - Returns: `header..signature`; the header holds `alg`, `kid` (the fingerprint in hexadecimal), `b64`, `crit`.
    /// - Throws: `envelope.crypto_failed`.
    public static func signDetached(_ payload: [UInt8], with key: SigningKey) throws(HubError) -> String {
        let algorithm = key.kind.usualAlgorithm
        let header = Self.encoded(
            #"{"alg":"\#(JWSAlgorithm.signature(algorithm).name)","kid":"\#(key.publicKey.fingerprint)","b64":false,"crit":["b64"]}"#
        )
        let signature = try key.sign(pieces: [Array((header + ".").utf8), payload], with: algorithm)
        return header + ".." + Base64.urlText(signature)
    }

    /// Checks a detached signature, whether the payload was signed as it is or in base64url.
    ///
    /// - Parameter key: finds the registered key for a `kid`, which is empty when the signature names none.
    public static func verifyDetached(
        _ signature: String, payload: [UInt8], key: (_ kid: String) -> PublicKey?
    ) -> SignatureReport {
        guard let parts = Self.parts(signature), parts.payload.isEmpty else { return Self.notDetached }
        return Self.verify(parts, type: nil, key: key) { header in
            header.isPayloadEncoded ? Array(Base64.urlText(payload).utf8) : payload
        }
    }

    /// The same for a payload that is not held as a whole. It must be signed as it is (`b64: false`), and not by EdDSA,
    /// which needs all of it at once.
    ///
    /// - Parameters:
    ///   - payload: gives the payload, piece by piece; asked once for each key that suits.
    ///   - key: finds the registered key for a `kid`, which is empty when the signature names none.
    public static func verifyDetached(
        _ signature: String, pieces payload: @escaping SignedRest, key: (_ kid: String) -> PublicKey?
    ) -> SignatureReport {
        guard let parts = Self.parts(signature), parts.payload.isEmpty else { return Self.notDetached }
        return Self.verify(parts, type: nil, more: payload, key: key) { header in
            if case .signature(.ed25519) = header.algorithm { return nil }
            return header.isPayloadEncoded ? nil : []
        }
    }

    /// Signs bytes that travel inside, such as the claims of a token.
    ///
    /// - Parameter type: the header's `typ`, so that what was signed for one purpose is not taken for another. Plain
    ///   ASCII without quotes; a constant of the caller's.
    /// - Throws: `envelope.crypto_failed`.
    public static func signCompact(
        _ claims: [UInt8], with key: SigningKey, type: StaticString = "JWT"
    ) throws(HubError) -> String {
        let algorithm = key.kind.usualAlgorithm
        let header = Self.encoded(
            #"{"alg":"\#(JWSAlgorithm.signature(algorithm).name)","kid":"\#(key.publicKey.fingerprint)","typ":"\#(type)"}"#
        )
        let input = header + "." + Base64.urlText(claims)
        return try input + "." + Base64.urlText(key.sign(Array(input.utf8), with: algorithm))
    }

    /// Checks an attached signature.
    ///
    /// - Parameters:
    ///   - type: what the header's `typ` must be; `nil` accepts any.
    ///   - key: finds the registered key for a `kid`, which is empty when the token names none.
    /// - Returns: the claims only if the verdict is `valid`.
    public static func verifyCompact(
        _ token: String, type: String? = nil, key: (_ kid: String) -> PublicKey?
    ) -> (report: SignatureReport, payload: [UInt8]?) {
        let unreadable = Bilingual(
            vi: "Mã không có dạng JWS thu gọn (phần đầu.nội dung.chữ ký).",
            en: "The token is not a compact JWS (header.payload.signature)."
        )
        guard let parts = Self.parts(token), !parts.payload.isEmpty,
            let payload = Base64.urlBytes(parts.payload)
        else { return (.malformed(unreadable), nil) }
        let report = Self.verify(parts, type: type, key: key) { header in
            header.isPayloadEncoded ? Array(parts.payload.utf8) : nil
        }
        return (report, report.verdict == .valid ? payload : nil)
    }

    private static let notDetached = SignatureReport.malformed(
        Bilingual(
            vi: "Chữ ký không có dạng JWS tách rời (phần đầu..chữ ký).",
            en: "The signature is not a detached JWS (header..signature)."
        )
    )

    private static func encoded(_ header: String) -> String {
        Base64.urlText(Array(header.utf8))
    }

    private static let needsWhole = Bilingual(
        vi: "Thông điệp lớn phải được ký nguyên dạng (b64: false) bằng ECDSA hoặc RSA: EdDSA cần giữ toàn bộ nội dung.",
        en: "A large message must be signed as it is (b64: false) with ECDSA or RSA: EdDSA needs all of it at once."
    )

    private static func parts(_ text: String) -> (
        header: Substring, payload: Substring, signature: Substring
    )? {
        guard text.utf8.count <= Self.maxCharacters else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 3 ? (parts[0], parts[1], parts[2]) : nil
    }

    /// - Parameter signed: what follows the header and its dot in the signed bytes; `nil` if this header cannot go with
    ///   this form.
    private static func verify(
        _ parts: (header: Substring, payload: Substring, signature: Substring), type: String?,
        more: SignedRest? = nil, key: (_ kid: String) -> PublicKey?, signed: (JWSHeader) -> [UInt8]?
    ) -> SignatureReport {
        let header: JWSHeader
        switch JWSHeader.read(parts.header) {
        case .success(let read): header = read
        case .failure(let fault): return fault.report
        }
        // Whoever has only public keys is never asked about a secret.
        guard header.algorithm != .hmacSHA256 else { return .algorithmRefused(header.algorithmName) }
        let check = JWSCheck(
            header: header, protected: String(parts.header), signature: String(parts.signature))
        guard let rest = signed(header) else {
            if more != nil { return .malformed(Self.needsWhole, algorithm: header.algorithmName) }
            return check.report(type: type, signed: nil) { _ in [] }
        }
        return check.report(type: type, signed: rest, more: more) { kid in
            key(kid).map { [.publicKey($0)] } ?? []
        }
    }
}
