public import HubCore
internal import HubEnvelope
public import HubModel

extension SegmentJournal {
    public func message(_ id: MessageID) async throws(HubError) -> StoredMessage? {
        try await self.query { (projection) throws(HubError) in try projection.message(id) }
    }

    public func message(from sender: SystemID, identity: String) async throws(HubError) -> AcceptedMessage? {
        try await self.query { (projection) throws(HubError) in
            try projection.holder(of: IdentityKey(sender, identity).bytes)
        }
    }

    public func payloads(of ids: [MessageID]) async throws(HubError) -> [Result<[UInt8], HubError>] {
        var payloads = self.recent.payloads(of: ids).map { $0.map { Result<[UInt8], HubError>.success($0) } }
        let missing = payloads.indices.filter { payloads[$0] == nil }
        guard !missing.isEmpty else { return payloads.compactMap(\.self) }
        let wanted = missing.map { ids[$0] }
        // What is there does not change, so the database need not be waited for when it has it.
        var read = try await self.read(wanted)
        if read.contains(where: { $0 == nil }) {
            await self.backlog.settled()
            read = try await self.read(wanted)
        }
        for (index, result) in zip(missing, read) { payloads[index] = result ?? .failure(Projection.notFound(ids[index])) }
        return payloads.compactMap(\.self)
    }

    /// What is wrong with the database is no fault of a message: its payload is whole, and can be had once the database is
    /// made anew.
    private func read(_ ids: [MessageID]) async throws(HubError) -> [Result<[UInt8], HubError>?] {
        do throws(HubError) {
            return try await self.payloads.payloads(of: ids).map { $0?.mapError(\.ofNoMessage) }
        } catch {
            throw error.ofNoMessage
        }
    }

    public func receipt(of id: MessageID) async throws(HubError) -> Receipt {
        let (files, isSigned) = (self.files, self.isSigned)
        return try await self.query { (projection) throws(HubError) in
            let place = try projection.place(of: id)
            guard let block = place.block else { throw Projection.archived(id) }
            var maker = ReceiptMaker(files, isSigned: isSigned)
            do throws(HubError) {
                return try maker.receipt(of: place.sequence, in: block.location, from: block.firstSequence)
            } catch where error.code == .journalDamaged {
                throw files.blame(error, for: place.sequence, at: (block.firstSequence, block.location))
            }
        }
    }

    public func receipts(of id: MessageID) async throws(HubError) -> [Receipt] {
        let (files, isSigned) = (self.files, self.isSigned)
        return try await self.query { (projection) throws(HubError) in
            var maker = ReceiptMaker(files, isSigned: isSigned)
            var receipts: [Receipt] = []
            for place in try projection.records(of: id) {
                do throws(HubError) {
                    receipts.append(try maker.receipt(of: place.sequence, in: place.location, from: place.firstSequence))
                } catch where error.code == .journalDamaged {
                    throw files.blame(error, for: place.sequence, at: (place.firstSequence, place.location))
                }
            }
            return receipts
        }
    }

    public func head() async throws(HubError) -> (number: Int64, digest: Digest)? {
        try await self.query { (projection) throws(HubError) in
            try projection.state().map { ($0.chain.number, $0.chain.digest) }
        }
    }

    public func headers(from first: Int64, through last: Int64) async throws(HubError) -> [[UInt8]] {
        let (files, base) = (self.files, self.base?.chain ?? Chain())
        return try await self.query { (projection) throws(HubError) in
            var headers: [[UInt8]] = []
            for location in try projection.blocks(from: first, through: last, behind: base) {
                let head = try files.index(at: location).head
                headers.append(
                    try files.bytes(head.headerOffset..<head.headerOffset + head.headerLength, of: location))
            }
            return headers
        }
    }

    public func deliveries(
        _ selection: DeliverySelection, after position: DeliveryPosition, limit: Int
    ) async throws(HubError) -> DeliveryPage {
        try await self.query { (projection) throws(HubError) in
            try projection.deliveries(selection, after: position, limit: limit)
        }
    }

    public func holds() async throws(HubError) -> [DestinationID: DeliveryPosition] {
        try await self.query { (projection) throws(HubError) in try projection.holds() }
    }

    public func course(of matter: String) async throws(HubError) -> [CourseStep] {
        try await self.query { (projection) throws(HubError) in try projection.course(of: matter) }
    }

    public func openings(
        before sequence: Int64?, limit: Int
    ) async throws(HubError) -> [(sequence: Int64, message: StoredMessage)] {
        try await self.query { (projection) throws(HubError) in try projection.openings(before: sequence, limit: limit) }
    }

    public func attempts(of id: MessageID) async throws(HubError) -> [DeliveryEvent] {
        try await self.query { (projection) throws(HubError) in try projection.attempts(of: id) }
    }

    public func pending(
        for destination: DestinationID, after position: DeliveryPosition, limit: Int
    ) async throws(HubError) -> [PendingDelivery] {
        try await self.query { (projection) throws(HubError) in
            try projection.pending(for: destination, after: position, limit: limit)
        }
    }

    public func pendingCounts() async throws(HubError) -> [DestinationID: Int] {
        try await self.query { (projection) throws(HubError) in try projection.pendingCounts() }
    }

    public func messages(before id: MessageID?, limit: Int) async throws(HubError) -> [StoredMessage] {
        try await self.query { (projection) throws(HubError) in
            try projection.messages(before: id, limit: limit)
        }
    }

    public func refusals(
        before sequence: Int64?, limit: Int
    ) async throws(HubError) -> [(sequence: Int64, refusal: Refusal)] {
        try await self.query { (projection) throws(HubError) in
            try projection.refusals(before: sequence, limit: limit)
        }
    }

    public func totals() async throws(HubError) -> JournalTotals {
        try await self.query { (projection) throws(HubError) in try projection.totals() }
    }

    func query<Value: Sendable>(
        _ body: @escaping @Sendable (Projection) throws(HubError) -> Value
    ) async throws(HubError) -> Value {
        let projection = self.projection
        await self.backlog.settled()
        return try await self.threads.read { () throws(HubError) in try body(projection) }
    }
}
