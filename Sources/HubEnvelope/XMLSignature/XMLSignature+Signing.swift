public import HubModel
import HubXML

extension XMLSignature {
    /// Signs an edXML document.
    ///
    /// The signature is put into the text, before the end tag of `edXMLHeader`; every other byte stays as it is. Laying
    /// the text out anew afterwards breaks the signature, as white space is signed too.
    ///
    /// - Parameters:
    ///   - certificate: shown in `KeyInfo` for other software; without one the key's fingerprint stands there.
    /// - Throws: what parsing the document throws; `envelope.signature_malformed` if it has no header to put a signature
    ///   into, or a signature already; `envelope.key_unusable` if the certificate is not the key's.
    public static func sign(
        _ bytes: [UInt8], with key: SigningKey, certificate: Certificate? = nil
    ) throws(HubError) -> [UInt8] {
        try Self.sign(bytes, with: key, certificate: certificate, algorithm: key.kind.usualAlgorithm)
    }

    static func sign(
        _ bytes: [UInt8], with key: SigningKey, certificate: Certificate?, algorithm: SignatureAlgorithm
    ) throws(HubError) -> [UInt8] {
        guard certificate == nil || certificate?.fingerprint == key.publicKey.fingerprint else {
            throw HubError(.envelopeKeyUnusable, "The certificate belongs to another key.")
        }
        let document = try XMLDocument.parse(bytes)
        guard let header = SignaturePlace.header(of: document), let place = HeaderEnd.offset(in: bytes) else {
            throw HubError(
                .envelopeSignatureMalformed,
                "The document has no edXMLHeader in UTF-8 to put a signature into.")
        }
        guard case .none(let report) = SignaturePlace.find(in: document), report.verdict == .absent,
            header.children.last?.localName != "Signature"
        else {
            throw HubError(.envelopeSignatureMalformed, "The document has a signature already.")
        }
        let digest = try Self.digest(of: document, without: nil, with: algorithm.digest ?? .sha256)
        let info = Self.signedInfo(digest, algorithm: algorithm)
        let open = #"<SignedInfo xmlns="\#(XMLSignatureNames.namespace)">"#
        let value = try key.sign(Array((open + info).utf8), with: algorithm)
        let signature =
            #"<Signature xmlns="\#(XMLSignatureNames.namespace)"><SignedInfo>"# + info
            + "<SignatureValue>\(Base64.text(value))</SignatureValue>"
            + Self.keyInfo(key, certificate) + "</Signature>"
        return bytes[..<place] + Array(signature.utf8) + bytes[place...]
    }

    /// The content of `SignedInfo` and its end tag, written the way exclusive C14N writes it.
    private static func signedInfo(_ digest: [UInt8], algorithm: SignatureAlgorithm) -> String {
        func element(_ name: String, _ algorithm: String) -> String {
            #"<\#(name) Algorithm="\#(algorithm)"></\#(name)>"#
        }
        return element("CanonicalizationMethod", XMLSignatureNames.exclusive)
            + element("SignatureMethod", XMLSignatureNames.name(of: algorithm))
            + #"<Reference URI=""><Transforms>"#
            + element("Transform", XMLSignatureNames.enveloped)
            + element("Transform", XMLSignatureNames.exclusive)
            + "</Transforms>"
            + element("DigestMethod", XMLSignatureNames.name(of: algorithm.digest ?? .sha256))
            + "<DigestValue>\(Base64.text(digest))</DigestValue></Reference></SignedInfo>"
    }

    private static func keyInfo(_ key: SigningKey, _ certificate: Certificate?) -> String {
        guard let certificate else {
            return "<KeyInfo><KeyName>\(key.publicKey.fingerprint)</KeyName></KeyInfo>"
        }
        return "<KeyInfo><X509Data><X509SubjectName>\(XMLText.escaped(certificate.subject))</X509SubjectName>"
            + "<X509Certificate>\(Base64.text(certificate.der))</X509Certificate></X509Data></KeyInfo>"
    }
}
