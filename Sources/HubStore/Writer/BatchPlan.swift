internal import HubCore
internal import HubEnvelope
internal import HubModel

/// Which records of a batch become leaves of the block, and which repeat earlier ones.
struct BatchPlan {
    /// For each record of the batch, its leaf or the message that it repeats.
    private enum Fate {
        case leaf(Int)
        case repeated(first: MessageID, sameContent: Bool)
        case refused(HubError)
    }

    private var fates: [Fate] = []
    /// Places in the batch, in the order of the block.
    private(set) var leaves: [Int] = []

    /// - Throws: `journal.unavailable`, `journal.damaged`.
    init(_ batch: [Waiter], _ earlierMessages: EarlierMessages, _ closed: JournalWriter.Closed) throws(HubError) {
        let messages = batch.compactMap(\.content.subject)
        let earlier = try earlierMessages.find(messages)
        var identities: [IdentityKey: ProjectionWriter.Subject] = [:]
        var ids: [MessageID: ProjectionWriter.Subject] = [:]
        identities.reserveCapacity(messages.count)
        ids.reserveCapacity(messages.count)
        var next = 0
        self.fates.reserveCapacity(batch.count)
        self.leaves.reserveCapacity(batch.count)
        for (place, waiter) in batch.enumerated() {
            if let message = waiter.content.subject {
                let first = earlier[next] ?? identities[message.identity] ?? ids[message.id]
                next += 1
                if let first {
                    self.fates.append(.repeated(first: first.id, sameContent: first.digest == message.digest))
                    continue
                }
                identities[message.identity] = message
                ids[message.id] = message
            }
            if try Self.isOvertaken(waiter, batch, earlierMessages) {
                self.fates.append(
                    .refused(
                        HubError(
                            .journalOverloaded,
                            "Messages whose payloads were to be removed are delivered again; look at them later."
                        )
                    )
                )
                continue
            }
            if let message = try Self.dropped(waiter, earlierMessages, closed) {
                self.fates.append(.refused(Projection.notFound(message)))
                continue
            }
            self.fates.append(.leaf(self.leaves.count))
            self.leaves.append(place)
        }
    }

    /// Whether a removal of payloads was decided before a delivery that needs one was begun anew.
    ///
    /// Rare, so whatever begins anew in the same batch counts.
    private static func isOvertaken(
        _ waiter: Waiter, _ batch: [Waiter], _ messages: EarlierMessages
    ) throws(HubError) -> Bool {
        guard case .operation(let operation) = waiter.record, let removal = PayloadRemoval(operation, at: .max)
        else { return false }
        let isBegunAnew = batch.contains { other in
            if case .delivery(let event) = other.record { event.kind.beginsAnew } else { false }
        }
        return isBegunAnew ? true : try messages.isUnfinished(removal)
    }

    /// The message of a delivery that is to begin anew, and whose month goes or is gone.
    private static func dropped(
        _ waiter: Waiter, _ messages: EarlierMessages, _ closed: JournalWriter.Closed
    ) throws(HubError) -> MessageID? {
        guard closed.before > 0, case .delivery(let event) = waiter.record, event.kind.beginsAnew else { return nil }
        let message = event.delivery.message
        guard let sequence = try messages.sequence(of: message),
            sequence >= closed.before || closed.sparing.contains(sequence)
        else { return message }
        return nil
    }

    var isEmpty: Bool { self.leaves.isEmpty }

    /// Answers every caller of the batch.
    /// - Parameter block: `nil` when all records were repeats.
    func answer(_ batch: [Waiter], with block: SignedBlock?) {
        for (waiter, fate) in zip(batch, self.fates) {
            switch fate {
            case .refused(let error):
                waiter.answer(.failure(error))
            case .repeated(let first, let sameContent):
                waiter.answer(.success(.repeated(first: first, sameContent: sameContent)))
            case .leaf(let leaf):
                guard let block else { continue }
                waiter.answer(
                    .success(
                        .committed(
                            block.receipt(for: waiter.bytes, leaf),
                            sequence: block.header.firstSequence + Int64(leaf)
                        )
                    )
                )
            }
        }
    }
}

/// The signed header of a block with the proofs of its leaves.
struct SignedBlock {
    let header: BlockHeader
    let bytes: [UInt8]
    let digest: Digest
    let signature: [UInt8]
    private let proofs: [InclusionProof]
    let key: Digest

    /// - Throws: What the signer throws.
    init(_ leaves: [Digest], after chain: Chain, _ configuration: JournalConfiguration) throws(HubError) {
        let tree = MerkleTree.proofs(leaves)
        self.proofs = tree.proofs
        self.header = BlockHeader(
            hub: configuration.hub, number: chain.number + 1, previous: chain.digest, count: leaves.count,
            firstSequence: chain.nextSequence, time: configuration.clock.now, root: tree.root
        )
        self.bytes = self.header.bytes
        self.digest = SHA256.hash(self.bytes)
        let signer = configuration.signer()
        self.signature = try signer.sign(self.bytes)
        self.key = signer.key
    }

    func receipt(for record: [UInt8], _ leaf: Int) -> Receipt {
        Receipt(
            record: record, proof: self.proofs[leaf], header: self.bytes, signature: self.signature,
            key: self.key
        )
    }
}
