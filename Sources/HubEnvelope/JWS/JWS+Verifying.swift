import HubJSON
import HubModel

extension JWS {
    /// The most signatures that one JWS may have.
    public static let mostSignatures = 8
    /// How long a JWS may be, with its payload if that is inside.
    static let maxBytes = 64 << 20

    /// Checks a JWS in any serialisation (RFC 7515, 7), attached or detached, with public keys or shared secrets.
    ///
    /// Never throws: whatever the bytes are has a verdict. JSON is read narrowly: members that RFC 7515 does not name
    /// are refused, and so are a header member that is protected and unprotected, `crit` and `b64` where they are not
    /// protected, more than eight signatures, and signatures that do not agree on `b64` (RFC 7797, 3). Algorithm and key
    /// may be named without protection (RFC 7520, 4.7), for the algorithm is that of the key in any case; the report
    /// says which members were not protected.
    ///
    /// - Parameters:
    ///   - bytes: the JWS, 64 MB at most. What begins with a brace is JSON.
    ///   - content: the payload, if it travels beside; `nil` if it is inside. The JWS must agree. An empty payload cannot
    ///     be inside the compact serialisation.
    ///   - type: what the protected `typ` of every signature must be; `nil` accepts any.
    ///   - policy: what several signatures must be together.
    ///   - keys: all registered keys of a `kid`, which is empty when a signature names none. One name may stand for
    ///     several keys; one that suits the algorithm is used.
    public static func verify(
        _ bytes: [UInt8], content: [UInt8]? = nil, type: String? = nil, policy: JWSPolicy,
        keys: (_ kid: String) -> [VerificationKey]
    ) -> JWSReport {
        guard let form = JWSForm(bytes) else {
            return JWSReport(
                malformed: Bilingual(
                    vi: "Đây không phải JWS ở dạng được chấp nhận.",
                    en: "This is not a JWS of an accepted form."))
        }
        guard (form.payload == nil) == (content != nil) else {
            return JWSReport(
                malformed: Bilingual(
                    vi: "Nội dung phải nằm trong JWS hoặc được gửi kèm, đúng một trong hai.",
                    en: "The payload must be in the JWS or beside it, one of the two."))
        }
        let headers = form.parts.map { JWSHeader.read($0.protected, unprotected: $0.unprotected) }
        let encodings = Set(headers.compactMap { try? $0.get().isPayloadEncoded })
        guard encodings.count <= 1 else {
            return JWSReport(
                malformed: Bilingual(
                    vi: "Các chữ ký của JWS không thống nhất về cách mã hóa nội dung (b64).",
                    en: "The signatures of the JWS do not agree on how the payload is encoded (b64)."))
        }
        // Where no header can be read nothing is signed, and each signature says what is wrong with its own.
        let isEncoded = encodings.first ?? false
        guard let payload = Self.payload(of: form, beside: content, isEncoded: isEncoded) else {
            return JWSReport(
                malformed: Bilingual(
                    vi: "Nội dung của JWS không đọc được.", en: "The payload of the JWS is not readable."))
        }
        let signed =
            isEncoded ? form.payload.map { Array($0.utf8) } ?? Array(Base64.urlText(payload).utf8) : payload
        let signatures = zip(form.parts, headers).map { part, header in
            Self.signature(part, header, type: type, signed: signed, keys: keys)
        }
        return JWSReport(form, signatures, payload: payload, policy: policy)
    }

    private static func payload(of form: JWSForm, beside: [UInt8]?, isEncoded: Bool) -> [UInt8]? {
        guard let inside = form.payload else { return beside }
        return isEncoded ? Base64.urlBytes(inside) : Array(inside.utf8)
    }

    private static func signature(
        _ part: JWSForm.Part, _ header: Result<JWSHeader, JWSHeaderFault>, type: String?, signed: [UInt8],
        keys: (_ kid: String) -> [VerificationKey]
    ) -> JWSReport.Signature {
        let unprotected = (part.unprotected?.keys ?? []).prefix(32)
            .map { SignatureReport.shortened($0, to: 64) }
        switch header {
        case .failure(let fault):
            return JWSReport.Signature(report: fault.report, keyID: "", unprotected: unprotected)
        case .success(let header):
            let check = JWSCheck(header: header, protected: part.protected, signature: part.signature)
            return JWSReport.Signature(
                report: check.report(type: type, signed: signed, keys: keys),
                keyID: SignatureReport.shortened(header.keyID, to: 256), unprotected: unprotected)
        }
    }
}
