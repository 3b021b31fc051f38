import HubModel
import HubXML

/// What a signature says about its key.
///
/// `KeyInfo` is not signed, so it can only help to choose among keys that are known anyway. Nothing in it is decoded
/// by the library: the fingerprint is that of bytes found by walking the certificate's DER.
enum KeyHint {
    /// Only the forms that name or carry a key are allowed; those that fetch, encrypt or compute one are not.
    static func check(_ keyInfo: XMLElement) throws(XMLSignatureForm.Fault) {
        try XMLSignatureForm.part(keyInfo, "KeyInfo", attributes: ["Id"])
        for part in keyInfo.children {
            switch part.localName {
            case "KeyName":
                try XMLSignatureForm.part(part, "KeyName", attributes: [], parts: 0)
            case "KeyValue":
                try XMLSignatureForm.part(part, "KeyValue", attributes: [])
            case "X509Data":
                try XMLSignatureForm.part(part, "X509Data", attributes: [])
                for item in part.children {
                    let isKnown = [
                        "X509Certificate", "X509SubjectName", "X509IssuerSerial", "X509SKI", "X509CRL",
                    ].contains(item.localName)
                    guard isKnown, item.namespace == XMLSignatureNames.namespace else {
                        throw XMLSignatureForm.unexpected
                    }
                }
            default:
                throw XMLSignatureForm.unexpected
            }
        }
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
            let key = Self.publicKey(inCertificate: der[...])
        else { return nil }
        return SHA256.hash(key)
    }

    /// The SubjectPublicKeyInfo of a certificate (RFC 5280, 4.1), found by its place.
    static func publicKey(inCertificate der: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let certificate = DERField(der), certificate.tag == 0x30,
            let body = DERField(certificate.content), body.tag == 0x30
        else { return nil }
        var rest = body.content
        // The version is optional and tagged [0]; then come serial number, algorithm, issuer, validity and subject.
        if let version = DERField(rest), version.tag == 0xA0 { rest = version.rest }
        for _ in 0..<5 {
            guard let field = DERField(rest) else { return nil }
            rest = field.rest
        }
        guard let key = DERField(rest), key.tag == 0x30 else { return nil }
        return key.whole
    }
}

/// One field of DER: a tag, a length, and as many bytes.
struct DERField {
    let tag: UInt8
    let content: ArraySlice<UInt8>
    /// The field with its tag and length.
    let whole: ArraySlice<UInt8>
    /// What follows the field.
    let rest: ArraySlice<UInt8>

    /// `nil` if the bytes do not begin with a whole field.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count >= 2 else { return nil }
        let start = bytes.startIndex
        var cursor = start + 2
        var length = Int(bytes[start + 1])
        if length >= 0x80 {
            let count = length & 0x7F
            guard (1...3).contains(count), bytes.count >= 2 + count else { return nil }
            length = bytes[cursor..<(cursor + count)].reduce(0) { $0 << 8 | Int($1) }
            cursor += count
        }
        guard bytes.endIndex - cursor >= length else { return nil }
        self.tag = bytes[start]
        self.content = bytes[cursor..<(cursor + length)]
        self.whole = bytes[start..<(cursor + length)]
        self.rest = bytes[(cursor + length)...]
    }
}
