import HubModel
import HubXML

/// What a signature says about its key.
///
/// `KeyInfo` is not signed, so it can only help to choose among keys that are known anyway. Whoever carries a signed
/// document can put something else there, and a reader of the document would see it. So what may stand there is spelt
/// out down to the last text, and between its elements there is nothing but white space. Nothing in it is decoded by the library: the fingerprint is that of bytes found by walking
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
        let parts = keyInfo.children
        guard keyInfo.textLength <= Self.longest, parts.count <= Self.mostParts else {
            throw XMLSignatureForm.unexpected
        }
        for part in parts {
            switch part.localName {
            case "KeyName": _ = try XMLSignatureForm.value(part, "KeyName")
            case "KeyValue": try Self.checkKeyValue(part)
            case "X509Data": try Self.checkCertificateData(part)
            default: throw XMLSignatureForm.unexpected
            }
        }
    }

    private static func checkCertificateData(_ element: XMLElement) throws(XMLSignatureForm.Fault) {
        let items = try XMLSignatureForm.part(element, "X509Data", attributes: []).children
        guard items.count <= Self.mostParts else { throw XMLSignatureForm.unexpected }
        for item in items {
            switch item.localName {
            case "X509Certificate": _ = try XMLSignatureForm.value(item, "X509Certificate")
            case "X509SubjectName": _ = try XMLSignatureForm.value(item, "X509SubjectName")
            case "X509SKI": _ = try XMLSignatureForm.value(item, "X509SKI")
            case "X509IssuerSerial":
                // xmlsec1 leaves it empty where a template asks for more than the certificate.
                let isEmpty = item.firstChild == nil
                try Self.checkValues(
                    of: item, "X509IssuerSerial", isEmpty ? [] : ["X509IssuerName", "X509SerialNumber"])
            default:
                throw XMLSignatureForm.unexpected
            }
        }
    }

    private static func checkKeyValue(_ element: XMLElement) throws(XMLSignatureForm.Fault) {
        let key = try XMLSignatureForm.part(element, "KeyValue", attributes: [], parts: 1).children[0]
        guard key.localName == "ECKeyValue" else {
            return try Self.checkValues(of: key, "RSAKeyValue", ["Modulus", "Exponent"])
        }
        let namespace = XMLSignatureNames.namespace11
        let parts = try XMLSignatureForm.part(key, "ECKeyValue", attributes: [], parts: 2, in: namespace)
            .children
        try XMLSignatureForm.part(parts[0], "NamedCurve", attributes: ["URI"], parts: 0, in: namespace)
        guard let curve = parts[0].attribute("URI"), curve.utf8.count <= Self.longestCurve,
            curve.hasPrefix("urn:oid:"),
            curve.dropFirst(8).utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E })
        else { throw XMLSignatureForm.unexpected }
        _ = try XMLSignatureForm.value(parts[1], "PublicKey", in: namespace)
    }

    /// An element that has exactly these values in it.
    private static func checkValues(
        of element: XMLElement, _ name: String, _ values: [String]
    ) throws(XMLSignatureForm.Fault) {
        let parts = try XMLSignatureForm.part(element, name, attributes: [], parts: values.count).children
        for (part, value) in zip(parts, values) { _ = try XMLSignatureForm.value(part, value) }
    }

    /// The fingerprint in a `KeyName`, or that of the first certificate's key.
    static func fingerprint(in keyInfo: XMLElement, _ certificate: KeyCertificate?) -> Digest? {
        let name = keyInfo.child("KeyName").map { XMLSignatureForm.withoutSpaces($0.text) }
        return name.flatMap { Digest(hex: $0) } ?? certificate?.fingerprint
    }
}
