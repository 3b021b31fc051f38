internal import HubModel
internal import Synchronization

/// Payloads whose messages are on their way into the chain: their files are needed, though no block refers to them yet.
final class SpoolClaims: Sendable {
    private let counts = Mutex<[Digest: Int]>([:])

    func add(_ digest: Digest) {
        self.counts.withLock { $0[digest, default: 0] += 1 }
    }

    func remove(_ digest: Digest) {
        self.counts.withLock { counts in
            let count = (counts[digest] ?? 0) - 1
            counts[digest] = count > 0 ? count : nil
        }
    }

    func among(_ digests: Set<Digest>) -> Set<Digest> {
        self.counts.withLock { counts in digests.filter { counts[$0] != nil } }
    }
}
