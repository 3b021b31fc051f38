internal import HubEnvelope
package import HubModel
internal import Synchronization

/// A payload that is asked for as a large one and is in memory.
package struct MemoryPayload: LargePayload {
    let bytes: [UInt8]
    package let digest: Digest

    package init(bytes: [UInt8]) {
        self.bytes = bytes
        self.digest = SHA256.hash(bytes)
    }

    package var count: Int { self.bytes.count }

    package func read(_ count: Int, at offset: Int) throws(HubError) -> [UInt8] {
        guard offset >= 0, count >= 0, count <= self.bytes.count - offset else {
            throw HubError(.journalDamaged, "A payload is shorter than it was.")
        }
        return Array(self.bytes[offset..<offset + count])
    }
}

/// Takes a payload into memory.
final class MemoryReception: PayloadReception {
    private let bytes = Mutex<[UInt8]>([])

    func write(_ bytes: [UInt8]) { self.bytes.withLock { $0 += bytes } }

    func finish() -> any LargePayload { MemoryPayload(bytes: self.bytes.withLock { $0 }) }
}
