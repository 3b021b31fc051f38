internal import HubCore
internal import HubEnvelope
internal import HubJSON
public import HubModel
internal import HubStore

extension JournalDesk {
    /// Which journal is meant.
    public enum Place: Sendable {
        /// That of a configured hub, with its keys; `keys` are PEM files with further ones.
        case hub(HubConfiguration, keys: [String])
        /// That in a folder, with PEM files of the hub's public keys.
        case folder(String, keys: [String])

        /// The journal's own folder.
        var folder: String {
            switch self {
            case .hub(let configuration, _): configuration.dataFolder + "/journal"
            case .folder(let folder, _): folder
            }
        }

        /// The name that the blocks must bear; `nil` for any.
        var hub: String? {
            switch self {
            case .hub(let configuration, _): configuration.home.text
            case .folder: nil
            }
        }

        func keys() throws(HubError) -> [PublicKey] {
            switch self {
            case .hub(let configuration, let keys):
                try EvidenceDesk.keys(try HubKeys(configuration).publicFiles() + keys)
            case .folder(_, let keys): try EvidenceDesk.keys(keys)
            }
        }
    }

    /// Examines a journal without changing anything.
    ///
    /// The hub may be running.
    ///
    /// - Parameters:
    ///   - announced: PEM files with public keys that count once the chain announces them.
    ///   - comparesRows: Whether the projection is compared row by row, which needs room for a second one.
    ///   - progress: Told the number of records now and then.
    /// - Throws: `configuration.invalid`, `envelope.key_unusable`, `journal.unavailable`.
    public func check(
        _ place: Place, announced: [String] = [], comparesRows: Bool = true, progress: (Int) -> Void
    ) throws(HubError) -> Answer {
        var terms = JournalCheck.Terms(folder: place.folder, keys: try place.keys(), hub: place.hub)
        terms.announced = try EvidenceDesk.keys(announced)
        let started = ContinuousClock.now
        guard comparesRows else {
            let check = try JournalCheck.run(terms, progress: progress)
            return Self.answer(check, seconds: started.duration(to: .now) / .seconds(1))
        }
        return try EvidenceDesk.withScratch { scratch throws(HubError) in
            terms.scratch = scratch
            let check = try JournalCheck.run(terms, progress: progress)
            return Self.answer(check, seconds: started.duration(to: .now) / .seconds(1))
        }
    }

    // MARK: What is said

    /// Findings that are listed for people; the JSON has all of them.
    private static let mostLines = 50

    private static func answer(_ check: JournalCheck, seconds: Double) -> Answer {
        let audit = check.audit
        let damage = check.findings.filter { $0.kind.isDamage }
        let notes = check.findings.filter { !$0.kind.isDamage }
        var lines = [
            check.isSound
                ? "Nhật ký lành lặn / The journal is sound"
                : "Nhật ký bị hỏng / The journal is damaged: \(damage.count)",
            "  trục / hub : \(audit.hub), \(audit.segments) segments, \(audit.blocks) blocks, \(audit.records) records, "
                + "\(audit.payloadBytes) bytes of payloads, \(check.spooledFiles) spooled files",
            "  khối cuối / last block : \(audit.lastBlock) \(audit.lastDigest)",
        ]
        if let applied = check.appliedBlock {
            let compared =
                check.isCompared
                ? "mọi dòng đã so / every row compared" : "chưa so từng dòng / rows not compared"
            lines.append(
                "  cơ sở dữ liệu / projection : block \(applied), \(check.pending ?? 0) pending, \(compared)")
        }
        lines += EvidenceDesk.facts(of: audit)
        for (findings, mark) in [(damage, "✗"), (notes, "·")] {
            lines += findings.prefix(Self.mostLines).map { "  \(mark) \(Self.text(of: $0))" }
            if findings.count > Self.mostLines { lines.append("  … \(findings.count - Self.mostLines) more") }
        }
        for kind in JournalCheck.Finding.Kind.allCases
        where check.findings.contains(where: { $0.kind == kind }) {
            lines.append("  → \(kind.rawValue): \(kind.remedy.vi)\n      \(kind.remedy.en)")
        }
        return Answer(
            isDone: check.isSound, json: Self.json(of: check, damage, notes, seconds: seconds), lines: lines)
    }

    private static func text(of finding: JournalCheck.Finding) -> String {
        var place = finding.file
        if let offset = finding.offset { place += " at \(offset)" }
        if let block = finding.block { place += ", block \(block)" }
        if let record = finding.record { place += ", record \(record)" }
        var text = "[\(finding.kind.rawValue)] \(place): \(finding.what)"
        if finding.messageCount > 0 {
            let named = finding.messages.prefix(5).map(\.description).joined(separator: ", ")
            text += "\n      \(finding.messageCount) thông điệp / messages: \(named)"
            if finding.messageCount > 5 { text += ", …" }
        }
        return text
    }

    private static func json(
        of check: JournalCheck, _ damage: [JournalCheck.Finding], _ notes: [JournalCheck.Finding],
        seconds: Double
    ) -> JSONValue {
        let audit = check.audit
        func number(_ value: Int64?) -> JSONValue { value.map { .init(integerLiteral: Int($0)) } ?? .null }
        func list(_ findings: [JournalCheck.Finding]) -> JSONValue {
            .array(
                findings.map { finding in
                    .object([
                        "kind": .string(finding.kind.rawValue), "file": .string(finding.file),
                        "offset": number(finding.offset.map(Int64.init)), "block": number(finding.block),
                        "record": number(finding.record),
                        "messages": .array(finding.messages.map { .string($0.description) }),
                        "message_count": .init(integerLiteral: finding.messageCount),
                        "what": .string(finding.what), "remedy": .string(finding.kind.remedy.en),
                    ])
                }
            )
        }
        var json: JSONObject = [
            "sound": .bool(check.isSound), "hub": .string(audit.hub),
            "segments": .init(integerLiteral: audit.segments), "blocks": .init(integerLiteral: audit.blocks),
            "records": .init(integerLiteral: audit.records),
            "payload_bytes": .init(integerLiteral: audit.payloadBytes),
            "forgotten": .init(integerLiteral: audit.forgotten), "first_block": number(audit.firstBlock),
            "last_block": number(audit.lastBlock),
            "last_digest": .string(audit.lastDigest.description),
            "torn_bytes": .init(integerLiteral: audit.tornBytes),
            "spooled_files": .init(integerLiteral: check.spooledFiles),
            "applied_block": number(check.appliedBlock),
            "pending": number(check.pending.map(Int64.init)), "rows_compared": .bool(check.isCompared),
            "damage": list(damage), "notes": list(notes),
        ]
        EvidenceDesk.add(seconds, Double(audit.records), to: &json)
        return .object(json)
    }
}

extension JournalCheck.Finding.Kind {
    /// What to do.
    var remedy: Bilingual {
        switch self {
        case .segmentMissing:
            Bilingual(
                vi: "Lấy lại tệp đoạn từ bản sao lưu hoặc tệp lưu trữ tháng, đúng tên; dừng trục trước.",
                en:
                    "Put the segment back under its name from a backup or the archive of its month; stop the hub first."
            )
        case .format:
            Bilingual(
                vi: "Dùng phiên bản chương trình đã ghi nhật ký này, hoặc mới hơn.",
                en: "Use the version of the program that wrote this journal, or a later one.")
        case .block:
            Bilingual(
                vi:
                    "Dừng trục, sao thư mục ra nơi khác, rồi thay tệp đoạn bằng bản từ bản sao lưu hay tệp lưu trữ; không tự sửa. "
                    + "Các khối lân cận vẫn đọc được.",
                en:
                    "Stop the hub, copy the folder away, then replace the segment from a backup or archive; nothing is "
                    + "mended by itself. The blocks around it can still be read.")
        case .signature:
            Bilingual(
                vi: "Có người đã viết lại khối này: giữ nguyên thư mục làm bằng chứng và so với bản sao lưu.",
                en: "Someone rewrote this block: keep the folder as evidence, and compare it with a backup.")
        case .keyUnknown:
            Bilingual(
                vi:
                    "Thêm khóa công khai cũ của trục bằng --key; nếu không phải khóa của trục thì khối này là giả.",
                en:
                    "Give the hub's earlier public key with --key; if it is not a key of the hub, the block is forged."
            )
        case .payloadMissing:
            Bilingual(
                vi: "Chép tệp này từ bản sao lưu (tên là mã băm của nội dung), hoặc xin bên gửi gửi lại.",
                en:
                    "Copy the file from a backup (its name is the digest of its bytes), or ask the sender for the payload."
            )
        case .payloadChanged:
            Bilingual(
                vi: "Thay tệp này bằng bản từ bản sao lưu; nội dung hiện có không phải nội dung đã nhận.",
                en: "Replace it from a backup; what is there is not what was accepted.")
        case .base:
            Bilingual(
                vi: "Lấy lại tệp base từ bản sao lưu làm sau lần loại tháng gần nhất; đừng tự sửa.",
                en: "Put the file base back from a backup that was made after the last month was dropped; do not mend it by hand.")
        case .projectionAhead:
            Bilingual(
                vi:
                    "Đã mất thông điệp đã nhận: khôi phục các đoạn mới hơn từ bản sao lưu. Đừng dựng lại cơ sở dữ liệu trước đó.",
                en:
                    "Accepted messages are lost: restore the later segments from a backup. Do not rebuild the projection before "
                    + "that: it knows which messages they are.")
        case .projectionDamaged, .projectionDiffers:
            Bilingual(
                vi: "Dừng trục rồi chạy lgsp journal rebuild; không mất gì vì mọi thứ nằm trong các đoạn.",
                en:
                    "Stop the hub and run lgsp journal rebuild; nothing is lost, since the segments hold everything."
            )
        case .projectionUnreadable:
            Bilingual(
                vi:
                    "Xem quyền đọc thư mục nhật ký (SQLite cần ghi -shm bên cạnh) và ổ đĩa, rồi kiểm tra lại.",
                en:
                    "Look at the rights to the journal's folder (SQLite needs to write -shm beside the database) and at the disk, then check again."
            )
        case .projectionMissing, .projectionBehind, .projectionVersion:
            Bilingual(
                vi: "Không phải làm gì: lần khởi động tới sẽ tự dựng hoặc bổ sung.",
                en: "Nothing: the next start makes it, or brings it up to date.")
        case .tornTail:
            Bilingual(
                vi: "Không phải làm gì: lần khởi động tới sẽ để riêng phần này ra.",
                en: "Nothing: the next start sets it aside.")
        case .tornFile:
            Bilingual(
                vi: "Giữ để xem xét, hoặc xóa.", en: "Keep it for whoever asks, or remove it.")
        case .orphan, .unfinished:
            Bilingual(
                vi:
                    "Không phải làm gì: lần khởi động tới sẽ xóa; nếu trục đang chạy thì có thể đang được nhận.",
                en: "Nothing: the next start removes it; beside a running hub it may be on its way in.")
        case .stranger:
            Bilingual(
                vi: "Tệp lạ: trục không dùng; chuyển đi nơi khác.",
                en: "A hub does not use it; move it elsewhere.")
        }
    }
}
