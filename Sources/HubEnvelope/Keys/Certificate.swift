public import HubModel

/// An X.509 certificate, taken apart once.
///
/// What it says is a claim until someone checks who signed it. Here it carries the key and the name of a system whose
/// key is registered anyway.
public struct Certificate: Hashable, Sendable {
    public let der: [UInt8]
    /// The name it was issued to (RFC 4514), such as `CN=qlvb-so-tttt-h44`.
    public let subject: String
    /// The key as SubjectPublicKeyInfo in DER.
    public let spki: [UInt8]
    public let notBefore: Timestamp
    public let notAfter: Timestamp

    /// SHA-256 of `spki`: the fingerprint of the key, not of the certificate, so it survives a renewal.
    public var fingerprint: Digest { SHA256.hash(self.spki) }

    /// A `CERTIFICATE` block.
    public var pem: [UInt8] { PEM.text("CERTIFICATE", self.der) }

    /// Reads one certificate in DER.
    ///
    /// - Throws: `envelope.key_unusable` if it is not one.
    public init(der: [UInt8]) throws(HubError) {
        let handle = try CertificateHandle(der: der)
        self.der = der
        self.subject = handle.subject()
        self.spki = try handle.spki()
        (self.notBefore, self.notAfter) = try handle.validity()
    }

    /// Reads the first `CERTIFICATE` block of a PEM file.
    ///
    /// - Throws: `envelope.key_unusable` if there is none.
    public init(pem: [UInt8]) throws(HubError) {
        guard let block = PEM.firstBlock(["CERTIFICATE"], in: pem) else {
            throw HubError(.envelopeKeyUnusable, "There is no CERTIFICATE block in PEM form.")
        }
        try self.init(der: block.der)
    }

    /// Every certificate of a PEM file, in its order.
    ///
    /// - Throws: `envelope.key_unusable` if one of them is damaged.
    public static func all(pem: [UInt8]) throws(HubError) -> [Certificate] {
        let blocks: [[UInt8]]? = PEM.blocks(["CERTIFICATE"], in: pem)
        guard let blocks else {
            throw HubError(.envelopeKeyUnusable, "A CERTIFICATE block cannot be read.")
        }
        var certificates: [Certificate] = []
        for block in blocks { certificates.append(try Certificate(der: block)) }
        return certificates
    }

    /// Makes a certificate that a key issues to itself, for signing and nothing else.
    ///
    /// - Parameters:
    ///   - commonName: the system's name; at most 64 characters.
    ///   - start: when it begins to be valid, or now.
    /// - Throws: `envelope.crypto_failed` if the library refuses, as it does for a name that is too long.
    public static func selfSigned(
        key: SigningKey, commonName: String, days: Int, from start: Timestamp? = nil
    ) throws(HubError) -> Certificate {
        let serial = SecureRandom.bytes(16)
        let handle = try CertificateHandle.selfSigned(
            key: key.handle, commonName: commonName, days: days, start: start, serial: serial
        )
        return try Certificate(der: handle.der())
    }

    /// The key, decoded. Decoding costs more than verifying: keep the result.
    ///
    /// - Throws: `envelope.key_unusable` if its kind is not in `KeyKind`.
    public func publicKey() throws(HubError) -> PublicKey {
        try PublicKey(der: self.spki)
    }

    /// Whether the moment lies within the certificate's validity, both ends included.
    public func isValid(at moment: Timestamp) -> Bool {
        self.notBefore <= moment && moment <= self.notAfter
    }
}
