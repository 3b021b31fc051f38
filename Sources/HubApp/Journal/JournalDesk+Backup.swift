internal import Glibc
internal import HubCore
internal import HubEnvelope
internal import HubJSON
public import HubModel
internal import HubStore

extension JournalDesk {
    /// Copies a journal into a folder or an archive that can be restored.
    ///
    /// The hub may be running.
    ///
    /// - Parameters:
    ///   - path: What is made; nothing must be there.
    ///   - isArchive: Whether that is a file, a `ustar` archive, and not a folder; at `-` it goes to standard output.
    ///   - allowsMissing: Whether a journal is copied of which payloads are missing that nobody removed.
    ///   - progress: Told the number of bytes copied now and then.
    /// - Throws: `configuration.invalid`, `journal.damaged`, `journal.unavailable`, `backup.unavailable`.
    public func backup(
        _ place: Place, to path: String, isArchive: Bool = false, allowsMissing: Bool = false, progress: (Int) -> Void
    ) throws(HubError) -> Answer {
        let started = ContinuousClock.now
        var terms = JournalBackup.Terms(journal: place.folder, path: path, now: SystemClock().now)
        terms.allowsMissing = allowsMissing
        if isArchive { terms.form = path == "-" ? .stream(STDOUT_FILENO) : .archive }
        let report = try JournalBackup.write(terms, progress: progress)
        var lines = [
            "Đã sao lưu / Backed up: \(report.path) (\(report.bytes) bytes)"
        ]
        lines += Self.lines(of: report)
        lines.append("  khóa đã ký / signed with : \(report.keys.map(\.description).joined(separator: ", "))")
        lines += [
            "  KHÔNG có trong bản sao này / NOT in it: hub.yaml, keys/, secrets, trust/, adapters/, routes, data/approvals.json",
            "  lgsp journal restore \(report.path) --config hub.yaml",
        ]
        var json = Self.json(of: report)
        json["keys"] = .array(report.keys.map { .string($0.description) })
        EvidenceDesk.add(started.duration(to: .now) / .seconds(1), Double(report.records), to: &json)
        return Answer(isDone: true, json: .object(json), lines: lines)
    }

    /// Makes a journal of a backup.
    ///
    /// - Parameters:
    ///   - backup: A folder, or the file of an archive; `-` for an archive from standard input.
    ///   - place: Where it goes; nothing must be there.
    ///   - announced: PEM files with public keys that count once the chain announces them.
    ///   - receipts: As the hub gave them, or its whole answers.
    ///   - progress: Told the number of bytes copied now and then.
    /// - Throws: `backup.invalid`, `backup.unavailable`, `configuration.invalid`, `envelope.key_unknown`.
    public func restore(
        _ backup: String, to place: Place, announced: [String] = [], receipts: [String] = [],
        progress: (Int) -> Void
    ) throws(HubError) -> Answer {
        let started = ContinuousClock.now
        var terms = JournalBackup.RestoreTerms(
            backup: backup, journal: place.folder, keys: try place.keys(), hub: place.hub)
        terms.announced = try EvidenceDesk.keys(announced)
        for path in receipts { terms.receipts.append(try EvidenceDesk.receipt(path)) }
        let report = try JournalBackup.restore(terms, progress: progress)
        var lines = ["Đã khôi phục / Restored: \(report.path)"]
        lines += Self.lines(of: report)
        if let seen = report.seenBlock {
            lines.append(
                "  ✗ biên nhận có tới khối \(seen): \(seen - report.lastBlock) khối sau bản sao đã mất\n"
                    + "    a receipt names block \(seen): the \(seen - report.lastBlock) blocks behind the backup are lost"
            )
        }
        lines += [
            "  Những gì nhận sau khối \(report.lastBlock) không có trong bản sao; trục sẽ ghi việc khôi phục vào chuỗi.",
            "  What was accepted behind block \(report.lastBlock) is not in it; the hub writes the restore to the chain.",
        ]
        var json = Self.json(of: report)
        json["seen_block"] = report.seenBlock.map { .init(integerLiteral: Int($0)) } ?? .null
        EvidenceDesk.add(started.duration(to: .now) / .seconds(1), Double(report.records), to: &json)
        return Answer(isDone: true, json: .object(json), lines: lines)
    }

    private static func lines(of report: JournalBackup.Report) -> [String] {
        var lines = [
            "  trục / hub : \(report.hub), \(report.segments) segments, \(report.records) records, "
                + "\(report.spooled) spooled files, \(report.timestamps) timestamps",
            "  khối cuối / last block : \(report.lastBlock) \(report.lastDigest)",
            "  sao lưu lúc / backup made : \(report.made)",
        ]
        if report.missing > 0 {
            lines.append(
                "  ✗ thiếu nội dung của / payloads missing of : \(report.missing) thông điệp / messages")
        }
        return lines
    }

    private static func json(of report: JournalBackup.Report) -> JSONObject {
        [
            "path": .string(report.path), "hub": .string(report.hub),
            "made": .string(report.made.description),
            "last_block": .init(integerLiteral: Int(report.lastBlock)),
            "last_digest": .string(report.lastDigest.description),
            "records": .init(integerLiteral: Int(report.records)),
            "segments": .init(integerLiteral: report.segments),
            "spooled": .init(integerLiteral: report.spooled),
            "timestamps": .init(integerLiteral: report.timestamps),
            "bytes": .init(integerLiteral: report.bytes),
            "missing": .init(integerLiteral: report.missing),
        ]
    }
}
