public import HubModel
import HubXML

extension XMLSignature {
    /// Signs an edXML document.
    ///
    /// The signature is put into the text, before the end tag of `edXMLHeader`; every other byte stays as it
    /// is. Laying the text out anew afterwards breaks the signature, as white space is signed too.
    ///
    /// - Parameters:
    ///   - certificate: shown in `KeyInfo` for other software; without one the key's fingerprint stands
    ///     there.
    ///   - algorithm: the key's usual one unless another is named.
    ///   - attachments: what the signature covers beside the document, each with its name without `cid:`. A
    ///     name has 128 letters, digits and `-._~@+` at most; there are 64 attachments at most.
    /// - Throws: what parsing the document throws; `envelope.signature_malformed` if it has no header to put
    ///   a signature into, or a signature already, or if attachments are too many or named in another way, or
    ///   two alike; `envelope.key_unusable` if the certificate is not the key's, or the algorithm does not
    ///   suit the key.
    public static func sign(
        _ bytes: [UInt8], with key: SigningKey, certificate: Certificate? = nil,
        algorithm: SignatureAlgorithm? = nil, attachments: [(cid: String, bytes: [UInt8])] = []
    ) throws(HubError) -> [UInt8] {
        let algorithm = algorithm ?? key.kind.usualAlgorithm
        guard certificate == nil || certificate?.fingerprint == key.publicKey.fingerprint else {
            throw HubError(.envelopeKeyUnusable, "The certificate belongs to another key.")
        }
        let digestMethod = algorithm.digest ?? .sha256
        let (digest, place) = try Self.digestAndPlace(of: bytes, by: digestMethod)
        let references = try Self.references(to: attachments, by: digestMethod)
        let info = Self.signedInfo(digest, references, algorithm: algorithm)
        let open = #"<SignedInfo xmlns="\#(XMLSignatureNames.namespace)">"#
        let value = try key.sign(Array((open + info).utf8), with: algorithm)
        let signature =
            #"<Signature xmlns="\#(XMLSignatureNames.namespace)"><SignedInfo>"# + info
            + "<SignatureValue>\(Base64.text(value))</SignatureValue>"
            + Self.keyInfo(key, certificate) + "</Signature>"
        var signed: [UInt8] = []
        signed.reserveCapacity(bytes.count + signature.utf8.count)
        signed += bytes[..<place]
        signed += signature.utf8
        signed += bytes[place...]
        return signed
    }

    /// What is signed of a document that has no signature, and where in its text the signature goes.
    ///
    /// The parsed document is given up again before the signed text is made, so that a large one is not there three
    /// times.
    private static func digestAndPlace(
        of bytes: [UInt8], by method: DigestAlgorithm
    ) throws(HubError) -> (digest: [UInt8], place: Int) {
        let document = try XMLDocument.parse(bytes)
        guard let header = SignaturePlace.header(of: document), let place = HeaderEnd.offset(in: bytes) else {
            throw HubError(
                .envelopeSignatureMalformed,
                "The document has no edXMLHeader in UTF-8 to put a signature into.")
        }
        guard case .none(let report) = SignaturePlace.find(in: document), report.verdict == .absent,
            !SignaturePlace.hasElement(in: document), header.children.last?.localName != "Signature"
        else {
            throw HubError(.envelopeSignatureMalformed, "The document has a signature already.")
        }
        return (try Self.digest(of: document, without: nil, by: .allowed(method)), place)
    }

    /// The content of `SignedInfo` and its end tag, written the way exclusive C14N writes it.
    private static func signedInfo(
        _ digest: [UInt8], _ references: String, algorithm: SignatureAlgorithm
    ) -> String {
        Self.element("CanonicalizationMethod", XMLSignatureNames.exclusive)
            + Self.element("SignatureMethod", XMLSignatureNames.name(of: algorithm))
            + #"<Reference URI=""><Transforms>"#
            + Self.element("Transform", XMLSignatureNames.enveloped)
            + Self.element("Transform", XMLSignatureNames.exclusive)
            + "</Transforms>"
            + Self.digested(digest, by: algorithm.digest ?? .sha256)
            + "</Reference>" + references + "</SignedInfo>"
    }

    private static func references(
        to attachments: [(cid: String, bytes: [UInt8])], by method: DigestAlgorithm
    ) throws(HubError) -> String {
        guard attachments.count <= AttachmentReference.most else {
            throw HubError(
                .envelopeSignatureMalformed, "There are more attachments than one signature may cover.",
                details: [ErrorDetail("allowed", AttachmentReference.most)])
        }
        var names: Set<String> = []
        var text = ""
        for (index, attachment) in attachments.enumerated() {
            guard AttachmentReference.isName(attachment.cid), names.insert(attachment.cid).inserted else {
                throw HubError(
                    .envelopeSignatureMalformed,
                    "An attachment cannot be signed under its name, or two have the same.",
                    details: [ErrorDetail("attachment", index)])
            }
            text +=
                #"<Reference URI="\#(AttachmentReference.uri(of: attachment.cid))">"#
                + Self.digested(try DigestStream.hash(attachment.bytes[...], with: method), by: method)
                + "</Reference>"
        }
        return text
    }

    private static func digested(_ digest: [UInt8], by method: DigestAlgorithm) -> String {
        Self.element("DigestMethod", XMLSignatureNames.name(of: method))
            + "<DigestValue>\(Base64.text(digest))</DigestValue>"
    }

    private static func element(_ name: String, _ algorithm: String) -> String {
        #"<\#(name) Algorithm="\#(algorithm)"></\#(name)>"#
    }

    private static func keyInfo(_ key: SigningKey, _ certificate: Certificate?) -> String {
        guard let certificate else {
            return "<KeyInfo><KeyName>\(key.publicKey.fingerprint)</KeyName></KeyInfo>"
        }
        return "<KeyInfo><X509Data><X509SubjectName>\(XMLText.escaped(certificate.subject))</X509SubjectName>"
            + "<X509Certificate>\(Base64.text(certificate.der))</X509Certificate></X509Data></KeyInfo>"
    }
}
