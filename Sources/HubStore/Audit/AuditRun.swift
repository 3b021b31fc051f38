internal import HubCore
internal import HubEnvelope
internal import HubModel

/// One check of a chain, from its first block, from that which an archive begins with, or from the base.
struct AuditRun {
    let source: any ChainSource
    private let terms: ArchiveChain?
    let base: JournalBase?
    /// Whether a record behind the base says that the months before it were to go.
    private var isDropDecided = false
    /// Those that blocks may be signed with: given, or announced by a block that such a key signed.
    private(set) var trusted: [Digest: PublicKey]
    /// Those that count once they are announced.
    private let offered: [Digest: PublicKey]
    private let memory: ProjectionMemory?
    /// By the number of their block.
    private var receipts: [Int64: [Receipt]] = [:]
    private var chain = Chain()
    private var hub: String?
    /// Blocks whose contents are looked at together, with what is wrong with their place; noted in the order of the chain.
    private var waiting: [(block: StoredBlock, faults: [BlockTrouble])] = []
    private var waitingBytes = 0
    /// The ones before those, being looked at.
    private var running: BlockBatch?
    private var absences = Absences()
    private var removals: [PayloadRemoval]
    private let wanted: Set<Int64>
    /// Of the headers of the blocks that were asked for.
    private(set) var digests: [Int64: Digest] = [:]
    /// The payloads that messages have in the spool, when they are asked for.
    private(set) var spooled: Set<Digest> = []
    private let collectsSpooled: Bool
    let carried: CarriedMessages
    private(set) var audit = JournalAudit()

    /// - Parameters:
    ///   - terms: What an archive says of its blocks; `nil` for a whole journal.
    ///   - base: Where a journal begins; `nil` for its first block.
    ///   - carried: Messages that outlived their month, as far as their file could be read.
    ///   - offered: Keys that count once a record of the chain announces them.
    ///   - removals: Decided in blocks that are not in the archive.
    ///   - wanted: Blocks whose digests are asked for.
    ///   - collectsSpooled: Whether the digests of all payloads in the spool are asked for.
    init(
        _ source: any ChainSource, terms: ArchiveChain? = nil, base: JournalBase? = nil,
        carried: CarriedMessages = CarriedMessages(), keys: [PublicKey], hub: String?,
        receipts: [Receipt], offered: [PublicKey] = [],
        removals: [PayloadRemoval] = [], digestsOf wanted: Set<Int64> = [], memory: ProjectionMemory? = nil,
        collectsSpooled: Bool = false
    ) {
        self.wanted = wanted
        self.collectsSpooled = collectsSpooled
        self.source = source
        self.terms = terms
        self.removals = removals
        self.base = base
        self.carried = carried
        self.chain = terms?.start ?? base?.chain ?? Chain()
        self.audit.dropped = base?.months ?? []
        self.audit.firstBlock = self.chain.number &+ 1
        self.audit.previousDigest = self.chain.digest
        self.trusted = Dictionary(keys.map { ($0.fingerprint, $0) }) { first, _ in first }
        self.offered = Dictionary(offered.map { ($0.fingerprint, $0) }) { first, _ in first }
        self.hub = hub
        self.memory = memory
        for receipt in receipts {
            self.receipts[(try? BlockHeader(bytes: receipt.header))?.number ?? -1, default: []].append(
                receipt)
        }
    }

    mutating func run(_ progress: (Int) -> Void) throws(HubError) {
        var numbers = try self.source.segments()
        if numbers.isEmpty, let base = self.base {
            self.note(.segmentMissing, base.firstSegment, 0, "the segment is missing")
        }
        var place = 0
        while place < numbers.count {
            // Segments that a hub began meanwhile: a payload that it removed before its segment was read here is missed
            // without the decision, which may be in one of them.
            if self.terms == nil, place == numbers.count - 1 {
                numbers += try self.source.segments().filter { [last = numbers[place]] in $0 > last }
            }
            let number = numbers[place]
            defer { place += 1 }
            // None is negative, so there is one before every number but 0.
            if place == 0 ? number != self.terms?.firstSegment ?? self.base?.firstSegment ?? 0 : number - 1 != numbers[place - 1] {
                try self.checkWaiting()
                self.note(.segmentMissing, number, 0, "the segment before this one is missing")
            }
            self.audit.segments += 1
            // What is in an archive is over: nothing of it is being written.
            try self.read(number, isLast: self.terms == nil && place == numbers.count - 1, progress)
        }
        try self.checkWaiting()
        try self.explainAbsences(numbers)
        self.checkTerms()
        self.audit.hub = self.hub ?? ""
        try self.checkBase(isDecided: self.isDropDecided)
        try self.checkCarried()
        self.audit.lastDigest = self.chain.digest
        self.audit.lastBlock = self.chain.number
        self.audit.nextSequence = self.chain.nextSequence
        // What is left named no block that was read.
        for (block, receipts) in self.receipts.sorted(by: { $0.key < $1.key }) {
            let what =
                if let month = self.base?.month(of: block) {
                    "a receipt names block \(block), which is in the archive of \(month.month), \(month.name) "
                        + "(SHA-256 \(month.archive)): give that too"
                } else if block > self.chain.number, self.terms == nil {
                    "a receipt names block \(block), which is not here: the end of the chain was cut off"
                } else {
                    "a receipt names block \(block), which is not here"
                }
            for receipt in receipts { self.note(receipt, what) }
        }
    }

    private mutating func read(_ number: Int, isLast: Bool, _ progress: (Int) -> Void) throws(HubError) {
        var scan = SegmentScan(number, in: try self.source.segment(number))
        if let format = try scan.laterFormat() {
            try self.checkWaiting()
            return self.note(.format, number, 0, "the segment is of another format, \(format)")
        }
        if try scan.header()?.number != number {
            let start = SegmentHeader.length
            if isLast, try scan.endOfData(after: start) == start {
                // It is being made now, or a crash came while it was.
                self.audit.tornBytes = try scan.endOfData(after: 0)
            } else {
                try self.checkWaiting()
                self.note(.block, number, 0, "the head of the segment is unreadable")
            }
        }
        while true {
            switch try scan.next() {
            case .block(let block):
                try self.check(block)
                if self.audit.blocks % 4096 == 0 { progress(self.audit.records) }
            case .end:
                return
            case .unsound:
                let offset = scan.offset
                // A block that someone edited is still the next one, but for its checksum. Behind it others follow; the
                // last one of all is more likely one that a crash cut off.
                let start = scan
                var (whole, rest) = (scan, scan)
                if let block = try whole.takeUnchecked(), block.header.number == self.chain.number &+ 1,
                    block.header.previous == self.chain.digest, isLast ? try rest.resynchronise() : true
                {
                    if isLast, try self.takeWritten(&scan, from: start) { continue }
                    scan = whole
                    try self.check(block, [BlockTrouble(.block, "its checksum is not that of its bytes")])
                    continue
                }
                try self.checkWaiting()
                let next = self.chain.number &+ 1
                guard try scan.resynchronise() else {
                    let torn = try scan.endOfData(after: offset) - offset
                    if isLast {
                        self.audit.tornBytes = torn
                    } else {
                        self.note(.block, number, offset, "the block is unreadable", next)
                    }
                    return
                }
                if isLast, try self.takeWritten(&scan, from: start) { continue }
                self.note(.block, number, offset, "the block is unreadable", next)
            }
        }
    }

    /// Goes on with the block that a hub was writing when the scan came to it.
    ///
    /// Asked when a sound block was found behind it: that one is begun when this one is whole, so a second look is a fair one.
    ///
    /// - Returns: `false` when it is unsound at the second look too; the scan then stays.
    private mutating func takeWritten(_ scan: inout SegmentScan, from start: SegmentScan) throws(HubError) -> Bool {
        var again = start
        guard case .block(let block) = try again.next() else { return false }
        scan = again
        try self.check(block)
        return true
    }

    private mutating func check(_ block: StoredBlock, _ faults: [BlockTrouble] = []) throws(HubError) {
        let before = self.chain
        let misfit = before.misfit(of: block.header, hub: self.hub).map { what in
            let isLater = block.header.number > before.number && block.header.firstSequence > before.nextSequence
            return BlockTrouble(
                .block, what, lost: isLater ? before.nextSequence..<block.header.firstSequence : nil)
        }
        self.hub = self.hub ?? block.header.hub
        self.chain = Chain().extended(by: block.header, digest: block.digest)
        if self.wanted.contains(block.header.number) { self.digests[block.header.number] = self.chain.digest }
        self.audit.blocks += 1
        self.waiting.append((block, faults + [misfit].compactMap(\.self)))
        self.waitingBytes += block.bytes.count
        if self.waiting.count >= BlockBatch.most || self.waitingBytes >= BlockBatch.mostBytes {
            try self.advance()
        }
    }

    /// Has the contents of the blocks that wait looked at while the next ones are read.
    private mutating func advance() throws(HubError) {
        let keys = self.trusted.merging(self.offered) { trusted, _ in trusted }
        let next = self.waiting.isEmpty ? nil : BlockBatch(self.waiting, keys: keys, source: self.source)
        self.waiting = []
        self.waitingBytes = 0
        // Started before the results are waited for, so that no core is idle in between.
        let before = self.running
        self.running = next
        guard let before else { return }
        for (block, faults, found) in before.results() {
            for trouble in faults { self.note(block, trouble) }
            if let found { try self.take(try found.get(), of: block) }
        }
    }

    /// Notes everything about the blocks that were read.
    private mutating func checkWaiting() throws(HubError) {
        try self.advance()
        try self.advance()
    }

    private mutating func take(_ found: BlockFindings, of block: StoredBlock) throws(HubError) {
        for trouble in found.block { self.note(block, trouble) }
        let signer = block.index.head.key
        let isTrusted = self.trusted[signer] != nil
        if !isTrusted, self.offered[signer] != nil {
            self.note(block, BlockTrouble(.keyUnknown, "another key signed it, which no record before it announces: \(signer)"))
        }
        if !found.isRootRight, let changed = try self.changedRecord(of: block) {
            self.note(block, BlockTrouble(.block, "the record is not the one that was written"), at: changed)
        }
        for receipt in self.receipts.removeValue(forKey: block.header.number) ?? [] {
            if receipt.header != block.headerBytes {
                self.note(receipt, "a receipt names another block \(block.header.number)")
            } else if block.index.records.indices.contains(receipt.proof.index),
                block.record(receipt.proof.index) == receipt.record
            {
                self.audit.receipts += 1
            } else {
                self.note(block, BlockTrouble(.receipt, "the record is not the one of a receipt"), at: receipt.proof.index)
            }
        }
        self.audit.records += block.header.count
        for fault in found.records { self.note(block, fault.trouble, at: fault.index) }
        if self.collectsSpooled { self.spooled.formUnion(found.spooled) }
        self.absences.note(absent: found.absent, present: found.present, of: block)
        // Nobody but the hub decides.
        if found.block.isEmpty, isTrusted {
            self.follow(found.operations.map(\.operation))
            self.removals += found.operations.compactMap { index, operation in
                PayloadRemoval(operation, at: block.header.firstSequence &+ Int64(index))
            }
        }
        let (total, isTooMuch) = self.audit.payloadBytes.addingReportingOverflow(found.payloadBytes)
        self.audit.payloadBytes = isTooMuch ? .max : total
    }

    /// Takes up keys that the hub announced with one that is trusted.
    private mutating func follow(_ operations: [HubCore.Operation]) {
        if let base = self.base, !self.isDropDecided {
            self.isDropDecided = operations.contains {
                $0.action == JournalBase.action && $0.subject == base.subject
            }
        }
        for operation in operations where operation.action == KeyAnnouncement.action {
            guard let key = Digest(hex: operation.subject).flatMap({ self.offered[$0] }),
                self.trusted.updateValue(key, forKey: key.fingerprint) == nil
            else { continue }
            self.audit.followed.append(key.fingerprint)
        }
    }

    /// Payloads that are gone although no record in the chain says so, by name.
    private mutating func explainAbsences(_ numbers: [Int]) throws(HubError) {
        let removals = RemovalCover(self.removals)
        guard let first = self.absences.firstSegment, !self.absences.areExplained(by: removals) else {
            return self.audit.forgotten = self.absences.count
        }
        // Some are not explained, or only one by one: rare enough for another look at each.
        var missing: [(block: StoredBlock, index: Int)] = []
        var forgotten = 0
        try self.source.forEachAbsence(in: numbers.filter { $0 >= first }) { block, index, sequence, type in
            if removals.covers(sequence, type) {
                forgotten += 1
            } else {
                missing.append((block, index))
            }
        }
        self.audit.forgotten = forgotten
        for (block, index) in missing { self.note(block, BlockTrouble(.payloadMissing, "the payload is missing"), at: index) }
    }

    /// Whether an archive ends where it says.
    private mutating func checkTerms() {
        guard let terms = self.terms,
            terms.end.number != self.chain.number || terms.end.digest != self.chain.digest
        else {
            return
        }
        self.audit.faults.append(
            JournalAudit.Fault(
                segment: ArchiveChain.name, offset: 0,
                what:
                    "the archive ends with block \(self.chain.number), and says that it ends with another block \(terms.end.number)"
            )
        )
    }

    /// Which record was changed, when the records do not make up the signed root: the first that is not as the projection
    /// remembers it. `nil` when there is no projection, or it fits neither.
    private func changedRecord(of block: StoredBlock) throws(HubError) -> Int? {
        guard let memory,
            let written = try memory.records(from: block.header.firstSequence, count: block.header.count),
            MerkleTree.root(written.map { MerkleTree.leaf($0) }) == block.header.root
        else { return nil }
        return written.indices.first { written[$0] != block.record($0) }
    }

    private mutating func note(_ block: StoredBlock, _ trouble: BlockTrouble, at index: Int) {
        // A receipt may name a record that the block does not have.
        let record =
            block.index.records.indices.contains(index) ? try? JournalRecord(bytes: block.record(index)) : nil
        var file: String?
        if case .accepted(let message)? = record, block.isSpooled(.accepted(message), at: index) {
            file = Spool.name(message.digest)
        }
        self.audit.faults.append(
            JournalAudit.Fault(
                trouble.kind, segment: SegmentHeader.fileName(block.location.segment),
                offset: block.location.offset, record: block.header.firstSequence &+ Int64(index),
                message: record?.message, block: block.header.number, file: file, what: trouble.what
            )
        )
    }

    private mutating func note(_ receipt: Receipt, _ what: String) {
        let first = (try? BlockHeader(bytes: receipt.header))?.firstSequence
        self.audit.faults.append(
            JournalAudit.Fault(
                .receipt, segment: "receipt", offset: 0, record: first.map { $0 &+ Int64(receipt.proof.index) },
                message: (try? JournalRecord(bytes: receipt.record))?.message, what: what
            )
        )
    }

    /// - Parameters:
    ///   - message: That it is about, with its number and the file of its payload.
    mutating func note(base trouble: BlockTrouble, _ message: (id: MessageID, record: Int64, file: String)? = nil) {
        self.audit.faults.append(
            JournalAudit.Fault(
                trouble.kind, segment: JournalBase.name, offset: 0, record: message?.record, message: message?.id,
                file: message?.file ?? JournalBase.name, what: trouble.what)
        )
    }

    /// Payloads of the messages that outlived their month are needed, and counted like others.
    mutating func take(carried digest: Digest, _ count: Int) {
        if self.collectsSpooled { self.spooled.insert(digest) }
        let (total, isTooMuch) = self.audit.payloadBytes.addingReportingOverflow(count)
        self.audit.payloadBytes = isTooMuch ? .max : total
    }

    private mutating func note(_ block: StoredBlock, _ trouble: BlockTrouble) {
        self.audit.faults.append(
            JournalAudit.Fault(
                trouble.kind, segment: SegmentHeader.fileName(block.location.segment),
                offset: block.location.offset, block: block.header.number, lost: trouble.lost, what: trouble.what
            )
        )
    }

    private mutating func note(
        _ kind: JournalAudit.Fault.Kind, _ segment: Int, _ offset: Int, _ what: String, _ block: Int64? = nil
    ) {
        self.audit.faults.append(
            JournalAudit.Fault(
                kind, segment: SegmentHeader.fileName(segment), offset: offset, block: block, what: what)
        )
    }
}
