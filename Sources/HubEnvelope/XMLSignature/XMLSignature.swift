import HubModel
public import HubXML

/// XML signatures (W3C XML-DSig) in edXML's place for them, in one narrow form.
///
/// The form: exactly one `Signature` in the document, the last element of `edXMLHeader`; one reference, to the whole
/// document without the signature; exclusive C14N; SHA-256 or better with RSA from 2048 bits, ECDSA P-256 or P-384, or
/// Ed25519; no objects, manifests, other transforms or other references. What is signed is therefore always everything
/// that a reader of the parsed document can see, and a signature cannot be moved to vouch for something else.
/// Any other form is refused.
public enum XMLSignature {
    /// Classifies the signature of a document.
    ///
    /// Never throws: whatever a document contains has a verdict.
    ///
    /// - Parameter keys: the keys of the one who is said to have signed. A key inside the document is never used.
    public static func verify(_ document: XMLDocument, with keys: [PublicKey]) -> SignatureReport {
        let element: XMLElement
        switch SignaturePlace.find(in: document) {
        case .signature(let found): element = found
        case .none(let report): return report
        }
        let form: XMLSignatureForm
        do throws(XMLSignatureForm.Fault) {
            form = try XMLSignatureForm.read(element)
        } catch {
            switch error {
            case .algorithmRefused(let name):
                return .algorithmRefused(SignatureReport.shortened(name, to: 96))
            case .malformed(let reason): return .malformed(reason)
            }
        }
        do throws(HubError) {
            return try Self.verify(form, of: element, in: document, with: keys)
        } catch {
            guard error.code == .xmlMalformed else {
                return .unanswered(error, algorithm: form.algorithmName)
            }
            return .malformed(
                Bilingual(
                    vi: "Tài liệu không có dạng chuẩn hóa nên không thể ký.",
                    en: "The document has no canonical form, so it cannot have been signed."
                ),
                algorithm: form.algorithmName
            )
        }
    }

    private static func verify(
        _ form: XMLSignatureForm, of element: XMLElement, in document: XMLDocument, with keys: [PublicKey]
    ) throws(HubError) -> SignatureReport {
        guard try !Self.hasInstructions(element, in: document) else {
            return .malformed(
                Bilingual(
                    vi: "Chữ ký chứa chỉ thị xử lý.", en: "The signature contains a processing instruction."
                ),
                algorithm: form.algorithmName
            )
        }
        guard try Self.digest(of: document, without: element, with: form.digestAlgorithm) == form.digest
        else {
            return .mismatch(
                Bilingual(
                    vi: "Tài liệu đã bị thay đổi sau khi ký.",
                    en: "The document was changed after it was signed."
                ),
                algorithm: form.algorithmName, claimedKey: form.claimedKey
            )
        }
        let signedInfo = try Self.canonical(form.signedInfo, in: document)
        let suited = keys.filter { form.algorithm.suits($0.kind) }
        for key in suited where try key.verifies(form.signature, of: signedInfo, with: form.algorithm) {
            return .valid(key, algorithm: form.algorithmName, claimedKey: form.claimedKey)
        }
        return Self.failure(form, keys: keys, suited: suited)
    }

    /// Says which of the ways of not verifying this is.
    private static func failure(
        _ form: XMLSignatureForm, keys: [PublicKey], suited: [PublicKey]
    ) -> SignatureReport {
        // A signature that names a key which is not here may be sound. One that names none is held against the keys
        // that are here.
        let isKeyKnown =
            form.claimedKey.map { claimed in keys.contains { $0.fingerprint == claimed } } ?? !keys.isEmpty
        guard isKeyKnown else { return .keyUnknown(form.algorithmName, claimedKey: form.claimedKey) }
        let isSuited =
            form.claimedKey.map { claimed in suited.contains { $0.fingerprint == claimed } } ?? !suited
            .isEmpty
        guard isSuited else { return .algorithmNotOfKey(form.algorithmName, claimedKey: form.claimedKey) }
        return .mismatch(
            Bilingual(
                vi: "Chữ ký không phải do khóa đã đăng ký tạo ra.",
                en: "The signature was not made with the registered key."
            ),
            algorithm: form.algorithmName, claimedKey: form.claimedKey
        )
    }

    static func digest(
        of document: XMLDocument, without element: XMLElement?, with algorithm: DigestAlgorithm
    ) throws(HubError) -> [UInt8] {
        let stream = try DigestStream(algorithm)
        try unsafe document.canonicalise(.exclusive, excluding: element) { unsafe stream.update($0) }
        return try stream.finish()
    }

    private static func canonical(_ element: XMLElement, in document: XMLDocument) throws(HubError) -> [UInt8]
    {
        var bytes: [UInt8] = []
        try unsafe document.canonicalise(.exclusive, of: element) { unsafe bytes.append(contentsOf: $0) }
        return bytes
    }

    private static func hasInstructions(
        _ element: XMLElement, in document: XMLDocument
    ) throws(HubError) -> Bool {
        let text = try Self.canonical(element, in: document)
        // Canonical text writes `<` as a reference everywhere but at the beginning of a tag or an instruction.
        return zip(text, text.dropFirst()).contains { $0 == 0x3C && $1 == 0x3F }
    }
}
