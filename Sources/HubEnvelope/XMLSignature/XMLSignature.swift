import HubModel
public import HubXML

/// XML signatures (W3C XML-DSig) in edXML's place for them, in one narrow form.
///
/// The form: exactly one `Signature` in the document, the last element of `edXMLHeader`; first a reference to
/// the whole document without the signature, then at most one to each attachment, by its name (`cid:`) and to
/// its bytes as they are; exclusive C14N; SHA-256 or better with RSA from 2048 bits, ECDSA P-256, P-384 or
/// P-521, or Ed25519; no objects, manifests, other transforms or other references. What is signed is therefore always
/// everything that a reader of the parsed document can see, and a signature cannot be moved to vouch for
/// something else. Any other form is refused.
public enum XMLSignature {
    /// Classifies the signature of a document.
    ///
    /// Never throws: whatever a document contains has a verdict. A signature that covers attachments too is
    /// at best `notVerifiable`, because there are none to hold it against.
    ///
    /// - Parameters:
    ///   - keys: the keys of the one who is said to have signed. A key inside the document is never used.
    ///   - legacy: what is accepted although it is out of date. The report says so whether it is accepted or
    ///     not.
    public static func verify(
        _ document: XMLDocument, with keys: [PublicKey], allowing legacy: LegacyPolicy = []
    ) -> SignatureReport {
        Self.classify(document, with: keys, allowing: legacy, covering: .unknown) { _ in nil }
    }

    /// Classifies the signature of a document and of the attachments that it covers.
    ///
    /// Every attachment that the signature names must be there, with the bytes that were signed.
    ///
    /// - Parameters:
    ///   - keys: the keys of the one who is said to have signed. A key inside the document is never used.
    ///   - legacy: what is accepted although it is out of date. The report says so whether it is accepted or
    ///     not.
    ///   - names: the attachments of the document, without `cid:`, if the signature must cover exactly these;
    ///     a name that is there twice cannot be covered. If `nil`, it may cover none or some, and the report
    ///     says which.
    ///   - attachments: the bytes of an attachment by its name, without `cid:`; `nil` if there is none.
    public static func verify(
        _ document: XMLDocument, with keys: [PublicKey], allowing legacy: LegacyPolicy = [],
        covering names: [String]? = nil, attachments: (_ cid: String) -> [UInt8]?
    ) -> SignatureReport {
        Self.classify(
            document, with: keys, allowing: legacy, covering: names.map { .exactly($0) } ?? .any, attachments)
    }

    /// What a caller says about the attachments.
    private enum Covering {
        /// Nothing: it has none at hand.
        case unknown
        case any
        case exactly([String])
    }

    private static func classify(
        _ document: XMLDocument, with keys: [PublicKey], allowing legacy: LegacyPolicy, covering: Covering,
        _ attachments: (String) -> [UInt8]?
    ) -> SignatureReport {
        let element: XMLElement
        switch SignaturePlace.find(in: document, keys: keys) {
        case .signature(let found): element = found
        case .none(let report): return report
        }
        let certificate = KeyCertificate(in: element)
        let notes = LegacyNotes.notes(on: element, certificate, keys: keys)
        let form: XMLSignatureForm
        do throws(XMLSignatureForm.Fault) {
            form = try XMLSignatureForm.read(element, certificate, allowing: legacy)
        } catch {
            switch error {
            case .algorithmRefused(let name):
                return .algorithmRefused(SignatureReport.shortened(name, to: 96)).noting(notes)
            case .malformed(let reason): return .malformed(reason).noting(notes)
            }
        }
        let report: SignatureReport
        do throws(HubError) {
            if let fault = try Self.contentFault(form, of: element, in: document) {
                report = fault
            } else if let fault = try Self.attachmentFault(form, covering, attachments) {
                report = fault
            } else {
                report = try Self.signatureVerdict(form, covering, in: document, with: keys)
            }
        } catch {
            guard error.code == .xmlMalformed else {
                return .unanswered(error, algorithm: form.algorithmName).noting(notes)
            }
            report = .malformed(
                Bilingual(
                    vi: "Tài liệu không có dạng chuẩn hóa nên không thể ký.",
                    en: "The document has no canonical form, so it cannot have been signed."
                ),
                algorithm: form.algorithmName
            )
        }
        // What was accepted by way of the policy is noted in any case, not only because the notes found it
        // too.
        return report.noting(form.isLegacy ? notes.union([.weakAlgorithm]) : notes)
    }

    /// What is wrong with the document itself, beside its signature.
    private static func contentFault(
        _ form: XMLSignatureForm, of element: XMLElement, in document: XMLDocument
    ) throws(HubError) -> SignatureReport? {
        guard !element.hasInstructions else {
            return .malformed(
                Bilingual(
                    vi: "Chữ ký chứa chỉ thị xử lý.", en: "The signature contains a processing instruction."
                ),
                algorithm: form.algorithmName
            )
        }
        guard try Self.digest(of: document, without: element, by: form.digestMethod) == form.digest else {
            return .mismatch(
                Bilingual(
                    vi: "Tài liệu đã bị thay đổi sau khi ký.",
                    en: "The document was changed after it was signed."
                ),
                algorithm: form.algorithmName, claimedKey: form.claimedKey
            )
        }
        return nil
    }

    /// What is wrong with the attachments, where the caller has them.
    private static func attachmentFault(
        _ form: XMLSignatureForm, _ covering: Covering, _ attachments: (String) -> [UInt8]?
    ) throws(HubError) -> SignatureReport? {
        let signed = Set(form.attachments.map(\.name))
        switch covering {
        case .unknown: return nil
        case .any: break
        case .exactly(let names):
            guard names.count == signed.count, signed == Set(names) else {
                return .mismatch(
                    Bilingual(
                        vi: "Các tệp đính kèm của tài liệu không phải là các tệp đã ký.",
                        en: "The attachments of the document are not those that were signed."
                    ),
                    algorithm: form.algorithmName, claimedKey: form.claimedKey
                )
            }
        }
        for reference in form.attachments {
            guard let bytes = attachments(reference.name) else {
                return .mismatch(
                    Bilingual(
                        vi: "Thiếu một tệp đính kèm đã ký.", en: "An attachment that was signed is missing."
                    ),
                    algorithm: form.algorithmName, claimedKey: form.claimedKey
                )
            }
            let stream = try reference.method.stream()
            stream.update(bytes[...])
            guard try stream.finish() == reference.digest else {
                return .mismatch(
                    Bilingual(
                        vi: "Một tệp đính kèm đã bị thay đổi sau khi ký.",
                        en: "An attachment was changed after it was signed."
                    ),
                    algorithm: form.algorithmName, claimedKey: form.claimedKey
                )
            }
        }
        return nil
    }

    /// Whose signature it is, if everything that it covers is as it was.
    private static func signatureVerdict(
        _ form: XMLSignatureForm, _ covering: Covering, in document: XMLDocument, with keys: [PublicKey]
    ) throws(HubError) -> SignatureReport {
        let signedInfo = try Self.canonical(form.signedInfo, in: document)
        let suited = keys.filter { form.method.suits($0.kind) }
        for key in suited where try form.method.verifies(form.signature, of: signedInfo, with: key) {
            if case .unknown = covering, !form.attachments.isEmpty {
                return .attachmentsMissing(form.algorithmName, claimedKey: form.claimedKey)
            }
            return .valid(
                key, algorithm: form.algorithmName, claimedKey: form.claimedKey,
                attachments: form.attachments.map(\.name))
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
        of document: XMLDocument, without element: XMLElement?, by method: XMLDigestMethod
    ) throws(HubError) -> [UInt8] {
        let stream = try method.stream()
        try unsafe document.canonicalise(.exclusive, excluding: element) { unsafe stream.update($0) }
        return try stream.finish()
    }

    private static func canonical(_ element: XMLElement, in document: XMLDocument) throws(HubError) -> [UInt8]
    {
        var bytes: [UInt8] = []
        try unsafe document.canonicalise(.exclusive, of: element) { unsafe bytes.append(contentsOf: $0) }
        return bytes
    }
}
