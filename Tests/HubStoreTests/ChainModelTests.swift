import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A chain, against a model")
struct ChainModelTests {
    private static let numbers: [Int64] = [
        .min, -1, 0, 1, DeliveryPosition.lastSequence - 1, DeliveryPosition.lastSequence, DeliveryPosition.lastSequence + 1,
        .max - 1, .max,
    ]

    /// What fits is what counts on, in numbers without an end, up to the last that a record can have.
    @Test("takes the next block and no other, wherever its numbers begin", arguments: 0..<200)
    func model(seed: Int) {
        let random = SeededRandom(seed: UInt64(seed))
        var chain = Chain()
        if random.chance(70) {
            let back = Int64(random.below(40))
            chain = Chain(
                number: random.any(of: [0, .max - back]), digest: SHA256.hash("\(seed)"),
                nextSequence: random.any(of: [0, DeliveryPosition.lastSequence + 1 - back])
            )
        }
        for step in 0..<60 {
            let count = random.any(of: [1, 1, 2, 7, Int(UInt32.max)])
            let header = BlockHeader(
                hub: "H44", number: random.chance(80) ? chain.number &+ 1 : random.any(of: Self.numbers),
                previous: random.chance(95) ? chain.digest : .zero, count: count,
                firstSequence: random.chance(80) ? chain.nextSequence : random.any(of: Self.numbers),
                time: JournalSamples.time(step), root: .zero
            )
            let fits =
                Int128(header.number) == Int128(chain.number) + 1 && header.firstSequence == chain.nextSequence
                && header.previous == chain.digest
                && Int128(header.firstSequence) + Int128(count) - 1 <= Int128(DeliveryPosition.lastSequence)
            let misfit = chain.misfit(of: header, hub: "H44")
            guard (misfit == nil) == fits else {
                Issue.record("seed \(seed), step \(step): \(misfit ?? "it fits"): \(header) behind \(chain)")
                return
            }
            if fits { chain = chain.extended(by: header, digest: header.digest) }
        }
    }

    @Test("gives every delivery of every record a place of its own, in order, up to the last record")
    func places() {
        let last = DeliveryPosition.lastSequence
        let sequences = [0, 1, last - 1, last]
        let ordinals = [0, 1, UInt16(DeliveryPosition.limit - 1)]
        let places = sequences.flatMap { sequence in ordinals.map { DeliveryPosition(sequence: sequence, ordinal: $0) } }
        #expect(zip(places, places.dropFirst()).allSatisfy { $0 < $1 } && places.allSatisfy { $0 > .start })
        #expect(places.last?.value == .max)
        for sequence in [last + 1, .max] {
            #expect(DeliveryPosition(sequence: sequence, ordinal: 0) == DeliveryPosition(sequence: last, ordinal: 0))
        }
    }
}
