import HubModel
import Testing

@testable import HubApp

@Suite("The clock of the system")
struct SystemClockTests {
    @Test("stands at the end of what a moment can be when somebody has set it beyond")
    func ends() {
        #expect(SystemClock.timestamp(secondsSince2001: 0) == Timestamp(seconds: 978_307_200))
        for seconds in [8.3e9, 1e12, .greatestFiniteMagnitude, .infinity] {
            #expect(SystemClock.timestamp(secondsSince2001: seconds) == Timestamp(nanoseconds: .max))
        }
        for seconds in [-1e12, -.greatestFiniteMagnitude] {
            #expect(SystemClock.timestamp(secondsSince2001: seconds) == Timestamp(nanoseconds: .min))
        }
    }

    @Test("goes on")
    func now() {
        let clock = SystemClock()
        let (before, uptime) = (clock.now, clock.uptime)
        #expect(before > Timestamp(seconds: 1_700_000_000) && clock.uptime >= uptime)
    }
}
