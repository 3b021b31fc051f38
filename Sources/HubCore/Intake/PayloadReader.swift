internal import HubEnvelope
internal import HubJSON
package import HubModel
package import HubSchema
internal import HubXML

/// A payload that was parsed, recognised and found to fit its schema.
package struct ReadPayload: Sendable {
    package let document: Document
    package let form: MessageForm
    package let digest: Digest
    package let signature: SignatureNote
    /// What the sender is told beside that its message was accepted, and the record keeps.
    package let warnings: [Warning]
    /// The sending agency, as the payload writes it and as the directory knows it.
    package let agency: (text: String, code: AgencyCode)
    /// As the journal keeps it and receivers get it.
    package let contentType: String
    /// Whether it came encrypted, so that it goes on encrypted.
    package let isConfidential: Bool
    /// Whether it came in CMS, which not every receiver can open.
    package let wasEnveloped: Bool
    /// What was parsed instead of a large body.
    let text: ShortenedText?

    /// The texts of a field as they identify a message, whichever markers a large one has.
    func stable(_ text: String) -> String { self.text?.stable(text) ?? text }
}

/// What is asked of a message.
package struct ReadPolicy: Sendable {
    package let signature: SignaturePolicy
    package let profile: ReadingProfile
    /// Whether it must come encrypted.
    package let isConfidential: Bool

    package init(_ signature: SignaturePolicy, isConfidential: Bool = false, profile: ReadingProfile = .strict) {
        self.signature = signature
        self.profile = profile
        self.isConfidential = isConfidential
    }
}

/// Opens what comes in: parse, recognise, check the signature, validate, find out on whose behalf it was sent.
///
/// The payload is parsed once; every step reads the same document.
package struct PayloadReader: Sendable {
    private let contracts: Contracts
    private let keys: KeyRing
    private let metrics: HubMetrics
    /// Further violations are not looked for.
    private let violationLimit = 100

    package init(_ contracts: Contracts, keys: KeyRing, metrics: HubMetrics) {
        self.contracts = contracts
        self.keys = keys
        self.metrics = metrics
    }

    /// - Parameter policy: what is asked of a message of this type.
    package func read(
        _ submission: Submission, policy: (MessageType) throws(HubError) -> ReadPolicy, at now: Timestamp
    ) throws(HubError) -> ReadPayload {
        guard case .large(let payload) = submission.body else {
            return try self.read(submission, nil, policy: policy, at: now)
        }
        let type = submission.contentType
        guard let isXML = OpenedBody.isXML(plain: type) else {
            throw Payload.tooLarge(payload.count, "an envelope is opened as a whole")
        }
        let text = try self.metrics.stage(.parse) { () throws(HubError) in try ShortenedText(payload, isXML: isXML) }
        do throws(HubError) {
            return try self.read(submission, text, policy: policy, at: now)
        } catch {
            throw text.original(error)
        }
    }

    /// - Parameter text: What is parsed instead of a large body.
    private func read(
        _ submission: Submission, _ text: ShortenedText?, policy: (MessageType) throws(HubError) -> ReadPolicy,
        at now: Timestamp
    ) throws(HubError) -> ReadPayload {
        let day = CivilTime(now, offset: CivilTime.vietnamOffset).date
        // Once: what is decided with keys below is decided with the same ones.
        let keys = self.keys.current
        let digest = submission.digest
        let body = if let text { text.bytes } else { try submission.body.whole() }
        let opened = try OpenedBody.open(
            body, type: submission.contentType, sender: submission.sender.system, keys: keys
        )
        let original = try self.metrics.stage(.parse) { () throws(HubError) in
            guard opened.isXML else { return Document.json(try JSONDocument.parse(opened.content)) }
            if let text { return .xml(try XMLDocument.parse(text.bytes, leavingOut: text.longValues)) }
            return .xml(try XMLDocument.parse(opened.content))
        }
        let form = try self.recognise(original, of: submission)
        let policy = try policy(form.type)
        if text != nil, try self.contracts.schemas.schema(for: form.type).bounds(above: ShortenedText.boundLimit) {
            throw Payload.tooLarge(submission.body.count, "the schema of this type limits the length of long texts")
        }
        if policy.isConfidential, !opened.isConfidential {
            throw HubError(
                .envelopeEncryptionRefused, "Messages of this type are confidential and must come encrypted for the hub.",
                details: [ErrorDetail("type", form.type)]
            )
        }
        let reading = try self.metrics.stage(.validate) { () throws(HubError) in
            try self.reading(of: original, as: form.type, profile: policy.profile)
        }
        let document = reading?.document ?? original
        let claimed = form.sender(in: document)
        // What is signed is what came, whatever is read instead of it.
        let (signature, warnings) = try self.metrics.stage(.verify) { () throws(HubError) in
            try self.verify(
                submission, opened, document: original, claimed: claimed, policy: policy.signature,
                keys: keys.registry, at: now
            )
        }
        try self.metrics.stage(.validate) { () throws(HubError) in
            let found: [Violation]
            if let reading { found = reading.violations } else { found = try self.violations(in: document, as: form.type) }
            try self.refuse(found, of: form.type)
        }
        let agency = try self.authorise(submission.sender, claimed: claimed, on: day)
        return ReadPayload(
            document: document, form: form, digest: digest, signature: signature,
            warnings: warnings + (reading?.repairs ?? []) + document.textWarnings(opened.content)
                + self.oddities(of: document, as: form.type, on: day), agency: agency,
            contentType: opened.type, isConfidential: opened.isConfidential, wasEnveloped: opened.wasEnveloped,
            text: text
        )
    }

    private func recognise(_ document: Document, of submission: Submission) throws(HubError) -> MessageForm {
        if let declared = submission.type {
            guard let type = MessageType(declared), let form = self.contracts.forms[type] else {
                throw HubError(
                    .intakeTypeUnknown, "No message type with this name is known here.",
                    details: [ErrorDetail("known", self.contracts.forms.keys.sorted().map(\.description).joined(separator: ", "))]
                )
            }
            return form
        }
        guard
            let form = self.contracts.recognitionOrder.first(where: { $0.recognises(document) })
                ?? self.contracts.recognitionOrder.first(where: { self.recognisesMended(document, $0, from: submission.sender) })
        else {
            throw HubError(
                .intakeTypeUnknown, "The payload is of none of the known types; name it in Lgsp-Service.",
                details: [ErrorDetail("known", self.contracts.forms.keys.sorted().map(\.description).joined(separator: ", "))]
            )
        }
        return form
    }

    /// Whether a document that no form knows is one of this form once its deviations are mended.
    private func recognisesMended(_ document: Document, _ form: MessageForm, from sender: Adapter) -> Bool {
        // Only for those who are read so: mending costs more than looking.
        guard sender.sendRule(for: form.type)?.profile == .tolerant,
            let schema = try? self.contracts.schemas.schema(for: form.type), schema.repairs != nil else { return false }
        let reading = schema.tolerantReading(of: document, limit: 1)
        return reading.violations.isEmpty && form.recognises(reading.document)
    }

    /// What is read instead of a document by the tolerant profile; `nil` for the strict one.
    private func reading(
        of document: Document, as type: MessageType, profile: ReadingProfile
    ) throws(HubError) -> TolerantReading? {
        guard profile == .tolerant else { return nil }
        return try self.contracts.schemas.schema(for: type).tolerantReading(of: document, limit: self.violationLimit)
    }

    /// What is odd about a document that fits: no reason to refuse it.
    private func oddities(of document: Document, as type: MessageType, on day: CivilDate) -> [Warning] {
        (try? self.contracts.schemas.schema(for: type))?.checks?.warnings(in: document, on: day) ?? []
    }

    private func violations(in document: Document, as type: MessageType) throws(HubError) -> [Violation] {
        try self.contracts.schemas.schema(for: type).violations(in: document, limit: self.violationLimit)
    }

    private func refuse(_ violations: [Violation], of type: MessageType) throws(HubError) {
        guard let first = violations.first else { return }
        throw HubError(
            .schemaPayloadInvalid, "The payload does not fit the schema of its message type.",
            details: [
                ErrorDetail("type", type), ErrorDetail("violations", violations.count),
                ErrorDetail("line", first.line), ErrorDetail("column", first.column), ErrorDetail("path", first.path),
            ],
            violations: violations
        )
    }

    /// The agency named as sender must be one of the system's own; the national platform brings messages of all
    /// agencies but those of this province.
    private func authorise(
        _ sender: Adapter, claimed: String?, on day: CivilDate
    ) throws(HubError) -> (text: String, code: AgencyCode) {
        guard let claimed else {
            throw HubError(.accessAgencyNotOwn, "The payload names no sending agency.")
        }
        let details = [ErrorDetail("agency", claimed.prefix(bytes: 40)), ErrorDetail("system", sender.system)]
        guard case .found(let code) = self.contracts.router.directory.resolve(claimed, on: day) else {
            throw HubError(
                .accessAgencyNotOwn, "The sending agency is not in the directory or no longer in force.",
                details: details
            )
        }
        let isOwn =
            sender.speaks == .national
            ? !code.isWithin(self.contracts.router.home)
            : sender.agencies.contains { code == $0 }
        guard isOwn else {
            throw HubError(
                .accessAgencyNotOwn, "The system may not send on behalf of this agency.", details: details
            )
        }
        return (claimed, code)
    }
}

extension PayloadReader {
    /// Classifies the signature and decides by the policy whether that is enough.
    private func verify(
        _ submission: Submission, _ opened: OpenedBody, document: Document, claimed: String?, policy: SignaturePolicy,
        keys: KeyRegistry, at now: Timestamp
    ) throws(HubError) -> (SignatureNote, [Warning]) {
        let report: SignatureReport
        var detached = ""
        switch (submission.signature, document) {
        case (_?, .xml),
            (_?, .json) where opened.wasEnveloped:
            // Receivers get the document alone, so a signature beside it would vouch for nothing that they see.
            report = SignatureReport(
                .invalid, code: .envelopeSignatureMalformed,
                reason: Bilingual(
                    vi: "Văn bản mang chữ ký bên trong; bỏ tiêu đề Lgsp-Signature.",
                    en: "The document carries its signature inside; leave Lgsp-Signature out."
                )
            )
        case (let signature?, .json):
            detached = signature
            let key = { (kid: String) in Digest(hex: kid).flatMap { keys.key(of: $0) } }
            report =
                switch submission.body {
                case .whole(let bytes): JWS.verifyDetached(signature, payload: bytes, key: key)
                case .large(let large):
                    JWS.verifyDetached(
                        signature, pieces: { take throws(HubError) in
                            try large.forEachPiece(of: 0..<large.count) { piece throws(HubError) in take(piece) }
                        }, key: key
                    )
                }
        case (nil, .xml(let document)):
            let inside = self.verify(
                document, submission.sender, claimed: claimed, allowing: policy == .legacy ? .sha1 : [], keys: keys
            )
            if let around = opened.signature, inside.verdict == .absent {
                report = around
            } else {
                // Whoever gets the document without its envelope goes by the signature inside.
                report = inside
            }
        case (nil, .json):
            report =
                opened.signature
                ?? SignatureReport(
                    .absent, code: .envelopeSignatureMissing,
                    reason: Bilingual(vi: "Thiếu tiêu đề Lgsp-Signature.", en: "There is no header Lgsp-Signature.")
                )
        }
        // What could not be read says nothing about the signature.
        if let code = report.code, [.journalUnavailable, .journalDamaged, .journalOverloaded].contains(code) {
            throw HubError(code, "The message could not be read again to check its signature.")
        }
        for signed in [report, opened.signature].compactMap(\.self) where signed.verdict == .valid {
            try self.admit(signed, of: submission, claimed: claimed, keys: keys, at: now)
        }
        let note = SignatureNote(
            verdict: report.verdict.rawValue, algorithm: report.algorithm ?? "", key: report.key, detached: detached
        )
        switch (policy, report.verdict) {
        case (_, .valid): return (note, report.legacy.contains(.weakAlgorithm) ? [Self.legacy(report)] : [])
        case (.none, _), (.optional, .absent): return (note, [])
        // Foreign signatures may be beyond what can be checked here; that is kept in the record.
        case (.optional, .notVerifiable) where submission.sender.speaks == .national: return (note, [])
        case (_, .absent):
            throw HubError(.envelopeSignatureMissing, "The message must be signed and is not.")
        case (_, .invalid), (_, .notVerifiable):
            throw HubError(
                report.code ?? .envelopeSignatureInvalid, "The signature of the message was not accepted.",
                details: [ErrorDetail("verdict", report.verdict.rawValue), ErrorDetail("reason", report.reason.en)]
            )
        }
    }

    /// Asks whether the owner of a key may sign for the sender, and whether the certificate of the key is good.
    private func admit(
        _ report: SignatureReport, of submission: Submission, claimed: String?, keys: KeyRegistry, at now: Timestamp
    ) throws(HubError) {
        guard let signer = report.key.flatMap(keys.entry) else {
            throw HubError(.internalFault, "A valid signature names a key that is not registered.")
        }
        guard self.speaks(signer.owner, for: submission.sender, claimed: claimed) else {
            throw HubError(
                .envelopeSignerMismatch, "The message is signed by someone other than its sender.",
                details: [ErrorDetail("sender", submission.sender.system), ErrorDetail("signer", signer.owner)]
            )
        }
        try keys.vouch(for: signer, at: now)
    }

    private static func legacy(_ report: SignatureReport) -> Warning {
        Warning(
            code: EvidencePack.legacyWarning,
            message: Bilingual(
                vi: "Chữ ký dùng thuật toán cũ (\(report.algorithm ?? "")); hãy chuyển sang SHA-256.",
                en: "The signature is made with an old algorithm (\(report.algorithm ?? "")); move to SHA-256."
            )
        )
    }

    private func verify(
        _ document: XMLDocument, _ sender: Adapter, claimed: String?, allowing legacy: LegacyPolicy, keys: KeyRegistry
    ) -> SignatureReport {
        let own =
            sender.speaks == .national
            ? claimed.flatMap(AgencyCode.init).map { keys.keys(of: $0) } ?? []
            : keys.keys(of: sender.system)
        let report = XMLSignature.verify(document, with: own, allowing: legacy)
        // Signed with a key that belongs to somebody else is worth knowing: it is not the same as damaged.
        guard report.verdict == .notVerifiable, let hint = report.claimedKey, let other = keys.entry(of: hint) else {
            return report
        }
        return XMLSignature.verify(document, with: [other.key], allowing: legacy)
    }

    private func speaks(_ signer: KeyRegistry.Owner, for sender: Adapter, claimed: String?) -> Bool {
        switch signer {
        case .system(let system): system == sender.system
        case .agency(let agency):
            sender.speaks == .national && claimed.flatMap(AgencyCode.init).map { $0.isWithin(agency) } ?? false
        }
    }
}
