internal import HubEnvelope
internal import HubModel
internal import Synchronization

/// What a journal without files gives where large payloads are asked for.
struct MemoryPayload: LargePayload {
    let bytes: [UInt8]
    let digest: Digest

    init(bytes: [UInt8]) {
        self.bytes = bytes
        self.digest = SHA256.hash(bytes)
    }

    var count: Int { self.bytes.count }

    func read(_ count: Int, at offset: Int) throws(HubError) -> [UInt8] {
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
