import HubModel
import HubXML

/// The parts of an XML signature that has exactly the form of the profile.
///
/// Reading it is checking it: whatever is not named here, in this order and this number, is a fault. So there is
/// nothing in a signature that was signed but not looked at.
struct XMLSignatureForm {
    let signedInfo: XMLElement
    let algorithmName: String
    let algorithm: SignatureAlgorithm
    let digestAlgorithm: DigestAlgorithm
    let digest: [UInt8]
    let signature: [UInt8]
    /// From `KeyInfo`, which is not signed: a hint.
    let claimedKey: Digest?

    private static let longestIdentifier = 128

    /// What is wrong with a signature that does not have the form.
    enum Fault: Error {
        case algorithmRefused(String)
        case malformed(Bilingual)
    }

    /// - Parameter element: a `Signature` in the namespace of XML-DSig.
    static func read(_ element: XMLElement) throws(Fault) -> XMLSignatureForm {
        // A signature of an algorithm that is not allowed is mostly one of another age or another make; saying so helps
        // more than naming the first thing about it that is unusual.
        let algorithms = try Self.algorithms(of: element)

        try Self.check(element, attributes: ["Id"])
        let parts = element.children
        guard parts.count == 2 || parts.count == 3 else { throw Self.unexpected }
        let signedInfo = try Self.part(parts[0], "SignedInfo", attributes: ["Id"])
        let signatureValue = try Self.part(parts[1], "SignatureValue", attributes: ["Id"], parts: 0)

        let info = signedInfo.children
        guard info.count == 3 else { throw Self.unexpected }
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
        let digestValue = try Self.digestValue(of: reference)
        if parts.count == 3 { try KeyHint.check(parts[2]) }

        // All text of a signature is in its values: nothing stands between its elements.
        let keyText = parts.count == 3 ? parts[2].text : ""
        guard Self.withoutSpaces(signedInfo.text) == Self.withoutSpaces(digestValue.text),
            Self.withoutSpaces(element.text)
                == Self.withoutSpaces(digestValue.text + signatureValue.text + keyText)
        else { throw Self.unexpected }

        guard let digest = Self.bytes(in: digestValue), digest.count == algorithms.digest.length,
            let signature = Self.bytes(in: signatureValue), !signature.isEmpty
        else {
            throw .malformed(
                Bilingual(
                    vi: "Giá trị của chữ ký không phải Base64 đúng quy cách hoặc sai độ dài.",
                    en: "A value of the signature is not proper Base64 or has the wrong length."
                )
            )
        }
        return XMLSignatureForm(
            signedInfo: signedInfo, algorithmName: XMLSignatureNames.name(of: algorithms.signature),
            algorithm: algorithms.signature, digestAlgorithm: algorithms.digest, digest: digest,
            signature: signature,
            claimedKey: parts.count == 3 ? KeyHint.fingerprint(in: parts[2]) : nil
        )
    }

    /// One reference to the whole document, without the signature itself, in exclusive C14N.
    private static func digestValue(of reference: XMLElement) throws(Fault) -> XMLElement {
        let fault = Fault.malformed(
            Bilingual(
                vi: "Chữ ký phải tham chiếu đúng một lần tới toàn bộ tài liệu.",
                en: "The signature must refer exactly once to the whole document."
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
        return try Self.part(parts[2], "DigestValue", attributes: [], parts: 0)
    }

    private static func algorithms(
        of element: XMLElement
    ) throws(Fault) -> (signature: SignatureAlgorithm, digest: DigestAlgorithm) {
        guard
            let signatureName = element.descendant("SignedInfo/SignatureMethod")?.attribute("Algorithm"),
            let digestName = element.descendant("SignedInfo/Reference/DigestMethod")?.attribute("Algorithm")
        else { throw Self.unexpected }
        guard let signature = XMLSignatureNames.algorithm(named: signatureName) else {
            throw .algorithmRefused(signatureName)
        }
        guard let digest = XMLSignatureNames.digest(named: digestName) else {
            throw .algorithmRefused(digestName)
        }
        return (signature, digest)
    }

    // MARK: - Elements and values

    static let unexpected = Fault.malformed(
        Bilingual(
            vi: "Chữ ký có thành phần thừa, thiếu hoặc sai thứ tự.",
            en: "The signature has a part too many, too few, or out of order."
        )
    )

    @discardableResult
    static func part(
        _ element: XMLElement, _ name: String, attributes: [String], parts: Int? = nil,
        in namespace: String = XMLSignatureNames.namespace
    ) throws(Fault) -> XMLElement {
        guard element.localName == name, element.namespace == namespace,
            parts == nil || element.children.count == parts
        else { throw Self.unexpected }
        try Self.check(element, attributes: attributes)
        return element
    }

    private static func check(_ element: XMLElement, attributes: [String]) throws(Fault) {
        for (name, namespace, value) in element.attributes {
            guard namespace == nil, attributes.contains(name), name != "Id" || Self.isIdentifier(value) else {
                throw Self.unexpected
            }
        }
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
        var bytes = Array(text.utf8)
        bytes.removeAll { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
