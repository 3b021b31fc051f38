internal import HubCore
internal import HubEnvelope
internal import HubJSON
public import HubModel
internal import HubStore

extension EvidenceDesk {
    /// Which archives are to be audited.
    public struct ArchiveAudit: Sendable {
        /// In any order.
        public var files: [String]
        /// PEM files with the hub's public keys, from elsewhere.
        public var keys: [String]
        /// Receipts as the hub gave them, or its whole answers.
        public var receipts: [String] = []
        /// PEM files with the roots of timestamp authorities; without any, timestamps are left aside.
        public var authorities: [String] = []
        /// Whether such a root may be marked as a test.
        public var allowsTestAuthority = false

        public init(files: [String], keys: [String]) {
            self.files = files
            self.keys = keys
        }
    }

    /// Re-computes the chain of each archive with nothing but itself and the hub's key, and whether they join.
    ///
    /// - Parameter progress: Told the number of records now and then.
    /// - Throws: `configuration.invalid`, `envelope.key_unusable` for files that cannot be read, `journal.unavailable`.
    public func run(_ audit: ArchiveAudit, progress: (Int) -> Void) throws(HubError) -> Finding {
        let keys = try Self.keys(audit.keys)
        let timestamps = try Self.timestamps(
            audit.authorities, allowsTestAuthority: audit.allowsTestAuthority)
        var receipts: [Receipt] = []
        for path in audit.receipts { receipts.append(try Self.receipt(path)) }
        let started = ContinuousClock.now
        let found: [HubStore.ArchiveAudit]
        do throws(HubError) {
            found = try ArchiveReader.verify(
                audit.files, keys: keys, receipts: receipts, timestamps: timestamps, now: SystemClock().now,
                progress: progress
            )
        } catch {
            guard error.code == .evidenceInvalid else { throw error }
            return Self.finding(notAnArchive: error)
        }
        return Self.finding(found, seconds: started.duration(to: .now) / .seconds(1))
    }

    /// What was found in the archives of dropped months, and behind them in the journal.
    static func finding(_ audits: [HubStore.ArchiveAudit], before journal: Finding) -> Finding {
        guard !audits.isEmpty, case .object(var json) = journal.json else { return journal }
        let archives = Self.finding(audits, seconds: 0)
        let isValid = archives.isValid && journal.isValid
        json["whole"] = .bool(isValid)
        json["archives"] = archives.json["archives"]
        return Finding(isValid: isValid, json: .object(json), lines: archives.lines + journal.lines)
    }

    static func finding(notAnArchive error: HubError) -> Finding {
        Finding(
            isValid: false,
            json: .object([
                "whole": .bool(false), "code": .string(error.code.rawValue),
                "detail": .string("\(error.summary)"),
            ]),
            lines: [
                "Đây không phải tệp lưu trữ nhật ký / This is not an archive of a journal",
                "  \(error.summary)",
            ]
                + error.details.map { "  \($0.key): \($0.value)" }
        )
    }

    private static func finding(_ audits: [HubStore.ArchiveAudit], seconds: Double) -> Finding {
        let isValid = audits.allSatisfy(\.audit.faults.isEmpty)
        var lines = [
            isValid
                ? "Nhật ký lưu trữ nguyên vẹn / The archived journal is whole"
                : "Nhật ký lưu trữ đã bị thay đổi / The archived journal was changed"
        ]
        for found in audits {
            let audit = found.audit
            lines += [
                "\(audit.faults.isEmpty ? "✓" : "✗") \(found.month) \(found.path)",
                "  trục / hub : \(audit.hub), \(audit.segments) segments, \(audit.blocks) blocks, "
                    + "\(audit.records) records, \(audit.payloadBytes) bytes of payloads",
                "  khối đầu / first block : \(audit.firstBlock), sau / after \(audit.previousDigest)",
                "  khối cuối / last block : \(audit.lastBlock) \(audit.lastDigest)",
            ]
            lines += Self.facts(of: audit)
            if let block = found.coveredBy {
                let what = found.covering ?? "không kiểm tra / not checked"
                lines.append("  dấu thời gian / timestamp over block \(block) : \(what)")
            }
            lines += Self.faults(of: audit)
        }
        var json: JSONObject = ["whole": .bool(isValid)]
        json["archives"] = .array(
            audits.map { found in
                var object = Self.json(of: found.audit, isValid: found.audit.faults.isEmpty)
                object["path"] = .string(found.path)
                object["month"] = .string(found.month.description)
                object["timestamps"] = .init(integerLiteral: found.timestamps)
                object["covered_by"] = found.coveredBy.map { .init(integerLiteral: Int($0)) } ?? .null
                object["covering"] = found.covering.map { .string($0) } ?? .null
                return .object(object)
            }
        )
        Self.add(seconds, Double(audits.reduce(0) { $0 + $1.audit.records }), to: &json)
        return Finding(isValid: isValid, json: .object(json), lines: lines)
    }
}
