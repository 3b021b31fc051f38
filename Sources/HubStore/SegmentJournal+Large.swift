public import HubCore
internal import HubEnvelope
public import HubModel

/// Payloads that are never held as a whole.
extension SegmentJournal {
    public func reception(of count: Int) async throws(HubError) -> any PayloadReception {
        if let fault = await self.health().fault { throw fault }
        let (spool, room, thread) = (self.spool, self.room, self.threads.spool)
        let number = SecureRandom.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return try await thread.run { () throws(HubError) in
            do throws(HubError) {
                return try spool.reception(number, count: count, room: room, thread: thread)
            } catch {
                throw SpoolReception.noRoom(error)
            }
        }
    }

    public func append(
        _ message: AcceptedMessage, large payload: any LargePayload
    ) async throws(HubError) -> AppendResult {
        try Self.check(.accepted(message), payload.count)
        guard let file = payload as? SpooledFile else {
            throw HubError(.internalFault, "A large payload was given to the journal that another one received.")
        }
        guard file.digest == message.digest else {
            throw HubError(.internalFault, "A message was given to the journal without the payload it names.")
        }
        return try await self.append(message) { spool throws(HubError) in try spool.adopt(file) }
    }

    public func largePayload(of id: MessageID) async throws(HubError) -> any LargePayload {
        let file: SpooledFile?
        do throws(HubError) {
            let place = try await self.query { (projection) throws(HubError) in try projection.place(of: id) }
            let (files, spool, projection) = (self.files, self.spool, self.projection)
            // It is read to its end once, so nobody who asks for small ones or hands something in is to wait for that.
            file = try await self.threads.large.run { () throws(HubError) in
                var finder = PayloadFinder(files: files, spool: spool, projection: projection)
                return try finder.largePayload(at: place)
            }
        } catch {
            throw error.ofNoMessage
        }
        if let file { return file }
        // What stands in its block is small enough to be one piece.
        return MemoryPayload(bytes: try await self.payload(of: id))
    }
}
