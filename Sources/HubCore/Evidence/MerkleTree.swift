internal import HubEnvelope
public import HubModel

/// The Merkle tree of RFC 6962 section 2.1 over SHA-256: leaves and nodes are hashed with different prefixes, so
/// that a node can never pass for a leaf.
public enum MerkleTree {
    /// The hash of a leaf: SHA-256(0x00 ‖ record).
    public static func leaf(_ record: [UInt8]) -> Digest {
        Self.leaf(record[...])
    }

    /// The hash of a leaf that is a part of something longer, which is not copied.
    package static func leaf(_ record: ArraySlice<UInt8>) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(0x00)
        hasher.update(record)
        return hasher.finish()
    }

    /// The root over `leaves`, which must not be empty.
    public static func root(_ leaves: [Digest]) -> Digest {
        precondition(!leaves.isEmpty, "a tree has at least one leaf")
        return Self.levels(leaves).last.map { $0[0] } ?? .zero
    }

    /// The inclusion proofs of all leaves in one pass, in the order of the leaves.
    public static func proofs(_ leaves: [Digest]) -> (root: Digest, proofs: [InclusionProof]) {
        precondition(!leaves.isEmpty, "a tree has at least one leaf")
        let levels = Self.levels(leaves)
        let proofs = leaves.indices.map { leaf in
            var path: [Digest] = []
            var index = leaf
            for level in levels.dropLast() {
                let sibling = index ^ 1
                // The last node of an odd level has no sibling and is carried up as it is.
                if sibling < level.count { path.append(level[sibling]) }
                index /= 2
            }
            return InclusionProof(index: leaf, size: leaves.count, path: path)
        }
        return (levels.last.map { $0[0] } ?? .zero, proofs)
    }

    /// Carrying an odd node up a level unchanged gives the same tree as RFC 6962's split at the largest power of two.
    private static func levels(_ leaves: [Digest]) -> [[Digest]] {
        var levels = [leaves]
        while let level = levels.last, level.count > 1 {
            var next: [Digest] = []
            next.reserveCapacity((level.count + 1) / 2)
            var index = 0
            while index + 1 < level.count {
                next.append(Self.node(level[index], level[index + 1]))
                index += 2
            }
            if index < level.count { next.append(level[index]) }
            levels.append(next)
        }
        return levels
    }

    static func node(_ left: Digest, _ right: Digest) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(0x01)
        hasher.update(left)
        hasher.update(right)
        return hasher.finish()
    }
}

/// Shows that one leaf is in the tree of a block.
public struct InclusionProof: Sendable, Hashable {
    /// From 0.
    public let index: Int
    /// Leaves of the tree.
    public let size: Int
    /// Sibling hashes from the leaf up.
    public let path: [Digest]

    public init(index: Int, size: Int, path: [Digest]) {
        self.index = index
        self.size = size
        self.path = path
    }

    /// The siblings with their sides, from the leaf up: what someone needs who does not know the shape of the tree.
    package var steps: [(sibling: Digest, isLeft: Bool)] {
        var (index, last) = (self.index, self.size - 1)
        return self.path.map { sibling in
            let isLeft = index & 1 == 1 || index == last
            if isLeft {
                while index & 1 == 0, index != 0 {
                    index >>= 1
                    last >>= 1
                }
            }
            index >>= 1
            last >>= 1
            return (sibling, isLeft)
        }
    }

    /// The root that follows from `leaf`, or `nil` when the proof does not have the shape that its index and size
    /// demand (RFC 9162 section 2.1.3.2).
    public func root(from leaf: Digest) -> Digest? {
        guard self.size > 0, self.index >= 0, self.index < self.size, self.path.count <= 63 else { return nil }
        var (hash, index, last) = (leaf, self.index, self.size - 1)
        for sibling in self.path {
            guard last > 0 else { return nil }
            if index & 1 == 1 || index == last {
                hash = MerkleTree.node(sibling, hash)
                while index & 1 == 0, index != 0 {
                    index >>= 1
                    last >>= 1
                }
            } else {
                hash = MerkleTree.node(hash, sibling)
            }
            index >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }
}
