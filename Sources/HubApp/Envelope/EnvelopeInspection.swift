internal import HubEnvelope
internal import HubJSON
internal import HubModel
internal import HubXML

/// An envelope explained: what it is, what it covers, who signed it, and which check fails first.
struct EnvelopeInspection {
    /// A key that the caller takes for known, with the name of its certificate or file.
    struct Known {
        let name: String
        let key: PublicKey
    }

    private struct Line {
        let name: Bilingual
        let value: String
        let key: String
    }

    private var facts: [Line] = []
    private var report: SignatureReport?
    /// The certificate inside, and the known name that its key belongs to.
    private var names: (inside: String?, known: String?) = (nil, nil)
    /// Exactly the bytes that the signature covers; `nil` when that cannot be said.
    private(set) var covered: [UInt8]?

    /// Whether the signature holds for the key that it names, known or not.
    var isSound: Bool { self.report?.verdict == .valid }

    /// - Throws: `xml.malformed`, `intake.too_large` for XML that cannot be read at all.
    init(_ file: EnvelopeFile, content: [UInt8]?, known: [Known]) throws(HubError) {
        switch file {
        case .xml(let bytes): try self.explain(try XMLDocument.parse(bytes), known)
        case .jws(let text): self.explain(text, content, known)
        case .jwsJSON(let bytes): self.explain(json: bytes, content, known)
        case .cms(let der): self.explain(der, content, known)
        }
    }

    // MARK: XML-DSig

    private mutating func explain(_ document: XMLDocument, _ known: [Known]) throws(HubError) {
        self.fact("loại", "kind", "format", "XML-DSig (edXML)")
        let header = document.root.child("edXMLEnvelope")?.child("edXMLHeader")
        guard let signature = header?.children.last(where: { $0.localName == "Signature" }) else {
            self.report = XMLSignature.verify(document, with: known.map(\.key))
            return
        }
        self.fact("vị trí", "place", "place", "\(signature.path), line \(signature.line)")
        let info = signature.child("SignedInfo")
        for reference in info?.children("Reference") ?? [] {
            let uri = reference.attribute("URI")
            let what = uri == "" ? "cả tài liệu trừ chữ ký này / the whole document but this signature" : uri ?? "?"
            self.fact("tham chiếu", "reference", "reference", what)
            for transform in reference.child("Transforms")?.children("Transform") ?? [] {
                self.fact("  biến đổi", "  transform", "transform", transform.attribute("Algorithm") ?? "")
            }
            self.fact(
                "  băm", "  digest", "digest",
                "\(reference.child("DigestMethod")?.attribute("Algorithm") ?? "") "
                    + "\(reference.child("DigestValue")?.text.filter { !$0.isWhitespace } ?? "")")
        }
        self.fact(
            "thuật toán", "algorithm", "algorithm", info?.child("SignatureMethod")?.attribute("Algorithm") ?? "")
        var bytes: [UInt8] = []
        if (try? unsafe document.canonicalise(.exclusive, excluding: signature) { unsafe bytes.append(contentsOf: $0) }) != nil {
            self.cover(bytes, "dạng chuẩn tắc / in exclusive canonical form")
        }
        let certificate = EnvelopeFile.certificates(in: document).first.flatMap { der -> Certificate? in
            do throws(HubError) { return try Certificate(der: der) } catch { return nil }
        }
        self.name(certificate, known)
        let inside = certificate.flatMap { certificate -> PublicKey? in
            do throws(HubError) { return try certificate.publicKey() } catch { return nil }
        }
        self.report = XMLSignature.verify(document, with: known.map(\.key) + [inside].compactMap(\.self))
    }

    // MARK: JWS

    private mutating func explain(_ text: String, _ content: [UInt8]?, _ known: [Known]) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isDetached = parts.count == 3 && parts[1].isEmpty
        self.fact("loại", "kind", "format", isDetached ? "JWS, tách rời / detached" : "JWS")
        if let header = parts.first.flatMap({ Base64.urlBytes($0) }) {
            self.fact("phần đầu", "header", "header", String(decoding: header.prefix(2000), as: UTF8.self))
        }
        if parts.count == 3, !isDetached, let payload = Base64.urlBytes(parts[1]) {
            self.cover(Array("\(parts[0]).\(parts[1])".utf8), "\(payload.count) bytes of payload, in base64url")
        } else if let content, parts.count == 3 {
            self.cover(Array((parts[0] + ".").utf8) + content, "phần đầu và tệp / the header and the file")
        }
        let keys = known.map(\.key)
        let file = EnvelopeFile.jws(text)
        let found = try? file.verify(content: isDetached ? content ?? [] : nil, keys: keys)
        self.report = found?.report
        if let key = self.report?.key ?? self.report?.claimedKey {
            self.names = (nil, known.first { $0.key.fingerprint == key }?.name)
        }
        if isDetached, content == nil {
            self.fact("nội dung", "content", "content", "ở ngoài, dùng --content / outside: give it with --content")
        }
    }

    private mutating func explain(json bytes: [UInt8], _ content: [UInt8]?, _ known: [Known]) {
        self.fact("loại", "kind", "format", "JWS (JSON)")
        let file = EnvelopeFile.jwsJSON(bytes)
        let keys = known.map(\.key)
        for signature in file.signatures(content: content, keys: keys) ?? [] {
            self.fact("  chữ ký", "  signature", "signature", EnvelopeDesk.line(signature))
        }
        let found = try? file.verify(content: content, keys: keys)
        self.report = found?.report
        if let covered = found?.content ?? (self.isSound ? content : nil) {
            self.cover(covered, "nội dung / the content")
        }
        if let key = self.report?.key ?? self.report?.claimedKey {
            self.names = (nil, known.first { $0.key.fingerprint == key }?.name)
        }
    }

    // MARK: CMS

    private mutating func explain(_ der: [UInt8], _ content: [UInt8]?, _ known: [Known]) {
        let cms = CMSSignature.inspect(der)
        self.fact("loại", "kind", "format", "CMS \(cms.contentType ?? "?")")
        if let isDetached = cms.isDetached {
            self.fact(
                "nội dung", "content", "content",
                isDetached ? "ở ngoài / outside" : "bên trong / inside, \(cms.contentByteCount ?? 0) bytes")
        }
        for certificate in cms.certificates {
            self.fact(
                certificate.isSigner ? "chứng thư ký" : "chứng thư kèm",
                certificate.isSigner ? "signer's certificate" : "certificate", "certificate",
                "\(certificate.subject), do \(certificate.issuer) cấp / issued by it, \(certificate.notBefore) – "
                    + "\(certificate.notAfter), key \(certificate.fingerprint)")
        }
        if let signer = cms.signer { self.fact("người ký", "signer", "signer", signer) }
        if let digest = cms.digestAlgorithm { self.fact("băm", "digest", "digest", digest) }
        if let algorithm = cms.signatureAlgorithm { self.fact("thuật toán", "algorithm", "algorithm", algorithm) }
        self.fact("thuộc tính được ký", "signed attributes", "signed_attributes", cms.signedAttributes.joined(separator: ", "))
        if !cms.unsignedAttributes.isEmpty {
            self.fact(
                "thuộc tính không ký", "unsigned attributes", "unsigned_attributes",
                cms.unsignedAttributes.joined(separator: ", "))
        }
        if let time = cms.signingTime { self.fact("lúc ký (tự khai)", "signing time (claimed)", "signing_time", "\(time)") }
        let signer = cms.certificates.first(where: \.isSigner)
        self.names = (signer?.subject, known.first { $0.key.fingerprint == signer?.fingerprint }?.name)
        var signed: [UInt8]?
        let needsContent = cms.isDetached == true
        let (report, bytes) = CMSSignature.verify(der, content: needsContent ? content ?? [] : nil) { who in
            let own = who.certificate.flatMap { certificate -> PublicKey? in
                do throws(HubError) { return try certificate.publicKey() } catch { return nil }
            }
            return known.first { $0.key.fingerprint == who.fingerprint }?.key ?? own
        }
        signed = bytes
        self.report = report
        if let covered = signed ?? (needsContent ? content : nil) { self.cover(covered, "nội dung / the content") }
        if needsContent, content == nil {
            self.fact("nội dung", "content", "content", "dùng --content / give it with --content")
        }
    }

    // MARK: Words

    private mutating func name(_ certificate: Certificate?, _ known: [Known]) {
        guard let certificate else { return }
        self.fact(
            "chứng thư ký", "signer's certificate", "certificate",
            "\(certificate.subject), \(certificate.notBefore) – \(certificate.notAfter), key \(certificate.fingerprint)")
        self.names = (certificate.subject, known.first { $0.key.fingerprint == certificate.fingerprint }?.name)
    }

    private mutating func cover(_ bytes: [UInt8], _ how: String) {
        self.covered = bytes
        self.fact(
            "được ký", "covered", "covered",
            "\(bytes.count) bytes, \(how), SHA-256 \(SHA256.hash(bytes))")
    }

    private mutating func fact(_ vi: String, _ en: String, _ key: String, _ value: String) {
        self.facts.append(Line(name: Bilingual(vi: vi, en: en), value: value, key: key))
    }

    var lines: [String] {
        var lines = self.facts.map { "\($0.name.vi) / \($0.name.en): \($0.value)" }
        if let report = self.report {
            if report.verdict == .valid {
                lines.append("✓ \(report.reason.vi) / \(report.reason.en)")
                if self.names.known == nil {
                    lines.append(
                        "? chưa biết khóa này của ai (--trust) / whose key this is, nobody here knows (--trust): "
                            + (self.names.inside ?? "\(report.key?.description ?? "")"))
                }
            } else {
                lines.append("✗ kiểm tra hỏng đầu tiên / the first check that fails: \(report.code?.rawValue ?? "")")
                lines.append("    \(report.reason.vi)\n    \(report.reason.en)")
            }
        }
        if let inside = self.names.inside { lines.append("trong phong bì / in the envelope: \(inside)") }
        if let known = self.names.known { lines.append("đã biết / known: \(known)") }
        return lines
    }

    var json: JSONValue {
        var object = self.report.map { EnvelopeDesk.members($0) } ?? [:]
        object["facts"] = .array(
            self.facts.map { .object(["key": .string($0.key), "value": .string($0.value)]) })
        object["certificate_inside"] = self.names.inside.map { .string($0) } ?? .null
        object["known"] = self.names.known.map { .string($0) } ?? .null
        return .object(object)
    }
}
