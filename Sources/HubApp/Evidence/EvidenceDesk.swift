internal import Foundation
internal import HubCore
internal import HubEnvelope
public import HubJSON
public import HubModel
internal import HubStore

/// Exports evidence, checks it, and audits a whole journal, for the command line.
public struct EvidenceDesk: Sendable {
    /// What a check found.
    public struct Finding: Sendable {
        public let isValid: Bool
        public let json: JSONValue
        /// For people, Vietnamese first.
        public let lines: [String]
    }

    public init() {}

    // MARK: One message

    /// The pack of one message, from the running hub, or from its journal when it is stopped.
    ///
    /// - Returns: `nil` when there is no such message.
    /// - Throws: `journal.damaged`, `envelope.key_unknown`, `configuration.invalid`.
    public func export(_ id: MessageID, _ configuration: HubConfiguration) async throws(HubError) -> [UInt8]? {
        do throws(HubError) {
            return try await HubClient(configuration).evidence(id)
        } catch {
            switch error.code {
            case .messageNotFound: return nil
            case .serviceUnavailable: return try await self.exportFromJournal(id, configuration)
            default: throw error
            }
        }
    }

    private func exportFromJournal(
        _ id: MessageID, _ configuration: HubConfiguration
    ) async throws(HubError) -> [UInt8]? {
        let keys = try HubKeys(configuration).load()
        let journal = try await SegmentJournal.open(Self.reading(configuration))
        let shelf = TimestampShelf(journal: configuration.dataFolder + "/journal")
        let pack: Result<[UInt8]?, HubError>
        do throws(HubError) {
            pack = .success(
                try await EvidencePack(
                    of: id, from: journal, key: keys.key(of:), certificates: keys.registry.certificates(of:),
                    token: { block throws(HubError) in try shelf.token(covering: block) }
                ).archive
            )
        } catch {
            pack = error.code == .messageNotFound ? .success(nil) : .failure(error)
        }
        await journal.close()
        return try pack.get()
    }

    /// A journal that nothing is written to.
    private static func reading(_ configuration: HubConfiguration) -> JournalConfiguration {
        JournalConfiguration(
            folder: configuration.dataFolder + "/journal", hub: configuration.home.text, clock: SystemClock()
        ) {
            BlockSigner(key: .zero) { _ throws(HubError) in
                throw HubError(.journalClosed, "This journal was opened for reading.")
            }
        }
    }

    /// Checks a pack with nothing but itself and the hub's key.
    ///
    /// - Parameters:
    ///   - trust: PEM files with the public keys or certificates of hubs.
    ///   - signers: PEM files with roots for certificates of senders; without any, certificates are left aside.
    ///   - authorities: PEM files with the roots of timestamp authorities; without any, timestamps are left aside.
    ///   - allowsTestAuthority: Whether such a root may be marked as a test.
    /// - Throws: `configuration.invalid`, `envelope.key_unusable` for files that cannot be read.
    public func verify(
        file: String, trust: [String], signers: [String] = [], authorities: [String] = [], allowsTestAuthority: Bool = false
    ) throws(HubError) -> Finding {
        let timestamps = try Self.timestamps(authorities, allowsTestAuthority: allowsTestAuthority)
        let (bytes, anchors) = (try KeysDesk.read(file), try Self.keys(trust))
        let pack: EvidencePack
        do throws(HubError) {
            pack = try EvidencePack(archive: bytes)
        } catch {
            return Self.finding(notAPack: error)
        }
        var roots: [Certificate] = []
        for path in signers { roots += try TrustFiles.certificates(path) }
        return Self.finding(
            pack.report(
                trusting: anchors,
                signers: roots.isEmpty ? nil : (roots, TrustSettings(allowsTestAuthority: allowsTestAuthority)),
                timestamps: timestamps, now: SystemClock().now
            )
        )
    }

    /// - Returns: `nil` when no authority is given: timestamps are then left aside.
    static func timestamps(_ authorities: [String], allowsTestAuthority: Bool) throws(HubError) -> TrustStore? {
        var roots: [Certificate] = []
        for path in authorities { roots += try TrustFiles.certificates(path) }
        guard !roots.isEmpty else { return nil }
        return try TrustStore(
            purpose: .timestamping, anchors: roots, settings: TrustSettings(allowsTestAuthority: allowsTestAuthority)
        )
    }

    private static func finding(notAPack error: HubError) -> Finding {
        let details = error.details.map { "\($0.key): \($0.value)" }
        return Finding(
            isValid: false,
            json: .object(["valid": false, "code": .string(error.code.rawValue), "detail": .string("\(error.summary)")]),
            lines: ["Đây không phải gói bằng chứng / This is not an evidence pack", "  \(error.summary)"]
                + details.map { "  " + $0 }
        )
    }

    private static func finding(_ report: EvidenceReport) -> Finding {
        var lines = [report.isValid ? "Bằng chứng hợp lệ / The evidence is valid" : "Bằng chứng không hợp lệ / The evidence is not valid"]
        if let message = report.message {
            lines += [
                "  \(message.id)  \(message.type)",
                "  bên gửi / sender : \(message.agency) (\(message.sender))",
                "  trục / hub       : \(report.hub), \(message.receivedAt)",
            ]
        }
        for check in report.checks {
            lines.append("  \(check.isWell ? "✓" : "✗") \(check.name.vi) / \(check.name.en)")
            lines.append("      \(check.finding)")
        }
        for (plan, event) in zip(report.message?.deliveries ?? [], report.outcomes) {
            let what = event.map { "\($0.kind) \($0.at) \($0.code?.rawValue ?? "")" } ?? "pending"
            lines.append("  → \(plan.recipient)  \(plan.destination)  \(what)")
        }
        return Finding(isValid: report.isValid, json: report.json, lines: lines)
    }

    // MARK: The whole journal

    /// What is to be audited.
    public struct Audit: Sendable {
        /// The journal's folder, with `segments` and `spool`.
        public var folder: String
        /// PEM files with the hub's public keys.
        public var keys: [String]
        /// PEM files with public keys that count once the chain announces them.
        public var announced: [String] = []
        /// The name that its blocks must bear; `nil` for any.
        public var hub: String?
        /// Receipts as the hub gave them, or its whole answers.
        public var receipts: [String] = []
        /// Files with the archives of months that were dropped.
        public var archives: [String] = []
        /// PEM files with the roots of timestamp authorities, for these; without any, timestamps are left aside.
        public var authorities: [String] = []
        /// Whether such a root may be marked as a test.
        public var allowsTestAuthority = false
        public var comparesProjection = true

        public init(folder: String, keys: [String], hub: String? = nil) {
            self.folder = folder
            self.keys = keys
            self.hub = hub
        }
    }

    /// The audit of the journal of a configured hub.
    public func audit(of configuration: HubConfiguration) throws(HubError) -> Audit {
        Audit(
            folder: configuration.dataFolder + "/journal",
            keys: try HubKeys(configuration).publicFiles(), hub: configuration.home.text
        )
    }

    /// Re-computes the chain from its first block, or from the base, and names what does not fit. May run while the hub
    /// runs.
    ///
    /// - Parameter progress: Told the number of records now and then.
    public func run(_ audit: Audit, progress: (Int) -> Void) throws(HubError) -> Finding {
        let memory = try ProjectionMemory(folder: audit.folder)
        var receipts: [Receipt] = []
        for path in audit.receipts { receipts.append(try Self.receipt(path)) }
        let started = ContinuousClock.now
        let found: (archives: [HubStore.ArchiveAudit], journal: JournalAudit)
        do throws(HubError) {
            found = try SegmentReader.verify(
                folder: audit.folder, behind: audit.archives, keys: try Self.keys(audit.keys),
                offered: try Self.keys(audit.announced), hub: audit.hub, receipts: receipts,
                timestamps: try Self.timestamps(audit.authorities, allowsTestAuthority: audit.allowsTestAuthority),
                now: SystemClock().now, memory: memory, progress: progress
            )
        } catch {
            guard error.code == .evidenceInvalid else { throw error }
            return Self.finding(notAnArchive: error)
        }
        let seconds = started.duration(to: .now) / .seconds(1)
        var differences: [String] = []
        if audit.comparesProjection, let memory { differences = try Self.differences(memory) }
        let finding = Self.finding(
            found.journal, differences, compared: audit.comparesProjection && memory != nil, seconds: seconds)
        return Self.finding(found.archives, before: finding)
    }

    private static func differences(_ memory: ProjectionMemory) throws(HubError) -> [String] {
        try Self.withScratch { scratch throws(HubError) in
            do throws(HubError) {
                return try memory.differences(scratch: scratch)
            } catch  where error.code == .journalDamaged {
                return ["it cannot be compared: \(error.summary)"]
            }
        }
    }

    /// Lends a folder with room for a second projection, which is gone afterwards.
    static func withScratch<Value>(
        _ body: (_ folder: String) throws(HubError) -> Value
    ) throws(HubError) -> Value {
        let scratch = NSTemporaryDirectory() + "lgsp-audit-" + UUID().uuidString.prefix(8).lowercased()
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        do {
            try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        } catch {
            throw HubError(
                .configurationInvalid, "There is no room for a second projection; set TMPDIR to a folder that has some.",
                details: [ErrorDetail("path", scratch)], cause: error
            )
        }
        return try body(scratch)
    }

    private static func finding(
        _ audit: JournalAudit, _ differences: [String], compared: Bool, seconds: Double
    ) -> Finding {
        let isValid = audit.faults.isEmpty && differences.isEmpty
        var lines = [
            isValid
                ? "Nhật ký nguyên vẹn / The journal is whole" : "Nhật ký đã bị thay đổi / The journal was changed",
            "  trục / hub : \(audit.hub), \(audit.segments) segments, \(audit.blocks) blocks, \(audit.records) records, "
                + "\(audit.payloadBytes) bytes of payloads",
            "  khối cuối / last block : \(audit.lastBlock) \(audit.lastDigest)",
        ]
        lines += Self.facts(of: audit)
        if audit.tornBytes > 0 {
            lines.append("  đuôi dở dang / torn tail : \(audit.tornBytes) bytes (never acknowledged, or being written)")
        }
        if compared, differences.isEmpty { lines.append("  cơ sở dữ liệu khớp / the projection says the same") }
        lines += Self.faults(of: audit)
        for difference in differences { lines.append("  ✗ projection.sqlite: \(difference)") }
        var json = Self.json(of: audit, isValid: isValid)
        json["torn_bytes"] = .init(integerLiteral: audit.tornBytes)
        json["projection"] = .array(differences.map { .string($0) })
        json["projection_compared"] = .bool(compared)
        Self.add(seconds, Double(audit.records), to: &json)
        return Finding(isValid: isValid, json: .object(json), lines: lines)
    }

    static func facts(of audit: JournalAudit) -> [String] {
        var lines: [String] = []
        if let last = audit.dropped.last {
            lines.append(
                "  bắt đầu sau các tháng đã loại / begins behind dropped months : block \(last.lastBlock), "
                    + "\(audit.dropped.count) archives, \(last.name)")
        }
        if audit.receipts > 0 { lines.append("  biên nhận khớp / receipts that fit : \(audit.receipts)") }
        if audit.forgotten > 0 {
            lines.append("  nội dung đã xóa theo chính sách / payloads removed by policy : \(audit.forgotten)")
        }
        return lines
    }

    static func faults(of audit: JournalAudit) -> [String] {
        var lines = audit.faults.prefix(50).map { "  ✗ \($0)" }
        if audit.faults.count > 50 { lines.append("  … \(audit.faults.count - 50) more") }
        return lines
    }

    static func json(of audit: JournalAudit, isValid: Bool) -> JSONObject {
        let faults: [JSONValue] = audit.faults.map { fault in
            .object([
                "segment": .string(fault.segment), "offset": .init(integerLiteral: fault.offset),
                "record": fault.record.map { .init(integerLiteral: Int($0)) } ?? .null,
                "message": fault.message.map { .string($0.description) } ?? .null, "what": .string(fault.what),
            ])
        }
        return [
            "whole": .bool(isValid), "hub": .string(audit.hub), "segments": .init(integerLiteral: audit.segments),
            "blocks": .init(integerLiteral: audit.blocks), "records": .init(integerLiteral: audit.records),
            "payload_bytes": .init(integerLiteral: audit.payloadBytes),
            "forgotten": .init(integerLiteral: audit.forgotten),
            "first_block": .init(integerLiteral: Int(audit.firstBlock)),
            "previous_digest": .string(audit.previousDigest.description),
            "last_block": .init(integerLiteral: Int(audit.lastBlock)),
            "last_digest": .string(audit.lastDigest.description),
            "receipts": .init(integerLiteral: audit.receipts), "faults": .array(faults),
            "dropped": .array(
                audit.dropped.map { month in
                    .object([
                        "month": .string(month.month.description),
                        "first_block": .init(integerLiteral: Int(month.firstBlock)),
                        "last_block": .init(integerLiteral: Int(month.lastBlock)),
                        "archive": .string(month.name), "archive_digest": .string(month.archive.description),
                    ])
                }
            ),
        ]
    }

    static func add(_ seconds: Double, _ records: Double, to json: inout JSONObject) {
        func text(_ value: Double, _ places: Int) -> JSONValue {
            JSONNumber(text: String(format: "%.\(places)f", value)).map { .number($0) } ?? .null
        }
        json["seconds"] = text(seconds, 3)
        json["records_per_second"] = text(seconds > 0 ? records / seconds : 0, 0)
    }

    // MARK: Files

    /// A receipt alone, or inside what the hub answered to a submission.
    static func receipt(_ path: String) throws(HubError) -> Receipt {
        do throws(HubError) {
            let json = try JSONDocument.parse(try KeysDesk.read(path)).value
            return try Receipt(json: json["receipt"] ?? json)
        } catch {
            throw error.adding(ErrorDetail("path", path))
        }
    }

    static func keys(_ paths: [String]) throws(HubError) -> [PublicKey] {
        var keys: [PublicKey] = []
        for path in paths {
            do throws(HubError) {
                keys += try PublicKey.all(pem: try KeysDesk.read(path))
            } catch {
                throw error.adding(ErrorDetail("path", path))
            }
        }
        return keys
    }
}
