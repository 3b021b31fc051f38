internal import HubCore
internal import HubModel

/// The end of the chain of blocks: what the next block must fit to.
///
/// Blocks are numbered with 63 bits and hold a record at least, so the records run out first (`DeliveryPosition.lastSequence`).
struct Chain: Hashable {
    /// Of the last block; -1 before the first.
    var number: Int64 = -1
    /// Of the last block's header.
    var digest = Digest.zero
    /// Of the next record.
    var nextSequence: Int64 = 0

    /// What keeps `block` from being the next one; `nil` when it fits, with a tree that belongs to its records.
    func misfit(of block: StoredBlock, hub: String?) -> String? {
        self.misfit(of: block.header, hub: hub) ?? Self.rootMisfit(of: block)
    }

    /// What keeps a block with this header from being the next one, its records apart.
    func misfit(of header: BlockHeader, hub: String?) -> String? {
        // Everything below adds to these, and whoever writes a block chooses them.
        if header.number < 0 || header.firstSequence < 0 { return "a number of the block is negative" }
        // Deliveries must have a place behind every record.
        if header.firstSequence > DeliveryPosition.lastSequence + 1 - Int64(header.count) {
            return "the sequence numbers run out"
        }
        if header.number != self.number &+ 1 { return "block \(header.number) follows block \(self.number)" }
        if header.previous != self.digest { return "the block does not name its predecessor" }
        if header.firstSequence != self.nextSequence { return "the sequence numbers do not continue" }
        if let hub, header.hub != hub { return "the block belongs to another hub" }
        return nil
    }

    /// What is wrong between the records and the root in the header.
    static func rootMisfit(of block: StoredBlock) -> String? {
        let leaves = block.index.records.map { MerkleTree.leaf(block.bytes[$0]) }
        return MerkleTree.root(leaves) == block.header.root
            ? nil : "the records do not belong to the signed root"
    }

    /// The chain with a block at its end; after the largest numbers it is one that no block fits.
    func extended(by header: BlockHeader, digest: Digest) -> Chain {
        Chain(
            number: header.number, digest: digest, nextSequence: header.firstSequence &+ Int64(header.count)
        )
    }
}
