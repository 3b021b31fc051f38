internal import Foundation
internal import HubEnvelope
public import HubJSON
public import HubModel
internal import HubXML

/// Signs, checks and explains single files, for the command line: XML-DSig in an edXML document, JWS and CMS around or
/// beside anything else.
public struct EnvelopeDesk: Sendable {
    public enum Format: String, Sendable, CaseIterable {
        /// In the edXML header (docs/envelope.md).
        case xmldsig
        /// RFC 7515; with the payload outside, unencoded (RFC 7797), when detached.
        case jws
        /// The same as a JSON object (RFC 7515, 7.2.2), its payload in base64url or outside.
        case jwsJSON = "jws-json"
        /// SignedData of RFC 5652 in DER.
        case cms
    }

    /// What a check found.
    public struct Finding: Sendable {
        public let isValid: Bool
        public private(set) var json: JSONValue
        /// For people, Vietnamese first.
        public private(set) var lines: [String]
        /// What was signed, if it was inside the envelope and the signature is valid.
        public let content: [UInt8]?

        /// Adds why something was not trusted.
        fileprivate mutating func add(_ name: String, _ error: HubError) {
            self.lines.append("  \(name): \(error.code.rawValue)")
            for detail in error.details { self.lines.append("      \(detail.key): \(detail.value)") }
            var object = self.json.object ?? [:]
            object["trust_code"] = .string(error.code.rawValue)
            self.json = .object(object)
        }

        /// Adds each signature of several, and what it does not protect.
        fileprivate mutating func add(_ signatures: [JWSReport.Signature]) {
            self.lines += signatures.map { "  chữ ký / signature     : " + EnvelopeDesk.line($0) }
            var object = self.json.object ?? [:]
            object["signatures"] = .array(signatures.map { EnvelopeDesk.value($0) })
            self.json = .object(object)
        }
    }

    public init() {}

    /// - Parameters:
    ///   - key: The file of the private key, or the URI of one in a token.
    ///   - tokens: How tokens are reached.
    ///   - isDetached: Whether the signature goes beside the file, for formats that can do both.
    ///   - certificate: Named in the signature, for formats that name one; CMS needs it.
    /// - Returns: The signed document, or the signature alone when it is detached.
    /// - Throws: `configuration.invalid` for files that cannot be read or a format that does not go with the rest,
    ///   `envelope.*` for what cannot be signed.
    public func sign(
        file: String, format: Format, isDetached: Bool, key: String, certificate: String?,
        tokens: TokenPlace? = nil
    ) throws(HubError) -> [UInt8] {
        let bytes = try KeysDesk.read(file)
        let key = try TokenPlace.key(key, tokens: tokens)
        var named: Certificate?
        if let certificate { named = try Certificate(pem: try KeysDesk.read(certificate)) }
        switch format {
        case .xmldsig:
            guard !isDetached else {
                throw HubError(.configurationInvalid, "An edXML document carries its signature inside.")
            }
            return try XMLSignature.sign(bytes, with: key, certificate: named)
        case .jws:
            return Array((try isDetached ? JWS.signDetached(bytes, with: key) : JWS.signCompact(bytes, with: key, type: "JOSE")).utf8)
        case .jwsJSON:
            return try JWS.sign(bytes, by: [JWSSigner(key, type: "JOSE")], as: .flattened, detached: isDetached)
        case .cms:
            guard let named else {
                throw HubError(.configurationInvalid, "A CMS signature names its certificate; give it with --cert.")
            }
            return try CMSSignature.sign(bytes, with: key, certificate: named, detached: isDetached)
        }
    }

    /// Checks a signed file, or a detached signature with its content. What it is, is seen from its bytes.
    ///
    /// - Parameters:
    ///   - content: What a detached signature is for; `nil` when everything is in the file.
    ///   - trust: PEM files with public keys or certificates; any of them may have signed, and so may whoever shows a
    ///     certificate for signing that was issued below a root among them.
    ///   - allowsTestAuthority: Whether such a root may be marked as a test.
    /// - Throws: `configuration.invalid`, `envelope.key_unusable` for files that cannot be read.
    public func verify(
        file: String, content: String?, trust: [String], allowsTestAuthority: Bool = false
    ) throws(HubError) -> Finding {
        let envelope = EnvelopeFile(try KeysDesk.read(file))
        var keys: [PublicKey] = []
        for path in trust {
            do throws(HubError) {
                keys += try PublicKey.all(pem: try KeysDesk.read(path))
            } catch {
                throw error.adding(ErrorDetail("path", path))
            }
        }
        var beside: [UInt8]?
        if let content { beside = try KeysDesk.read(content) }
        let roots = try Self.roots(trust, allowsTestAuthority)
        let (report, signed, refusal) = try envelope.verify(content: beside, keys: keys, roots: roots)
        var finding = Self.finding(report, content: signed)
        if let refusal, !finding.isValid { finding.add("chứng thư không được tin / certificate not trusted", refusal.error) }
        if let signatures = envelope.signatures(content: beside, keys: keys) { finding.add(signatures) }
        return finding
    }

    /// The authorities among the certificates; `nil` when there is none.
    private static func roots(_ trust: [String], _ allowsTestAuthority: Bool) throws(HubError) -> EnvelopeFile.Roots? {
        var anchors: [Certificate] = []
        for path in trust {
            for certificate in (try? TrustFiles.certificates(path)) ?? [] where certificate.isRoot {
                anchors.append(certificate)
            }
        }
        guard !anchors.isEmpty else { return nil }
        let store = try TrustStore(
            purpose: .signing, anchors: anchors, settings: TrustSettings(allowsTestAuthority: allowsTestAuthority)
        )
        return EnvelopeFile.Roots(store: store, moment: SystemClock().now)
    }

    /// Says in words what an envelope is: what it covers, who signed, with what, and which check fails first.
    ///
    /// - Parameters:
    ///   - content: What a detached signature is for.
    ///   - trust: PEM files whose keys are taken for known.
    ///   - covered: Where to write exactly the bytes that the signature covers; `nil` for nowhere.
    /// - Throws: As `verify`.
    public func inspect(
        file: String, content: String?, trust: [String], covered: String?
    ) throws(HubError) -> Finding {
        var known: [EnvelopeInspection.Known] = []
        for path in trust {
            let pem = try KeysDesk.read(path)
            for key in try PublicKey.all(pem: pem) {
                let certificate = (try? Certificate(pem: pem)).flatMap { $0.fingerprint == key.fingerprint ? $0 : nil }
                known.append(.init(name: certificate?.subject ?? path, key: key))
            }
        }
        var beside: [UInt8]?
        if let content { beside = try KeysDesk.read(content) }
        let inspection = try EnvelopeInspection(EnvelopeFile(try KeysDesk.read(file)), content: beside, known: known)
        if let covered, let bytes = inspection.covered {
            do {
                try Data(bytes).write(to: URL(fileURLWithPath: covered))
            } catch {
                throw HubError(
                    .configurationInvalid, "The covered bytes cannot be written.", details: [ErrorDetail("path", covered)],
                    cause: error
                )
            }
        }
        return Finding(
            isValid: inspection.isSound, json: inspection.json, lines: inspection.lines, content: inspection.covered
        )
    }

    private static func finding(_ report: SignatureReport, content: [UInt8]?) -> Finding {
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
            isValid: report.verdict == .valid, json: .object(Self.members(report)), lines: lines, content: content
        )
    }

    /// A signature of a JWS in one line. Names from outside are written as in JSON, so they steer no terminal.
    static func line(_ signature: JWSReport.Signature) -> String {
        let kid = JSONValue.string(signature.keyID).text
        let open = JSONValue.array(signature.unprotected.map { .string($0) }).text
        let found = signature.report.code?.rawValue ?? signature.report.verdict.rawValue
        return "\(found), \(signature.report.algorithm ?? "?"), kid \(kid), không được bảo vệ / not protected: \(open)"
    }

    static func value(_ signature: JWSReport.Signature) -> JSONValue {
        var members = Self.members(signature.report)
        members["kid"] = .string(signature.keyID)
        members["unprotected"] = .array(signature.unprotected.map { .string($0) })
        return .object(members)
    }

    static func members(_ report: SignatureReport) -> JSONObject {
        [
            "verdict": .string(report.verdict.rawValue),
            "code": report.code.map { .string($0.rawValue) } ?? .null,
            "reason": .object(["vi": .string(report.reason.vi), "en": .string(report.reason.en)]),
            "algorithm": report.algorithm.map { .string($0) } ?? .null,
            "key": report.key.map { .string($0.description) } ?? .null,
            "claimed_key": report.claimedKey.map { .string($0.description) } ?? .null,
        ]
    }
}
