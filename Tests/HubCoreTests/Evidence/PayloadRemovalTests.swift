import HubModel
import Testing

@testable import HubCore

@Suite("The record of a removal")
struct PayloadRemovalTests {
    private static func removal(
        _ subject: String, action: String = "payload.forget", at sequence: Int64 = 1000
    )
        -> PayloadRemoval?
    {
        let operation = Operation(
            at: Timestamp(seconds: 1), actor: "an", action: action, subject: subject, reason: "")
        return PayloadRemoval(operation, at: sequence)
    }

    @Test(
        "is written in one form",
        arguments: [
            "before=2026-01-01 sequences=0-0", "before=2026-01-01 sequences=0-104,106-106,108-999",
            "before=2026-01-01 type=edoc/document/1 sequences=5-7",
        ])
    func roundTrip(subject: String) throws {
        #expect(try #require(Self.removal(subject)).subject == subject)
    }

    @Test(
        "in any other form removes nothing",
        arguments: [
            "", "before=2026-01-01", "sequences=0-1", "before=2026-13-01 sequences=0-1",
            "before=2026-01-01 sequences=", "before=2026-01-01 sequences=1-0",
            "before=2026-01-01 sequences=-1-4",
            "before=2026-01-01 sequences=0-4,5-6", "before=2026-01-01 sequences=0-4,3-6",
            "before=2026-01-01 sequences=5-6,0-1", "before=2026-01-01 sequences=00-1",
            "before=2026-01-01 sequences=+0-1", "before=2026-01-01 sequences=0-1 ",
            "before=2026-01-01  sequences=0-1", "before=2026-01-01 type= sequences=0-1",
            "before=2026-01-01 type=edoc sequences=0-1",
            "type=edoc/document/1 before=2026-01-01 sequences=0-1",
            "before=2026-01-01 sequences=0-1000", "before=2026-01-01 sequences=0-99999999999999999999",
        ])
    func refused(subject: String) {
        #expect(Self.removal(subject) == nil)
    }

    @Test("is none when it is about something else, or about what comes behind it")
    func others() {
        #expect(Self.removal("before=2026-01-01 sequences=0-9", action: "start") == nil)
        #expect(Self.removal("before=2026-01-01 sequences=0-9", at: 9) == nil)
        #expect(Self.removal("before=2026-01-01 sequences=0-9", at: 10) != nil)
    }

    @Test("covers what stands in its ranges, and nothing between them")
    func covers() throws {
        let removal = try #require(Self.removal("before=2026-01-01 sequences=2-4,7-7,20-30"))
        let covered = (0..<40).filter { removal.covers(Int64($0), .edocDocument) }
        #expect(covered == [2, 3, 4, 7] + Array(20...30))
        #expect(removal.covers(2...4, .edocStatus) && removal.covers(21...29, .edocStatus))
        #expect(!removal.covers(2...7, .edocStatus) && !removal.covers(4...5, .edocStatus))
        let typed = try #require(Self.removal("before=2026-01-01 type=edoc/status/1 sequences=2-4"))
        #expect(typed.covers(3, .edocStatus) && !typed.covers(3, .edocDocument))
    }
}
