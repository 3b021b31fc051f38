internal import HubCore
internal import HubEnvelope
internal import HubModel
internal import Synchronization

/// Reads payloads for all who ask at a time, so that one look at the database serves many deliveries.
///
/// A question asked alone is answered at once; those that come meanwhile are answered together. Payloads that stand in
/// one block are found with one look at its tables.
final class PayloadDesk: Sendable {
    /// The payload of each message that was asked for; `nil` where the database has no such message.
    typealias Answer = Result<[Result<[UInt8], HubError>?], HubError>

    private struct Question: Sendable {
        let ids: [MessageID]
        let answer: @Sendable (Answer) -> Void
    }

    private struct State {
        var waiting: [Question] = []
        var isReading = false
    }

    private let threads: JournalThreads
    private let projection: Projection
    private let files: SegmentFiles
    private let spool: Spool
    private let state = Mutex(State())

    init(threads: JournalThreads, projection: Projection, files: SegmentFiles, spool: Spool) {
        self.threads = threads
        self.projection = projection
        self.files = files
        self.spool = spool
    }

    /// - Throws: What keeps the journal from answering at all.
    func payloads(of ids: [MessageID]) async throws(HubError) -> [Result<[UInt8], HubError>?] {
        let answer: Answer = await withCheckedContinuation { continuation in
            self.ask(Question(ids: ids) { continuation.resume(returning: $0) })
        }
        return try answer.get()
    }

    private func ask(_ question: Question) {
        let isFirst = self.state.withLock { state in
            state.waiting.append(question)
            defer { state.isReading = true }
            return !state.isReading
        }
        if isFirst { self.goOn() }
    }

    /// Round by round, so that other questions to the database have their turn.
    private func goOn() {
        guard !self.threads.performRead({ self.read() }) else { return }
        // The threads have ended.
        while case let questions = self.take(), !questions.isEmpty {
            for question in questions {
                question.answer(.failure(HubError(.journalClosed, "The journal is closed.")))
            }
        }
    }

    /// What waits; when nothing does, whoever asks next begins anew.
    private func take() -> [Question] {
        self.state.withLock { state in
            defer { state.waiting = [] }
            state.isReading = !state.waiting.isEmpty
            return state.waiting
        }
    }

    private func read() {
        let questions = self.take()
        guard !questions.isEmpty else { return }
        self.answer(questions)
        self.goOn()
    }

    private func answer(_ questions: [Question]) {
        let places: [Projection.Place?]
        do throws(HubError) {
            places = try self.projection.places(of: questions.flatMap(\.ids))
        } catch {
            for question in questions { question.answer(.failure(error)) }
            return
        }
        var finder = PayloadFinder(files: self.files, spool: self.spool, projection: self.projection)
        var next = 0
        for question in questions {
            let own = places[next..<next + question.ids.count]
            next += question.ids.count
            question.answer(
                .success(
                    own.map { place in
                        place.map { place in Result { () throws(HubError) in try finder.payload(at: place) } }
                    }
                )
            )
        }
    }
}

/// Reads payloads where the blocks have them; what stands in one block is found with one look at its tables.
struct PayloadFinder {
    let files: SegmentFiles
    let spool: Spool
    let projection: Projection
    /// With the file in which the tables were read: another one that takes its place has payloads elsewhere.
    private var last: (location: BlockLocation, index: BlockIndex, file: OpenFile?)?

    init(files: SegmentFiles, spool: Spool, projection: Projection) {
        self.files = files
        self.spool = spool
        self.projection = projection
    }

    /// - Throws: `message.payload_forgotten`, `journal.damaged`, `journal.unavailable`.
    mutating func payload(at place: Projection.Place) throws(HubError) -> [UInt8] {
        switch try self.find(place) {
        case .inline(let bytes): return bytes
        case .carried(let digest): return try self.spool.payload(digest)
        case .spooled(let digest):
            return try self.spooled(place) { () throws(HubError) in try self.spool.payload(digest) }
        }
    }

    /// The same, to be read piece by piece if it lies in the spool.
    /// - Throws: As `payload`.
    mutating func largePayload(at place: Projection.Place) throws(HubError) -> SpooledFile? {
        switch try self.find(place) {
        case .inline: return nil
        case .carried(let digest): return try self.spool.largePayload(digest)
        case .spooled(let digest):
            return try self.spooled(place) { () throws(HubError) in try self.spool.largePayload(digest) }
        }
    }

    private enum Found {
        case inline([UInt8])
        case spooled(Digest)
        /// Of a message that outlived its month: no policy removes it before the next one goes.
        case carried(Digest)
    }

    private func spooled<Value>(
        _ place: Projection.Place, _ read: () throws(HubError) -> Value
    ) throws(HubError) -> Value {
        do throws(HubError) {
            return try read()
        } catch {
            // It may have been removed since.
            guard try self.projection.isSpooled(place.sequence) else { throw Self.forgotten(place) }
            throw error
        }
    }

    private mutating func find(_ place: Projection.Place) throws(HubError) -> Found {
        if let block = place.block, block.location.segment >= self.files.first {
            do throws(HubError) {
                return try self.find(place, in: block)
            } catch {
                // Its month may be on its way out since the look at the database.
                guard block.location.segment < self.files.first else {
                    guard error.code == .journalDamaged else { throw error }
                    throw self.files.blame(error, for: place.sequence, at: (block.firstSequence, block.location))
                }
            }
        }
        guard place.message.size > 0 else { return .inline([]) }
        let digest = place.message.digest
        if try !self.projection.isSpooled(place.sequence) {
            guard place.block != nil else {
                throw HubError.projectionDamaged("The projection lacks a block. Stop the hub and rebuild it.")
            }
            // Its month is on its way out, and it goes too, unless it has been brought to the spool before.
            guard try Folder.exists(self.spool.path(digest)) else {
                throw self.files.blame(Projection.archived(place.message.id), for: place.sequence, at: nil)
            }
        }
        return .carried(digest)
    }

    private mutating func find(
        _ place: Projection.Place, in block: Projection.Place.Block
    ) throws(HubError) -> Found {
        let (location, record) = (block.location, block.index)
        let (index, file): (BlockIndex, OpenFile?)
        if let last = self.last, last.location == location {
            (index, file) = (last.index, last.file)
        } else {
            // One that is missing is named when it is read.
            file = try? self.files.file(location.segment)
            index = try self.files.index(at: location, in: file)
            self.last = (location, index, file)
        }
        guard index.payloads.indices.contains(record) else { throw SegmentFiles.damage(location) }
        let range = index.payloads[record]
        if range.isEmpty, place.message.size > 0 {
            // A file that other messages refer to stays, and is none of this one's any more.
            guard !index.forgotten.contains(record), try self.projection.isSpooled(place.sequence) else {
                // A database that points to another block must not make a message one that cannot be delivered.
                let bytes = try self.files.bytes(index.records[record], of: location, in: file)
                guard case .accepted(let message)? = try? JournalRecord(bytes: bytes), message.id == place.message.id else {
                    throw SegmentFiles.damage(location, "record \(record) is of another message")
                }
                throw Self.forgotten(place)
            }
            return .spooled(place.message.digest)
        }
        let bytes = try self.files.bytes(range, of: location, in: file)
        guard SHA256.hash(bytes) == place.message.digest else {
            throw SegmentFiles.damage(location, "the payload of record \(record) is another one")
        }
        return .inline(bytes)
    }

    private static func forgotten(_ place: Projection.Place) -> HubError {
        HubError(
            .messagePayloadForgotten,
            "The payload of this message was removed by policy; its digest and the proof remain.",
            details: [ErrorDetail("message", place.message.id), ErrorDetail("digest", place.message.digest)]
        )
    }
}
