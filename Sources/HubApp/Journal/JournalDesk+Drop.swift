internal import HubCore
internal import HubJSON
public import HubModel
internal import HubStore

extension JournalDesk {
    /// Which month is to be dropped.
    public struct Drop: Sendable {
        public var month: CivilMonth
        /// The file of its archive.
        public var archive: String
        /// PEM files with further public keys of the hub, for months in which it had others.
        public var keys: [String]
        public var reason: String
        public var actor: String

        public init(month: CivilMonth, archive: String, keys: [String] = [], reason: String, actor: String) {
            self.month = month
            self.archive = archive
            self.keys = keys
            self.reason = reason
            self.actor = actor
        }
    }

    /// Drops the first month of a configured hub's journal, which must be stopped.
    ///
    /// For how long repeats must be recognised, `keep-identities` says; without it nothing is dropped.
    ///
    /// - Throws: `journal.unavailable` while a hub has the journal open, `journal.damaged`, `configuration.invalid`,
    ///   `envelope.key_unusable`.
    public func drop(_ drop: Drop, of configuration: HubConfiguration) async throws(HubError) -> Answer {
        let keys = KeyRing(try HubKeys(configuration).load())
        let terms = DropTerms(
            month: drop.month, archive: drop.archive,
            keys: try EvidenceDesk.keys(try HubKeys(configuration).publicFiles() + drop.keys),
            identities: configuration.retention.identities, actor: drop.actor, reason: drop.reason
        )
        let outcome = try await SegmentJournal.drop(
            terms, in: configuration.journal(signedWith: keys, clock: SystemClock()))
        switch outcome {
        case .dropped(let report): return Self.answer(report)
        case .refused(let refusal): return Self.answer(refusal, drop.month)
        }
    }

    private static func answer(_ report: DropReport) -> Answer {
        let month = report.month
        var lines = [
            report.isRepeated
                ? "Tháng \(month.month) đã được loại từ trước / \(month.month) was dropped before"
                : "Đã loại tháng \(month.month) / Dropped \(month.month): \(report.segments) segments, \(report.bytes) bytes, "
                    + "\(report.files) files, \(report.messages) messages",
            "  nhật ký bắt đầu từ khối / the journal begins with block : \(report.firstBlock)",
            "  giữ tệp lưu trữ / keep the archive : \(month.name), SHA-256 \(month.archive)",
        ]
        if report.carried > 0 {
            lines.append("  còn chuyển tiếp, ở lại nhật ký / not ended, stay in the journal : \(report.carried) messages")
        }
        if let record = report.record {
            lines.append("  ghi trong chuỗi / written to the chain : record \(record)")
        }
        return Answer(
            isDone: true,
            json: .object([
                "dropped": .bool(true), "repeated": .bool(report.isRepeated),
                "month": .string(month.month.description),
                "first_block": .init(integerLiteral: Int(report.firstBlock)),
                "archive": .string(month.name), "archive_digest": .string(month.archive.description),
                "record": report.record.map { .init(integerLiteral: Int($0)) } ?? .null,
                "segments": .init(integerLiteral: report.segments),
                "bytes": .init(integerLiteral: report.bytes), "files": .init(integerLiteral: report.files),
                "messages": .init(integerLiteral: report.messages),
                "carried": .init(integerLiteral: report.carried),
            ]),
            lines: lines
        )
    }

    private static func answer(_ refusal: DropRefusal, _ month: CivilMonth) -> Answer {
        let (reason, text) = Self.words(refusal, month)
        var lines = ["\(text.vi) / \(text.en)"]
        var deliveries: [JSONValue] = []
        switch refusal {
        case .unfinished(let count, let first):
            lines += first.map { "  \($0.id)  \($0.destination)" }
            if count > first.count { lines.append("  …") }
            deliveries = first.map {
                .object(["delivery": .string("\($0.id)"), "destination": .string($0.destination)])
            }
        case .notSound(let faults): lines += faults.prefix(20).map { "  ✗ \($0)" }
        case .otherBlocks(let what): lines.append("  ✗ \(what)")
        default: break
        }
        return Answer(
            isDone: false,
            json: .object([
                "dropped": .bool(false), "reason": .string(reason), "detail": .string(text.en),
                "deliveries": .array(deliveries),
            ]),
            lines: lines
        )
    }

    static func words(_ refusal: DropRefusal, _ month: CivilMonth) -> (String, Bilingual) {
        switch refusal {
        case .notFirst(let first):
            let begins = first.map { "\($0)" } ?? "–"
            return (
                "not-first",
                Bilingual(
                    vi: "Nhật ký bắt đầu từ tháng \(begins), không phải \(month); loại lần lượt từ tháng đầu",
                    en: "The journal begins with \(begins), not with \(month); months go one after the other")
            )
        case .notOver:
            return (
                "not-over",
                Bilingual(
                    vi: "Tháng \(month) chưa kết thúc: chưa có khối nào sau nó",
                    en: "\(month) is not over: there is no later block yet")
            )
        case .otherMonth(let other):
            return (
                "other-month",
                Bilingual(vi: "Tệp lưu trữ là của tháng \(other)", en: "The archive is of \(other)")
            )
        case .notSound:
            return (
                "archive-not-sound",
                Bilingual(
                    vi: "Tệp lưu trữ không kiểm tra được; không loại gì cả",
                    en: "The archive does not verify; nothing was dropped")
            )
        case .unavailable(let what):
            return (
                "archive-unavailable",
                Bilingual(
                    vi: "Không đọc hoặc ghi được tệp lưu trữ: \(what). Tháng ở lại nhật ký; thông điệp vẫn được nhận",
                    en: "The archive cannot be read or written: \(what). The month stays; messages are accepted as before")
            )
        case .otherBlocks:
            return (
                "other-blocks",
                Bilingual(
                    vi: "Tệp lưu trữ không chứa đúng các khối sẽ bị loại; lưu trữ lại tháng này",
                    en: "The archive does not hold the blocks that would go; archive the month anew")
            )
        case .inside:
            return (
                "archive-inside",
                Bilingual(
                    vi: "Tệp lưu trữ nằm trong thư mục nhật ký; cất nó ở nơi khác",
                    en: "The archive is in the journal's own folder; keep it elsewhere")
            )
        case .laterTimestamps(let blocks):
            return (
                "later-timestamps",
                Bilingual(
                    vi: "Có \(blocks.count) dấu thời gian đến sau khi lưu trữ; lưu trữ lại tháng này",
                    en: "\(blocks.count) timestamps came after the archive was made; archive the month anew")
            )
        case .identitiesForEver:
            return (
                "identities-kept",
                Bilingual(
                    vi:
                        "Chưa có journal: keep-identities trong hub.yaml, nên bản gửi lặp phải được nhận ra mãi mãi",
                    en: "hub.yaml has no journal: keep-identities, so repeats must be recognised for ever")
            )
        case .identities(let until):
            return (
                "identities-kept",
                Bilingual(
                    vi: "Bản gửi lặp của tháng này còn phải được nhận ra đến \(until) (keep-identities)",
                    en: "Repeats of this month must be recognised until \(until) (keep-identities)")
            )
        case .unfinished(let count, _):
            return (
                "unfinished",
                Bilingual(
                    vi:
                        "\(count) thông điệp chưa chuyển xong không thể ở lại khi tháng bị loại (quá nhiều, hoặc nội dung đã được quyết định xóa); chờ, hoặc kết thúc bằng lgsp delivery expire khi trục chạy",
                    en:
                        "\(count) messages that have not ended cannot outlive the month (they are too many, or their payload was decided to go); wait, or end them with lgsp delivery expire while the hub runs"
                )
            )
        }
    }
}

extension RetentionReport.RefusedMonth {
    /// Whether it stays until somebody does something about its archive, and not only until its messages are done.
    var isFault: Bool {
        switch self.reason {
        case .notOver, .identities, .unfinished: false
        case .unavailable, .notFirst, .otherMonth, .notSound, .otherBlocks, .inside, .laterTimestamps, .identitiesForEver: true
        }
    }

    var words: Bilingual { JournalDesk.words(self.reason, self.month).1 }
}
