internal import Dispatch
public import HubCore
public import HubEnvelope
public import HubModel
internal import Synchronization

/// Reads segments with nothing but the hub's public key; the database is not looked at.
public enum SegmentReader {
    /// Checks everything that can be checked: checksums, numbers, predecessors, roots, signatures, records
    /// and payloads.
    ///
    /// A fault does not end the check; what stands behind it is read as well.
    ///
    /// May run while a hub writes.
    ///
    /// - Parameters:
    ///   - folder: The journal's, which holds `segments` and `spool`.
    ///   - keys: The hub's; it may have had several one after the other.
    ///   - hub: The name that its blocks must bear; any, but one, when it is `nil`.
    ///   - receipts: Given out by this hub. Each must fit the chain: one that names a block which is not there shows that
    ///     the end was cut off.
    ///   - memory: The projection, which is asked only which of a block's records was changed.
    ///   - progress: Told the number of records now and then.
    /// - Throws: `journal.unavailable` if a file cannot be read.
    public static func verify(
        folder: String, keys: [PublicKey], hub: String? = nil, receipts: [Receipt] = [],
        memory: ProjectionMemory? = nil, progress: (Int) -> Void = { _ in }
    ) throws(HubError) -> JournalAudit {
        var run = AuditRun(folder: folder, keys: keys, hub: hub, receipts: receipts, memory: memory)
        try run.run(progress)
        return run.audit
    }
}

private struct AuditRun {
    private let files: SegmentFiles
    private let spool: Spool
    private let keys: [Digest: PublicKey]
    private let memory: ProjectionMemory?
    /// By the number of their block.
    private var receipts: [Int64: [Receipt]] = [:]
    private var chain = Chain()
    private var hub: String?
    /// Blocks whose contents are looked at together, with what is wrong with their place; noted in the order of the chain.
    private var waiting: [(block: StoredBlock, faults: [String])] = []
    private(set) var audit = JournalAudit()

    init(folder: String, keys: [PublicKey], hub: String?, receipts: [Receipt], memory: ProjectionMemory?) {
        self.files = SegmentFiles(folder: folder + "/segments")
        self.spool = Spool(folder: folder + "/spool", disk: .system)
        self.keys = Dictionary(keys.map { ($0.fingerprint, $0) }) { first, _ in first }
        self.hub = hub
        self.memory = memory
        for receipt in receipts {
            self.receipts[(try? BlockHeader(bytes: receipt.header))?.number ?? -1, default: []].append(receipt)
        }
    }

    mutating func run(_ progress: (Int) -> Void) throws(HubError) {
        let numbers = try Folder.names(in: self.files.folder).compactMap {
            SegmentHeader.number(fileName: $0)
        }.sorted()
        for (place, number) in numbers.enumerated() {
            // None is negative, so there is one before every number but 0.
            if place == 0 ? number != 0 : number - 1 != numbers[place - 1] {
                try self.checkWaiting()
                self.note(number, 0, "the segment before this one is missing")
            }
            self.audit.segments += 1
            try self.read(number, isLast: place == numbers.count - 1, progress)
        }
        try self.checkWaiting()
        self.audit.lastDigest = self.chain.digest
        self.audit.lastBlock = self.chain.number
        self.audit.hub = self.hub ?? ""
        // What is left named no block that was read.
        for (block, receipts) in self.receipts.sorted(by: { $0.key < $1.key }) {
            let what =
                block > self.chain.number
                ? "a receipt names block \(block), which is not here: the end of the chain was cut off"
                : "a receipt names block \(block), which is not here"
            for receipt in receipts { self.note(receipt, what) }
        }
    }

    private mutating func read(_ number: Int, isLast: Bool, _ progress: (Int) -> Void) throws(HubError) {
        var scan = try SegmentScan(number, in: self.files)
        if try scan.header()?.number != number {
            let start = SegmentHeader.length
            if isLast, try scan.endOfData(after: start) == start {
                // It is being made now, or a crash came while it was.
                self.audit.tornBytes = try scan.endOfData(after: 0)
            } else {
                try self.checkWaiting()
                self.note(number, 0, "the head of the segment is unreadable")
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
                var (whole, rest) = (scan, scan)
                if let block = try whole.takeUnchecked(), block.header.number == self.chain.number &+ 1,
                    block.header.previous == self.chain.digest, isLast ? try rest.resynchronise() : true
                {
                    scan = whole
                    try self.check(block, ["its checksum is not that of its bytes"])
                    continue
                }
                try self.checkWaiting()
                guard try scan.resynchronise() else {
                    let torn = try scan.endOfData(after: offset) - offset
                    if isLast {
                        self.audit.tornBytes = torn
                    } else {
                        self.note(number, offset, "the block is unreadable")
                    }
                    return
                }
                self.note(number, offset, "the block is unreadable")
            }
        }
    }

    private mutating func check(_ block: StoredBlock, _ faults: [String] = []) throws(HubError) {
        let misfit = self.chain.misfit(of: block.header, hub: self.hub)
        self.hub = self.hub ?? block.header.hub
        self.chain = Chain().extended(by: block.header, digest: block.header.digest)
        self.audit.blocks += 1
        self.waiting.append((block, faults + [misfit].compactMap(\.self)))
        if self.waiting.count >= Self.together { try self.checkWaiting() }
    }

    /// Blocks whose contents are looked at together, on every core: enough that none of them waits for long.
    private static let together = 64

    private mutating func checkWaiting() throws(HubError) {
        let (waiting, keys, spool) = (self.waiting, self.keys, self.spool)
        let blocks = waiting.map(\.block)
        self.waiting = []
        let findings = Mutex([Result<BlockFindings, HubError>?](repeating: nil, count: blocks.count))
        DispatchQueue.concurrentPerform(iterations: blocks.count) { index in
            let found = Result { () throws(HubError) in try BlockFindings(blocks[index], keys: keys, spool: spool) }
            findings.withLock { $0[index] = found }
        }
        for ((block, faults), found) in zip(waiting, findings.withLock { $0 }) {
            for what in faults { self.note(block, what) }
            if let found { try self.take(try found.get(), of: block) }
        }
    }

    private mutating func take(_ found: BlockFindings, of block: StoredBlock) throws(HubError) {
        for what in found.block { self.note(block, what) }
        if !found.isRootRight, let changed = try self.changedRecord(of: block) {
            self.note(block, "the record is not the one that was written", at: changed)
        }
        for receipt in self.receipts.removeValue(forKey: block.header.number) ?? [] {
            if receipt.header != block.headerBytes {
                self.note(receipt, "a receipt names another block \(block.header.number)")
            } else if block.index.records.indices.contains(receipt.proof.index),
                block.record(receipt.proof.index) == receipt.record
            {
                self.audit.receipts += 1
            } else {
                self.note(block, "the record is not the one of a receipt", at: receipt.proof.index)
            }
        }
        self.audit.records += block.header.count
        for fault in found.records { self.note(block, fault.what, at: fault.index) }
        let (total, isTooMuch) = self.audit.payloadBytes.addingReportingOverflow(found.payloadBytes)
        self.audit.payloadBytes = isTooMuch ? .max : total
    }

    /// Which record was changed, when the records do not make up the signed root: the first that is not as the projection
    /// remembers it. `nil` when there is no projection, or it fits neither.
    private func changedRecord(of block: StoredBlock) throws(HubError) -> Int? {
        guard let memory, let written = try memory.records(from: block.header.firstSequence, count: block.header.count),
            MerkleTree.root(written.map { MerkleTree.leaf($0) }) == block.header.root
        else { return nil }
        return written.indices.first { written[$0] != block.record($0) }
    }

    private mutating func note(_ block: StoredBlock, _ what: String, at index: Int) {
        self.audit.faults.append(
            JournalAudit.Fault(
                segment: SegmentHeader.fileName(block.location.segment), offset: block.location.offset,
                record: block.header.firstSequence &+ Int64(index),
                message: (try? JournalRecord(bytes: block.record(index)))?.message, what: what
            )
        )
    }

    private mutating func note(_ receipt: Receipt, _ what: String) {
        let first = (try? BlockHeader(bytes: receipt.header))?.firstSequence
        self.audit.faults.append(
            JournalAudit.Fault(
                segment: "receipt", offset: 0, record: first.map { $0 &+ Int64(receipt.proof.index) },
                message: (try? JournalRecord(bytes: receipt.record))?.message, what: what
            )
        )
    }

    private mutating func note(_ block: StoredBlock, _ what: String) {
        self.note(block.location.segment, block.location.offset, what)
    }

    private mutating func note(_ segment: Int, _ offset: Int, _ what: String) {
        self.audit.faults.append(
            JournalAudit.Fault(segment: SegmentHeader.fileName(segment), offset: offset, what: what)
        )
    }
}

extension JournalRecord {
    /// The message that the record is about; `nil` when it is about none.
    var message: MessageID? {
        switch self {
        case .accepted(let message): message.id
        case .delivery(let event): event.delivery.message
        case .lookup(let lookup): lookup.id
        case .refused, .operation: nil
        }
    }
}
