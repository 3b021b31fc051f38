internal import Foundation
internal import HubCore
public import HubJSON
public import HubModel
internal import HubStore

/// Keeps the months of a journal, and removes payloads that policy says are not to be kept, for the command line.
public struct JournalDesk: Sendable {
    /// What was done.
    public struct Answer: Sendable {
        /// Whether it could be done; otherwise `lines` say why not.
        public let isDone: Bool
        public let json: JSONValue
        /// For people, Vietnamese first.
        public let lines: [String]
    }

    /// Which payloads are to be removed.
    public struct Removal: Sendable {
        /// Those of messages accepted before this day.
        public var before: CivilDate
        /// Of every type when it is `nil`.
        public var type: MessageType?
        public var reason: String
        public var actor: String

        public init(before: CivilDate, type: MessageType? = nil, reason: String, actor: String) {
            self.before = before
            self.type = type
            self.reason = reason
            self.actor = actor
        }
    }

    public init() {}

    /// Who the system says is at the keyboard.
    public static var user: String { NSUserName() }

    // MARK: Archives

    /// Writes a month of a configured hub's journal into an archive. The hub may be running.
    ///
    /// - Parameter keys: PEM files with further public keys of the hub, for months in which it had others.
    /// - Throws: `journal.damaged`, `envelope.key_unknown`, `configuration.invalid`, `journal.unavailable`.
    public func archive(
        _ month: CivilMonth, of configuration: HubConfiguration, keys: [String], to folder: String
    ) throws(HubError) -> Answer {
        let audit = try EvidenceDesk().audit(of: configuration)
        return try self.archive(month, journal: audit.folder, keys: audit.keys + keys, to: folder)
    }

    /// The same for the folder of a journal.
    public func archive(
        _ month: CivilMonth, journal: String, keys: [String], to folder: String
    ) throws(HubError) -> Answer {
        switch try JournalArchive.write(month, of: journal, to: folder, keys: try EvidenceDesk.keys(keys)) {
        case .written(let report): return Self.answer(report)
        case .noSuchMonth:
            return Self.refusal(
                "no-such-month", "Nhật ký không có tháng \(month)", "The journal has no segment of \(month)")
        case .notOver:
            return Self.refusal(
                "not-over", "Tháng \(month) chưa kết thúc: chưa có đoạn nào sau nó",
                "\(month) is not over: there is no later segment yet")
        }
    }

    private static func answer(_ report: JournalArchive.Report) -> Answer {
        var lines = [
            "Đã lưu / Archived: \(report.path) (\(report.bytes) bytes)",
            "  trục / hub : \(report.hub), \(report.month), \(report.segments) segments, \(report.blocks) blocks, "
                + "\(report.records) records",
            "  khối đầu / first block : \(report.firstBlock), sau / after \(report.previousDigest)",
            "  khối cuối / last block : \(report.lastBlock) \(report.lastDigest)",
        ]
        if report.spooled > 0 { lines.append("  nội dung lớn / large payloads : \(report.spooled)") }
        if report.forgotten > 0 {
            lines.append("  đã xóa theo chính sách / removed by policy : \(report.forgotten)")
        }
        lines.append(
            report.coveredBy.map { "  dấu thời gian phủ hết / covered by the timestamp over block : \($0)" }
                ?? "  chưa có dấu thời gian phủ hết / no timestamp covers all of it yet")
        lines.append("  lgsp evidence audit --archive \(report.path) --trust HUB.pub.pem")
        return Answer(
            isDone: true,
            json: .object([
                "written": .bool(true), "path": .string(report.path), "hub": .string(report.hub),
                "month": .string(report.month.description),
                "first_block": .init(integerLiteral: Int(report.firstBlock)),
                "previous_digest": .string(report.previousDigest.description),
                "last_block": .init(integerLiteral: Int(report.lastBlock)),
                "last_digest": .string(report.lastDigest.description),
                "segments": .init(integerLiteral: report.segments),
                "blocks": .init(integerLiteral: report.blocks),
                "records": .init(integerLiteral: Int(report.records)),
                "spooled": .init(integerLiteral: report.spooled),
                "forgotten": .init(integerLiteral: report.forgotten),
                "timestamps": .init(integerLiteral: report.timestamps),
                "covered_by": report.coveredBy.map { .init(integerLiteral: Int($0)) } ?? .null,
                "bytes": .init(integerLiteral: report.bytes),
            ]),
            lines: lines
        )
    }

    private static func refusal(_ reason: String, _ vi: String, _ en: String) -> Answer {
        Answer(
            isDone: false,
            json: .object(["written": .bool(false), "reason": .string(reason), "detail": .string(en)]),
            lines: ["\(vi) / \(en)"]
        )
    }

    // MARK: Payloads

    /// Removes payloads from the journal of a configured hub, which must be stopped.
    ///
    /// - Throws: `journal.unavailable` while a hub has the journal open, `journal.damaged`, `configuration.invalid`.
    public func forget(_ removal: Removal, of configuration: HubConfiguration) async throws(HubError)
        -> Answer
    {
        let keys = KeyRing(try HubKeys(configuration).load())
        let report = try await SegmentJournal.forget(
            ForgettingPolicy(
                before: removal.before, type: removal.type, actor: removal.actor, reason: removal.reason),
            in: configuration.journal(signedWith: keys, clock: SystemClock())
        )
        return Self.answer(report)
    }

    private static func answer(_ report: ForgettingReport) -> Answer {
        var lines = [
            report.messages == 0
                ? "Không có nội dung nào phải xóa / There is no payload to remove"
                : "Đã xóa nội dung của \(report.messages) thông điệp / Removed the payloads of \(report.messages) messages: "
                    + "\(report.bytes) bytes, \(report.segments) segments, \(report.files) files"
        ]
        if !report.records.isEmpty {
            let records = report.records.map(String.init).joined(separator: ", ")
            lines.append("  ghi trong chuỗi / written to the chain : record \(records)")
        }
        if report.unfinished > 0 {
            lines.append("  chưa chuyển xong, giữ lại / not delivered yet, kept : \(report.unfinished)")
        }
        if report.inOpenSegment > 0 {
            lines.append(
                "  trong đoạn đang ghi, giữ lại / in the segment that grows, kept : \(report.inOpenSegment)")
        }
        return Answer(
            isDone: true,
            json: .object([
                "messages": .init(integerLiteral: report.messages),
                "bytes": .init(integerLiteral: report.bytes),
                "records": .array(report.records.map { .init(integerLiteral: Int($0)) }),
                "segments": .init(integerLiteral: report.segments),
                "files": .init(integerLiteral: report.files),
                "unfinished": .init(integerLiteral: report.unfinished),
                "in_open_segment": .init(integerLiteral: report.inOpenSegment),
            ]),
            lines: lines
        )
    }
}
