internal import Glibc
internal import HubCore
public import HubEnvelope
public import HubModel

/// Writes a month of the journal into one file that verifies alone; `docs/journal-format.md` describes it.
public enum JournalArchive {
    /// What came of it.
    public enum Outcome: Sendable, Hashable {
        case written(Report)
        /// There is no segment of this month.
        case noSuchMonth
        /// No later segment exists yet, so more may come.
        case notOver
    }

    /// What an archive holds.
    public struct Report: Sendable, Hashable {
        public let path: String
        public let hub: String
        public let month: CivilMonth
        public let firstBlock: Int64
        /// Digest of the header before the first block; the archive before ends with it.
        public let previousDigest: Digest
        public let lastBlock: Int64
        public let lastDigest: Digest
        public let segments: Int
        public let blocks: Int
        public let records: Int64
        /// Files of large payloads.
        public let spooled: Int
        /// Messages whose payload was removed by policy.
        public let forgotten: Int
        public let timestamps: Int
        /// The block at or behind the last one with a timestamp that covers all of it; `nil` when there is none yet.
        public let coveredBy: Int64?
        public let bytes: Int
    }

    static let folder = "archive/"

    /// Writes `HUB-YYYY-MM.tar` into a folder. The same month makes the same bytes, but for timestamps that came later.
    ///
    /// Reads closed segments only, so a hub may be running. Nothing is left behind when it fails.
    ///
    /// - Parameters:
    ///   - journal: The folder of the journal.
    ///   - folder: Where the archive goes; made when it is absent.
    ///   - keys: Public keys of the hub; those that signed blocks of the month go with it.
    /// - Throws: `journal.damaged` for a month that is not sound, `envelope.key_unknown` when a block was signed with
    ///   another key, `configuration.invalid` when the file exists, `journal.unavailable`.
    public static func write(
        _ month: CivilMonth, of journal: String, to folder: String, keys: [PublicKey]
    ) throws(HubError) -> Outcome {
        let source = JournalFolder(journal, base: try JournalBase.load(in: journal))
        guard try Folder.exists(source.files.folder) else {
            throw HubError(
                .configurationInvalid, "There is no journal in this folder.",
                details: [ErrorDetail("path", journal)])
        }
        guard let (numbers, isOver) = try ArchivePlan.segments(of: month, in: source.files) else {
            return .noSuchMonth
        }
        guard isOver else { return .notOver }
        let plan = try ArchivePlan(month, numbers, of: source)
        let path = folder + "/" + Self.fileName(hub: plan.hub, plan.chain.month)
        guard try Folder.kind(path) == nil else {
            throw HubError(
                .configurationInvalid, "The archive exists already; it is never replaced.",
                details: [ErrorDetail("path", path)]
            )
        }
        let run = try ArchiveRun(plan, journal, source, keys)
        try Folder.make(folder, with: .system)
        // Of its own, since several hubs may have one folder.
        let partial = path + ".part-" + Hex.text(SecureRandom.bytes(8))
        try Self.removeLeftovers(path + ".part-")
        do throws(HubError) {
            let report = try run.write(to: partial, as: path)
            try Folder.name(partial, path)
            try Folder.sync(folder, with: .system)
            return .written(report)
        } catch {
            try? Folder.remove(partial)
            throw error
        }
    }

    /// Removes what was begun more than a day ago, by a process that did not end it.
    private static func removeLeftovers(_ prefix: String) throws(HubError) {
        guard let (folder, name) = Folder.split(prefix), try Folder.exists(folder) else { return }
        for left in try Folder.names(in: folder) where left.hasPrefix(name) {
            let path = folder + "/" + left
            guard try Folder.kind(path) == S_IFREG, try Folder.age(path) > .seconds(86_400) else { continue }
            try Folder.remove(path)
        }
    }

    static func fileName(hub: String, _ month: CivilMonth) -> String {
        let hub = hub.unicodeScalars.map { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == ".")
                ? Character(scalar) : "-"
        }
        return "\(String(hub).prefix(bytes: 64))-\(month).tar"
    }
}

private struct ArchiveRun {
    private let plan: ArchivePlan
    private let source: JournalFolder
    private let shelf: TimestampShelf
    private let keys: [PublicKey]
    private let removals: [Receipt]

    /// - Throws: `envelope.key_unknown`, `journal.damaged` when payloads are missing that nobody removed.
    init(_ plan: ArchivePlan, _ journal: String, _ source: JournalFolder, _ keys: [PublicKey])
        throws(HubError)
    {
        self.plan = plan
        self.source = source
        self.shelf = TimestampShelf(journal: journal)
        var removals: [Receipt] = []
        if plan.absences.count > 0 {
            let later = try Self.removals(behind: plan, journal, source.files)
            try Self.check(plan, source, RemovalCover(plan.removals + later.map(\.removal)))
            removals = later.map(\.receipt)
        }
        self.removals = removals
        let wanted = plan.keys.union(removals.map(\.key))
        self.keys = keys.filter { wanted.contains($0.fingerprint) }
            .sorted { $0.fingerprint.description < $1.fingerprint.description }
        let known = Set(self.keys.map(\.fingerprint))
        if let unknown = wanted.subtracting(known).map(\.description).min() {
            throw HubError(
                .envelopeKeyUnknown, "A block of this month was signed with a key that was not given.",
                details: [ErrorDetail("key", unknown)]
            )
        }
    }

    /// A month from which something was lost is not kept as if it were whole.
    private static func check(
        _ plan: ArchivePlan, _ source: JournalFolder, _ removals: RemovalCover
    ) throws(HubError) {
        guard !plan.absences.areExplained(by: removals) else { return }
        try source.forEachAbsence(in: plan.segments.map(\.number)) { block, index, sequence, type throws(HubError) in
            guard !removals.covers(sequence, type) else { return }
            throw SegmentFiles.damage(block.location, "the payload of record \(index) is missing")
        }
    }

    /// The records behind the month that removed payloads of it.
    private static func removals(
        behind plan: ArchivePlan, _ journal: String, _ files: SegmentFiles
    ) throws(HubError) -> [(removal: PayloadRemoval, receipt: Receipt)] {
        guard let memory = try ProjectionMemory(folder: journal) else {
            throw HubError(
                .journalUnavailable,
                "Payloads of this month were removed, and the database that knows where this is recorded is missing. Start the hub once."
            )
        }
        let month = plan.chain.start.nextSequence..<plan.chain.end.nextSequence
        var maker = ReceiptMaker(files, isSigned: nil)
        var found: [(PayloadRemoval, Receipt)] = []
        for (recorded, first, location) in try memory.removals()
        where recorded.sequence >= month.upperBound
            && recorded.removal.sequences.contains(where: { month.overlaps($0) })
        {
            found.append(
                (recorded.removal, try maker.receipt(of: recorded.sequence, in: location, from: first)))
        }
        return found
    }

    func write(to partial: String, as path: String) throws(HubError) -> JournalArchive.Report {
        let chain = self.plan.chain
        var tar = try TarFileWriter(
            partial, folder: JournalArchive.folder, time: self.plan.last.time, disk: .system)
        try tar.add(ArchiveChain.name, chain.bytes)
        try tar.add("README.txt", Array(self.readme.utf8))
        for key in self.keys { try tar.add("keys/\(key.fingerprint).pem", key.pem) }
        for (number, receipt) in zip(1..., self.removals) {
            for file in ReceiptFiles.write(receipt, to: "removals/\(number)/", keys: self.keys) {
                try tar.add(file.name, file.bytes)
            }
        }
        let stamped = try self.addTimestamps(to: &tar)
        for (number, count) in self.plan.segments {
            try tar.add(
                "segments/" + SegmentHeader.fileName(number), try self.source.segment(number), count: count)
        }
        for digest in self.plan.spooled {
            guard let payload = try self.source.spooled(digest) else {
                throw HubError(
                    .journalDamaged, "A spooled payload was removed while the archive was written.",
                    details: [ErrorDetail("digest", digest)]
                )
            }
            try tar.add(Spool.name(digest), payload, count: payload.count)
        }
        try tar.finish()
        return JournalArchive.Report(
            path: path, hub: self.plan.hub, month: chain.month, firstBlock: chain.start.number + 1,
            previousDigest: chain.start.digest, lastBlock: chain.end.number, lastDigest: chain.end.digest,
            segments: self.plan.segments.count, blocks: self.plan.blocks,
            records: chain.end.nextSequence - chain.start.nextSequence, spooled: self.plan.spooled.count,
            forgotten: self.plan.absences.count, timestamps: stamped.count, coveredBy: stamped.coveredBy,
            bytes: tar.count
        )
    }

    /// The timestamps over the month's blocks, and the first one behind them with the headers that lead there.
    private func addTimestamps(to tar: inout TarFileWriter) throws(HubError) -> (
        count: Int, coveredBy: Int64?
    ) {
        let chain = self.plan.chain
        var stamped = try self.shelf.blocks().filter {
            (chain.start.number + 1...chain.end.number).contains($0)
        }
        var coveredBy = stamped.last == chain.end.number ? stamped.last : nil
        if coveredBy == nil, let next = try self.shelf.blocks().first(where: { $0 > chain.end.number }) {
            let headers = try self.plan.headers(through: next)
            for (number, header) in zip(chain.end.number..., headers) {
                try tar.add("headers/" + TimestampShelf.digits(number), header)
            }
            if !headers.isEmpty {
                stamped.append(next)
                coveredBy = next
            }
        }
        for number in stamped {
            try tar.add("timestamps/" + TimestampShelf.name(number), try self.shelf.token(of: number))
        }
        return (stamped.count, coveredBy)
    }

    private var readme: String {
        let chain = self.plan.chain
        let removed =
            self.plan.absences.count == 0
            ? ""
            : """

              Nội dung của \(self.plan.absences.count) thông điệp đã được xóa theo chính sách lưu giữ; mã băm và bằng chứng vẫn còn.
              The payloads of \(self.plan.absences.count) messages were removed by policy; their digests and the proof remain.

            """
        return """
            Nhật ký một tháng của trục LGSP.
            One month of the journal of an LGSP hub: \(chain.month), blocks \(chain.start.number + 1) to \(chain.end.number).

              chain          khối đầu, khối cuối, mã băm của khối trước đó / first and last block, digest of the block before
              segments/      các khối, đúng từng byte / the blocks, byte for byte (docs/journal-format.md)
              spool/         các nội dung lớn mà khối nhắc tới / the large payloads that the blocks refer to
              timestamps/    dấu thời gian RFC 3161, tên là số của khối / timestamps, named by the number of their block
              headers/       phần đầu các khối sau tháng, dẫn tới khối được đóng dấu / headers behind the month that lead to the stamped block
              removals/      các bản ghi đã cho xóa nội dung, nếu có / the records that removed payloads, if there are any
              keys/          khóa công khai của trục / the hub's public keys
              SHA256SUMS     sha256sum -c SHA256SUMS
            \(removed)
            Kiểm tra / to check it:  lgsp evidence audit --archive FILE --trust HUB.pem
            Phải có khóa của trục từ một nguồn khác, không lấy trong tệp này.
            Get the hub's key from elsewhere, not from this file.

            """
    }
}
