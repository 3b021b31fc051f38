internal import FoundationEssentials
internal import HubModel

/// The machine's wall clock.
enum WallTime {
    static var now: Timestamp {
        let seconds = Date.now.timeIntervalSince1970
        return Timestamp(nanoseconds: Int64(seconds * 1_000_000) * 1000)
    }
}
