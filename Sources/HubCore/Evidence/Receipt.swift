public import HubEnvelope
public import HubJSON
public import HubModel

/// Proof that a record is in the hub's chain: the record, its place in the block's tree, and the signed block.
///
/// It is checked with the hub's public key and nothing else.
public struct Receipt: Sendable, Hashable {
    /// The encoded record.
    public let record: [UInt8]
    public let proof: InclusionProof
    /// The signed bytes of the block header.
    public let header: [UInt8]
    /// The hub's signature over `header`.
    public let signature: [UInt8]
    /// Fingerprint of the hub's key.
    public let key: Digest

    public init(record: [UInt8], proof: InclusionProof, header: [UInt8], signature: [UInt8], key: Digest) {
        self.record = record
        self.proof = proof
        self.header = header
        self.signature = signature
        self.key = key
    }

    /// The form in which it is sent: one JSON object, binary members in Base64.
    public var json: JSONValue {
        .object([
            "format": "receipt-1",
            "record": .string(Base64.text(self.record)),
            "proof": .object([
                "index": .init(integerLiteral: self.proof.index),
                "size": .init(integerLiteral: self.proof.size),
                "path": .array(self.proof.path.map { .string(Base64.text($0.bytes)) }),
            ]),
            "block": .string(Base64.text(self.header)),
            "signature": .string(Base64.text(self.signature)),
            "key": .string(self.key.description),
        ])
    }

    /// - Throws: `evidence.invalid` when a member is missing or unreadable.
    public init(json: JSONValue) throws(HubError) {
        func bytes(_ key: String) -> [UInt8]? { json[key]?.string.flatMap { Base64.bytes($0) } }
        guard json["format"]?.string == "receipt-1", let record = bytes("record"), let header = bytes("block"),
            let signature = bytes("signature"), let key = json["key"]?.string.flatMap(Digest.init(hex:)),
            let index = json["proof"]?["index"]?.int, let size = json["proof"]?["size"]?.int,
            let path = json["proof"]?["path"]?.array
        else { throw HubError(.evidenceInvalid, "The receipt is not one of ours.") }
        var hashes: [Digest] = []
        for item in path {
            guard let hash = item.string.flatMap({ Base64.bytes($0) }).flatMap({ Digest(bytes: $0) }) else {
                throw HubError(.evidenceInvalid, "The proof in the receipt holds something that is not a hash.")
            }
            hashes.append(hash)
        }
        self.init(
            record: record, proof: InclusionProof(index: index, size: size, path: hashes), header: header,
            signature: signature, key: key
        )
    }

    /// Checks everything: the signature of the block, the proof, and that tree and header agree.
    ///
    /// - Returns: What the receipt says: the block and the record.
    /// - Throws: `evidence.invalid`, naming the first check that failed.
    public func verified(with hub: PublicKey) throws(HubError) -> (block: BlockHeader, record: JournalRecord) {
        guard hub.fingerprint == self.key, try hub.verifies(self.signature, of: self.header) else {
            throw HubError(.evidenceInvalid, "The signature of the block does not belong to this hub.")
        }
        let block = try BlockHeader(bytes: self.header)
        guard self.proof.size == block.count, self.proof.root(from: MerkleTree.leaf(self.record)) == block.root else {
            throw HubError(.evidenceInvalid, "The record is not in the block.")
        }
        return (block, try JournalRecord(bytes: self.record))
    }
}
