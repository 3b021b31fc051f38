public import HubModel

/// A request for a certificate (PKCS #10, RFC 2986): a name and a key, signed with that key.
///
/// The extensions it asks for are not read: what a certificate is for is decided by who issues it.
public struct CertificateRequest: Hashable, Sendable {
    public let der: [UInt8]
    /// The name it asks for (RFC 4514).
    public let subject: String
    /// The key as SubjectPublicKeyInfo in DER.
    public let spki: [UInt8]

    /// A `CERTIFICATE REQUEST` block.
    public var pem: [UInt8] { PEM.text("CERTIFICATE REQUEST", self.der) }

    /// Reads a request in DER and checks that whoever made it has the key.
    ///
    /// - Throws: `envelope.key_unusable` if it is not one or its key is too weak,
    ///   `envelope.signature_invalid` if the key did not sign it, `envelope.algorithm_refused` if it signed
    ///   with SHA-1 or MD5.
    public init(der: [UInt8]) throws(HubError) {
        let handle = try RequestHandle(der: der)
        self.der = der
        self.subject = handle.subject
        self.spki = try handle.spki()
        _ = try PublicKey(der: self.spki)
        try handle.checkSignature()
    }

    /// Reads the first `CERTIFICATE REQUEST` block of a PEM file.
    ///
    /// - Throws: as `init(der:)`.
    public init(pem: [UInt8]) throws(HubError) {
        guard let block = PEM.firstBlock(["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"], in: pem) else {
            throw HubError(.envelopeKeyUnusable, "There is no CERTIFICATE REQUEST block in PEM form.")
        }
        try self.init(der: block.der)
    }

    /// Asks for a certificate with this name for this key.
    ///
    /// - Throws: `envelope.crypto_failed` if the library refuses, as it does for a name that is too long.
    public static func make(_ name: CertificateName, key: SigningKey) throws(HubError) -> CertificateRequest {
        try CertificateRequest(der: RequestHandle.make(name, key: key.handle).der())
    }
}
