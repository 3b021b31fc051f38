import HubModel
import HubXML

/// The parts of an XML signature that has exactly the form of the profile.
///
/// Reading it is checking it: whatever is not named here, in this order and this number, is a fault. So there is
/// nothing in a signature that was signed but not looked at.
struct XMLSignatureForm {
    let signedInfo: XMLElement
    let method: XMLSignatureMethod
    /// The reference to the document.
    let digestMethod: XMLDigestMethod
    let digest: [UInt8]
    /// The references to attachments, each name once.
    let attachments: [AttachmentReference]
    let signature: [UInt8]
    /// From `KeyInfo`, which is not signed: a hint.
    let claimedKey: Digest?

    private static let longestIdentifier = 128

    var algorithmName: String { self.method.name }

    /// Whether anything in it is accepted only because the caller asked for it.
    var isLegacy: Bool {
        self.method.isLegacy || self.digestMethod.isLegacy
            || self.attachments.contains { $0.method.isLegacy }
    }

    /// What is wrong with a signature that does not have the form.
    enum Fault: Error {
        case algorithmRefused(String)
        case malformed(Bilingual)
    }

    /// - Parameters:
    ///   - element: a `Signature` in the namespace of XML-DSig.
    ///   - certificate: the one in it.
    static func read(
        _ element: XMLElement, _ certificate: KeyCertificate?, allowing legacy: LegacyPolicy
    ) throws(Fault) -> XMLSignatureForm {
        // A signature of an algorithm that is not allowed is mostly one of another age or another make; saying so helps
        // more than naming the first thing about it that is unusual.
        let (method, digestMethod) = try Self.algorithms(of: element, allowing: legacy)

        try Self.check(element, attributes: ["Id"])
        guard !element.hasOwnText else { throw Self.unexpected }
        let parts = element.children
        guard parts.count == 2 || parts.count == 3 else { throw Self.unexpected }
        let signedInfo = try Self.part(parts[0], "SignedInfo", attributes: ["Id"])
        let signatureValue = try Self.value(parts[1], "SignatureValue", attributes: ["Id"])

        let info = signedInfo.children
        guard info.count >= 3 else { throw Self.unexpected }
        guard info.count <= 3 + AttachmentReference.most else { throw Self.tooMany }
        let canonicalisation = try Self.part(
            info[0], "CanonicalizationMethod", attributes: ["Algorithm"], parts: 0)
        _ = try Self.part(info[1], "SignatureMethod", attributes: ["Algorithm"], parts: 0)
        let reference = try Self.part(info[2], "Reference", attributes: ["URI", "Id"], parts: 3)
        guard canonicalisation.attribute("Algorithm") == XMLSignatureNames.exclusive else {
            throw .malformed(
                Bilingual(
                    vi: "Phương pháp chuẩn hóa của chữ ký phải là exclusive C14N không chú thích.",
                    en: "The canonicalisation of the signature must be exclusive C14N without comments."
                )
            )
        }
        let digest = try Self.digest(in: Self.digestValue(of: reference), by: digestMethod)
        let attachments = try Self.attachments(info.dropFirst(3), below: method, allowing: legacy)
        if parts.count == 3 { try KeyHint.check(parts[2]) }
        var ids: [String] = []
        for place in [[element, signedInfo][...], info.dropFirst(2), parts.dropFirst()] {
            for element in place { if let id = element.attribute("Id") { ids.append(id) } }
        }
        guard Set(ids).count == ids.count else { throw Self.unexpected }

        guard let signature = Self.bytes(in: signatureValue), !signature.isEmpty else { throw Self.badValue }
        return XMLSignatureForm(
            signedInfo: signedInfo, method: method, digestMethod: digestMethod, digest: digest,
            attachments: attachments, signature: signature,
            claimedKey: parts.count == 3 ? KeyHint.fingerprint(in: parts[2], certificate) : nil
        )
    }

    /// One reference to the whole document, without the signature itself, in exclusive C14N.
    private static func digestValue(of reference: XMLElement) throws(Fault) -> XMLElement {
        let fault = Fault.malformed(
            Bilingual(
                vi: "Tham chiếu đầu tiên của chữ ký phải là toàn bộ tài liệu, và chỉ một lần.",
                en: "The signature must refer first, and exactly once, to the whole document."
            )
        )
        let parts = reference.children
        guard reference.attribute("URI") == "" else { throw fault }
        let transforms = try Self.part(parts[0], "Transforms", attributes: [], parts: 2).children
        _ = try Self.part(parts[1], "DigestMethod", attributes: ["Algorithm"], parts: 0)
        for (transform, name) in zip(transforms, [XMLSignatureNames.enveloped, XMLSignatureNames.exclusive]) {
            try Self.part(transform, "Transform", attributes: ["Algorithm"], parts: 0)
            guard transform.attribute("Algorithm") == name else { throw fault }
        }
        return try Self.value(parts[2], "DigestValue")
    }

    /// One reference to each attachment, to its bytes as they are, in any order.
    private static func attachments(
        _ references: ArraySlice<XMLElement>, below method: XMLSignatureMethod, allowing legacy: LegacyPolicy
    ) throws(Fault) -> [AttachmentReference] {
        var attachments: [AttachmentReference] = []
        var names: Set<String> = []
        for reference in references {
            try Self.part(reference, "Reference", attributes: ["URI", "Id"])
            guard let name = reference.attribute("URI").flatMap(AttachmentReference.name(in:)),
                names.insert(name).inserted
            else {
                throw .malformed(
                    Bilingual(
                        vi: "Ngoài tài liệu, chữ ký chỉ tham chiếu tới tệp đính kèm (cid:), mỗi tệp một lần.",
                        en: "Beside the document a signature refers only to attachments (cid:), to each once."
                    )
                )
            }
            let parts = try Self.part(reference, "Reference", attributes: ["URI", "Id"], parts: 2).children
            let digestMethod = try Self.part(
                parts[0], "DigestMethod", attributes: ["Algorithm"], parts: 0
            )
            let digestName = digestMethod.attribute("Algorithm") ?? ""
            guard let method = XMLDigestMethod(named: digestName, below: method, allowing: legacy) else {
                throw .algorithmRefused(digestName)
            }
            let value = try Self.value(parts[1], "DigestValue")
            attachments.append(
                AttachmentReference(
                    name: name, method: method, digest: try Self.digest(in: value, by: method)
                )
            )
        }
        return attachments
    }

    private static func digest(in value: XMLElement, by method: XMLDigestMethod) throws(Fault) -> [UInt8] {
        guard let digest = Self.bytes(in: value), digest.count == method.length else { throw Self.badValue }
        return digest
    }

    /// The algorithms of the signature and of its first reference.
    private static func algorithms(
        of element: XMLElement, allowing legacy: LegacyPolicy
    ) throws(Fault) -> (XMLSignatureMethod, XMLDigestMethod) {
        guard
            let signatureName = element.descendant("SignedInfo/SignatureMethod")?.attribute("Algorithm"),
            let digestName = element.descendant("SignedInfo/Reference/DigestMethod")?.attribute("Algorithm")
        else { throw Self.unexpected }
        guard let method = XMLSignatureMethod(named: signatureName, allowing: legacy) else {
            throw .algorithmRefused(signatureName)
        }
        guard let digest = XMLDigestMethod(named: digestName, below: method, allowing: legacy) else {
            throw .algorithmRefused(digestName)
        }
        return (method, digest)
    }

    // MARK: - Elements and values

    static let unexpected = Fault.malformed(
        Bilingual(
            vi: "Chữ ký có thành phần thừa, thiếu hoặc sai thứ tự.",
            en: "The signature has a part too many, too few, or out of order."
        )
    )

    private static let tooMany = Fault.malformed(
        Bilingual(
            vi: "Chữ ký tham chiếu tới quá nhiều tệp đính kèm.",
            en: "The signature refers to too many attachments."
        )
    )

    private static let badValue = Fault.malformed(
        Bilingual(
            vi: "Giá trị của chữ ký không phải Base64 đúng quy cách hoặc sai độ dài.",
            en: "A value of the signature is not proper Base64 or has the wrong length."
        )
    )

    /// An element with elements in it or nothing.
    ///
    /// All text of a signature is in its values, so nothing but white space stands in the others, and nothing that was
    /// signed is not looked at.
    @discardableResult
    static func part(
        _ element: XMLElement, _ name: String, attributes: [String], parts: Int? = nil,
        in namespace: String = XMLSignatureNames.namespace
    ) throws(Fault) -> XMLElement {
        // By bytes: to the comparison of texts the Kelvin sign is a K.
        guard element.isNamed(name, in: namespace), parts == nil || element.childCount == parts,
            !element.hasOwnText
        else { throw Self.unexpected }
        try Self.check(element, attributes: attributes)
        return element
    }

    /// An element with text in it and nothing else.
    static func value(
        _ element: XMLElement, _ name: String, attributes: [String] = [],
        in namespace: String = XMLSignatureNames.namespace
    ) throws(Fault) -> XMLElement {
        guard element.isNamed(name, in: namespace), element.firstChild == nil else { throw Self.unexpected }
        try Self.check(element, attributes: attributes)
        return element
    }

    private static func check(_ element: XMLElement, attributes: [String]) throws(Fault) {
        guard element.hasAttributes(only: attributes), element.attribute("Id").map(Self.isIdentifier) ?? true
        else { throw Self.unexpected }
    }

    /// Most ids of a signature are not signed, so they must not have room for anything else.
    private static func isIdentifier(_ text: String) -> Bool {
        (1...Self.longestIdentifier).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
                    || "-._".utf8.contains(byte)
            }
    }

    static func bytes(in element: XMLElement) -> [UInt8]? {
        Base64.bytes(Self.withoutSpaces(element.text))
    }

    /// Without the four characters that XML calls white space.
    static func withoutSpaces(_ text: String) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
        var bytes = Array(text.utf8)
        // Mostly there are none.
        guard bytes.contains(where: isSpace) else { return text }
        bytes.removeAll(where: isSpace)
        return String(decoding: bytes, as: UTF8.self)
    }
}
