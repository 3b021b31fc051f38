import HubModel
import HubXML

/// The first certificate in a signature, decoded once for all who ask about it.
struct KeyCertificate {
    /// `nil` if it is not readable as one.
    let parts: CertificateParts?
    /// Of its key.
    let fingerprint: Digest?

    /// - Returns: `nil` if the signature carries none.
    init?(in signature: XMLElement) {
        guard let element = signature.descendant("KeyInfo/X509Data/X509Certificate") else { return nil }
        self.parts =
            element.textLength <= KeyHint.longest
            ? XMLSignatureForm.bytes(in: element).flatMap { CertificateParts($0[...]) } : nil
        self.fingerprint = self.parts.map { SHA256.hash($0.key) }
    }
}
