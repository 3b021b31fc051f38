import HubModel
import HubXML

/// What a signature says about its key.
///
/// `KeyInfo` is not signed, so it can only help to choose among keys that are known anyway. Whoever carries a signed
/// document can put something else there, and a reader of the document would see it. So what may stand there is spelt
/// out down to the last text. Nothing in it is decoded by the library: the fingerprint is that of bytes found by walking
/// the certificate's DER.
enum KeyHint {
    /// All texts together, in bytes: room for a chain of certificates.
    static let longest = 64 << 10
    private static let longestCurve = 64
    /// Elements directly in `KeyInfo`, and in one `X509Data`.
    private static let mostParts = 32

    /// Only the forms that name or carry a key are allowed; those that fetch, encrypt or compute one are not.
    static func check(_ keyInfo: XMLElement) throws(XMLSignatureForm.Fault) {
        try XMLSignatureForm.part(keyInfo, "KeyInfo", attributes: ["Id"])
        let text = keyInfo.text
        let parts = keyInfo.children
        guard text.utf8.count <= Self.longest, parts.count <= Self.mostParts else {
            throw XMLSignatureForm.unexpected
        }
        var texts = ""
        for part in parts {
            switch part.localName {
            case "KeyName": texts += try Self.text(of: part, "KeyName")
            case "KeyValue": texts += try Self.keyValue(part)
            case "X509Data": texts += try Self.certificateData(part)
            default: throw XMLSignatureForm.unexpected
            }
        }
        // Between the elements there is nothing but white space.
        guard XMLSignatureForm.withoutSpaces(text) == XMLSignatureForm.withoutSpaces(texts) else {
            throw XMLSignatureForm.unexpected
        }
    }

    private static func certificateData(_ element: XMLElement) throws(XMLSignatureForm.Fault) -> String {
        let items = try XMLSignatureForm.part(element, "X509Data", attributes: []).children
        guard items.count <= Self.mostParts else { throw XMLSignatureForm.unexpected }
        var texts = ""
        for item in items {
            switch item.localName {
            case "X509Certificate": texts += try Self.text(of: item, "X509Certificate")
            case "X509SubjectName": texts += try Self.text(of: item, "X509SubjectName")
            case "X509SKI": texts += try Self.text(of: item, "X509SKI")
            case "X509IssuerSerial":
                // xmlsec1 leaves it empty where a template asks for more than the certificate.
                let isEmpty = item.firstChild == nil
                texts += try Self.texts(
                    of: item, "X509IssuerSerial", isEmpty ? [] : ["X509IssuerName", "X509SerialNumber"])
            default:
                throw XMLSignatureForm.unexpected
            }
        }
        return texts
    }

    private static func keyValue(_ element: XMLElement) throws(XMLSignatureForm.Fault) -> String {
        let key = try XMLSignatureForm.part(element, "KeyValue", attributes: [], parts: 1).children[0]
        guard key.localName == "ECKeyValue" else {
            return try Self.texts(of: key, "RSAKeyValue", ["Modulus", "Exponent"])
        }
        let namespace = XMLSignatureNames.namespace11
        let parts = try XMLSignatureForm.part(key, "ECKeyValue", attributes: [], parts: 2, in: namespace)
            .children
        try XMLSignatureForm.part(parts[0], "NamedCurve", attributes: ["URI"], parts: 0, in: namespace)
        guard let curve = parts[0].attribute("URI"), curve.utf8.count <= Self.longestCurve,
            curve.hasPrefix("urn:oid:"),
            curve.dropFirst(8).utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E })
        else { throw XMLSignatureForm.unexpected }
        return try Self.text(of: parts[1], "PublicKey", in: namespace)
    }

    /// The text of an element that has nothing else.
    private static func text(
        of element: XMLElement, _ name: String, in namespace: String = XMLSignatureNames.namespace
    ) throws(XMLSignatureForm.Fault) -> String {
        try XMLSignatureForm.part(element, name, attributes: [], parts: 0, in: namespace).text
    }

    /// The texts of an element that has exactly these children, and they nothing else.
    private static func texts(
        of element: XMLElement, _ name: String, _ children: [String]
    ) throws(XMLSignatureForm.Fault) -> String {
        let parts = try XMLSignatureForm.part(element, name, attributes: [], parts: children.count).children
        var texts = ""
        for (part, child) in zip(parts, children) { texts += try Self.text(of: part, child) }
        return texts
    }

    /// The fingerprint in a `KeyName`, or that of the first certificate's key.
    static func fingerprint(in keyInfo: XMLElement) -> Digest? {
        if let name = keyInfo.child("KeyName"),
            let digest = Digest(hex: XMLSignatureForm.withoutSpaces(name.text))
        {
            return digest
        }
        guard let certificate = keyInfo.descendant("X509Data/X509Certificate"),
            let der = XMLSignatureForm.bytes(in: certificate),
            let parts = CertificateParts(der[...])
        else { return nil }
        return SHA256.hash(parts.key)
    }
}
