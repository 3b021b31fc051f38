internal import HubCore
internal import HubEnvelope
internal import HubModel

/// What a backup holds, as it says itself: the file `MANIFEST`, a line for each fact.
///
/// Its last line is the digest of the lines before, so that it vouches for itself; what it says of the chain is held against
/// the chain, which is signed.
struct BackupManifest: Sendable, Hashable {
    static let name = "MANIFEST"
    private static let format = "format backup-1"

    struct File: Sendable, Hashable {
        let name: String
        let count: Int
        let digest: Digest
    }

    let hub: String
    let made: Timestamp
    /// Of the last block; -1 when there is none.
    let lastBlock: Int64
    let lastDigest: Digest
    /// How many records the chain holds.
    let records: Int64
    /// Messages whose payload was missing already when the backup was made.
    let missing: Int
    /// Of the journal, by their names below its folder.
    let files: [File]

    /// The sum of the sizes.
    var count: Int { self.files.reduce(0) { $0 &+ $1.count } }

    var bytes: [UInt8] {
        var lines = [
            Self.format, "hub \(self.hub)", "made \(self.made)", "last-block \(self.lastBlock)",
            "last \(self.lastDigest)", "records \(self.records)", "missing \(self.missing)",
            "files \(self.files.count)",
        ]
        lines += self.files.map { "file \($0.digest) \($0.count) \($0.name)" }
        let text = lines.joined(separator: "\n") + "\n"
        return Array((text + "end \(SHA256.hash(text))\n").utf8)
    }

    init(
        hub: String, made: Timestamp, lastBlock: Int64, lastDigest: Digest, records: Int64, missing: Int,
        files: [File]
    ) {
        self.hub = hub
        self.made = made
        self.lastBlock = lastBlock
        self.lastDigest = lastDigest
        self.records = records
        self.missing = missing
        self.files = files
    }

    /// - Throws: `backup.invalid` for anything that `bytes` would not write, and for a name that is not one of a journal's
    ///   files.
    init(_ bytes: [UInt8]) throws(HubError) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard lines.first == Self.format else { throw Self.fault("it is of another format") }
        // The format, seven facts, the files, the digest, and nothing behind the last line.
        guard lines.count >= 10, let made = Timestamp(rfc3339: Self.value(lines[2], "made")),
            let lastBlock = Int64(Self.value(lines[3], "last-block")), lastBlock >= -1,
            let lastDigest = Digest(hex: Self.value(lines[4], "last")),
            let records = Int64(Self.value(lines[5], "records")), records >= 0,
            let missing = Int(Self.value(lines[6], "missing")), missing >= 0,
            let count = Int(Self.value(lines[7], "files")), count == lines.count - 10
        else { throw Self.fault("it is not laid out as one") }
        var files: [File] = []
        files.reserveCapacity(count)
        var names: Set<String> = []
        var total = 0
        for line in lines[8..<8 + count] {
            let file = try Self.file(line)
            guard names.insert(file.name).inserted else {
                throw Self.fault("a file is named twice", file.name)
            }
            let (sum, isTooMuch) = total.addingReportingOverflow(file.count)
            guard !isTooMuch else { throw Self.fault("a size cannot be", file.name) }
            total = sum
            files.append(file)
        }
        self.init(
            hub: Self.value(lines[1], "hub"), made: made, lastBlock: lastBlock, lastDigest: lastDigest,
            records: records, missing: missing, files: files
        )
        guard self.bytes == bytes else { throw Self.fault("it was changed") }
        try self.checkSegments()
    }

    /// The segments must be those from the first on; which one that is, a base says, if there is one.
    private func checkSegments() throws(HubError) {
        let numbers = self.files.compactMap { file in
            file.name.hasPrefix("segments/")
                ? SegmentHeader.number(fileName: String(file.name.dropFirst(9))) : nil
        }
        let isBased = self.files.contains { $0.name == JournalBase.name }
        let first = isBased ? numbers.first ?? 0 : 0
        guard !isBased || first > 0, numbers.enumerated().allSatisfy({ $0.element == first &+ $0.offset }) else {
            throw Self.fault("a segment is missing")
        }
    }

    /// Nothing but the names that a journal gives: no other folder can be meant.
    private static func file(_ line: String) throws(HubError) -> File {
        let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(
            String.init)
        guard words.count == 4, words[0] == "file", let digest = Digest(hex: words[1]),
            let count = Int(words[2]),
            count >= 0
        else { throw Self.fault("it is not laid out as one") }
        let name = words[3]
        guard Self.isOwn(name) else { throw Self.fault("it names a file that no journal has", name) }
        return File(name: name, count: count, digest: digest)
    }

    /// Whether a journal gives such a name to a file of a backup.
    static func isOwn(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let last = parts.last else { return false }
        switch (parts.first, parts.count) {
        case (JournalBase.name, 1): return true
        case (_, 1) where CarriedMessages.isName(last): return true
        case ("segments", 2): return SegmentHeader.number(fileName: last) != nil
        case ("timestamps", 2): return TimestampShelf.block(last) != nil
        case ("spool", 3): return Digest(hex: last).map { Spool.name($0) == name } ?? false
        default: return false
        }
    }

    private static func value(_ line: String, _ name: String) -> String {
        line.hasPrefix(name + " ") ? String(line.dropFirst(name.count + 1)) : ""
    }

    private static func fault(_ what: String, _ file: String? = nil) -> HubError {
        BackupFault.invalid(Self.name, what, file.map { [ErrorDetail("names", $0)] } ?? [])
    }
}

/// Errors that are about a backup, and not about a journal that takes messages.
enum BackupFault {
    /// - Parameter file: In the backup.
    static func invalid(_ file: String, _ what: String, _ details: [ErrorDetail] = []) -> HubError {
        HubError(
            .backupInvalid, "The backup is not whole; nothing was restored.",
            details: [ErrorDetail("file", file), ErrorDetail("fault", what)] + details
        )
    }

    static func changed(_ file: String) -> HubError {
        HubError(
            .backupUnavailable,
            "Payloads were removed by policy (lgsp journal forget), or a month was dropped, while the backup was made; make it again.",
            details: [ErrorDetail("file", file)]
        )
    }

    /// What the disk says of the place that a backup is written to, or made a journal in.
    static func converting<Value>(_ body: () throws(HubError) -> Value) throws(HubError) -> Value {
        do throws(HubError) {
            return try body()
        } catch {
            guard error.code == .journalUnavailable || error.code == .journalOverloaded else { throw error }
            throw HubError(
                .backupUnavailable,
                "It cannot be written here: the disk is full, refuses, or the rights are missing. What was begun is not a backup and not a journal.",
                details: error.details, cause: error
            )
        }
    }
}
