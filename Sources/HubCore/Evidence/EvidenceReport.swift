public import HubEnvelope
public import HubJSON
public import HubModel
internal import HubXML

/// What a check of an evidence pack found, check by check.
public struct EvidenceReport: Sendable {
    public struct Check: Sendable, Hashable {
        public let name: Bilingual
        public let isWell: Bool
        /// What was found, or why it is not well.
        public let finding: String
    }

    /// In the order in which they were made; those behind the first that is not well were made all the same where they
    /// could be.
    public internal(set) var checks: [Check] = []
    /// `nil` when the acceptance cannot be read.
    public internal(set) var message: AcceptedMessage?
    /// The hub that vouches for it, as its blocks name it.
    public internal(set) var hub = ""
    /// What became of each delivery, in the order of the plan: the last event about it, or `nil`.
    public internal(set) var outcomes: [DeliveryEvent?] = []

    public var isValid: Bool { self.checks.allSatisfy(\.isWell) }

    public var json: JSONValue {
        .object([
            "valid": .bool(self.isValid), "hub": .string(self.hub),
            "id": self.message.map { .string($0.id.description) } ?? .null,
            "checks": .array(
                self.checks.map { check in
                    .object([
                        "name": .string(check.name.en), "name_vi": .string(check.name.vi), "well": .bool(check.isWell),
                        "finding": .string(check.finding),
                    ])
                }
            ),
            "deliveries": .array(
                zip(self.message?.deliveries ?? [], self.outcomes).map { plan, event in
                    .object([
                        "recipient": .string(plan.recipient), "destination": .string(plan.destination.description),
                        "outcome": event.map { .string("\($0.kind)") } ?? "pending",
                        "at": event.map { .string($0.at.description) } ?? .null,
                        "code": event?.code.map { .string($0.rawValue) } ?? .null,
                    ])
                }
            ),
        ])
    }

    mutating func note(_ vi: String, _ en: String, _ isWell: Bool, _ finding: String) {
        self.checks.append(Check(name: Bilingual(vi: vi, en: en), isWell: isWell, finding: finding))
    }
}

extension EvidencePack {
    /// Checks everything that the pack claims.
    ///
    /// - Parameters:
    ///   - anchors: Keys of hubs, known from elsewhere. One of them must have signed every block.
    ///   - signers: Roots below which the sender's certificate must lie, at the time when the hub received the message; `nil` to
    ///     leave certificates aside.
    ///   - timestamps: The authorities whose timestamps are believed; `nil` to leave timestamps aside.
    ///   - now: A timestamp of a later time is refused.
    public func report(
        trusting anchors: [PublicKey], signers: (roots: [Certificate], settings: TrustSettings)? = nil,
        timestamps: TrustStore? = nil, now: Timestamp = Timestamp(nanoseconds: .max)
    ) -> EvidenceReport {
        var report = EvidenceReport()
        let hubKeys = Set(self.receipts.map(\.key))
        let strangers = hubKeys.filter { key in !anchors.contains { $0.fingerprint == key } }
        report.note(
            "Khóa của trục được tin cậy", "The hub's key is trusted", strangers.isEmpty,
            (strangers.isEmpty ? hubKeys : strangers).map(\.description).sorted().joined(separator: ", ")
        )
        var records: [JournalRecord] = []
        var blocks: [BlockHeader] = []
        for (number, receipt) in zip(1..., self.receipts) {
            do throws(HubError) {
                // With the key of the pack where nobody trusts it, so that the other checks still say something.
                guard let key = (anchors + self.keys).first(where: { $0.fingerprint == receipt.key }) else {
                    throw HubError(.evidenceInvalid, "The key that signed the block is not here.")
                }
                let (block, record) = try receipt.verified(with: key)
                records.append(record)
                blocks.append(block)
            } catch {
                report.note(
                    "Bản ghi \(number) nằm trong khối mà trục đã ký", "Record \(number) is in a block that the hub signed",
                    false, "\(error.summary)"
                )
            }
        }
        guard records.count == self.receipts.count, let first = blocks.first else { return report }
        report.note(
            "Các bản ghi nằm trong những khối mà trục đã ký", "The records are in blocks that the hub signed", true,
            "\(records.count)"
        )
        report.hub = first.hub
        self.checkMessage(records, blocks, &report)
        if let signers { self.checkCertificate(signers.roots, signers.settings, &report) }
        if let timestamps { self.checkTimestamp(timestamps, now, &report) }
        return report
    }

    /// The certificate in the pack is that of the sender's key, and was good for signing when the hub received the message:
    /// a time that the journal vouches for.
    private func checkCertificate(
        _ roots: [Certificate], _ settings: TrustSettings, _ report: inout EvidenceReport
    ) {
        let (vi, en) = ("Chứng thư của bên gửi còn hiệu lực khi tiếp nhận", "The sender's certificate was good when it was received")
        guard let message = report.message, let key = message.signature.key else {
            return report.note(vi, en, false, "the message has no signature that a certificate could be of")
        }
        guard let shown = self.certificates, let own = shown.certificates.first, own.fingerprint == key else {
            return report.note(vi, en, false, "there is no certificate of the sender's key in the pack")
        }
        do throws(HubError) {
            let store = try TrustStore(
                purpose: .signing, anchors: roots, intermediates: Array(shown.certificates.dropFirst()),
                lists: shown.lists, settings: settings
            )
            switch try store.verify(own, at: message.receivedAt, isMomentProven: true) {
            case .valid(_, let chain): report.note(vi, en, true, chain.joined(separator: " ← "))
            case .refused(let refusal): report.note(vi, en, false, "\(refusal.error.summary) \(refusal.certificate)")
            }
        } catch {
            report.note(vi, en, false, "\(error.summary)")
        }
    }

    /// The last record's block is the first of the headers, each names the one before, and the last one is stamped.
    private func checkTimestamp(_ trust: TrustStore, _ now: Timestamp, _ report: inout EvidenceReport) {
        let (vi, en) = ("Dấu thời gian của bên thứ ba", "The timestamp of a third party")
        guard let timestamp = self.timestamp else {
            return report.note(vi, en, false, "there is none in the pack")
        }
        let headers = timestamp.headers.map { try? BlockHeader(bytes: $0) }
        let last = self.receipts.max { (try? BlockHeader(bytes: $0.header).number) ?? -1 < (try? BlockHeader(bytes: $1.header).number) ?? -1 }
        guard let first = timestamp.headers.first, first == last?.header, let stamped = timestamp.headers.last,
            zip(timestamp.headers, headers.dropFirst()).allSatisfy({ SHA256.hash($0) == $1?.previous })
        else { return report.note(vi, en, false, "the headers do not lead from the records to the stamped block") }
        do throws(HubError) {
            let verdict = try TimestampToken.verify(
                timestamp.token, digest: SHA256.hash(stamped), nonce: nil, trust: trust, now: now
            )
            if let facts = verdict.facts {
                report.note(vi, en, true, "\(facts.time), \(facts.authority), policy \(facts.policy)")
            } else {
                report.note(vi, en, false, verdict.refusal.map { "\($0.error)" } ?? "refused")
            }
        } catch {
            report.note(vi, en, false, "\(error.summary)")
        }
    }

    private func checkMessage(_ records: [JournalRecord], _ blocks: [BlockHeader], _ report: inout EvidenceReport) {
        guard case .accepted(let message)? = records.first else {
            return report.note(
                "Bản ghi đầu là việc tiếp nhận", "The first record is the acceptance", false, "it is something else"
            )
        }
        report.message = message
        if let payload = self.payload {
            let digest = SHA256.hash(payload)
            let isSame = digest == message.digest && payload.count == message.size
            report.note(
                "Nội dung đúng là nội dung đã nhận", "The payload is the one that was accepted", isSame,
                isSame ? "SHA-256 \(digest)" : "SHA-256 \(digest), \(payload.count) bytes; accepted \(message.digest)"
            )
        } else {
            self.checkRemoval(message, records, blocks, &report)
        }
        self.checkSender(message, &report)
        self.checkOutcomes(message, records, blocks, &report)
    }

    /// A payload may be missing where a record says that it was removed.
    private func checkRemoval(
        _ message: AcceptedMessage, _ records: [JournalRecord], _ blocks: [BlockHeader], _ report: inout EvidenceReport
    ) {
        let (vi, en) = ("Nội dung đã được xóa theo chính sách", "The payload was removed by policy")
        for (number, record) in records.enumerated() {
            guard case .operation(let operation) = record, self.isRemoval(number, of: message, records, blocks) else { continue }
            return report.note(
                vi, en, true,
                "\(operation.at), \(operation.actor): \(operation.reason); it had SHA-256 \(message.digest), \(message.size) bytes"
            )
        }
        report.note(vi, en, false, "the payload is not in the pack, and no record says that it was removed")
    }

    /// Whether a record is the operation that removed the payload of this message.
    private func isRemoval(
        _ number: Int, of message: AcceptedMessage, _ records: [JournalRecord], _ blocks: [BlockHeader]
    ) -> Bool {
        func sequence(_ number: Int) -> Int64 {
            blocks[number].firstSequence &+ Int64(self.receipts[number].proof.index)
        }
        guard case .operation(let operation) = records[number],
            let removal = PayloadRemoval(operation, at: sequence(number))
        else { return false }
        return removal.covers(sequence(0), message.type)
    }

    /// Whether the sender's signature says what the record says of it.
    func checkSender(_ message: AcceptedMessage, _ report: inout EvidenceReport) {
        let (vi, en) = ("Chữ ký của bên gửi như đã ghi", "The sender's signature is as recorded")
        guard message.signature.verdict == SignatureVerdict.valid.rawValue else {
            return report.note(vi, en, true, "recorded as \(message.signature.verdict); \(message.sender)")
        }
        guard let payload = self.payload else {
            return report.note(
                vi, en, true,
                "recorded as valid; \(message.sender), \(message.signature.algorithm); without the payload it cannot be checked again"
            )
        }
        guard let key = self.keys.first(where: { $0.fingerprint == message.signature.key }) else {
            return report.note(vi, en, false, "the sender's key is not in the pack")
        }
        if message.contentType == OpenedBody.encryptedType {
            return report.note(
                vi, en, true, "encrypted, so it is not seen here; recorded as valid, \(message.sender), \(key.fingerprint)"
            )
        }
        let found: SignatureReport
        if message.signature.detached.isEmpty {
            do throws(HubError) {
                found = try self.signature(of: message, in: payload, by: key)
            } catch {
                return report.note(vi, en, false, "\(error.summary)")
            }
        } else if message.signature.detached == self.detachedSignature {
            found = JWS.verifyDetached(self.detachedSignature, payload: payload) { _ in key }
        } else {
            return report.note(vi, en, false, "the detached signature is another one")
        }
        report.note(
            vi, en, found.verdict == .valid, "\(found.reason.en) \(message.sender), \(found.algorithm ?? ""), \(key.fingerprint)"
        )
    }

    /// The verdict on a signature inside the payload, or around what is in it.
    ///
    /// - Throws: What keeps the payload from being read.
    private func signature(
        of message: AcceptedMessage, in payload: [UInt8], by key: PublicKey
    ) throws(HubError) -> SignatureReport {
        let opened = try OpenedBody.open(payload, type: message.contentType, confidential: []) { envelope, content in
            let (report, signed) = CMSSignature.verify(envelope, content: content) { _ in key }
            return (report, signed ?? content ?? CMSSignature.content(ofVerified: envelope) ?? [])
        }
        if let around = opened.signature, around.verdict == .valid || !opened.isXML { return around }
        let isLegacy = message.warnings.contains(Self.legacyWarning)
        return XMLSignature.verify(
            try XMLDocument.parse(opened.content), with: [key], allowing: isLegacy ? .sha1 : []
        )
    }

    private func checkOutcomes(
        _ message: AcceptedMessage, _ records: [JournalRecord], _ blocks: [BlockHeader], _ report: inout EvidenceReport
    ) {
        var outcomes = [DeliveryEvent?](repeating: nil, count: message.deliveries.count)
        var phases = [DeliveryState.Phase](repeating: .pending, count: message.deliveries.count)
        var fault: String?
        var attempts = 0
        for (number, (record, block)) in zip(records, blocks).enumerated().dropFirst() {
            if block.hub != blocks[0].hub || block.number < blocks[0].number { fault = "a record is of another chain" }
            if self.isRemoval(number, of: message, records, blocks) { continue }
            guard case .delivery(let event) = record, event.delivery.message == message.id,
                outcomes.indices.contains(Int(event.delivery.ordinal))
            else {
                fault = "a record is about something else"
                continue
            }
            attempts += 1
            if phases[Int(event.delivery.ordinal)].after(event.kind).map({ phases[Int(event.delivery.ordinal)] = $0 }) != nil {
                outcomes[Int(event.delivery.ordinal)] = event
            }
        }
        report.outcomes = outcomes
        report.note(
            "Các lần chuyển là của thông điệp này", "The attempts to deliver are of this message", fault == nil,
            fault ?? "\(attempts)"
        )
    }
}
