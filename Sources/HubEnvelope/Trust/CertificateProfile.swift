/// What a certificate is issued for: everything in it but name, key, validity and issuer.
///
/// Start from one of the profiles below; the fields are open so that a test can make what no authority
/// should.
public struct CertificateProfile: Sendable {
    /// What a key may do (RFC 5280, 4.2.1.3); the texts are those of the library.
    public enum KeyUsage: String, CaseIterable, Sendable {
        case digitalSignature
        case nonRepudiation
        case keyEncipherment
        case keyAgreement
        case keyCertSign
        case listSign = "cRLSign"
    }

    /// A name of a TLS server (RFC 5280, 4.2.1.6).
    public enum AlternativeName: Hashable, Sendable {
        case dns(String)
        /// Such as `127.0.0.1` or `::1`.
        case address(String)
    }

    /// An extension as it is.
    public struct Extension: Hashable, Sendable {
        /// The identifier as dotted decimals.
        public let identifier: String
        public let isCritical: Bool
        /// The value in DER.
        public let value: [UInt8]

        public init(_ identifier: String, isCritical: Bool, value: [UInt8]) {
            self.identifier = identifier
            self.isCritical = isCritical
            self.value = value
        }
    }

    public var isAuthority = false
    /// How many authorities may follow; no limit if `nil`.
    public var pathLength: Int?
    public var keyUsage: [KeyUsage] = []
    /// Dotted decimals.
    public var extendedKeyUsage: [String] = []
    public var isExtendedKeyUsageCritical = false
    public var alternativeNames: [AlternativeName] = []
    /// The domains below which an authority may issue; all if empty.
    public var permittedDomains: [String] = []
    public var excludedDomains: [String] = []
    public var additional: [Extension] = []

    public init() {}

    /// An authority that issues certificates and revocation lists.
    public static func authority(pathLength: Int? = nil) -> CertificateProfile {
        var profile = CertificateProfile()
        profile.isAuthority = true
        profile.pathLength = pathLength
        profile.keyUsage = [.keyCertSign, .listSign]
        return profile
    }

    /// Signing documents and messages (RFC 9336).
    public static var signing: CertificateProfile {
        var profile = CertificateProfile()
        profile.keyUsage = [.digitalSignature, .nonRepudiation]
        profile.extendedKeyUsage = [ObjectName.documentSigning, ObjectName.emailProtection]
        return profile
    }

    /// A TLS server with these names.
    public static func tlsServer(_ names: [AlternativeName]) -> CertificateProfile {
        var profile = CertificateProfile()
        profile.keyUsage = [.digitalSignature]
        profile.extendedKeyUsage = [ObjectName.serverAuthentication]
        profile.alternativeNames = names
        return profile
    }

    /// A TLS client.
    public static var tlsClient: CertificateProfile {
        var profile = CertificateProfile()
        profile.keyUsage = [.digitalSignature]
        profile.extendedKeyUsage = [ObjectName.clientAuthentication]
        return profile
    }

    /// A timestamp authority (RFC 3161, 2.3).
    public static var timestamping: CertificateProfile {
        var profile = CertificateProfile()
        profile.keyUsage = [.digitalSignature]
        profile.extendedKeyUsage = [ObjectName.timestamping]
        profile.isExtendedKeyUsageCritical = true
        return profile
    }

    /// An OCSP responder that the issuer names (RFC 6960, 4.2.2.2), not itself asked about.
    public static var ocspSigning: CertificateProfile {
        var profile = CertificateProfile()
        profile.keyUsage = [.digitalSignature]
        profile.extendedKeyUsage = [ObjectName.ocspSigning]
        // id-pkix-ocsp-nocheck; its value is NULL.
        profile.additional = [Extension("1.3.6.1.5.5.7.48.1.5", isCritical: false, value: [0x05, 0x00])]
        return profile
    }
}

/// Whom a certificate is issued to, as far as the names of the field go.
public struct CertificateName: Hashable, Sendable {
    public var commonName: String
    public var organisation: String?
    public var unit: String?
    /// Two letters.
    public var country: String?

    public init(
        _ commonName: String, organisation: String? = nil, unit: String? = nil, country: String? = nil
    ) {
        self.commonName = commonName
        self.organisation = organisation
        self.unit = unit
        self.country = country
    }
}
