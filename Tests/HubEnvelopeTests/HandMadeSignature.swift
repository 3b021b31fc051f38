import HubEnvelope
import HubModel
import HubXML
import Testing

/// Signatures that the registered key really made, but over something that the profile does not allow.
///
/// So that what is refused is refused for its form, and not because a number happens not to fit.
enum HandMadeSignature {
    static let dsig = "http://www.w3.org/2000/09/xmldsig#"
    static let method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"

    /// Signs the `SignedInfo` of the first signature of the text anew, as it stands there.
    ///
    /// - Returns: the text as it was if it has none, or no form that can be signed.
    static func resigned(_ text: String, with key: SigningKey) throws -> String {
        guard let document = try? XMLDocument.parse(Array(text.utf8)),
            let info = Self.first("SignedInfo", below: document.root)
        else { return text }
        let isInclusive =
            info.child("CanonicalizationMethod")?.attribute("Algorithm")?.contains("REC-xml-c14n") ?? false
        var bytes: [UInt8] = []
        try document.canonicalise(isInclusive ? .inclusive : .exclusive, of: info) { bytes += Array($0) }
        let value = Base64.text(try key.sign(bytes))
        return text.replacing(
            #/<SignatureValue>[^<]*<\/SignatureValue>/#,
            with: "<SignatureValue>\(value)</SignatureValue>", maxReplacements: 1)
    }

    /// A signature over the element with an id, as SAML and WS-Security have it, with the enveloped
    /// transform.
    ///
    /// - Parameters:
    ///   - text: the document, with `{SIGNATURE}` where the signature goes.
    ///   - path: the signed element, below the root; empty for the root itself.
    ///   - isEnveloped: whether the signature says that it is within what it signs.
    static func overElement(
        _ text: String, uri: String, path: String, isEnveloped: Bool = true, with key: SigningKey
    ) throws -> (document: String, signature: String) {
        let bare = try XMLDocument.parse(Array(text.replacing("{SIGNATURE}", with: "").utf8))
        let element = try #require(path.isEmpty ? bare.root : bare.root.descendant(path))
        var bytes: [UInt8] = []
        try bare.canonicalise(.exclusive, of: element) { bytes += Array($0) }
        var signature = Self.text(uri: uri, digest: Base64.text(SHA256.hash(bytes).bytes))
        if !isEnveloped {
            signature = signature.replacing(
                "<Transform Algorithm=\"\(Self.dsig)enveloped-signature\"></Transform>", with: "")
        }
        let signed = try Self.resigned(text.replacing("{SIGNATURE}", with: signature), with: key)
        let found = try #require(
            signed.firstMatch(of: #/<Signature .*<\/Signature>/#).map { signed[$0.range] })
        return (signed, String(found))
    }

    static func text(uri: String, digest: String) -> String {
        """
        <Signature xmlns="\(Self.dsig)"><SignedInfo>\
        <CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">\
        </CanonicalizationMethod>\
        <SignatureMethod Algorithm="\(Self.method)"></SignatureMethod>\
        <Reference URI="\(uri)"><Transforms>\
        <Transform Algorithm="\(Self.dsig)enveloped-signature"></Transform>\
        <Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></Transform></Transforms>\
        <DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod>\
        <DigestValue>\(digest)</DigestValue></Reference></SignedInfo>\
        <SignatureValue>AA==</SignatureValue><KeyInfo><KeyName>mau</KeyName></KeyInfo></Signature>
        """
    }

    static func first(_ name: String, below element: XMLElement) -> XMLElement? {
        for child in element.children {
            if child.isNamed(name) { return child }
            if let found = Self.first(name, below: child) { return found }
        }
        return nil
    }
}
