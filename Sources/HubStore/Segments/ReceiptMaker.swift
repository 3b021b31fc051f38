internal import HubCore
internal import HubModel

/// Makes receipts anew from the blocks; a block that holds several is read once.
struct ReceiptMaker {
    private let files: SegmentFiles
    private let isSigned: JournalConfiguration.Verifier?
    private var block: (location: BlockLocation, header: [UInt8], signature: [UInt8], key: Digest)?
    private var records: [[UInt8]] = []
    private var proofs: [InclusionProof] = []

    /// - Parameter isSigned: Checks the signature of each block, since nobody may be handed one that proves nothing.
    init(_ files: SegmentFiles, isSigned: JournalConfiguration.Verifier?) {
        self.files = files
        self.isSigned = isSigned
    }

    /// - Parameter first: The sequence number of the block's first record.
    /// - Throws: `journal.damaged`.
    mutating func receipt(
        of sequence: Int64, in location: BlockLocation, from first: Int64
    ) throws(HubError) -> Receipt {
        if self.block?.location != location { try self.read(location, first) }
        let index = Int(sequence - first)
        guard let block = self.block, self.records.indices.contains(index) else {
            throw SegmentFiles.damage(location)
        }
        return Receipt(
            record: self.records[index], proof: self.proofs[index], header: block.header,
            signature: block.signature,
            key: block.key
        )
    }

    private mutating func read(_ location: BlockLocation, _ first: Int64) throws(HubError) {
        let index = try self.files.index(at: location)
        guard let last = index.records.last else { throw SegmentFiles.damage(location) }
        // Everything but the payloads.
        let bytes = try self.files.bytes(0..<last.upperBound, of: location)
        let records = index.records.map { Array(bytes[$0]) }
        let tree = MerkleTree.proofs(records.map { MerkleTree.leaf($0) })
        let end = index.head.headerOffset + index.head.headerLength
        let header = Array(bytes[index.head.headerOffset..<end])
        guard let signed = try? BlockHeader(bytes: header), signed.root == tree.root,
            signed.firstSequence == first
        else {
            throw SegmentFiles.damage(location, "the records do not belong to the signed root")
        }
        let signature = Array(bytes[end..<index.head.recordsOffset])
        guard self.isSigned?(header, signature, index.head.key) ?? true else {
            throw SegmentFiles.damage(location, "the signature is not the hub's")
        }
        self.block = (location, header, signature, index.head.key)
        self.records = records
        self.proofs = tree.proofs
    }
}
