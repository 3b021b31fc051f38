internal import HubCore
internal import HubJSON
public import HubModel
internal import HubStore

extension JournalDesk {
    /// Makes the database of a journal anew from its segments.
    ///
    /// The hub must be stopped.
    ///
    /// - Parameter progress: Told the number of records now and then.
    /// - Throws: `configuration.invalid`, `journal.unavailable` while a hub has the journal open, `journal.damaged`.
    public func rebuild(
        _ place: Place, progress: @escaping @Sendable (Int) -> Void
    ) async throws(HubError) -> Answer {
        let started = ContinuousClock.now
        let report = try await SegmentJournal.rebuild(try Self.unsigned(place)) {
            progress($0.replayedRecords)
        }
        return Self.answer(report, seconds: started.duration(to: .now) / .seconds(1))
    }

    /// A journal to which nothing is written; its name is that of its blocks.
    static func unsigned(_ place: Place) throws(HubError) -> JournalConfiguration {
        var hub = place.hub
        if hub == nil { hub = try JournalCheck.hub(of: place.folder) }
        return JournalConfiguration(folder: place.folder, hub: hub ?? "?", clock: SystemClock()) {
            BlockSigner(key: .zero) { _ throws(HubError) in
                throw HubError(.journalClosed, "This journal was opened without a key.")
            }
        }
    }

    private static func answer(_ report: StartReport, seconds: Double) -> Answer {
        var lines = [
            "Đã dựng lại cơ sở dữ liệu / The database was made anew",
            "  \(report.replayedBlocks) khối / blocks, \(report.replayedRecords) bản ghi / records, "
                + "khối cuối / last block \(report.lastBlock)",
        ]
        lines += report.notes.dropFirst(report.replayedRecords > 0 ? 2 : 1).map { "  · " + $0 }
        var json: JSONObject = [
            "rebuilt": .bool(true), "blocks": .init(integerLiteral: report.replayedBlocks),
            "records": .init(integerLiteral: report.replayedRecords),
            "last_block": .init(integerLiteral: Int(report.lastBlock)),
            "torn_bytes": .init(integerLiteral: report.tornBytes),
            "torn_file": report.tornFile.map { .string($0) } ?? .null,
            "removed_orphans": .init(integerLiteral: report.removedOrphans),
        ]
        EvidenceDesk.add(seconds, Double(report.replayedRecords), to: &json)
        if let text = json["seconds"] {
            lines[1] += ", \(String(decoding: text.serialised(), as: UTF8.self)) s"
        }
        return Answer(isDone: true, json: .object(json), lines: lines)
    }
}
