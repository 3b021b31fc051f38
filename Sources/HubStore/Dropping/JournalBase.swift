internal import HubCore
internal import HubEnvelope
public import HubModel

/// A month that is not in the journal any more, and the archive that holds it.
public struct DroppedMonth: Sendable, Hashable {
    public let month: CivilMonth
    public let firstBlock: Int64
    public let lastBlock: Int64
    /// SHA-256 of the archive's file.
    public let archive: Digest
    /// The name that the archive's file had.
    public let name: String
}

/// Where a journal begins from which months were dropped: the file `base`, a line for each fact, signed by the hub.
///
/// It holds what the dropped blocks would have told the database and the chain. Without one, a journal begins with block 0
/// in segment 0.
struct JournalBase: Sendable, Hashable {
    static let name = "base"
    static let partialName = "base.part"

    /// A destination that has a row.
    struct Destination: Sendable, Hashable {
        let row: Int64
        let name: [UInt8]
    }

    /// A hold that an operator placed on a destination.
    struct Hold: Sendable, Hashable {
        let name: [UInt8]
        let position: Int64
    }

    let hub: String
    let made: Timestamp
    /// What was dropped ends so; the first block must fit to it.
    let chain: Chain
    /// The first one that is there.
    let firstSegment: Int
    /// At least one, in their order.
    let months: [DroppedMonth]
    /// What the rows that were dropped add to the totals.
    let counters: [String: Int64]
    let destinations: [Destination]
    let holds: [Hold]
    /// The file of the messages that outlived their month; `nil` when none did.
    let carried: CarriedMessages.Mark?
    /// Fingerprint of the key that signed.
    private(set) var key = Digest.zero
    private(set) var signature: [UInt8] = []

    init(
        hub: String, made: Timestamp, chain: Chain, firstSegment: Int, months: [DroppedMonth],
        counters: [String: Int64], destinations: [Destination], holds: [Hold], carried: CarriedMessages.Mark? = nil
    ) {
        self.hub = hub
        self.made = made
        self.chain = chain
        self.firstSegment = firstSegment
        self.months = months
        self.counters = counters
        self.destinations = destinations
        self.holds = holds
        self.carried = carried
    }

    /// - Throws: What the signer throws.
    func signed(by signer: BlockSigner) throws(HubError) -> JournalBase {
        var signed = self
        signed.key = signer.key
        signed.signature = try signer.sign(signed.signedBytes)
        return signed
    }

    /// Whether the key made the signature.
    /// - Throws: As the check of a signature.
    func isSigned(by key: PublicKey) throws(HubError) -> Bool {
        guard key.fingerprint == self.key else { return false }
        return try key.verifies(self.signature, of: self.signedBytes)
    }

    /// What the operation says that decided the last drop.
    var subject: String {
        guard let last = self.months.last else { return "" }
        return "month=\(last.month) first-segment=\(self.firstSegment) last-block=\(self.chain.number) "
            + "digest=\(self.chain.digest) archive=\(last.archive)" + (self.carried.map { " carried=\($0.digest)" } ?? "")
    }

    /// Of that operation.
    static let action = "journal.drop"

    /// The month whose archive holds a block.
    func month(of block: Int64) -> DroppedMonth? {
        self.months.first { ($0.firstBlock...$0.lastBlock).contains(block) }
    }

    // MARK: Bytes

    private static let format = "format base-1"
    /// Others add to these numbers, and whoever writes the file chooses them.
    private static let largestCounter: Int64 = 1 << 53
    private static let lastSegment = Int64(Int32.max)

    private var signedBytes: [UInt8] {
        var lines = [
            Self.format, "hub \(BaseText.escaped(self.hub.utf8))", "made \(self.made)",
            "last-block \(self.chain.number)", "last \(self.chain.digest)",
            "records \(self.chain.nextSequence)", "segment \(self.firstSegment)",
        ]
        lines += self.months.map {
            "month \($0.month) \($0.firstBlock) \($0.lastBlock) \($0.archive) \(BaseText.escaped($0.name.utf8))"
        }
        lines += self.counters.sorted { $0.key < $1.key }.map {
            "counter \(BaseText.escaped($0.key.utf8)) \($0.value)"
        }
        lines += self.destinations.map { "destination \($0.row) \(BaseText.escaped($0.name))" }
        lines += self.holds.map { "hold \(BaseText.escaped($0.name)) \($0.position)" }
        if let carried = self.carried { lines.append("carried \(carried.count) \(carried.digest)") }
        lines.append("key \(self.key)")
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    var bytes: [UInt8] {
        let text = self.signedBytes + Array("signature \(Hex.text(self.signature))\n".utf8)
        return text + Array("end \(SHA256.hash(text))\n".utf8)
    }

    /// `nil` for anything that `bytes` would not write.
    init?(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { BaseText($0) }
        // The format, six facts, a month, key, signature and end.
        guard lines.count >= 11, lines[0].line == Self.format, let hub = lines[1].text("hub", 0),
            let made = lines[2].word("made", 0).flatMap({ Timestamp(rfc3339: String($0)) }),
            let number = lines[3].number("last-block", 0), let digest = lines[4].digest("last", 0),
            let records = lines[5].number("records", 0), records > number,
            records <= DeliveryPosition.lastSequence,
            let segment = lines[6].number("segment", 0), (1...Self.lastSegment).contains(segment),
            let key = lines[lines.count - 3].digest("key", 0),
            let signature = lines[lines.count - 2].word("signature", 0).flatMap({ Hex.bytes(String($0)) })
        else { return nil }
        var months: [DroppedMonth] = []
        var counters: [String: Int64] = [:]
        var destinations: [Destination] = []
        var holds: [Hold] = []
        var carried: CarriedMessages.Mark?
        for line in lines[7..<lines.count - 3] {
            if let month = line.word("month", 0).flatMap({ CivilMonth(iso: $0) }),
                let first = line.number("month", 1), let last = line.number("month", 2), first <= last,
                let archive = line.digest("month", 3), let name = line.text("month", 4)
            {
                months.append(
                    DroppedMonth(
                        month: month, firstBlock: first, lastBlock: last, archive: archive, name: name))
            } else if let name = line.text("counter", 0), let value = line.number("counter", 1),
                value <= Self.largestCounter
            {
                counters[name] = value
            } else if let row = line.number("destination", 0), let name = line.bytes("destination", 1) {
                destinations.append(Destination(row: row, name: name))
            } else if let name = line.bytes("hold", 0), let position = line.number("hold", 1) {
                holds.append(Hold(name: name, position: position))
            } else if let count = line.number("carried", 0), (1...Int64(CarriedMessages.most)).contains(count),
                let digest = line.digest("carried", 1)
            {
                carried = CarriedMessages.Mark(count: Int(count), digest: digest)
            } else {
                return nil
            }
        }
        // One month begins where the one before ends.
        var next: Int64 = 0
        for month in months {
            guard month.firstBlock == next, month.lastBlock <= number else { return nil }
            next = month.lastBlock + 1
        }
        guard months.last?.lastBlock == number, let segment = Int(exactly: segment) else { return nil }
        self.init(
            hub: hub, made: made, chain: Chain(number: number, digest: digest, nextSequence: records),
            firstSegment: segment, months: months, counters: counters, destinations: destinations,
            holds: holds, carried: carried
        )
        self.key = key
        self.signature = signature
        guard self.bytes == bytes else { return nil }
    }

    // MARK: On disk

    private static let longest = 1 << 26

    /// The base of the journal in a folder; `nil` when it begins with its first block.
    /// - Throws: `journal.damaged` when it cannot be read, `journal.unavailable`.
    static func load(in folder: String) throws(HubError) -> JournalBase? {
        let path = folder + "/" + Self.name
        guard try Folder.exists(path) else { return nil }
        guard let base = JournalBase(try OpenFile(path, .read).read(Self.longest, at: 0)) else {
            throw Self.damage()
        }
        return base
    }

    /// - Parameter what: Is wrong with it, when it can be read.
    static func damage(_ what: String? = nil) -> HubError {
        HubError(
            .journalDamaged,
            "The base of the journal, which says where it begins, is damaged. Restore it from a backup.",
            details: [ErrorDetail("file", Self.name)] + (what.map { [ErrorDetail("fault", $0)] } ?? [])
        )
    }

    /// Puts it in the place of the one before; from then on the journal begins here.
    /// - Throws: `journal.unavailable`. Either of the two is there.
    func write(in folder: String, with disk: DiskCalls) throws(HubError) {
        try Folder.write(self.bytes, as: Self.name, partial: Self.partialName, in: folder, with: disk)
    }
}

/// A line of a base: a name, and values with a space before each.
private struct BaseText {
    let line: Substring
    private let words: [Substring]

    init(_ line: Substring) {
        self.line = line
        self.words = line.split(separator: " ", omittingEmptySubsequences: false)
    }

    /// A value of a line with this name.
    func word(_ name: String, _ place: Int) -> Substring? {
        guard self.words.first == name[...], self.words.indices.contains(place + 1) else { return nil }
        return self.words[place + 1]
    }

    func number(_ name: String, _ place: Int) -> Int64? {
        guard let number = self.word(name, place).flatMap({ Int64($0) }), number >= 0 else { return nil }
        return number
    }

    func digest(_ name: String, _ place: Int) -> Digest? {
        self.word(name, place).flatMap { Digest(hex: String($0)) }
    }

    func text(_ name: String, _ place: Int) -> String? {
        self.bytes(name, place).map { String(decoding: $0, as: UTF8.self) }
    }

    func bytes(_ name: String, _ place: Int) -> [UInt8]? {
        guard let word = self.word(name, place).map({ Array($0.utf8) }) else { return nil }
        var bytes: [UInt8] = []
        var place = 0
        while place < word.count {
            guard word[place] == UInt8(ascii: "%") else {
                bytes.append(word[place])
                place += 1
                continue
            }
            guard place + 2 < word.count,
                let byte = Hex.bytes(String(decoding: word[place + 1...place + 2], as: UTF8.self))
            else { return nil }
            bytes += byte
            place += 3
        }
        return bytes
    }

    /// Letters, digits and a few signs as they are, everything else as `%` and two hexadecimal digits.
    static func escaped(_ bytes: some Collection<UInt8>) -> String {
        var text = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "/"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "%" + Hex.text([byte])
            }
        }
        return text
    }
}
