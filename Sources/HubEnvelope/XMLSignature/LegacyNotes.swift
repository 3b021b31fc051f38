import HubModel
import HubXML

/// Looks for what is out of date about a signature, whatever its form and its worth.
///
/// It reads by local names and leniently, so that signatures that are refused have notes too. Nothing here
/// decides whether one is accepted.
enum LegacyNotes {
    /// The algorithms that were usual once and are not safe now.
    private static let weak: Set<String> = [
        XMLSignatureNames.rsaSHA1, XMLSignatureNames.sha1,
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-md5",
        "http://www.w3.org/2001/04/xmldsig-more#md5",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-ripemd160",
        "http://www.w3.org/2001/04/xmlenc#ripemd160",
        "http://www.w3.org/2007/05/xmldsig-more#sha1-rsa-MGF1",
    ]
    private static let inclusive: Set<String> = [
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
        "http://www.w3.org/2006/12/xml-c14n11", "http://www.w3.org/2006/12/xml-c14n11#WithComments",
    ]
    /// More references than a signature may have need no reading.
    private static let mostReferences = 128

    /// - Parameter keys: the registered ones; a certificate for one of them is no stub.
    static func notes(on signature: XMLElement, keys: [PublicKey]) -> Set<SignatureLegacy> {
        Self.notes(on: signature, KeyCertificate(in: signature), keys: keys)
    }

    /// - Parameter certificate: the one in the signature.
    static func notes(
        on signature: XMLElement, _ certificate: KeyCertificate?, keys: [PublicKey]
    ) -> Set<SignatureLegacy> {
        var notes: Set<SignatureLegacy> = []
        if let info = signature.child("SignedInfo") {
            let methods =
                [info.child("SignatureMethod")]
                + info.children("Reference").prefix(Self.mostReferences).map { $0.child("DigestMethod") }
            if methods.contains(where: { Self.names($0, oneOf: Self.weak) }) { notes.insert(.weakAlgorithm) }
            if Self.names(info.child("CanonicalizationMethod"), oneOf: Self.inclusive) {
                notes.insert(.inclusiveCanonicalisation)
            }
        }
        if let certificate, Self.isStub(certificate, keys: keys) { notes.insert(.stubCertificate) }
        return notes
    }

    /// The name that a signature gives its algorithm, short enough to be passed on.
    static func algorithm(of signature: XMLElement) -> String? {
        signature.descendant("SignedInfo/SignatureMethod")?.attribute("Algorithm")
            .map { SignatureReport.shortened($0, to: 96) }
    }

    private static func names(_ method: XMLElement?, oneOf names: Set<String>) -> Bool {
        method?.attribute("Algorithm").map { names.contains($0) } ?? false
    }

    private static func isStub(_ certificate: KeyCertificate, keys: [PublicKey]) -> Bool {
        guard let parts = certificate.parts else { return true }
        return parts.isSelfIssued && !keys.contains { $0.fingerprint == certificate.fingerprint }
    }
}
