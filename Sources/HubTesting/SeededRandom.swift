public import HubCore
internal import Synchronization

/// Random numbers that are the same for the same seed (SplitMix64), as source of the hub's and of a test's own.
public final class SeededRandom: RandomSource {
    private let state: Mutex<UInt64>

    public init(seed: UInt64) {
        self.state = Mutex(seed)
    }

    public func next() -> UInt64 {
        self.state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return value ^ value >> 31
        }
    }

    /// A number below `bound`, which must be above 0.
    public func below(_ bound: Int) -> Int { Int(self.next() % UInt64(bound)) }

    /// `true` in `percent` of a hundred cases.
    public func chance(_ percent: Int) -> Bool { self.below(100) < percent }

    /// Any of `items`, which must not be empty.
    public func any<Item>(of items: [Item]) -> Item { items[self.below(items.count)] }
}
