public import HubModel

/// An authority that issues certificates and says which are revoked: the one of `lgsp keys test-ca`, and of
/// tests.
///
/// Everything it issues is marked, in the name of its root and by an extension, so that no store trusts it
/// unless that store is told to (`TrustSettings.allowsTestAuthority`). There is no way to leave the mark out:
/// this project issues nothing for use.
public struct CertificateAuthority: Sendable {
    /// The organisation in the name of every authority made here.
    public static let testOrganisation = "lgsp-hub TEST ONLY"

    public let certificate: Certificate
    /// The authorities above this one, its issuer first and the root last; empty for a root.
    public let parents: [Certificate]
    public let key: SigningKey
    private let handle: SharedCertificate

    /// Takes up an authority that was kept in files.
    ///
    /// - Throws: `envelope.key_unusable` if the certificate is not readable or not that of the key,
    ///   `trust.constraint` if it is no authority, `trust.test_authority` if it does not carry the mark.
    public init(certificate: Certificate, key: SigningKey, parents: [Certificate] = []) throws(HubError) {
        let handle = try SharedCertificate(der: certificate.der)
        let details = [ErrorDetail("certificate", certificate.subject)]
        guard certificate.spki == key.publicKey.der else {
            throw HubError(.envelopeKeyUnusable, "The certificate is not that of the key.", details: details)
        }
        guard handle.isAuthority else {
            throw HubError(.trustConstraint, "The certificate is not that of an authority.", details: details)
        }
        guard handle.isFromTestAuthority else {
            throw HubError(
                .trustTestAuthority, "Only authorities that are marked as a test issue certificates here.",
                details: details
            )
        }
        self.certificate = certificate
        self.parents = parents
        self.key = key
        self.handle = handle
    }

    /// Makes a root.
    ///
    /// - Throws: `envelope.crypto_failed` if the library refuses, as it does for a name that is too long.
    public static func root(
        _ commonName: String, key: SigningKey, validity: ClosedRange<Timestamp>,
        profile: CertificateProfile = .authority()
    ) throws(HubError) -> CertificateAuthority {
        let draft = try CertificateDraft.begin(spki: key.publicKey.der, validity: validity)
        try draft.setSubject(NameDraft(Self.name(commonName)))
        let der = try draft.finish(profile, issuer: nil, key: key.handle)
        return try CertificateAuthority(certificate: Certificate(der: der), key: key)
    }

    /// Makes an authority below this one.
    ///
    /// - Throws: as `issue`.
    public func intermediate(
        _ commonName: String, key: SigningKey, validity: ClosedRange<Timestamp>,
        profile: CertificateProfile = .authority(pathLength: 0)
    ) throws(HubError) -> CertificateAuthority {
        let made = try self.issue(
            profile, to: Self.name(commonName), key: key.publicKey, validity: validity
        )
        return try CertificateAuthority(
            certificate: made, key: key, parents: [self.certificate] + self.parents)
    }

    /// Issues a certificate.
    ///
    /// - Parameter validity: both ends included, in whole seconds.
    /// - Throws: `envelope.crypto_failed` if the library refuses, as it does for a name that is too long.
    public func issue(
        _ profile: CertificateProfile, to name: CertificateName, key: PublicKey,
        validity: ClosedRange<Timestamp>
    ) throws(HubError) -> Certificate {
        let draft = try CertificateDraft.begin(spki: key.der, validity: validity)
        try draft.setSubject(NameDraft(name))
        return try Certificate(der: draft.finish(profile, issuer: self.handle, key: self.key.handle))
    }

    /// Issues a certificate to whoever made the request, with the name it asks for.
    ///
    /// - Throws: as the other `issue`.
    public func issue(
        _ profile: CertificateProfile, for request: CertificateRequest, validity: ClosedRange<Timestamp>
    ) throws(HubError) -> Certificate {
        let draft = try CertificateDraft.begin(spki: request.spki, validity: validity)
        try draft.setSubject(of: RequestHandle(der: request.der))
        return try Certificate(der: draft.finish(profile, issuer: self.handle, key: self.key.handle))
    }

    /// Says which of its certificates are revoked.
    ///
    /// - Parameters:
    ///   - number: higher than that of every list before.
    ///   - nextUpdate: when the next list is due, or never.
    /// - Throws: `envelope.crypto_failed` if the library refuses.
    public func revocationList(
        _ revoked: [(certificate: Certificate, revocation: Revocation)] = [], number: Int,
        thisUpdate: Timestamp,
        nextUpdate: Timestamp?
    ) throws(HubError) -> RevocationList {
        let draft = try RevocationListDraft.begin(
            issuer: self.handle, number: number, thisUpdate: thisUpdate, nextUpdate: nextUpdate
        )
        for (certificate, revocation) in revoked {
            try draft.add(SharedCertificate(der: certificate.der).serial, revocation)
        }
        return try RevocationList(der: draft.finish(key: self.key.handle))
    }

    /// Says of one of its certificates whether it is revoked.
    ///
    /// - Parameters:
    ///   - revocation: `nil` if it is good.
    ///   - responder: a certificate for OCSP signing that this authority issued, and its key; the authority
    ///     itself if `nil`.
    /// - Throws: `envelope.crypto_failed` if the library refuses, as it does for an Ed25519 key.
    public func statusResponse(
        for certificate: Certificate, revocation: Revocation? = nil, thisUpdate: Timestamp,
        nextUpdate: Timestamp?, responder: (certificate: Certificate, key: SigningKey)? = nil
    ) throws(HubError) -> StatusResponse {
        let signer = try responder.map { (responder) throws(HubError) in
            try SharedCertificate(der: responder.certificate.der)
        }
        let der = try StatusResponseDraft.make(
            SharedCertificate(der: certificate.der), issuer: self.handle, revocation: revocation,
            thisUpdate: thisUpdate, nextUpdate: nextUpdate, signer: signer ?? self.handle,
            key: (responder?.key ?? self.key).handle
        )
        return try StatusResponse(der: der)
    }

    private static func name(_ commonName: String) -> CertificateName {
        CertificateName(commonName, organisation: Self.testOrganisation)
    }
}

extension Certificate {
    /// Whether it is that of an authority which issued it to itself, as the roots of a trust store are.
    ///
    /// `false` for what is no certificate.
    public var isRoot: Bool {
        (try? SharedCertificate(der: self.der)).map { $0.isSelfIssued && $0.isAuthority } ?? false
    }

    /// Whether `lgsp keys test-ca`, or a test, made this certificate.
    ///
    /// The hub refuses such certificates when it listens on anything but loopback. `false` for what is no
    /// certificate.
    public var isTestAuthority: Bool {
        (try? SharedCertificate(der: self.der))?.isFromTestAuthority ?? false
    }
}

extension CertificateProfile.Extension {
    /// Not critical, so that other programs accept the certificate; its value is a UTF8String.
    static let testMark: CertificateProfile.Extension = {
        let text = Array(CertificateAuthority.testOrganisation.utf8)
        return CertificateProfile.Extension(
            ObjectName.testAuthority, isCritical: false, value: [0x0C, UInt8(text.count)] + text
        )
    }()
}
