internal import HubEnvelope
internal import HubJSON
internal import HubModel
internal import HubXML

/// A file that may be an envelope, told apart by its first bytes.
enum EnvelopeFile {
    case xml([UInt8])
    /// In the compact serialisation.
    case jws(String)
    /// In a JSON serialisation (RFC 7515, 7.2).
    case jwsJSON([UInt8])
    /// In DER.
    case cms([UInt8])

    init(_ bytes: [UInt8]) {
        // White space and a byte order mark may stand before a `<`.
        let start = bytes.prefix(64).first { $0 > 0x20 && ![0xEF, 0xBB, 0xBF].contains($0) }
        if start == 0x3C {
            self = .xml(bytes)
        } else if start == 0x7B {
            self = .jwsJSON(bytes)
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

    /// Roots whose certificates may have signed, and the moment at which they are judged.
    struct Roots {
        let store: TrustStore
        let moment: Timestamp

        /// The key of the first of these certificates, if it was issued for signing below one of the roots.
        func key(of certificates: [[UInt8]]) -> (key: PublicKey?, refusal: TrustRefusal?) {
            do throws(HubError) {
                guard let first = certificates.first else { return (nil, nil) }
                let signer = try Certificate(der: first)
                var others: [Certificate] = []
                for der in certificates.dropFirst().prefix(8) { others.append(try Certificate(der: der)) }
                switch try self.store.verify(signer, chain: others, at: self.moment) {
                case .valid: return (try signer.publicKey(), nil)
                case .refused(let refusal): return (nil, refusal)
                }
            } catch {
                return (nil, nil)
            }
        }
    }

    /// - Parameters:
    ///   - keys: Any of them may have signed.
    ///   - roots: So may whoever has a certificate below one of these, which came along.
    /// - Returns: What was signed, if it is inside and the verdict is `valid`; and why a certificate that came along is
    ///   not trusted.
    /// - Throws: `xml.malformed`, `intake.too_large` for XML that cannot be read at all.
    func verify(
        content: [UInt8]?, keys: [PublicKey], roots: Roots? = nil
    ) throws(HubError) -> (report: SignatureReport, content: [UInt8]?, refusal: TrustRefusal?) {
        var refusal: TrustRefusal?
        func trusted(_ certificates: [[UInt8]]) -> PublicKey? {
            let found = roots?.key(of: certificates)
            refusal = found?.refusal
            return found?.key
        }
        switch self {
        case .xml(let bytes):
            let document = try XMLDocument.parse(bytes)
            let certificates = Self.certificates(in: document)
            let report = XMLSignature.verify(document, with: keys + [trusted(certificates)].compactMap(\.self))
            return (report, nil, refusal)
        case .jws(let text):
            func key(_ kid: String) -> PublicKey? { Self.key(kid, among: keys) }
            if let content { return (JWS.verifyDetached(text, payload: content, key: key), nil, nil) }
            let (report, payload) = JWS.verifyCompact(text, key: key)
            return (report, payload, nil)
        case .jwsJSON(let bytes):
            let report = Self.report(bytes, content: content, keys: keys)
            return (report.overall, content == nil ? report.payload : nil, nil)
        case .cms(let der):
            let (report, signed) = CMSSignature.verify(der, content: content) { signer in
                if let key = keys.first(where: { $0.fingerprint == signer.fingerprint }) { return key }
                guard let certificate = signer.certificate else { return keys.first }
                return trusted([certificate.der] + signer.enclosedCertificates.filter { $0 != certificate.der })
            }
            return (report, content == nil ? signed : nil, refusal)
        }
    }

    /// What a JWS in JSON says about each of its signatures; `nil` for any other file.
    func signatures(content: [UInt8]?, keys: [PublicKey]) -> [JWSReport.Signature]? {
        guard case .jwsJSON(let bytes) = self else { return nil }
        return Self.report(bytes, content: content, keys: keys).signatures
    }

    /// Whoever checks a file wants to hear of every signature in it.
    private static func report(_ bytes: [UInt8], content: [UInt8]?, keys: [PublicKey]) -> JWSReport {
        JWS.verify(bytes, content: content, policy: .every) { kid in
            Self.key(kid, among: keys).map { [.publicKey($0)] } ?? []
        }
    }

    /// The key of this name; where there is only one and no name, that.
    private static func key(_ kid: String, among keys: [PublicKey]) -> PublicKey? {
        keys.first { $0.fingerprint.description == kid } ?? (keys.count == 1 && kid.isEmpty ? keys[0] : nil)
    }

    /// Those of `KeyInfo`, the signer's first as everybody writes it.
    static func certificates(in document: XMLDocument) -> [[UInt8]] {
        let header = document.root.child("edXMLEnvelope")?.child("edXMLHeader")
        let texts = header?.child("Signature")?.descendants("KeyInfo/X509Data/X509Certificate") ?? []
        return texts.prefix(9).compactMap { Base64.bytes($0.text.filter { !$0.isWhitespace }) }
    }
}
