internal import HubEnvelope
internal import HubJSON
internal import HubModel
internal import HubXML

/// A file that may be an envelope, told apart by its first bytes.
enum EnvelopeFile {
    case xml([UInt8])
    case jws(String)
    /// In DER.
    case cms([UInt8])

    init(_ bytes: [UInt8]) {
        // White space and a byte order mark may stand before a `<`.
        let start = bytes.prefix(64).first { $0 > 0x20 && ![0xEF, 0xBB, 0xBF].contains($0) }
        if start == 0x3C {
            self = .xml(bytes)
        } else if bytes.first == 0x30 {
            self = .cms(bytes)
        } else {
            let text = String(decoding: bytes, as: UTF8.self)
            if text.contains("-----BEGIN CMS-----") || text.contains("-----BEGIN PKCS7-----") {
                let base64 = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }.joined()
                self = .cms(Base64.bytes(base64) ?? [])
            } else {
                self = .jws(text.split(whereSeparator: \.isWhitespace).joined())
            }
        }
    }

    /// - Parameter keys: Any of them may have signed.
    /// - Returns: What was signed, if it is inside and the verdict is `valid`.
    /// - Throws: `xml.malformed`, `intake.too_large` for XML that cannot be read at all.
    func verify(content: [UInt8]?, keys: [PublicKey]) throws(HubError) -> (SignatureReport, [UInt8]?) {
        switch self {
        case .xml(let bytes):
            return (XMLSignature.verify(try XMLDocument.parse(bytes), with: keys), nil)
        case .jws(let text):
            func key(_ kid: String) -> PublicKey? {
                keys.first { $0.fingerprint.description == kid } ?? (keys.count == 1 && kid.isEmpty ? keys[0] : nil)
            }
            if let content { return (JWS.verifyDetached(text, payload: content, key: key), nil) }
            let (report, payload) = JWS.verifyCompact(text, key: key)
            return (report, payload)
        case .cms(let der):
            let (report, signed) = CMSSignature.verify(der, content: content) { signer in
                keys.first { $0.fingerprint == signer.fingerprint } ?? (signer.fingerprint == nil ? keys.first : nil)
            }
            return (report, content == nil ? signed : nil)
        }
    }
}
