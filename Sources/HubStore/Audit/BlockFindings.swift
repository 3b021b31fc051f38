internal import HubCore
internal import HubEnvelope
internal import HubModel

/// Something that is wrong with one block.
struct BlockTrouble {
    let kind: JournalAudit.Fault.Kind
    let what: String
    /// The sequence numbers that are not there because blocks before this one are not.
    var lost: Range<Int64>?

    init(_ kind: JournalAudit.Fault.Kind, _ what: String, lost: Range<Int64>? = nil) {
        self.kind = kind
        self.what = what
        self.lost = lost
    }
}

/// What is wrong inside one block, whatever stands before and behind it.
struct BlockFindings {
    /// About the block as a whole.
    private(set) var block: [BlockTrouble] = []
    private(set) var isRootRight = true
    /// About single records, by their place in the block.
    private(set) var records: [(index: Int, trouble: BlockTrouble)] = []
    /// Of all payloads that its records name and that are there.
    private(set) var payloadBytes = 0
    /// The messages whose payload is not there: removed, or lost.
    private(set) var absent: [(index: Int, type: MessageType)] = []
    /// The messages whose payload is there, whatever it is.
    private(set) var present: [Int] = []
    /// The payloads that its messages have in the spool, whether they are there or not.
    private(set) var spooled: [Digest] = []
    private(set) var operations: [(index: Int, operation: HubCore.Operation)] = []

    /// Checks root, signature, records and payloads.
    /// - Throws: `journal.unavailable`, `envelope.crypto_failed`.
    init(_ block: StoredBlock, keys: [Digest: PublicKey], source: any ChainSource) throws(HubError) {
        if let misfit = Chain.rootMisfit(of: block) {
            self.block.append(BlockTrouble(.block, misfit))
            self.isRootRight = false
        }
        if let key = keys[block.index.head.key] {
            if try !key.verifies(block.signature, of: block.headerBytes) {
                self.block.append(BlockTrouble(.signature, "the signature does not belong to it"))
            }
        } else {
            self.block.append(BlockTrouble(.keyUnknown, "another key signed it: \(block.index.head.key)"))
        }
        for index in block.index.records.indices { try self.checkRecord(index, of: block, source) }
    }

    private mutating func checkRecord(
        _ index: Int, of block: StoredBlock, _ source: any ChainSource
    ) throws(HubError) {
        let record: JournalRecord
        do throws(HubError) {
            record = try JournalRecord(bytes: block.record(index))
        } catch {
            return self.records.append((index, BlockTrouble(.block, "the record is unreadable")))
        }
        switch record {
        case .accepted(let message): try self.checkPayload(of: message, index, of: block, source)
        case .operation(let operation): self.operations.append((index, operation))
        case .refused, .delivery, .lookup: break
        }
    }

    private mutating func checkPayload(
        of message: AcceptedMessage, _ index: Int, of block: StoredBlock, _ source: any ChainSource
    ) throws(HubError) {
        if block.isSpooled(.accepted(message), at: index) { self.spooled.append(message.digest) }
        if try block.isAbsent(message, at: index, in: source) { return self.absent.append((index, message.type)) }
        if message.size > 0 { self.present.append(index) }
        let (total, isTooMuch) = self.payloadBytes.addingReportingOverflow(message.size)
        self.payloadBytes = isTooMuch ? .max : total
        let isSame: Bool
        if block.isSpooled(.accepted(message), at: index) {
            guard let file = try source.spooled(message.digest) else { return self.absent.append((index, message.type)) }
            isSame = file.count == message.size ? try file.digest() == message.digest : false
        } else {
            let payload = block.bytes[block.index.payloads[index]]
            isSame = payload.count == message.size && SHA256.hash(payload) == message.digest
        }
        if !isSame { self.records.append((index, BlockTrouble(.payloadChanged, "the payload is another one"))) }
    }
}

extension StoredBlock {
    /// Whether the payload of a message is neither in the block nor in the spool.
    /// - Throws: `journal.unavailable`.
    func isAbsent(
        _ message: AcceptedMessage, at index: Int, in source: any ChainSource
    ) throws(HubError) -> Bool {
        guard message.size > 0 else { return false }
        if self.index.forgotten.contains(index) { return true }
        guard self.index.payloads[index].isEmpty else { return false }
        return try source.spooled(message.digest) == nil
    }
}
