internal import HubCore
public import HubEnvelope
public import HubModel

/// What a check of the whole chain found.
public struct JournalAudit: Sendable, Hashable {
    /// Something that is not as it was written.
    public struct Fault: Sendable, Hashable, CustomStringConvertible {
        /// File name of the segment.
        public let segment: String
        /// Of the block in its segment.
        public let offset: Int
        /// What is wrong, in English.
        public let what: String

        public var description: String { "\(self.segment) at \(self.offset): \(self.what)" }
    }

    public internal(set) var segments = 0
    public internal(set) var blocks = 0
    public internal(set) var records = 0
    public internal(set) var payloadBytes = 0
    /// Digest of the last header that was read: whoever keeps it can later tell that nothing was cut off.
    public internal(set) var lastDigest = Digest.zero
    /// Of the last block that was read; -1 when there is none.
    public internal(set) var lastBlock: Int64 = -1
    /// Bytes behind the last block that are not a block, nor the head of a segment: it is being written now, or a
    /// crash cut it off.
    public internal(set) var tornBytes = 0
    /// In the order of the chain.
    public internal(set) var faults: [Fault] = []
}

/// Reads segments with nothing but the hub's public key; the database is not looked at.
public enum SegmentReader {
    /// Checks everything that can be checked: checksums, numbers, predecessors, roots, signatures, records
    /// and payloads.
    ///
    /// A fault does not end the check; what stands behind it is read as well.
    ///
    /// May run while a hub writes.
    ///
    /// - Parameter folder: The journal's, which holds `segments` and `spool`.
    /// - Throws: `journal.unavailable` if a file cannot be read.
    public static func verify(folder: String, key: PublicKey) throws(HubError) -> JournalAudit {
        var run = AuditRun(folder: folder, key: key)
        try run.run()
        return run.audit
    }
}

private struct AuditRun {
    private let files: SegmentFiles
    private let spool: Spool
    private let key: PublicKey
    private var chain = Chain()
    private var hub: String?
    private(set) var audit = JournalAudit()

    init(folder: String, key: PublicKey) {
        self.files = SegmentFiles(folder: folder + "/segments")
        self.spool = Spool(folder: folder + "/spool", disk: .system)
        self.key = key
    }

    mutating func run() throws(HubError) {
        let numbers = try Folder.names(in: self.files.folder).compactMap {
            SegmentHeader.number(fileName: $0)
        }.sorted()
        for (place, number) in numbers.enumerated() {
            // None is negative, so there is one before every number but 0.
            if place == 0 ? number != 0 : number - 1 != numbers[place - 1] {
                self.note(number, 0, "the segment before this one is missing")
            }
            self.audit.segments += 1
            try self.read(number, isLast: place == numbers.count - 1)
        }
        self.audit.lastDigest = self.chain.digest
        self.audit.lastBlock = self.chain.number
    }

    private mutating func read(_ number: Int, isLast: Bool) throws(HubError) {
        var scan = try SegmentScan(number, in: self.files)
        if try scan.header()?.number != number {
            let start = SegmentHeader.length
            if isLast, try scan.endOfData(after: start) == start {
                // It is being made now, or a crash came while it was.
                self.audit.tornBytes = try scan.endOfData(after: 0)
            } else {
                self.note(number, 0, "the head of the segment is unreadable")
            }
        }
        while true {
            switch try scan.next() {
            case .block(let block):
                try self.check(block)
            case .end:
                return
            case .unsound:
                let offset = scan.offset
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

    private mutating func check(_ block: StoredBlock) throws(HubError) {
        if let misfit = self.chain.misfit(of: block, hub: self.hub) { self.note(block, misfit) }
        self.hub = self.hub ?? block.header.hub
        self.chain = Chain().extended(by: block.header, digest: block.header.digest)
        self.audit.blocks += 1
        if block.index.head.key != self.key.fingerprint {
            self.note(block, "another key signed it: \(block.index.head.key)")
        } else if try !self.key.verifies(block.signature, of: block.headerBytes) {
            self.note(block, "the signature does not belong to it")
        }
        for index in block.index.records.indices {
            self.audit.records += 1
            let record: JournalRecord
            do throws(HubError) {
                record = try JournalRecord(bytes: block.record(index))
            } catch {
                self.note(block, "record \(index) is unreadable")
                continue
            }
            guard case .accepted(let message) = record else { continue }
            let (total, isTooMuch) = self.audit.payloadBytes.addingReportingOverflow(message.size)
            if isTooMuch {
                self.note(block, "record \(index) names a payload that is longer than any")
            } else {
                self.audit.payloadBytes = total
            }
            if block.isSpooled(record, at: index) {
                do throws(HubError) {
                    _ = try self.spool.payload(message.digest)
                } catch  where error.code == .journalDamaged {
                    self.note(block, "the spooled payload of record \(index) is missing or another one")
                }
            } else if SHA256.hash(block.bytes[block.index.payloads[index]]) != message.digest {
                self.note(block, "the payload of record \(index) is another one")
            }
        }
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
