/// The identifiers of CMS and of the algorithms in it, with the names that the standards give them.
enum CMSName {
    // RFC 5652, 4 and 5; RFC 5083, 2.
    static let data = ObjectIdentifier(1, 2, 840, 113549, 1, 7, 1)
    static let signedData = ObjectIdentifier(1, 2, 840, 113549, 1, 7, 2)
    static let envelopedData = ObjectIdentifier(1, 2, 840, 113549, 1, 7, 3)
    static let authEnvelopedData = ObjectIdentifier(1, 2, 840, 113549, 1, 9, 16, 1, 23)

    // Attributes: RFC 5652, 11; RFC 5035, 3.
    static let contentType = ObjectIdentifier(1, 2, 840, 113549, 1, 9, 3)
    static let messageDigest = ObjectIdentifier(1, 2, 840, 113549, 1, 9, 4)
    static let signingTime = ObjectIdentifier(1, 2, 840, 113549, 1, 9, 5)
    static let counterSignature = ObjectIdentifier(1, 2, 840, 113549, 1, 9, 6)
    static let signingCertificateV2 = ObjectIdentifier(1, 2, 840, 113549, 1, 9, 16, 2, 47)

    // Digests: RFC 5754, 2.
    static let sha256 = ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 2, 1)
    static let sha384 = ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 2, 2)
    static let sha512 = ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 2, 3)

    // Signatures and key transport: RFC 3370, 3.2; RFC 5754, 3; RFC 4056, 3; RFC 4055, 4.1; RFC 8419.
    static let rsaEncryption = ObjectIdentifier(1, 2, 840, 113549, 1, 1, 1)
    static let rsaOAEP = ObjectIdentifier(1, 2, 840, 113549, 1, 1, 7)
    static let mgf1 = ObjectIdentifier(1, 2, 840, 113549, 1, 1, 8)
    static let rsaPSS = ObjectIdentifier(1, 2, 840, 113549, 1, 1, 10)
    static let sha256WithRSA = ObjectIdentifier(1, 2, 840, 113549, 1, 1, 11)
    static let sha384WithRSA = ObjectIdentifier(1, 2, 840, 113549, 1, 1, 12)
    static let sha512WithRSA = ObjectIdentifier(1, 2, 840, 113549, 1, 1, 13)
    static let ecPublicKey = ObjectIdentifier(1, 2, 840, 10045, 2, 1)
    static let ecdsaWithSHA256 = ObjectIdentifier(1, 2, 840, 10045, 4, 3, 2)
    static let ecdsaWithSHA384 = ObjectIdentifier(1, 2, 840, 10045, 4, 3, 3)
    static let ecdsaWithSHA512 = ObjectIdentifier(1, 2, 840, 10045, 4, 3, 4)
    static let ed25519 = ObjectIdentifier(1, 3, 101, 112)

    // Key agreement and encryption: RFC 5753, 7.1.4; RFC 3565, 2.3.2; RFC 5084, 3.2.
    static let ecdhSHA256KDF = ObjectIdentifier(1, 3, 132, 1, 11, 1)
    static let ecdhSHA384KDF = ObjectIdentifier(1, 3, 132, 1, 11, 2)
    static let ecdhSHA512KDF = ObjectIdentifier(1, 3, 132, 1, 11, 3)
    static let aes256Wrap = ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 1, 45)
    static let aes256GCM = ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 1, 46)

    // Extension of certificates: RFC 5280, 4.2.1.2.
    static let subjectKeyIdentifier = ObjectIdentifier(2, 5, 29, 14)

    /// The name of an identifier, or its numbers if it has none here.
    static func text(_ identifier: ObjectIdentifier) -> String {
        Self.names[identifier] ?? identifier.description
    }

    private static let names: [ObjectIdentifier: String] = [
        Self.data: "id-data",
        Self.signedData: "id-signedData",
        Self.envelopedData: "id-envelopedData",
        ObjectIdentifier(1, 2, 840, 113549, 1, 7, 5): "id-digestedData",
        ObjectIdentifier(1, 2, 840, 113549, 1, 7, 6): "id-encryptedData",
        ObjectIdentifier(1, 2, 840, 113549, 1, 9, 16, 1, 2): "id-ct-authData",
        ObjectIdentifier(1, 2, 840, 113549, 1, 9, 16, 1, 4): "id-ct-TSTInfo",
        ObjectIdentifier(1, 2, 840, 113549, 1, 9, 16, 1, 9): "id-ct-compressedData",
        Self.authEnvelopedData: "id-ct-authEnvelopedData",
        Self.contentType: "id-contentType",
        Self.messageDigest: "id-messageDigest",
        Self.signingTime: "id-signingTime",
        Self.counterSignature: "id-countersignature",
        ObjectIdentifier(1, 2, 840, 113549, 1, 9, 15): "smimeCapabilities",
        ObjectIdentifier(1, 2, 840, 113549, 1, 9, 52): "id-aa-CMSAlgorithmProtection",
        ObjectIdentifier(1, 2, 840, 113549, 1, 9, 16, 2, 12): "id-aa-signingCertificate",
        Self.signingCertificateV2: "id-aa-signingCertificateV2",
        ObjectIdentifier(1, 2, 840, 113549, 1, 9, 16, 2, 14): "id-aa-signatureTimeStampToken",
        ObjectIdentifier(1, 2, 840, 113549, 2, 5): "md5",
        ObjectIdentifier(1, 3, 14, 3, 2, 26): "sha1",
        ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 2, 4): "sha224",
        Self.sha256: "sha256",
        Self.sha384: "sha384",
        Self.sha512: "sha512",
        Self.rsaEncryption: "rsaEncryption",
        ObjectIdentifier(1, 2, 840, 113549, 1, 1, 4): "md5WithRSAEncryption",
        ObjectIdentifier(1, 2, 840, 113549, 1, 1, 5): "sha1WithRSAEncryption",
        Self.rsaOAEP: "id-RSAES-OAEP",
        Self.rsaPSS: "id-RSASSA-PSS",
        Self.sha256WithRSA: "sha256WithRSAEncryption",
        Self.sha384WithRSA: "sha384WithRSAEncryption",
        Self.sha512WithRSA: "sha512WithRSAEncryption",
        ObjectIdentifier(1, 2, 840, 10045, 4, 1): "ecdsa-with-SHA1",
        Self.ecdsaWithSHA256: "ecdsa-with-SHA256",
        Self.ecdsaWithSHA384: "ecdsa-with-SHA384",
        Self.ecdsaWithSHA512: "ecdsa-with-SHA512",
        Self.ed25519: "id-Ed25519",
        ObjectIdentifier(1, 3, 133, 16, 840, 63, 0, 2): "dhSinglePass-stdDH-sha1kdf-scheme",
        Self.ecdhSHA256KDF: "dhSinglePass-stdDH-sha256kdf-scheme",
        Self.ecdhSHA384KDF: "dhSinglePass-stdDH-sha384kdf-scheme",
        Self.ecdhSHA512KDF: "dhSinglePass-stdDH-sha512kdf-scheme",
        ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 1, 2): "id-aes128-CBC",
        ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 1, 6): "id-aes128-GCM",
        ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 1, 42): "id-aes256-CBC",
        Self.aes256Wrap: "id-aes256-wrap",
        Self.aes256GCM: "id-aes256-GCM",
    ]
}
