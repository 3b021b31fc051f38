import HubModel
import HubXML

/// Finds the signature of a document at the one place where it may be.
enum SignaturePlace {
    case signature(XMLElement)
    case none(SignatureReport)

    /// - Parameter keys: the registered ones, for telling a certificate of theirs from a stub.
    static func find(in document: XMLDocument, keys: [PublicKey] = []) -> SignaturePlace {
        let header = Self.header(of: document)
        var found: [XMLElement] = []
        Self.collect(below: document.root, into: &found)
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
        guard let header, header.children.last == signature else {
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
        var found: [XMLElement] = []
        Self.collect(below: document.root, into: &found)
        return !found.isEmpty
    }

    /// The first header of the first envelope.
    static func header(of document: XMLDocument) -> XMLElement? {
        document.root.child("edXMLEnvelope")?.child("edXMLHeader")
    }

    /// Stops at the second: two are as wrong as twenty.
    private static func collect(below element: XMLElement, into found: inout [XMLElement]) {
        if element.isNamed("Signature", in: XMLSignatureNames.namespace) { found.append(element) }
        var next = element.firstChild
        while let child = next, found.count < 2 {
            Self.collect(below: child, into: &found)
            next = child.nextSibling
        }
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
        element.children.isEmpty && XMLSignatureForm.withoutSpaces(element.text).isEmpty
    }
}
