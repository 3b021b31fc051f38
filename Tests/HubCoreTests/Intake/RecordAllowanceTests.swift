import Testing

@testable import HubCore

@Suite("Records of what anyone can cause")
struct RecordAllowanceTests {
    @Test("are some at once, then so many a second")
    func bounded() {
        let allowance = RecordAllowance(perSecond: 10, atOnce: 3)
        func taken(at uptime: Duration) -> Int { (0..<20).count { _ in allowance.allows(at: uptime) } }
        #expect(taken(at: .seconds(1)) == 3)
        #expect(taken(at: .milliseconds(1099)) == 0)
        #expect(taken(at: .milliseconds(1100)) == 1)
        #expect(taken(at: .seconds(9)) == 3)
        #expect(taken(at: .seconds(8)) == 0, "A clock that goes back gives nothing.")
    }
}
