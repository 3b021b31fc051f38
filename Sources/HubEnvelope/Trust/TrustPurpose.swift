/// What a certificate is to be trusted for.
///
/// Each purpose has a store of its own.
public enum TrustPurpose: String, CaseIterable, Codable, Sendable {
    /// Signing documents and messages.
    case signing
    /// Serving TLS.
    case tlsServer = "tls-server"
    /// Calling over TLS.
    case tlsClient = "tls-client"
    /// Issuing RFC 3161 timestamps.
    case timestamping
}

/// Object identifiers that certificates here are made and checked with.
enum ObjectName {
    static let anyUsage = "2.5.29.37.0"
    static let serverAuthentication = "1.3.6.1.5.5.7.3.1"
    static let clientAuthentication = "1.3.6.1.5.5.7.3.2"
    static let emailProtection = "1.3.6.1.5.5.7.3.4"
    static let timestamping = "1.3.6.1.5.5.7.3.8"
    static let ocspSigning = "1.3.6.1.5.5.7.3.9"
    /// RFC 9336.
    static let documentSigning = "1.3.6.1.5.5.7.3.36"
    /// Microsoft's, older than RFC 9336 and found in certificates of national authorities.
    static let microsoftDocumentSigning = "1.3.6.1.4.1.311.10.3.12"
    /// Adobe's for PDF.
    static let adobeDocumentSigning = "1.2.840.113583.1.1.5"
    /// A UUID written as an object identifier (ITU-T X.667), so it needs no registration and collides with
    /// none.
    static let testAuthority = "2.25.259823094716387291650174882019934527361"

    /// The extended key usages with which a certificate may sign documents.
    static let documentUsages: Set<String> = [
        anyUsage, emailProtection, documentSigning, microsoftDocumentSigning, adobeDocumentSigning,
    ]
}
