import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@Suite("The Merkle tree of a block")
struct MerkleTreeTests {
    /// RFC 6962 section 2.1, word by word: split at the largest power of two below the size.
    private static func root(_ records: ArraySlice<[UInt8]>) -> Digest {
        if records.count == 1 { return SHA256.hash([0] + records[records.startIndex]) }
        var split = 1
        while split * 2 < records.count { split *= 2 }
        let middle = records.startIndex + split
        return SHA256.hash([1] + Self.root(records[..<middle]).bytes + Self.root(records[middle...]).bytes)
    }

    /// RFC 6962 section 2.1.1: the audit path of leaf `index`.
    private static func path(_ index: Int, _ records: ArraySlice<[UInt8]>) -> [Digest] {
        guard records.count > 1 else { return [] }
        var split = 1
        while split * 2 < records.count { split *= 2 }
        let middle = records.startIndex + split
        return index < split
            ? Self.path(index, records[..<middle]) + [Self.root(records[middle...])]
            : Self.path(index - split, records[middle...]) + [Self.root(records[..<middle])]
    }

    private static func records(_ count: Int) -> [[UInt8]] {
        (0..<count).map { JournalSamples.payload($0, count: $0 % 40) + [UInt8(truncatingIfNeeded: $0)] }
    }

    @Test("has the root and the proofs of RFC 6962", arguments: 1...70)
    func bruteForce(size: Int) {
        let records = Self.records(size)
        let leaves = records.map(MerkleTree.leaf)
        let (root, proofs) = MerkleTree.proofs(leaves)
        #expect(root == Self.root(records[...]))
        #expect(root == MerkleTree.root(leaves))
        #expect(proofs.map(\.index) == Array(0..<size))
        for (index, proof) in proofs.enumerated() {
            #expect(proof.path == Self.path(index, records[...]))
            #expect(proof.root(from: leaves[index]) == root)
        }
    }

    @Test("gives every other leaf, place and size another root, or none", arguments: [1, 2, 3, 4, 5, 7, 8, 13, 32, 33])
    func tampered(size: Int) {
        let leaves = Self.records(size).map(MerkleTree.leaf)
        let (root, proofs) = MerkleTree.proofs(leaves)
        for (index, proof) in proofs.enumerated() {
            for (other, leaf) in leaves.enumerated() where other != index { #expect(proof.root(from: leaf) != root) }
            for place in 0..<size where place != index {
                let moved = InclusionProof(index: place, size: size, path: proof.path)
                #expect(moved.root(from: leaves[index]) != root)
            }
            for place in proof.path.indices {
                var path = proof.path
                path[place] = .zero
                #expect(InclusionProof(index: index, size: size, path: path).root(from: leaves[index]) != root)
                path.remove(at: place)
                #expect(InclusionProof(index: index, size: size, path: path).root(from: leaves[index]) != root)
            }
            for path in [proof.path + [.zero], [.zero] + proof.path, proof.path + [root]] {
                #expect(InclusionProof(index: index, size: size, path: path).root(from: leaves[index]) != root)
            }
        }
    }

    @Test(
        "takes no proof of impossible shape",
        arguments: [(0, 0), (-1, 1), (1, 1), (0, -1), (Int.max, Int.max), (Int.min, 4), (3, 3)]
    )
    func impossible(index: Int, size: Int) {
        #expect(InclusionProof(index: index, size: size, path: []).root(from: .zero) == nil)
    }

    @Test("takes no proof that is longer than any tree is high")
    func endless() {
        let path = [Digest](repeating: .zero, count: 100_000)
        #expect(InclusionProof(index: 0, size: .max, path: path).root(from: .zero) == nil)
    }

    @Test("never takes a node for a leaf")
    func prefixes() {
        let leaves = Self.records(2).map(MerkleTree.leaf)
        let forged = MerkleTree.leaf(leaves[0].bytes + leaves[1].bytes)
        #expect(forged != MerkleTree.root(leaves))
    }
}
