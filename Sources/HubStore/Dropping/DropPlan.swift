internal import Glibc
internal import HubCore
internal import HubEnvelope
internal import HubModel

/// Finds out whether a month may be dropped: it is the first, it is over, repeats of its messages need not be recognised any
/// more, and an archive that verifies holds the same blocks.
///
/// Changes nothing.
struct DropPlan: Sendable {
    /// The month, as the archive has it.
    let chain: ArchiveChain
    private let archive: Digest
    private let name: String
    /// What the archive was held against.
    let before: JournalBase?

    enum Outcome: Sendable {
        case plan(DropPlan)
        /// It is not there any more, with this very archive.
        case done(DroppedMonth)
        case refused(DropRefusal)
    }

    private static let mostUnfinished = 20

    /// - Throws: `journal.unavailable`, `journal.damaged`.
    static func make(
        _ terms: DropTerms, _ journal: SegmentJournal, hub: String, now: Timestamp
    ) throws(HubError) -> Outcome {
        try Self.check(journal.base, terms, hub: hub)
        // Everything below is about this one open file, whatever takes its name meanwhile.
        let (resolved, file, digest): (String, OpenFile, Digest)
        do throws(HubError) {
            guard try Folder.exists(terms.archive) else { return .refused(.notSound(["there is no such file"])) }
            resolved = try Folder.resolved(terms.archive)
            guard try Folder.kind(resolved) == S_IFREG else { return .refused(.notSound(["it is no plain file"])) }
            file = try OpenFile(resolved, .readPlain)
            digest = try FileExtent(file).digest()
        } catch {
            return .refused(.unavailable(error.diskFault))
        }
        if let month = journal.base?.months.last(where: { $0.month == terms.month && $0.archive == digest }) {
            return .done(month)
        }
        guard let own = try? Folder.resolved(journal.folder), !resolved.hasPrefix(own + "/") else {
            return .refused(.inside)
        }
        let archive: ArchiveFile
        do throws(HubError) {
            archive = try ArchiveFile(file)
        } catch {
            guard error.code == .evidenceInvalid else { throw error }
            return .refused(.notSound([error.detail("fault") ?? "\(error.summary)"]))
        }
        if let refusal = try Self.mismatch(archive, terms, journal) { return .refused(refusal) }
        let audit = try archive.audit(
            keys: terms.keys, hub: hub, receipts: [], timestamps: nil, now: now, progress: { _ in })
        let found = audit.audit
        guard found.faults.isEmpty, found.lastBlock == archive.chain.end.number,
            found.lastDigest == archive.chain.end.digest, found.nextSequence == archive.chain.end.nextSequence
        else { return .refused(.notSound(found.faults.map { "\($0)" })) }
        let plan = DropPlan(
            chain: archive.chain, archive: digest, name: Folder.split(terms.archive)?.name ?? terms.archive,
            before: journal.base
        )
        if let refusal = try plan.needed(terms, journal.projection, now) { return .refused(refusal) }
        if let refusal = try Self.timestamps(archive, audit, journal) { return .refused(refusal) }
        if let fault = Self.fault(of: file, digest, journal.disk) { return .refused(.notSound([fault])) }
        try Self.examine(journal)
        return .plan(plan)
    }

    /// Whether the base of the months before is the hub's: the next one repeats what it says, under the hub's signature.
    /// - Throws: `journal.damaged`.
    private static func check(
        _ base: JournalBase?, _ terms: DropTerms, hub: String
    ) throws(HubError) {
        guard let base else { return }
        try JournalStart.check(base, hub: hub)
        for key in terms.keys {
            if try base.isSigned(by: key) { return }
        }
        throw JournalBase.damage("none of the hub's keys signed it: \(base.key)")
    }

    /// Whether the database is sound: what it says of the month is written to the base, and its rows cannot be counted again.
    /// - Throws: `journal.damaged`, `journal.unavailable`.
    private static func examine(_ journal: SegmentJournal) throws(HubError) {
        guard let fault = try ProjectionMemory(folder: journal.folder)?.examine(journal.base).faults.first
        else {
            return
        }
        throw HubError(
            .journalDamaged,
            "The database of the journal is damaged, so no month is dropped. Rebuild it with lgsp journal rebuild first.",
            details: [ErrorDetail("fault", fault)]
        )
    }

    /// Timestamps of the journal that would be lost with the month.
    private static func timestamps(
        _ archive: ArchiveFile, _ audit: ArchiveAudit, _ journal: SegmentJournal
    ) throws(HubError) -> DropRefusal? {
        let end = archive.chain.end.number
        let shelf = TimestampShelf(journal: journal.folder)
        let stamps = try shelf.blocks()
        var later: [Int64] = []
        for block in stamps {
            guard let token = try archive.timestamp(over: block) else {
                if block <= end { later.append(block) }
                continue
            }
            guard try shelf.token(of: block) == token else {
                return .notSound(["the timestamp over block \(block) is another than the journal has"])
            }
        }
        // The first one behind the month covers all of it, and leads there only while the journal has its blocks.
        if audit.coveredBy == nil, let next = stamps.first(where: { $0 > end }),
            next - end <= EvidenceTimestamp.longest
        {
            later.append(next)
        }
        return later.isEmpty ? nil : .laterTimestamps(later)
    }

    /// Whether a power failure would leave the archive, which may have been copied here a moment ago, as it was verified and
    /// under its name; what is wrong otherwise.
    private static func fault(of archive: OpenFile, _ digest: Digest, _ disk: DiskCalls) -> String? {
        do throws(HubError) {
            try archive.sync(with: disk)
            if let parent = Folder.split(archive.path)?.parent { try Folder.sync(parent, with: disk) }
            guard try FileExtent(archive).digest() == digest else { return "it was changed meanwhile" }
            return try archive.isAt(archive.path) ? nil : "another file has its name now"
        } catch {
            return "it cannot be brought to the disk"
        }
    }

    /// What keeps the archive from being the beginning of the journal, block for block.
    ///
    /// The first block that stays names the last one that goes, and that one every one before: so one digest says that all
    /// of them are the same.
    private static func mismatch(
        _ archive: ArchiveFile, _ terms: DropTerms, _ journal: SegmentJournal
    ) throws(HubError) -> DropRefusal? {
        let files = journal.files
        let chain = archive.chain
        guard chain.month == terms.month else { return .otherMonth(chain.month) }
        let first = try files.numbers().first
        let begins = try first.flatMap { number throws(HubError) in
            try SegmentScan(number, in: files).firstTime().map { CivilMonth($0) }
        }
        guard let first, begins == terms.month else { return .notFirst(begins) }
        let start = journal.base?.chain ?? Chain()
        guard chain.start == start, chain.firstSegment == first else {
            return .otherBlocks(
                "it begins with block \(chain.start.number &+ 1) in segment \(chain.firstSegment), and the journal with block "
                    + "\(start.number + 1) in segment \(first)")
        }
        guard try files.numbers().contains(chain.lastSegment + 1) else { return .notOver }
        var scan = try SegmentScan(chain.lastSegment + 1, in: files)
        guard case .block(let next) = try scan.next() else { return .notOver }
        guard chain.end.misfit(of: next.header, hub: nil) == nil else {
            return .otherBlocks(
                "its last block is \(chain.end.number), \(chain.end.digest), and the first block that would stay names "
                    + "\(next.header.number &- 1), \(next.header.previous)")
        }
        return nil
    }

    /// What the hub still needs of the month.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func needed(
        _ terms: DropTerms, _ projection: Projection, _ now: Timestamp
    ) throws(HubError) -> DropRefusal? {
        let end = self.chain.end.nextSequence
        if let refusal = try self.uncarried(projection.unfinishedMessages(before: end), projection) { return refusal }
        guard let period = terms.identities else { return .identitiesForEver }
        // A time that is still to come is a clock that was wrong, as for `keep-identities`.
        guard let newest = try projection.newest(before: end, notAfter: now),
            case let until = newest.advanced(by: period), until > now
        else { return nil }
        return .identities(until: until)
    }

    /// Which of these messages cannot outlive the month.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func uncarried(_ sequences: Set<Int64>, _ projection: Projection) throws(HubError) -> DropRefusal? {
        let (count, first) = try projection.uncarried(sequences, limit: Self.mostUnfinished)
        return count > 0 ? .unfinished(count, first) : nil
    }

    /// Where the journal is to begin, but for the signature.
    ///
    /// Once nothing of the month can begin anew: what it adds to the totals is counted here.
    ///
    /// - Parameters:
    ///   - carried: The messages that outlive the month.
    ///   - mark: Of their file, when there are any.
    /// - Throws: `journal.unavailable`, `journal.damaged`.
    func base(
        _ projection: Projection, _ carried: CarriedMessages = CarriedMessages(), _ mark: CarriedMessages.Mark? = nil,
        hub: String, now: Timestamp
    ) throws(HubError) -> JournalBase {
        let month = DroppedMonth(
            month: self.chain.month, firstBlock: self.chain.start.number + 1, lastBlock: self.chain.end.number,
            archive: self.archive, name: self.name
        )
        let counters = try projection.droppedCounters(before: self.chain.end.nextSequence, but: carried)
        return JournalBase(
            hub: hub, made: now, chain: self.chain.end, firstSegment: self.chain.lastSegment + 1,
            months: (self.before?.months ?? []) + [month],
            counters: counters.merging(self.before?.counters ?? [:], uniquingKeysWith: +),
            destinations: try projection.baseDestinations(), holds: try projection.baseHolds(), carried: mark
        )
    }
}
