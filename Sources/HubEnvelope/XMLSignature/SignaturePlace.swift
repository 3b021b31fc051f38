import HubModel
import HubXML

/// Finds the signature of a document at the one place where it may be.
enum SignaturePlace {
    case signature(XMLElement)
    case none(SignatureReport)

    /// - Parameter keys: the registered ones, for telling a certificate of theirs from a stub.
    static func find(in document: XMLDocument, keys: [PublicKey] = []) -> SignaturePlace {
        let header = Self.header(of: document)
        let found = Self.elements(in: document)
        guard let signature = found.first else { return .none(Self.withoutSignature(header, keys: keys)) }
        guard found.count == 1 else {
            return .none(
                .malformed(
                    Bilingual(
                        vi: "Tài liệu có nhiều hơn một chữ ký.",
                        en: "The document has more than one signature."
                    )
                ).noting(LegacyNotes.notes(on: signature, keys: keys))
            )
        }
        if Self.isEmpty(signature) { return .none(Self.onlyEmptyElement) }
        guard let header, signature.parent == header, signature.nextSibling == nil else {
            return .none(
                .malformed(
                    Bilingual(
                        vi: "Chữ ký phải là phần tử cuối cùng của edXMLHeader.",
                        en: "The signature must be the last element of edXMLHeader."
                    )
                ).noting(LegacyNotes.notes(on: signature, keys: keys))
            )
        }
        return .signature(signature)
    }

    /// Whether there is an element for a signature anywhere, in the namespace of XML-DSig, be it empty.
    static func hasElement(in document: XMLDocument) -> Bool {
        !Self.elements(in: document).isEmpty
    }

    /// The first header of the first envelope.
    static func header(of document: XMLDocument) -> XMLElement? {
        document.root.child("edXMLEnvelope")?.child("edXMLHeader")
    }

    /// Not more than two, which are as wrong as twenty.
    private static func elements(in document: XMLDocument) -> [XMLElement] {
        document.root.elements(named: "Signature", in: XMLSignatureNames.namespace, limit: 2)
    }

    /// Software in the field leaves an empty element, or puts the signature into the namespace of edXML, where no
    /// verifier finds it.
    private static func withoutSignature(_ header: XMLElement?, keys: [PublicKey]) -> SignatureReport {
        let candidates = (header?.children ?? []).filter {
            $0.localName == "Signature" || $0.localName == "DigitalSignature"
        }
        guard !candidates.isEmpty else {
            return .absent(Bilingual(vi: "Tài liệu không có chữ ký.", en: "The document has no signature."))
        }
        guard let candidate = candidates.first(where: { !Self.isEmpty($0) }) else {
            return Self.onlyEmptyElement
        }
        return SignatureReport(
            .notVerifiable, code: .envelopeSignatureMalformed,
            reason: Bilingual(
                vi: "Phần tử chữ ký không thuộc không gian tên của XML-DSig nên không kiểm tra được.",
                en: "The signature element is not in the namespace of XML-DSig and cannot be checked."
            ),
            algorithm: LegacyNotes.algorithm(of: candidate),
            legacy: LegacyNotes.notes(on: candidate, keys: keys).union([.wrongNamespace])
        )
    }

    private static let onlyEmptyElement = SignatureReport.absent(
        Bilingual(vi: "Phần tử chữ ký rỗng.", en: "The signature element is empty.")
    ).noting([.emptyElement])

    private static func isEmpty(_ element: XMLElement) -> Bool {
        element.firstChild == nil && !element.hasOwnText
    }
}
