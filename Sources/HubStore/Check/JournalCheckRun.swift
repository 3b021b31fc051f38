internal import HubCore
internal import HubEnvelope
internal import HubModel

/// One examination.
struct JournalCheckRun {
    private let terms: JournalCheck.Terms
    private let folder: JournalFolder
    private let base: JournalBase?
    private let baseFault: BlockTrouble?
    private var memory: ProjectionMemory?
    private(set) var check = JournalCheck()

    /// - Throws: `journal.unavailable`.
    init(_ terms: JournalCheck.Terms) throws(HubError) {
        self.terms = terms
        (self.base, self.baseFault) = try JournalBase.examined(in: terms.folder)
        self.folder = JournalFolder(terms.folder, base: self.base)
    }

    mutating func run(_ progress: (Int) -> Void) throws(HubError) {
        // Before the chain is read: what is there now and nothing refers to at the end of it is an orphan.
        let spool = try SpoolListing(self.terms.folder + "/spool")
        let applied = try self.openProjection()
        let (carried, lost) = try JournalBase.carried(by: self.base, in: self.terms.folder)
        var run = AuditRun(
            self.folder, base: self.base, carried: carried, keys: self.terms.keys, hub: self.terms.hub, receipts: [],
            offered: self.terms.announced,
            digestsOf: Set([applied?.number].compactMap(\.self)), memory: self.memory, collectsSpooled: true
        )
        for fault in [self.baseFault, lost] { if let fault { run.note(base: fault) } }
        try run.run(progress)
        self.check.audit = run.audit
        for fault in run.audit.faults { self.take(fault) }
        if run.audit.tornBytes > 0 { try self.noteTornTail() }
        if let applied { self.compare(applied, run) }
        try self.examineProjection()
        try self.lookAround(spool, referenced: run.spooled)
    }

    // MARK: The chain

    private mutating func take(_ fault: JournalAudit.Fault) {
        guard let kind = JournalCheck.Finding.Kind(rawValue: fault.kind.rawValue) else { return }
        var finding = JournalCheck.Finding(kind: kind, file: "segments/" + fault.segment, what: fault.what)
        if let file = fault.file { finding = JournalCheck.Finding(kind: kind, file: file, what: fault.what) }
        finding.offset = fault.file == nil ? fault.offset : nil
        finding.block = fault.block
        finding.record = fault.record
        if let message = fault.message {
            finding.messages = [message]
            finding.messageCount = 1
        } else if fault.record == nil {
            self.name(self.sequences(of: fault), in: &finding)
        }
        self.check.findings.append(finding)
    }

    /// The records that a fault is about, when it is about whole blocks.
    private func sequences(of fault: JournalAudit.Fault) -> Range<Int64>? {
        if let lost = fault.lost { return lost }
        guard fault.kind == .block, let segment = SegmentHeader.number(fileName: fault.segment) else {
            return nil
        }
        return (try? self.memory?.sequences(ofBlockAt: fault.offset, in: segment)).flatMap(\.self)
    }

    /// Names the messages that are hit, if the projection remembers them.
    private func name(_ sequences: Range<Int64>?, in finding: inout JournalCheck.Finding) {
        guard let sequences, let memory = self.memory,
            let hit = try? memory.messages(in: sequences, limit: JournalCheck.Finding.mostMessages)
        else { return }
        (finding.messageCount, finding.messages) = hit
    }

    private mutating func noteTornTail() throws(HubError) {
        guard let last = try self.folder.segments().last else { return }
        let bytes = self.check.audit.tornBytes
        self.note(
            .tornTail, "segments/" + SegmentHeader.fileName(last),
            "\(bytes) bytes behind the last block are no block: a hub is writing them, or a crash cut it off, and nobody was told that they were accepted"
        )
    }

    // MARK: The projection

    private static let projection = "projection.sqlite"

    /// - Returns: The last block that it has.
    private mutating func openProjection() throws(HubError) -> (number: Int64, digest: Digest)? {
        do throws(HubError) {
            self.memory = try ProjectionMemory(folder: self.terms.folder)
            return try self.memory?.last()
        } catch {
            self.noteProjection(error)
            self.memory = nil
            return nil
        }
    }

    /// Whether the block that the projection ends with is in the segments.
    private mutating func compare(_ applied: (number: Int64, digest: Digest), _ run: AuditRun) {
        self.check.appliedBlock = applied.number
        if applied.number > run.audit.lastBlock {
            var finding = JournalCheck.Finding(
                kind: .projectionAhead, file: Self.projection,
                what:
                    "it knows block \(applied.number), and the segments end with block \(run.audit.lastBlock): the end was cut off, or an older copy was put back"
            )
            self.name(run.audit.nextSequence..<Int64.max, in: &finding)
            self.check.findings.append(finding)
        } else if let digest = run.digests[applied.number], digest != applied.digest {
            self.note(
                .projectionAhead, Self.projection,
                "it ends with another block \(applied.number) than the segments have")
        }
    }

    private mutating func examineProjection() throws(HubError) {
        guard let memory = self.memory else {
            if try !Folder.exists(self.terms.folder + "/" + Self.projection) {
                self.note(.projectionMissing, Self.projection, "there is none")
            }
            return
        }
        do throws(HubError) {
            let found = try memory.examine(self.base)
            guard ProjectionSchema.isKnown(found.version) else {
                return self.note(
                    .projectionVersion, Self.projection,
                    "it is of version \(found.version), and this program makes version \(ProjectionSchema.version)"
                )
            }
            for fault in found.faults { self.note(.projectionDamaged, Self.projection, fault) }
            // Of one that is no sound database nothing else is known, and it is made anew anyway.
            guard found.state != nil || found.faults.isEmpty else {
                return self.check.appliedBlock = nil
            }
            self.check.pending = found.pending
            self.check.appliedBlock = found.state?.number ?? -1
            if found.isBeforeBase || found.hasDropped {
                return self.note(
                    .projectionBehind, Self.projection,
                    found.isBeforeBase
                        ? "it ends in months that were dropped, and the next start makes it anew"
                        : "rows of dropped months are still in it, and the next start takes them out")
            }
            let lag = self.check.audit.lastBlock - (found.state?.number ?? -1)
            if lag > 0 {
                self.note(
                    .projectionBehind, Self.projection,
                    "it lacks the last \(lag) blocks, from block \((found.state?.number ?? -1) + 1) on")
            }
            try self.compareRows(memory)
        } catch {
            self.noteProjection(error)
        }
    }

    private mutating func noteProjection(_ error: HubError) {
        let kind =
            error.code == .journalDamaged
            ? JournalCheck.Finding.Kind.projectionDamaged : .projectionUnreadable
        self.note(kind, Self.projection, Self.text(of: error))
    }

    /// Only beside a whole chain: with a block missing, every total would differ and say nothing new.
    private mutating func compareRows(_ memory: ProjectionMemory) throws(HubError) {
        let isPointless = self.check.findings.contains { finding in
            switch finding.kind {
            case .segmentMissing, .format, .block, .base, .projectionAhead, .projectionDamaged: true
            default: false
            }
        }
        guard let scratch = self.terms.scratch, !isPointless else { return }
        for difference in try memory.differences(scratch: scratch) {
            self.note(.projectionDiffers, Self.projection, difference)
        }
        self.check.isCompared = true
    }

    // MARK: Other files

    private mutating func lookAround(_ spool: SpoolListing, referenced: Set<Digest>) throws(HubError) {
        self.check.spooledFiles = spool.payloads.count
        for digest in spool.payloads where !referenced.contains(digest) {
            self.note(.orphan, Spool.name(digest), "no message refers to it")
        }
        for name in spool.unfinished { self.note(.unfinished, name, "it was not finished") }
        for name in spool.strangers { self.note(.stranger, name, "it is no payload") }
        for name in try CarriedMessages.others(than: self.base, in: self.terms.folder) {
            self.note(.unfinished, name, "no base names it, and the next start removes it")
        }
        let folder = self.folder.files
        for number in try DroppedFiles.segments(in: folder.folder, before: folder.first) {
            self.note(
                .unfinished, "segments/" + SegmentHeader.fileName(number),
                "its month was dropped, and the next start removes it")
        }
        for name in try Folder.names(in: self.folder.files.folder)
        where SegmentHeader.number(fileName: name) == nil {
            let file = "segments/" + name
            if name.contains(".torn") {
                self.note(.tornFile, file, "bytes that an earlier crash cut off; never acknowledged")
            } else if name.hasSuffix(".part") {
                self.note(.unfinished, file, "it was not finished")
            } else {
                self.note(.stranger, file, "it is no segment")
            }
        }
    }

    private mutating func note(_ kind: JournalCheck.Finding.Kind, _ file: String, _ what: String) {
        self.check.findings.append(JournalCheck.Finding(kind: kind, file: file, what: what))
    }

    private static func text(of error: HubError) -> String {
        (["\(error.summary)"] + error.details.filter { $0.key != "path" }.map(\.value)).joined(separator: " ")
    }
}
