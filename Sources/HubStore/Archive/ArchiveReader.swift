public import HubCore
public import HubEnvelope
public import HubModel

/// What a check of an archive found.
public struct ArchiveAudit: Sendable, Hashable {
    public let path: String
    public let month: CivilMonth
    /// As for a journal; `firstBlock` and `previousDigest` say where it goes on from.
    public internal(set) var audit: JournalAudit
    /// Timestamps in the archive.
    public internal(set) var timestamps = 0
    /// The block at or behind the last one whose timestamp covers the whole archive; `nil` when there is none.
    public internal(set) var coveredBy: Int64?
    /// What that timestamp says, when authorities were given that it could be checked with.
    public internal(set) var covering: String?
}

/// Reads archives of the journal with nothing but the hub's public key.
public enum ArchiveReader {
    /// Checks each archive as `SegmentReader` checks a journal, from the block that it begins with, and whether each goes on
    /// where the one before ends.
    ///
    /// - Parameters:
    ///   - paths: In any order; they are sorted by their blocks.
    ///   - keys: The hub's, from elsewhere than the archives.
    ///   - hub: The name that the blocks must bear; any, but one, when it is `nil`.
    ///   - receipts: Each must be found in one of the archives.
    ///   - timestamps: The authorities whose timestamps are believed; `nil` to leave timestamps aside.
    ///   - now: A timestamp of a later time is refused.
    ///   - progress: Told the number of records now and then.
    /// - Throws: `evidence.invalid` for a file that is not laid out as an archive, `journal.unavailable`.
    public static func verify(
        _ paths: [String], keys: [PublicKey], hub: String? = nil, receipts: [Receipt] = [],
        timestamps: TrustStore? = nil, now: Timestamp = Timestamp(nanoseconds: .max),
        progress: (Int) -> Void = { _ in }
    ) throws(HubError) -> [ArchiveAudit] {
        var archives: [ArchiveFile] = []
        for path in paths {
            do throws(HubError) {
                archives.append(try ArchiveFile(path))
            } catch {
                throw error.adding(ErrorDetail("path", path))
            }
        }
        archives.sort { $0.chain.start.number < $1.chain.start.number }
        var (hub, left, keys) = (hub, receipts, keys)
        var audits: [ArchiveAudit] = []
        for (place, archive) in archives.enumerated() {
            let isLast = place == archives.count - 1
            let mine = left.filter { isLast || archive.holds($0) }
            left.removeAll { archive.holds($0) }
            var audit = try archive.audit(
                keys: keys, hub: hub, receipts: mine, timestamps: timestamps, now: now, progress: progress)
            if let before = audits.last?.audit, let gap = Self.gap(from: before, to: audit.audit) {
                audit.audit.faults.insert(
                    JournalAudit.Fault(segment: ArchiveChain.name, offset: 0, what: gap), at: 0)
            }
            // A key that one month announces is good for the next.
            keys += try archive.keys().filter { audit.audit.followed.contains($0.fingerprint) }
            if !audit.audit.hub.isEmpty { hub = hub ?? audit.audit.hub }
            audits.append(audit)
        }
        return audits
    }

    /// What keeps one archive from going on where the one before ends.
    private static func gap(from before: JournalAudit, to next: JournalAudit) -> String? {
        if next.firstBlock != before.lastBlock &+ 1 {
            return
                "it begins with block \(next.firstBlock), and the archive before it ends with block \(before.lastBlock)"
        }
        return next.previousDigest == before.lastDigest
            ? nil : "its first block does not name the last block of the archive before it"
    }
}

/// An opened archive; nothing in it is believed yet.
struct ArchiveFile: ChainSource {
    private let path: String
    private let files: [String: FileExtent]
    let chain: ArchiveChain

    /// The largest of the files that are read whole.
    private static let longest = 1 << 20

    /// - Throws: `evidence.invalid`, `journal.unavailable`.
    init(_ path: String) throws(HubError) {
        try self.init(try OpenFile(path, .read))
    }

    /// Of a file that is open, so that what is done with it beside is done with the very same one.
    /// - Throws: `evidence.invalid`, `journal.unavailable`.
    init(_ file: OpenFile) throws(HubError) {
        self.path = file.path
        self.files = try TarFileReader(file, folder: JournalArchive.folder).files
        guard let file = self.files[ArchiveChain.name],
            let chain = ArchiveChain(try file.read(Self.longest, at: 0))
        else { throw TarArchive.fault("it does not say which blocks it holds") }
        self.chain = chain
    }

    func segments() -> [Int] {
        self.names(in: "segments/").compactMap { SegmentHeader.number(fileName: $0) }.sorted()
    }

    func segment(_ number: Int) throws(HubError) -> FileExtent {
        guard let file = self.files["segments/" + SegmentHeader.fileName(number)] else {
            throw TarArchive.fault("a segment is missing")
        }
        return file
    }

    func spooled(_ digest: Digest) -> FileExtent? { self.files[Spool.name(digest)] }

    /// The timestamp over a block; `nil` when there is none.
    /// - Throws: `journal.unavailable`.
    func timestamp(over block: Int64) throws(HubError) -> [UInt8]? {
        try self.files["timestamps/" + TimestampShelf.name(block)]?.read(Self.longest, at: 0)
    }

    func holds(_ receipt: Receipt) -> Bool {
        guard let block = try? BlockHeader(bytes: receipt.header).number else { return false }
        return block > self.chain.start.number && block <= self.chain.end.number
    }

    /// - Throws: `evidence.invalid`, `journal.unavailable`.
    func audit(
        keys: [PublicKey], hub: String?, receipts: [Receipt], timestamps: TrustStore?, now: Timestamp,
        progress: (Int) -> Void
    ) throws(HubError) -> ArchiveAudit {
        let (removals, faults) = try self.removals(keys)
        let stamped = self.names(in: "timestamps/").compactMap { name in
            name.hasSuffix(".tsr") ? Int64(name.dropLast(4)) : nil
        }.sorted()
        var run = AuditRun(
            self, terms: self.chain, keys: keys, hub: hub, receipts: receipts, offered: try self.keys(), removals: removals,
            digestsOf: Set(stamped)
        )
        try run.run(progress)
        var audit = ArchiveAudit(path: self.path, month: self.chain.month, audit: run.audit)
        audit.audit.faults += faults
        try self.checkTimestamps(stamped, run.digests, timestamps, now, &audit)
        return audit
    }

    /// The public keys that came along; they count once a block announces them.
    func keys() throws(HubError) -> [PublicKey] {
        var keys: [PublicKey] = []
        for name in self.names(in: "keys/") {
            guard let pem = try self.files["keys/" + name]?.read(Self.longest, at: 0) else { continue }
            keys.append(try PublicKey(pem: pem))
        }
        return keys
    }

    /// The decisions behind the archive, as far as the hub signed them.
    private func removals(
        _ keys: [PublicKey]
    ) throws(HubError) -> (removals: [PayloadRemoval], faults: [JournalAudit.Fault]) {
        var files: [String: [UInt8]] = [:]
        for name in self.names(in: "removals/") {
            files[name] = try self.files["removals/" + name]?.read(Self.longest, at: 0)
        }
        var removals: [PayloadRemoval] = []
        var faults: [JournalAudit.Fault] = []
        var number = 1
        while files["\(number)/record"] != nil {
            let receipt = try ReceiptFiles.read(from: "\(number)/", of: &files, keys: keys)
            if let removal = Self.removal(receipt, keys) {
                removals.append(removal)
            } else {
                faults.append(
                    JournalAudit.Fault(
                        segment: "removals/\(number)", offset: 0,
                        what: "it is no record of a removal that the hub signed"
                    )
                )
            }
            number += 1
        }
        return (removals, faults)
    }

    private static func removal(_ receipt: Receipt, _ keys: [PublicKey]) -> PayloadRemoval? {
        guard let key = keys.first(where: { $0.fingerprint == receipt.key }),
            let (block, record) = try? receipt.verified(with: key), case .operation(let operation) = record
        else { return nil }
        return PayloadRemoval(operation, at: block.firstSequence &+ Int64(receipt.proof.index))
    }

    /// Whether the headers lead to the block that covers everything, and what its timestamp says.
    private func checkTimestamps(
        _ stamped: [Int64], _ digests: [Int64: Digest], _ trust: TrustStore?, _ now: Timestamp,
        _ audit: inout ArchiveAudit
    ) throws(HubError) {
        audit.timestamps = stamped.count
        var digests = digests
        if let last = stamped.last, last > self.chain.end.number {
            guard let digest = try self.digest(of: last, from: audit.audit) else {
                return audit.audit.faults.append(
                    JournalAudit.Fault(
                        segment: "headers", offset: 0,
                        what: "they do not lead from the last block to the stamped block \(last)"
                    )
                )
            }
            digests[last] = digest
        }
        if let last = stamped.last, last >= self.chain.end.number { audit.coveredBy = last }
        guard let trust else { return }
        for number in stamped {
            let name = "timestamps/" + TimestampShelf.name(number)
            let token = try self.files[name]?.read(Self.longest, at: 0) ?? []
            guard let digest = digests[number] else {
                audit.audit.faults.append(
                    JournalAudit.Fault(
                        segment: name, offset: 0, what: "block \(number) is not in the archive"))
                continue
            }
            let verdict = try TimestampToken.verify(token, digest: digest, nonce: nil, trust: trust, now: now)
            if let facts = verdict.facts {
                if number == audit.coveredBy { audit.covering = "\(facts.time), \(facts.authority)" }
            } else {
                let why = verdict.refusal.map { "\($0.error.summary)" } ?? "it is refused"
                audit.audit.faults.append(JournalAudit.Fault(segment: name, offset: 0, what: why))
            }
        }
        if audit.coveredBy == nil {
            audit.audit.faults.append(
                JournalAudit.Fault(segment: "timestamps", offset: 0, what: "none covers the last block"))
        }
    }

    /// The digest of a block behind the archive, to which headers lead from its last block.
    private func digest(of block: Int64, from audit: JournalAudit) throws(HubError) -> Digest? {
        var digest: Digest?
        for number in audit.lastBlock...max(audit.lastBlock, block) {
            guard number - audit.lastBlock <= EvidenceTimestamp.longest,
                let bytes = try self.files["headers/" + TimestampShelf.digits(number)]?.read(
                    Self.longest, at: 0),
                let header = try? BlockHeader(bytes: bytes), header.number == number
            else { return nil }
            let found = SHA256.hash(bytes)
            guard number == audit.lastBlock ? found == audit.lastDigest : header.previous == digest else {
                return nil
            }
            digest = found
        }
        return digest
    }

    private func names(in folder: String) -> [String] {
        self.files.keys.filter { $0.hasPrefix(folder) }.map { String($0.dropFirst(folder.utf8.count)) }
    }
}
