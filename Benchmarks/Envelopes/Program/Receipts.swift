import HubCore
import HubEnvelope
import HubJSON
import HubModel

/// Signing a block of 64 records and making their receipts, as the journal does it at each commit.
struct Receipts {
    /// With the kind of key that hubs are given; a signature of RSA-2048 takes the library more than that by itself.
    private static let limit = 10.0
    private static let together = 64
    private let records: [[UInt8]]
    private let key: SigningKey

    static func measure(_ options: Options, into report: inout Report) throws {
        for (name, kind) in [("P-256", KeyKind.p256), ("RSA-2048", .rsa2048)] {
            let receipts = Receipts(
                records: JournalSample.records(Self.together, payload: [], salt: 0).map(\.bytes),
                key: try SigningKey.generate(kind)
            )
            let blocks = max(1, options.documents / 8)
            var values: [Double] = []
            var texts: [Double] = []
            for round in 0...options.rounds {
                let (value, text) = try receipts.blocks(blocks)
                if round > 0 {
                    values.append(value)
                    texts.append(text)
                }
            }
            report.add(
                .receipts, "\(name): signature, tree and receipts", median(values) / 1000, "us a message",
                kind == .p256 ? .atMost(Self.limit) : nil)
            report.add(.receipts, "\(name): the same written as JSON", median(texts) / 1000, "us a message")
        }
    }

    /// - Returns: nanoseconds a message, without and with the text of the receipts.
    private func blocks(_ count: Int) throws -> (Double, Double) {
        var previous = Digest.zero
        var last: Receipt?
        let value = try nanoseconds {
            for number in 0..<count {
                let (receipts, digest) = try self.block(number, behind: previous)
                previous = digest
                last = receipts.last
            }
        }
        var bytes = 0
        let text = try nanoseconds {
            for number in 0..<count {
                let (receipts, digest) = try self.block(number, behind: previous)
                previous = digest
                for receipt in receipts { bytes += receipt.json.serialised().count }
            }
        }
        guard let last, bytes > 0 else { throw Samples.Fault(reason: "there are no receipts") }
        _ = try last.verified(with: self.key.publicKey)
        let messages = Double(count * Self.together)
        return (value / messages, text / messages)
    }

    private func block(_ number: Int, behind previous: Digest) throws -> ([Receipt], Digest) {
        let tree = MerkleTree.proofs(self.records.map { MerkleTree.leaf($0) })
        let header = BlockHeader(
            hub: "H44", number: Int64(number), previous: previous, count: self.records.count,
            firstSequence: Int64(number * Self.together),
            time: Timestamp(seconds: 1_767_225_600 + Int64(number)),
            root: tree.root
        ).bytes
        let signature = try self.key.sign(header)
        let receipts = zip(self.records, tree.proofs).map { record, proof in
            Receipt(
                record: record, proof: proof, header: header, signature: signature,
                key: self.key.publicKey.fingerprint)
        }
        return (receipts, SHA256.hash(header))
    }
}
