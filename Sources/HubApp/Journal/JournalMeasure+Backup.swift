internal import Dispatch
internal import Foundation
internal import HubCore
internal import HubModel
internal import HubStore
internal import Synchronization

/// A backup that is made while many senders go on.
extension JournalMeasure {
    /// Tells how fast the backup was, and what the senders had of it.
    func backUp(
        _ journal: SegmentJournal, _ folder: String, _ tell: @Sendable (Figure) -> Void
    ) async throws(HubError) {
        // Far from the numbers of other messages.
        let first = 1 << 40
        let path = folder + "-backup"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let terms = JournalBackup.Terms(journal: folder, path: path, now: self.clock.now)
        let backup = Backup(terms)
        backup.start()
        let times = Times()
        let start = ContinuousClock.now
        var next = first
        while backup.result == nil {
            let last = next + 10 * self.plan.senders
            try await self.fill(journal, next..<last, to: "mailbox:mau", times)
            next = last
        }
        let took = start.duration(to: .now)
        guard let (report, duration) = try backup.result?.get() else { return }
        let title = Bilingual(vi: "Sao lưu khi đang nhận", en: "A backup while messages come in")
        tell(
            Figure(
                name: "backup.rate", title: title, value: Double(report.bytes) / Double(1 << 20) / (duration / .seconds(1)),
                unit: "MB/s")
        )
        tell(
            Figure(
                name: "backup.append.rate",
                title: Bilingual(vi: "\(self.plan.senders) bên gửi cùng lúc, khi sao lưu", en: "\(self.plan.senders) senders at once, meanwhile"),
                value: Double(next - first) / (took / .seconds(1)), unit: "/s"
            )
        )
        Self.tell(
            times.all, "backup.append", Bilingual(vi: "Mỗi thông điệp khi sao lưu", en: "Each message meanwhile"), tell)
        tell(Self.memory("backup"))
    }

    /// On a thread of its own, since it blocks.
    private final class Backup: Sendable {
        private let terms: JournalBackup.Terms
        private let state = Mutex<Result<(JournalBackup.Report, Duration), HubError>?>(nil)

        init(_ terms: JournalBackup.Terms) {
            self.terms = terms
        }

        /// `nil` while it is made.
        var result: Result<(JournalBackup.Report, Duration), HubError>? { self.state.withLock { $0 } }

        func start() {
            DispatchQueue.global().async {
                let start = ContinuousClock.now
                let result = Result { () throws(HubError) in try JournalBackup.write(self.terms) }
                self.state.withLock { $0 = result.map { ($0, start.duration(to: .now)) } }
            }
        }
    }
}
