private import Dispatch
internal import HubEnvelope
internal import HubModel
private import Synchronization

/// Blocks whose contents are looked at together, on every core, while their reader goes on.
final class BlockBatch: Sendable {
    /// Enough blocks that no core waits for long.
    static let most = 64
    /// Two batches are in memory at a time.
    static let mostBytes = 16 << 20

    private let blocks: [(block: StoredBlock, faults: [BlockTrouble])]
    private let findings: Mutex<[Result<BlockFindings, HubError>?]>
    private let group = DispatchGroup()

    /// Begins at once.
    /// - Parameter blocks: With what is wrong with their place.
    init(_ blocks: [(block: StoredBlock, faults: [BlockTrouble])], keys: [Digest: PublicKey], source: any ChainSource) {
        self.blocks = blocks
        self.findings = Mutex([Result<BlockFindings, HubError>?](repeating: nil, count: blocks.count))
        DispatchQueue.global().async(group: self.group) {
            DispatchQueue.concurrentPerform(iterations: self.blocks.count) { index in
                let found = Result { () throws(HubError) in
                    try BlockFindings(self.blocks[index].block, keys: keys, source: source)
                }
                self.findings.withLock { $0[index] = found }
            }
        }
    }

    /// What was found, in the order of the blocks; waits until all of them are done.
    func results() -> [(block: StoredBlock, faults: [BlockTrouble], found: Result<BlockFindings, HubError>?)] {
        self.group.wait()
        return zip(self.blocks, self.findings.withLock { $0 }).map { ($0.block, $0.faults, $1) }
    }
}
