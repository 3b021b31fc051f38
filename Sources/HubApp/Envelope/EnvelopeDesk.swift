internal import Foundation
internal import HubEnvelope
public import HubJSON
public import HubModel
internal import HubXML

/// Signs and checks single files, for the command line: XML-DSig in an edXML document, JWS beside anything else.
public struct EnvelopeDesk: Sendable {
    public enum Format: String, Sendable, CaseIterable {
        /// In the edXML header (docs/envelope.md).
        case xmldsig
        /// RFC 7515 with the payload outside, unencoded (RFC 7797).
        case jws
    }

    /// What a check found.
    public struct Finding: Sendable {
        public let isValid: Bool
        public let json: JSONValue
        /// For people, Vietnamese first.
        public let lines: [String]
    }

    public init() {}

    /// - Parameter certificate: Named in the signature, for formats that name one.
    /// - Returns: The signed document, or the signature alone for `jws`.
    /// - Throws: `configuration.invalid` for files that cannot be read, `envelope.*` for what cannot be signed.
    public func sign(
        file: String, format: Format, key: String, certificate: String?
    ) throws(HubError) -> [UInt8] {
        let bytes = try Self.read(file)
        let key = try KeyFile.load(key)
        switch format {
        case .xmldsig:
            var named: Certificate?
            if let certificate { named = try Certificate(pem: try Self.read(certificate)) }
            return try XMLSignature.sign(bytes, with: key, certificate: named)
        case .jws: return Array(try JWS.signDetached(bytes, with: key).utf8)
        }
    }

    /// Checks a signed document, or a detached JWS with its content.
    ///
    /// - Parameters:
    ///   - content: What a detached signature is for; `nil` for a signed document.
    ///   - trust: PEM files with public keys or certificates; any of them may have signed.
    public func verify(file: String, content: String?, trust: [String]) throws(HubError) -> Finding {
        let bytes = try Self.read(file)
        var keys: [PublicKey] = []
        for path in trust {
            do throws(HubError) {
                keys.append(try PublicKey(pem: try Self.read(path)))
            } catch {
                throw error.adding(ErrorDetail("path", path))
            }
        }
        if let content {
            let signature = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined()
            let report = JWS.verifyDetached(signature, payload: try Self.read(content)) { kid in
                keys.first { $0.fingerprint.description == kid }
            }
            return Self.finding(report)
        }
        return Self.finding(XMLSignature.verify(try XMLDocument.parse(bytes), with: keys))
    }

    private static func finding(_ report: SignatureReport) -> Finding {
        let words: (vi: String, en: String) =
            switch report.verdict {
            case .valid: ("Hợp lệ", "Valid")
            case .invalid: ("Không hợp lệ", "Not valid")
            case .notVerifiable: ("Không kiểm tra được", "Not verifiable")
            case .absent: ("Không có chữ ký", "Absent")
            }
        var lines = ["\(words.vi) / \(words.en)", "  \(report.reason.vi)", "  \(report.reason.en)"]
        if let algorithm = report.algorithm { lines.append("  thuật toán / algorithm : \(algorithm)") }
        if let key = report.key { lines.append("  khóa / key             : \(key)") }
        if let claimed = report.claimedKey, claimed != report.key {
            lines.append("  khóa tự khai / claimed : \(claimed)")
        }
        if let code = report.code { lines.append("  mã / code              : \(code.rawValue)") }
        return Finding(
            isValid: report.verdict == .valid,
            json: .object([
                "verdict": .string(report.verdict.rawValue),
                "code": report.code.map { .string($0.rawValue) } ?? .null,
                "reason": .object(["vi": .string(report.reason.vi), "en": .string(report.reason.en)]),
                "algorithm": report.algorithm.map { .string($0) } ?? .null,
                "key": report.key.map { .string($0.description) } ?? .null,
                "claimed_key": report.claimedKey.map { .string($0.description) } ?? .null,
            ]),
            lines: lines
        )
    }

    private static func read(_ path: String) throws(HubError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw HubError(.configurationInvalid, "A file cannot be read.", details: [ErrorDetail("path", path)])
        }
        return Array(data)
    }
}
