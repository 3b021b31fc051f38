import HubModel

extension SuiteReport {
    /// The languages a summary can be written in.
    public enum Language: String, Sendable, CaseIterable {
        case vi
        case en
    }

    /// The report for someone who has messages to look after, not logs: steps, figures, and what needs attention.
    public func summary(_ language: Language) -> String {
        let words = Words(language)
        var lines = [language == .vi ? self.title.vi : self.title.en, ""]
        let width = String(self.steps.count).count
        for (index, step) in self.steps.enumerated() {
            let number = String(repeating: " ", count: width - String(index + 1).count) + String(index + 1)
            let mark = step.passed ? "✓" : "✗"
            let title = language == .vi ? step.title.vi : step.title.en
            lines.append(
                "  \(mark) \(number). \(title) (\(Decimals.text(step.took / .seconds(1), places: 1)) s)")
            lines += step.faults.map { "        " + $0 }
        }
        lines.append("")
        let rows = self.rows(words)
        let labels = rows.map(\.label.count).max() ?? 0
        let values = rows.map(\.value.count).max() ?? 0
        for row in rows {
            let gap = String(repeating: " ", count: labels - row.label.count + 2)
            let indent = String(repeating: " ", count: values - row.value.count)
            lines.append(
                "  \(row.label)\(gap)\(indent)\(row.value)\(row.note.isEmpty ? "" : "  " + row.note)")
        }
        let result = self.reconciliation
        let attention: [(String, [String])] = [
            (words.lost, result.lost), (words.duplicated, result.duplicated),
            (words.outOfOrder, result.outOfOrder),
            (words.pending, result.pending), (words.deadLettered, result.deadLettered),
            (words.disagreements, result.disagreements), (words.ledgerFaults, self.ledgerFaults),
        ]
        for (label, names) in attention where !names.isEmpty {
            lines.append("")
            lines.append("  \(label):")
            lines += names.prefix(20).map { "    - " + $0 }
            if names.count > 20 { lines.append("    … +\(names.count - 20)") }
        }
        lines += ["", "  " + (self.passed ? words.good : words.bad), ""]
        return lines.joined(separator: "\n")
    }

    private func rows(_ words: Words) -> [(label: String, value: String, note: String)] {
        let result = self.reconciliation
        func milliseconds(_ duration: Duration?) -> String {
            duration.map { Decimals.text($0 / .milliseconds(1), places: 0) + " ms" } ?? "–"
        }
        var rows: [(label: String, value: String, note: String)] = [
            (words.submitted, "\(result.submitted)", ""),
            (words.accepted, "\(result.accepted)", ""),
            (words.refused, "\(result.refused.values.reduce(0, +))", ""),
        ]
        for (code, count) in result.refused.sorted(by: { $0.key < $1.key }) {
            rows.append(("  " + code, "\(count)", ""))
        }
        rows += [
            (words.delivered, "\(result.delivered)", ""),
            (words.pending, "\(result.pending.count)", ""),
            (words.deadLettered, "\(result.deadLettered.count)", ""),
            (words.lost, "\(result.lost.count)", ""),
            (
                words.duplicated, "\(result.duplicated.count)",
                result.repeated > 0 ? words.repeated(result.repeated) : ""
            ),
            (words.outOfOrder, "\(result.outOfOrder.count)", ""),
            (words.lookups, "\(self.lookupsAnswered)/\(self.lookupsAsked)", ""),
            (words.median, milliseconds(result.transit(at: 0.5)), ""),
            (words.slowest, milliseconds(result.transit(at: 0.99)), ""),
            (words.wall, Decimals.text(self.wall / .seconds(1), places: 1) + " s", ""),
        ]
        if result.unanswered > 0 { rows.insert((words.unanswered, "\(result.unanswered)", ""), at: 3) }
        return rows
    }
}

/// The words of a summary.
private struct Words {
    let submitted, accepted, refused, unanswered, delivered, pending, deadLettered, lost, duplicated: String
    let outOfOrder, lookups, median, slowest, wall, disagreements, ledgerFaults, good, bad: String
    private let recognised: String

    init(_ language: SuiteReport.Language) {
        let vi = language == .vi
        self.submitted = vi ? "Đã gửi" : "Submitted"
        self.accepted = vi ? "Được tiếp nhận" : "Accepted"
        self.refused = vi ? "Bị từ chối" : "Refused"
        self.unanswered = vi ? "Chưa có trả lời" : "Not answered"
        self.delivered = vi ? "Đã đến nơi nhận" : "Delivered"
        self.pending = vi ? "Đang chờ chuyển" : "Pending"
        self.deadLettered = vi ? "Không chuyển được" : "Dead-lettered"
        self.lost = vi ? "Thất lạc" : "Lost"
        self.duplicated = vi ? "Bị trùng" : "Duplicated"
        self.outOfOrder = vi ? "Sai thứ tự" : "Out of order"
        self.lookups = vi ? "Tra cứu (có kết quả/đã hỏi)" : "Look-ups (answered/asked)"
        self.median = vi ? "Từ lúc gửi đến lúc nhận, trung vị" : "From sender to receiver, median"
        self.slowest = vi ? "Từ lúc gửi đến lúc nhận, 99 %" : "From sender to receiver, 99 %"
        self.wall = vi ? "Thời gian chạy" : "Wall time"
        self.disagreements = vi ? "Các sổ không khớp nhau" : "Ledgers that disagree"
        self.ledgerFaults = vi ? "Sổ không đọc được" : "Ledgers that cannot be read"
        self.good =
            vi
            ? "ĐẠT: mọi bước đúng như mong đợi; sổ của bên gửi, của trục và của bên nhận khớp nhau."
            : "PASSED: every step went as expected; the ledgers of senders, hubs and receivers agree."
        self.bad =
            vi
            ? "KHÔNG ĐẠT: xem các mục đánh dấu ✗ và các danh sách ở trên."
            : "FAILED: see the steps marked ✗ and the lists above."
        self.recognised = vi ? "(%: đến lại, đã được nhận ra)" : "(%: came again and were recognised)"
    }

    func repeated(_ count: Int) -> String {
        self.recognised.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "\(count)")
    }
}
