import HubCore
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("A receipt")
struct ReceiptTests {
    private static let key = Result { () throws(HubError) in try SigningKey.generate(.p256) }

    /// The receipts of a block of `count` records.
    private func receipts(_ count: Int, key: SigningKey) throws -> [(receipt: Receipt, record: JournalRecord)] {
        let samples = RecordSamples(seed: count)
        let records = (0..<count).map { samples.record(kind: $0 % RecordSamples.kinds) }
        let (root, proofs) = MerkleTree.proofs(records.map { MerkleTree.leaf($0.bytes) })
        let header = BlockHeader(
            hub: "H44", number: 3, previous: SHA256.hash("trước"), count: count, firstSequence: 40,
            time: JournalSamples.time(1), root: root
        )
        let signature = try key.sign(header.bytes)
        return zip(records, proofs).map { record, proof in
            (
                Receipt(
                    record: record.bytes, proof: proof, header: header.bytes, signature: signature,
                    key: key.publicKey.fingerprint
                ), record
            )
        }
    }

    @Test("verifies with the hub's public key and nothing else", arguments: [1, 2, 3, 9, 64])
    func verifies(count: Int) throws {
        let key = try Self.key.get()
        for (receipt, record) in try self.receipts(count, key: key) {
            let (block, read) = try receipt.verified(with: key.publicKey)
            #expect(read == record)
            #expect(block.number == 3)
            #expect(block.count == count)
        }
    }

    @Test("is the same after its way through JSON text", arguments: [1, 5, 33])
    func json(count: Int) throws {
        let key = try Self.key.get()
        for (receipt, _) in try self.receipts(count, key: key) {
            let text = receipt.json.serialised(pretty: true)
            let read = try Receipt(json: JSONDocument.parse(text).value)
            #expect(read == receipt)
            _ = try read.verified(with: key.publicKey)
        }
    }

    @Test("of another hub is refused")
    func otherHub() throws {
        let (receipt, _) = try self.receipts(3, key: Self.key.get())[1]
        let other = try SigningKey.generate(.p256)
        self.expectRefused { try receipt.verified(with: other.publicKey) }
        let relabelled = Receipt(
            record: receipt.record, proof: receipt.proof, header: receipt.header, signature: receipt.signature,
            key: other.publicKey.fingerprint
        )
        self.expectRefused { try relabelled.verified(with: other.publicKey) }
    }

    @Test("is refused when any bit of record, header or signature differs", arguments: [1, 6])
    func bits(count: Int) throws {
        let key = try Self.key.get()
        let (receipt, _) = try self.receipts(count, key: key)[count / 2]
        func check(_ bytes: [UInt8], _ make: ([UInt8]) -> Receipt) {
            for place in bytes.indices {
                var changed = bytes
                changed[place] ^= 1 << UInt8(place % 8)
                self.expectRefused { try make(changed).verified(with: key.publicKey) }
            }
            self.expectRefused { try make([]).verified(with: key.publicKey) }
        }
        check(receipt.record) { self.copy(receipt, record: $0) }
        check(receipt.header) { self.copy(receipt, header: $0) }
        check(receipt.signature) { self.copy(receipt, signature: $0) }
    }

    @Test("is refused with another place, size or path")
    func proofs() throws {
        let key = try Self.key.get()
        let all = try self.receipts(6, key: key)
        for (index, item) in all.enumerated() {
            let (receipt, path) = (item.receipt, item.receipt.proof.path)
            var others = (0..<6).filter { $0 != index }.map { InclusionProof(index: $0, size: 6, path: path) }
            others += [4, 5, 7, 8, 12].map { InclusionProof(index: index, size: $0, path: path) }
            others += all.map(\.receipt.proof).filter { $0.index != index }
            others.append(InclusionProof(index: index, size: 6, path: Array(path.dropLast())))
            others.append(InclusionProof(index: index, size: 6, path: path + [.zero]))
            for proof in others {
                self.expectRefused { try self.copy(receipt, proof: proof).verified(with: key.publicKey) }
            }
        }
    }

    @Test(
        "that lacks a member or has one of another kind is not read",
        arguments: ["format", "record", "proof", "block", "signature", "key"]
    )
    func members(name: String) throws {
        let (receipt, _) = try self.receipts(3, key: Self.key.get())[1]
        guard case .object(let whole) = receipt.json else { throw JSONKind() }
        var kinds: [JSONValue?] = [nil, .null, 7, true, "?", "AAA", .array([]), .object([:])]
        if name == "proof" {
            kinds += [
                .object(["index": 0, "size": 3]), .object(["index": "0", "size": 3, "path": .array([])]),
                .object(["index": 0, "size": 3, "path": .array(["AAAA"])]),
                .object(["index": 0, "size": 3, "path": .array([7])]),
            ]
        }
        for kind in kinds {
            var object = whole
            object[name] = kind
            self.expectRefused { try Receipt(json: .object(object)).verified(with: Self.key.get().publicKey) }
        }
        for value: JSONValue in [.null, .array([]), "receipt-1", .object([:])] {
            self.expectRefused { try Receipt(json: value) }
        }
    }

    private struct JSONKind: Error {}

    private func copy(
        _ receipt: Receipt, record: [UInt8]? = nil, proof: InclusionProof? = nil, header: [UInt8]? = nil,
        signature: [UInt8]? = nil
    ) -> Receipt {
        Receipt(
            record: record ?? receipt.record, proof: proof ?? receipt.proof, header: header ?? receipt.header,
            signature: signature ?? receipt.signature, key: receipt.key
        )
    }

    private func expectRefused<Value>(
        _ location: SourceLocation = #_sourceLocation, _ body: () throws -> Value
    ) {
        do {
            let value = try body()
            Issue.record("taken: \(value)", sourceLocation: location)
        } catch let error as HubError {
            #expect(error.code == .evidenceInvalid, sourceLocation: location)
        } catch {
            Issue.record("\(error)", sourceLocation: location)
        }
    }
}

@Suite("The header of a block")
struct BlockHeaderTests {
    private func header(hub: String = "H44", number: Int64 = 12, time: Int64 = 1) -> BlockHeader {
        BlockHeader(
            hub: hub, number: number, previous: SHA256.hash("trước"), count: 300, firstSequence: 1 << 40,
            time: Timestamp(nanoseconds: time), root: SHA256.hash("gốc")
        )
    }

    @Test("gives back what it was made of", arguments: ["", "H44", "Phú Thọ", String(repeating: "x", count: 255)])
    func roundTrip(hub: String) throws {
        for (number, time) in [(0, 0), (Int64.max, Int64.min), (1, Int64.max)] as [(Int64, Int64)] {
            let header = self.header(hub: hub, number: number, time: time)
            #expect(try BlockHeader(bytes: header.bytes) == header)
        }
    }

    @Test("has the layout that receipts rely on for ever")
    func layout() {
        let bytes = self.header().bytes
        #expect(Array(bytes.prefix(12)) == Array("LGSPBLK1".utf8) + [3] + Array("H44".utf8))
        #expect(Array(bytes[12..<20]) == [0, 0, 0, 0, 0, 0, 0, 12])
        #expect(Array(bytes[52..<56]) == [0, 0, 1, 44])
        #expect(bytes.count == 12 + 8 + 32 + 4 + 8 + 8 + 32)
        #expect(self.header().digest == SHA256.hash(bytes))
    }

    @Test("is refused when it is cut, goes on, or begins otherwise")
    func refused() {
        let bytes = self.header().bytes
        var others: [[UInt8]] = bytes.indices.map { Array(bytes.prefix($0)) }
        others += [bytes + [0], [0] + bytes, Array("LGSPBLK2".utf8) + bytes.dropFirst(8)]
        for other in others {
            #expect(throws: HubError.self) { try BlockHeader(bytes: other) }
        }
        var unreadable = bytes
        unreadable[9] = 0xFF
        #expect(throws: HubError.self) { try BlockHeader(bytes: unreadable) }
    }
}
