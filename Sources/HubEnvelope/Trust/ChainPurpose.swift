/// What the library does not look at: our marks, and what certificates for documents and timestamps must say.
enum ChainPurpose {
    /// Why the chain does not suit the purpose, although it leads to a root.
    static func refusal(of chain: [SharedCertificate], _ question: ChainQuestion) -> TrustRefusal? {
        guard let leaf = chain.first else { return nil }
        if !question.settings.allowsTestAuthority, let marked = chain.first(where: \.isFromTestAuthority) {
            return TrustRefusal(.testAuthority, certificate: marked.subject)
        }
        switch question.purpose {
        case .signing: return Self.signing(chain)
        case .timestamping: return Self.timestamping(leaf)
        case .tlsServer, .tlsClient: return nil
        }
    }

    /// RFC 9336, 3: digitalSignature or nonRepudiation, and where extended key usage limits the key,
    /// documents among what it is for; an authority on the way that is limited, likewise.
    private static func signing(_ chain: [SharedCertificate]) -> TrustRefusal? {
        if let leaf = chain.first, !leaf.allowsSignatures {
            let detail = "key usage has neither digitalSignature nor nonRepudiation"
            return TrustRefusal(.purpose, certificate: leaf.subject, detail: detail)
        }
        for certificate in chain.dropLast() {
            guard let usages = certificate.extendedKeyUsage,
                ObjectName.documentUsages.isDisjoint(with: usages)
            else { continue }
            let detail = "extended key usage has nothing for documents"
            return TrustRefusal(.purpose, certificate: certificate.subject, detail: detail)
        }
        return nil
    }

    /// RFC 3161, 2.3: timestamping alone, and critical.
    ///
    /// The library counts only usages it knows, so an unknown one beside it would pass.
    private static func timestamping(_ leaf: SharedCertificate) -> TrustRefusal? {
        guard leaf.extendedKeyUsage == [ObjectName.timestamping], leaf.isExtendedKeyUsageCritical else {
            let detail = "extended key usage is not timeStamping alone and critical"
            return TrustRefusal(.purpose, certificate: leaf.subject, detail: detail)
        }
        return nil
    }
}

extension SharedCertificate {
    /// Whether `lgsp keys test-ca` or a test made it.
    var isFromTestAuthority: Bool {
        self.hasExtension(ObjectName.testAuthority)
            || self.issuer.contains("O=" + CertificateAuthority.testOrganisation)
            || self.subject.contains("O=" + CertificateAuthority.testOrganisation)
    }
}
