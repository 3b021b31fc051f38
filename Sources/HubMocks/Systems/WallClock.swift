import HubModel

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The machine's clock.
///
/// The ledgers of all processes on one machine share it.
enum WallClock {
    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
