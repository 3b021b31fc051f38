internal import Foundation
internal import HubCore
internal import HubEnvelope
internal import HubJSON
public import HubModel
internal import HubStore
internal import Synchronization

/// Measures a journal of its own on a disk: what an acknowledged message costs there, and how fast a hub comes back.
///
/// The journal is the one that a hub uses, with signed blocks; nothing is simulated but the messages.
public struct JournalMeasure: Sendable {
    /// How much is measured.
    public struct Plan: Sendable {
        /// The folder in which a journal is made, and removed at the end.
        public var folder: String
        /// Bytes of a payload.
        public var size = 4096
        /// Messages that are written by many senders at once.
        public var messages = 100_000
        /// Senders at once.
        public var senders = 96
        /// Messages that one sender writes alone, one after the other.
        public var alone = 2000
        /// Deliveries to a destination in this process.
        public var deliveries = 50_000
        /// Deliveries that wait when the hub is started, and are worked off while others arrive; none to leave it out.
        public var pending = 0
        /// Messages a second that arrive meanwhile.
        public var arriving = 500
        /// Seconds, on the clock of the hub, that the receiver is away before that; its time passes faster meanwhile.
        public var away = 0
        /// Whether a backup is made while senders go on; it needs as much room as the journal.
        public var backup = false

        public init(folder: String) {
            self.folder = folder
        }
    }

    /// One figure.
    public struct Figure: Sendable {
        public let name: String
        public let title: Bilingual
        public let value: Double
        public let unit: String
    }

    let plan: Plan
    let clock = QuickClock()
    let key: SigningKey

    /// - Throws: `envelope.key_unusable`.
    public init(_ plan: Plan) throws(HubError) {
        self.plan = plan
        self.key = try SigningKey.generate(.p256)
    }

    /// Measures all of it; each figure is told as soon as it is known.
    ///
    /// - Throws: `configuration.invalid` for a folder with something in it; what the journal throws.
    public func run(_ tell: @Sendable (Figure) -> Void) async throws(HubError) {
        let folder = self.plan.folder + "/lgsp-journal-measure"
        guard !FileManager.default.fileExists(atPath: folder) else {
            throw HubError(
                .configurationInvalid, "There is a journal of an earlier measurement. Remove it.",
                details: [ErrorDetail("path", folder)]
            )
        }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var journal = try await SegmentJournal.open(self.configuration(folder))
        try await self.alone(journal, tell)
        try await self.together(journal, tell)
        await journal.close()
        try await self.starts(folder, tell)
        journal = try await SegmentJournal.open(self.configuration(folder))
        try await self.deliver(journal, tell)
        if self.plan.backup { try await self.backUp(journal, folder, tell) }
        await journal.close()
        if self.plan.pending > 0 { try await self.workOff(folder, tell) }
    }

    func configuration(_ folder: String) -> JournalConfiguration {
        let key = self.key
        return JournalConfiguration(folder: folder, hub: "H00", clock: self.clock) {
            BlockSigner(key: key.publicKey.fingerprint) { bytes throws(HubError) in try key.sign(bytes) }
        }
    }

    // MARK: One message after the other

    /// By turns with what the disk alone takes, since other users of the machine slow down both.
    private func alone(_ journal: SegmentJournal, _ tell: (Figure) -> Void) async throws(HubError) {
        let path = self.plan.folder + "/lgsp-sync-measure"
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else {
            throw HubError(.journalUnavailable, "A file cannot be made there.", details: [ErrorDetail("path", path)])
        }
        defer {
            close(descriptor)
            unlink(path)
        }
        let block = [UInt8](repeating: 0x5A, count: 8192)
        _ = posix_fallocate(descriptor, 0, off_t(self.plan.alone * block.count))
        fdatasync(descriptor)
        var (syncs, appends): ([Duration], [Duration]) = ([], [])
        for turn in stride(from: 0, to: self.plan.alone, by: Self.turn) {
            let numbers = turn..<min(turn + Self.turn, self.plan.alone)
            for number in numbers {
                let start = ContinuousClock.now
                _ = pwrite(descriptor, block, block.count, off_t(number * block.count))
                fdatasync(descriptor)
                syncs.append(start.duration(to: .now))
            }
            for number in numbers {
                let (message, payload) = self.message(number, to: "mailbox:mau")
                let start = ContinuousClock.now
                _ = try await journal.append(.accepted(message), payload: payload)
                appends.append(start.duration(to: .now))
            }
        }
        Self.tell(syncs, "sync", Bilingual(vi: "Ghi 8 KB và fdatasync", en: "Writing 8 KB and fdatasync"), tell)
        Self.tell(
            appends, "append.alone",
            Bilingual(vi: "Một thông điệp đơn lẻ, tới khi được xác nhận", en: "A lone message, until acknowledged"), tell
        )
    }

    private static let turn = 500

    // MARK: Acceptance

    final class Times: Sendable {
        private let times = Mutex<[Duration]>([])
        var all: [Duration] { self.times.withLock { $0 } }
        func add(_ own: [Duration]) { self.times.withLock { $0 += own } }
    }

    private func together(_ journal: SegmentJournal, _ tell: @Sendable (Figure) -> Void) async throws(HubError) {
        let times = Times()
        let start = ContinuousClock.now
        var done = 0
        // In steps of ten, so that what grows with the journal shows.
        while done < self.plan.messages {
            let next = min(self.plan.messages, max(1000, done * 10))
            let (began, cpu) = (ContinuousClock.now, ProcessUsage.cpuSeconds)
            try await self.fill(journal, self.plan.alone + done..<self.plan.alone + next, to: "mailbox:mau", times)
            let rate = Double(next - done) / (began.duration(to: .now) / .seconds(1))
            let cost = (ProcessUsage.cpuSeconds - cpu) / Double(next - done) * 1_000_000
            let title = Bilingual(vi: "Đến thông điệp thứ \(next)", en: "Up to message \(next)")
            tell(Figure(name: "growth.\(next).rate", title: title, value: rate, unit: "/s"))
            tell(Figure(name: "growth.\(next).cpu", title: title, value: cost, unit: "us"))
            done = next
        }
        let took = start.duration(to: .now)
        tell(
            Figure(
                name: "append.rate",
                title: Bilingual(vi: "\(self.plan.senders) bên gửi cùng lúc", en: "\(self.plan.senders) senders at once"),
                value: Double(done) / (took / .seconds(1)), unit: "/s"
            )
        )
        Self.tell(
            times.all, "append.together",
            Bilingual(vi: "Mỗi thông điệp khi nhiều bên cùng gửi", en: "Each message among many"), tell
        )
        tell(Self.memory("append"))
    }

    private final class Numbers: Sendable {
        private let next: Atomic<Int>

        init(from first: Int) {
            self.next = Atomic(first)
        }

        func take() -> Int { self.next.add(1, ordering: .relaxed).oldValue }
    }

    /// Appends messages, each sender taking the next number when it has its answer.
    func fill(
        _ journal: SegmentJournal, _ numbers: Range<Int>, to destination: String, _ times: Times? = nil
    ) async throws(HubError) {
        let next = Numbers(from: numbers.lowerBound)
        // A million figures say as much as ten.
        let stride = max(1, self.plan.messages / 1_000_000)
        let fault = await withTaskGroup(of: HubError?.self) { group in
            for _ in 0..<self.plan.senders {
                group.addTask {
                    var own: [Duration] = []
                    while case let number = next.take(), number < numbers.upperBound {
                        let (message, payload) = self.message(number, to: destination)
                        let start = ContinuousClock.now
                        do throws(HubError) {
                            _ = try await journal.append(.accepted(message), payload: payload)
                        } catch {
                            return error
                        }
                        if times != nil, number % stride == 0 { own.append(start.duration(to: .now)) }
                    }
                    times?.add(own)
                    return nil
                }
            }
            return await group.reduce(nil) { $0 ?? $1 }
        }
        if let fault { throw fault }
    }

    // MARK: Starts

    private func starts(_ folder: String, _ tell: @Sendable (Figure) -> Void) async throws(HubError) {
        let records = Double(self.plan.alone + self.plan.messages)
        let (message, payload) = self.message(0, to: "mailbox:mau")
        let bytes = records * Double(JournalRecord.accepted(message).bytes.count + payload.count)
        let configuration = self.configuration(folder)
        var took = try await Self.timed { () async throws(HubError) in
            let journal = try await SegmentJournal.open(configuration)
            await journal.close()
        }
        tell(Figure(name: "start", title: Bilingual(vi: "Khởi động", en: "A start"), value: took / .milliseconds(1), unit: "ms"))
        // The database is lost: everything behind its beginning is a tail.
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: folder + "/projection.sqlite" + suffix) }
        took = try await Self.timed { () async throws(HubError) in
            let journal = try await SegmentJournal.open(configuration)
            await journal.close()
        }
        let title = Bilingual(vi: "Dựng lại cơ sở dữ liệu từ các đoạn", en: "Making the database anew from the segments")
        tell(Figure(name: "rebuild.rate", title: title, value: records / (took / .seconds(1)), unit: "records/s"))
        tell(
            Figure(
                name: "rebuild.gigabyte", title: Bilingual(vi: "Thời gian cho 1 GB", en: "The time for 1 GB of it"),
                value: took / .seconds(1) * Double(1 << 30) / bytes, unit: "s"
            )
        )
    }

    // MARK: Helpers

    static func timed(_ body: () async throws(HubError) -> Void) async throws(HubError) -> Duration {
        let start = ContinuousClock.now
        try await body()
        return start.duration(to: .now)
    }

    func message(_ number: Int, to destination: String) -> (AcceptedMessage, [UInt8]) {
        var payload = [UInt8](repeating: UInt8(ascii: "x"), count: self.plan.size)
        for byte in 0..<min(8, payload.count) { payload[byte] = UInt8(truncatingIfNeeded: number >> (8 * byte)) }
        let message = AcceptedMessage(
            id: MessageID(at: self.clock.now, random: (UInt64(number), UInt64.random(in: .min ... .max))),
            receivedAt: self.clock.now, sender: .national, agency: "H00", type: .edocDocument, identity: "văn bản \(number)",
            digest: SHA256.hash(payload), size: payload.count, contentType: "application/xml", orderKey: "văn bản \(number)",
            priority: 0, correlation: "", signature: SignatureNote(verdict: "valid", algorithm: "ES256"), warnings: [],
            deliveries: [PlannedDelivery(destination: DestinationID(unchecked: destination), recipient: "H00", type: .edocDocument)]
        )
        return (message, payload)
    }

    static func tell(_ times: [Duration], _ name: String, _ title: Bilingual, _ tell: (Figure) -> Void) {
        let sorted = times.sorted()
        guard let last = sorted.last else { return }
        func quantile(_ part: Double) -> Double { sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))] / .milliseconds(1) }
        for (label, value) in [("p50", quantile(0.5)), ("p99", quantile(0.99)), ("p99.9", quantile(0.999)), ("max", last / .milliseconds(1))] {
            tell(Figure(name: "\(name).\(label)", title: title, value: value, unit: "ms"))
        }
    }

    static func memory(_ phase: String) -> Figure {
        Figure(
            name: "memory.\(phase)", title: Bilingual(vi: "Bộ nhớ thường trú", en: "Resident memory"),
            value: Double(ProcessUsage.residentBytes) / Double(1 << 20), unit: "MB"
        )
    }
}
