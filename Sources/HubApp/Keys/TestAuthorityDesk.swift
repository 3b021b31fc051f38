internal import Foundation
internal import HubEnvelope
public import HubModel

/// The authority of `lgsp keys test-ca`, kept in a folder: `ca.pem` with `ca.key.pem`, and `crl.pem`.
///
/// Everything it issues is marked as a test, and no store takes it unless it is told to.
public struct TestAuthorityDesk: Sendable {
    private let folder: String

    public init(folder: String) {
        self.folder = folder
    }

    private var certificatePath: String { self.folder + "/ca.pem" }
    private var keyPath: String { self.folder + "/ca.key.pem" }

    /// What a certificate is for, as it is named on the command line.
    public static let purposes = ["signing", "tls-server", "tls-client", "timestamping", "ocsp"]

    /// Makes the authority in a new folder.
    ///
    /// - Throws: `configuration.invalid` when there is one already, or the folder cannot be written.
    public func make(name: String, days: Int, at now: Timestamp) throws(HubError) {
        do {
            try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        } catch {
            throw KeysDesk.failure(error, self.folder)
        }
        let key = try SigningKey.generate(.p256)
        try KeyFile.store(key, at: self.keyPath)
        let root = try CertificateAuthority.root(name, key: key, validity: Self.validity(days, from: now))
        try KeysDesk.write(root.certificate.pem, to: self.certificatePath)
        try self.writeRevocations(of: root, [], number: 1, at: now)
    }

    /// Issues a certificate for a request.
    ///
    /// - Parameters:
    ///   - purpose: One of `purposes`.
    ///   - hosts: Names and addresses of a TLS server.
    /// - Returns: The certificate in PEM, with that of the authority behind it.
    /// - Throws: `configuration.invalid` for an unknown purpose or files that cannot be read; what the request and the
    ///   authority throw.
    public func issue(
        request path: String, purpose: String, hosts: [String], days: Int, at now: Timestamp
    ) throws(HubError) -> [UInt8] {
        let profile: CertificateProfile
        switch purpose {
        case "signing": profile = .signing
        case "tls-server":
            guard !hosts.isEmpty else {
                throw HubError(.configurationInvalid, "A TLS server needs its host names; give them with --host.")
            }
            profile = .tlsServer(hosts.map { Self.isAddress($0) ? .address($0) : .dns($0) })
        case "tls-client": profile = .tlsClient
        case "timestamping": profile = .timestamping
        case "ocsp": profile = .ocspSigning
        default:
            throw HubError(
                .configurationInvalid, "There is no such purpose.",
                details: [
                    ErrorDetail("given", purpose), ErrorDetail("known", Self.purposes.joined(separator: ", ")),
                ]
            )
        }
        let authority = try self.load()
        let request = try CertificateRequest(pem: try KeysDesk.read(path))
        let made = try authority.issue(profile, for: request, validity: Self.validity(days, from: now))
        return made.pem + authority.certificate.pem
    }

    private func load() throws(HubError) -> CertificateAuthority {
        try CertificateAuthority(
            certificate: Certificate(pem: try KeysDesk.read(self.certificatePath)), key: KeyFile.load(self.keyPath)
        )
    }

    private func writeRevocations(
        of authority: CertificateAuthority, _ revoked: [(certificate: Certificate, revocation: Revocation)],
        number: Int, at now: Timestamp
    ) throws(HubError) {
        let list = try authority.revocationList(
            revoked, number: number, thisUpdate: now, nextUpdate: Self.after(now, seconds: 30 * 86_400)
        )
        try KeysDesk.write(list.pem, to: self.folder + "/crl.pem")
    }

    private static func validity(_ days: Int, from now: Timestamp) -> ClosedRange<Timestamp> {
        // A clock that is a little behind should not find it not yet valid.
        Self.after(now, seconds: -300)...Self.after(now, seconds: max(1, min(days, 36_500)) * 86_400)
    }

    private static func after(_ moment: Timestamp, seconds: Int) -> Timestamp {
        Timestamp(nanoseconds: moment.nanoseconds + Int64(seconds) * 1_000_000_000)
    }

    private static func isAddress(_ host: String) -> Bool {
        host.contains(":") || host.split(separator: ".").allSatisfy { Int($0) != nil }
    }
}
