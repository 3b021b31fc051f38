public import HubModel

/// A certificate revocation list (CRL; RFC 5280, 5), read once.
///
/// What it says is a claim until a trust store finds the issuer's signature on it.
public struct RevocationList: Sendable {
    let handle: SharedRevocationList
    public let der: [UInt8]
    /// The name of the issuer (RFC 4514).
    public let issuer: String
    public let thisUpdate: Timestamp
    /// When the next one is due; `nil` if the issuer does not say, and then it never becomes outdated.
    public let nextUpdate: Timestamp?

    /// An `X509 CRL` block.
    public var pem: [UInt8] { PEM.text("X509 CRL", self.der) }

    /// The number of the list, big-endian; empty if it has none.
    public var number: [UInt8] { self.handle.number ?? [] }

    /// Reads one list in DER.
    ///
    /// - Throws: `trust.revocation_unknown` if it is not one or a delta, `trust.weak` if it is signed with SHA-1 or MD5.
    public init(der: [UInt8]) throws(HubError) {
        self.handle = try SharedRevocationList(der: der)
        self.der = der
        self.issuer = self.handle.issuer
        self.thisUpdate = self.handle.thisUpdate
        self.nextUpdate = self.handle.nextUpdate
    }

    /// Reads the first `X509 CRL` block of a PEM file.
    ///
    /// - Throws: as `init(der:)`; `trust.revocation_unknown` if there is no such block.
    public init(pem: [UInt8]) throws(HubError) {
        guard let block = PEM.firstBlock(["X509 CRL"], in: pem) else {
            throw HubError(.trustRevocationUnknown, "There is no X509 CRL block in PEM form.")
        }
        try self.init(der: block.der)
    }
}

/// A stored answer of an OCSP responder (RFC 6960), read once.
///
/// It may have been asked for long ago: what counts is whether it speaks of the moment that is asked about.
public struct StatusResponse: Sendable {
    let handle: SharedStatusResponse
    public let der: [UInt8]

    /// Reads one `OCSPResponse` in DER.
    ///
    /// - Throws: `trust.revocation_unknown` if it is not one, or the responder gave no answer.
    public init(der: [UInt8]) throws(HubError) {
        self.handle = try SharedStatusResponse(der: der)
        self.der = der
    }
}
