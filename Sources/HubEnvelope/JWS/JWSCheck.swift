import HubModel

/// One signature of a JWS, taken apart, on its way to a verdict.
struct JWSCheck {
    let header: JWSHeader
    /// The protected header as it stands, in base64url.
    let protected: String
    /// In base64url.
    let signature: String

    /// - Parameters:
    ///   - type: what the protected `typ` must be; `nil` accepts any.
    ///   - rest: what follows the header and its dot in the signed bytes; `nil` if this header cannot go with this form.
    ///   - more: gives what follows `rest`, where it is not held.
    ///   - keys: the registered keys of a `kid`. The first that suits the algorithm and made the signature has signed.
    func report(
        type: String?, signed rest: [UInt8]?, more: SignedRest? = nil, keys: (_ kid: String) -> [VerificationKey]
    ) -> SignatureReport {
        let name = self.header.algorithmName
        let claimedKey = Digest(hex: self.header.keyID)
        guard let signature = Base64.urlBytes(self.signature), let rest else {
            return .malformed(
                Bilingual(
                    vi: "Phần chữ ký của JWS không đọc được.",
                    en: "The signature part of the JWS is not readable."
                ),
                algorithm: name
            )
        }
        guard type == nil || self.header.type == type else {
            return .malformed(
                Bilingual(
                    vi: "JWS được ký cho mục đích khác.", en: "The JWS was signed for another purpose."),
                algorithm: name
            )
        }
        let known = keys(self.header.keyID)
        guard !known.isEmpty else { return .keyUnknown(name, claimedKey: claimedKey) }
        let suited = known.filter { $0.suits(self.header.algorithm) }
        guard !suited.isEmpty else { return .algorithmNotOfKey(name, claimedKey: claimedKey) }
        let pieces = [Array(self.protected.utf8) + [0x2E], rest]
        do throws(HubError) {
            for key in suited where try key.verifies(
                signature, ofPieces: pieces, with: self.header.algorithm, rest: more)
            {
                return .valid(key.fingerprint, algorithm: name, claimedKey: claimedKey)
            }
        } catch {
            return .unanswered(error, algorithm: name)
        }
        return .mismatch(
            Bilingual(
                vi: "Chữ ký không khớp với nội dung nhận được.",
                en: "The signature does not belong to what was received."
            ),
            algorithm: name, claimedKey: claimedKey
        )
    }
}
