internal import HubCore
internal import HubEnvelope
internal import HubModel

/// What is wrong inside one block, whatever stands before and behind it.
struct BlockFindings {
    /// About the block as a whole.
    private(set) var block: [String] = []
    private(set) var isRootRight = true
    /// About single records, by their place in the block.
    private(set) var records: [(index: Int, what: String)] = []
    /// Of all payloads that its records name.
    private(set) var payloadBytes = 0

    /// Checks root, signature, records and payloads.
    /// - Throws: `journal.unavailable`, `envelope.crypto_failed`.
    init(_ block: StoredBlock, keys: [Digest: PublicKey], spool: Spool) throws(HubError) {
        if let misfit = Chain.rootMisfit(of: block) {
            self.block.append(misfit)
            self.isRootRight = false
        }
        if let key = keys[block.index.head.key] {
            if try !key.verifies(block.signature, of: block.headerBytes) {
                self.block.append("the signature does not belong to it")
            }
        } else {
            self.block.append("another key signed it: \(block.index.head.key)")
        }
        for index in block.index.records.indices { try self.checkRecord(index, of: block, spool) }
    }

    private mutating func checkRecord(_ index: Int, of block: StoredBlock, _ spool: Spool) throws(HubError) {
        let record: JournalRecord
        do throws(HubError) {
            record = try JournalRecord(bytes: block.record(index))
        } catch {
            return self.records.append((index, "the record is unreadable"))
        }
        guard case .accepted(let message) = record else { return }
        let (total, isTooMuch) = self.payloadBytes.addingReportingOverflow(message.size)
        self.payloadBytes = isTooMuch ? .max : total
        if block.isSpooled(record, at: index) {
            do throws(HubError) {
                if try spool.payload(message.digest).count == message.size { return }
            } catch  where error.code == .journalDamaged {}
            self.records.append((index, "the spooled payload is missing or another one"))
        } else {
            let payload = block.bytes[block.index.payloads[index]]
            guard payload.count != message.size || SHA256.hash(payload) != message.digest else { return }
            self.records.append((index, "the payload is another one"))
        }
    }
}
