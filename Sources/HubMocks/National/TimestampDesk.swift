import FoundationEssentials
import HubEnvelope
import HubModel

/// The timestamp authority of the mock platform (RFC 3161), with a root of its own that is marked as a test.
///
/// Keys and certificates stay in its folder, so that tokens of before a restart still verify.
struct TimestampDesk: Sendable {
    static let path = "/tsa"
    /// Where its root is to be had.
    static let anchorPath = "/tsa/ca.pem"

    private let authority: TimestampAuthority
    private let root: Certificate

    /// - Throws: `configuration.invalid` when the folder cannot be used.
    init(folder: String, now: @escaping @Sendable () -> Timestamp) throws(HubError) {
        if !FileManager.default.fileExists(atPath: folder + "/tsa.pem") { try Self.make(folder, at: now()) }
        self.root = try Certificate(pem: try Self.read(folder + "/ca.pem"))
        self.authority = try TimestampAuthority(
            certificate: try Certificate(pem: try Self.read(folder + "/tsa.pem")),
            key: try KeyFile.load(folder + "/tsa.key.pem"), clock: now
        )
    }

    func answer(_ request: PlatformRequest) throws(HubError) -> PlatformReply {
        guard request.header("content-type") == ["application/timestamp-query"] else {
            return PlatformReply(status: 415, contentType: "text/plain", body: Array("application/timestamp-query\n".utf8))
        }
        return PlatformReply(
            contentType: "application/timestamp-reply", body: try self.authority.respond(to: request.body)
        )
    }

    var anchor: PlatformReply { PlatformReply(contentType: "application/x-pem-file", body: self.root.pem) }

    private static func make(_ folder: String, at now: Timestamp) throws(HubError) {
        let validity = now.advanced(by: .seconds(-300))...now.advanced(by: .seconds(10 * 365 * 86_400))
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            // What a start before this one left half done.
            for name in ["ca.pem", "tsa.key.pem"] where FileManager.default.fileExists(atPath: folder + "/" + name) {
                try FileManager.default.removeItem(atPath: folder + "/" + name)
            }
        } catch {
            throw Self.failure(folder, error)
        }
        // The root's key is used once, here, and kept nowhere.
        let root = try CertificateAuthority.root(
            "lgsp mock timestamp root", key: try SigningKey.generate(.p256), validity: validity
        )
        let key = try SigningKey.generate(.p256)
        let certificate = try root.issue(
            .timestamping, to: CertificateName("lgsp mock timestamp authority"), key: key.publicKey, validity: validity
        )
        try KeyFile.store(key, at: folder + "/tsa.key.pem")
        try Self.write(root.certificate.pem, to: folder + "/ca.pem")
        try Self.write(certificate.pem, to: folder + "/tsa.pem")
    }

    private static func read(_ path: String) throws(HubError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw HubError(.configurationInvalid, "A file cannot be read.", details: [ErrorDetail("path", path)])
        }
        return Array(data)
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(HubError) {
        do {
            try Data(bytes).write(to: URL(filePath: path))
        } catch {
            throw Self.failure(path, error)
        }
    }

    private static func failure(_ path: String, _ error: any Error) -> HubError {
        HubError(
            .configurationInvalid, "The folder of the timestamp authority cannot be written.",
            details: [ErrorDetail("path", path)], cause: error
        )
    }
}
