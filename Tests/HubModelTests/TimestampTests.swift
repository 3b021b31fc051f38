import HubModel
import Testing

@Suite("A moment")
struct TimestampTests {
    @Test(
        "is written in UTC with milliseconds",
        arguments: [
            (Int64(0), "1970-01-01T00:00:00.000Z"), (1_700_000_000_123_456_789, "2023-11-14T22:13:20.123Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (951_827_696_000_000_000, "2000-02-29T12:34:56.000Z"),
            (4_107_542_399_999_000_000, "2100-02-28T23:59:59.999Z"),
        ])
    func written(nanoseconds: Int64, text: String) {
        #expect(Timestamp(nanoseconds: nanoseconds).description == text)
    }

    @Test("ends with what 64 bits can hold, and is told apart from any other")
    func ends() {
        let (first, last) = (Timestamp(nanoseconds: .min), Timestamp(nanoseconds: .max))
        #expect(Timestamp(seconds: .max) == last && Timestamp(seconds: .min) == first)
        #expect(Timestamp(seconds: 9_223_372_037) == last && Timestamp(seconds: -9_223_372_037) == first)
        #expect(last.advanced(by: .nanoseconds(1)) == last && first.advanced(by: .seconds(Int64.min)) == first)
        #expect(last.since(first) == .nanoseconds(Int64.max) - .nanoseconds(Int64.min))
        #expect(first.since(last) < .zero && first.since(last) == .zero - last.since(first))
    }

    @Test(
        "is read from RFC 3339 in UTC, to the nanosecond",
        arguments: [
            ("1970-01-01T00:00:00Z", Int64(0)), ("2023-11-14T22:13:20Z", 1_700_000_000_000_000_000),
            ("2023-11-14T22:13:20.5Z", 1_700_000_000_500_000_000),
            ("2023-11-14T22:13:20.123456789Z", 1_700_000_000_123_456_789),
            ("1969-12-31T23:59:59.999999999Z", -1),
        ])
    func read(text: String, nanoseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.nanoseconds == nanoseconds)
    }

    @Test(
        "is not read from what is no moment, or from another zone",
        arguments: [
            "", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14T22:13:20+07:00", "2023-11-14 22:13:20Z",
            "2023-11-14T22:13Z", "2023-11-14T24:00:00Z", "2023-11-14T23:60:00Z", "2023-11-14T23:59:60Z",
            "2023-02-29T00:00:00Z", "2023-13-01T00:00:00Z", "2023-00-01T00:00:00Z", "2023-11-31T00:00:00Z",
            "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20.1234567890Z", "2023-11-14T22:13:20.-1Z",
            "2023-11-14T+2:13:20Z", "2023-11-14T22:13:20z", "２023-11-14T22:13:20Z",
            "2023-11-14T22:13:20.1.2Z",
        ])
    func refused(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    /// 64 bits of nanoseconds end in 2262; a later moment must not come back as an earlier one.
    @Test(
        "is not read from a year that it cannot hold",
        arguments: [
            "9999-12-31T23:59:59Z", "2262-04-11T23:47:17Z", "1677-09-21T00:12:43Z", "0001-01-01T00:00:00Z",
        ])
    func outOfRange(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("moves by a duration and stops at the ends of what it can hold")
    func advanced() {
        let moment = Timestamp(seconds: 100)
        #expect(moment.advanced(by: .milliseconds(1500)).nanoseconds == 101_500_000_000)
        #expect(moment.advanced(by: .seconds(-200)).nanoseconds == -100_000_000_000)
        #expect(moment.advanced(by: .seconds(Int64.max)).nanoseconds == .max)
        #expect(moment.advanced(by: .seconds(Int64.min)).nanoseconds == .min)
        #expect(Timestamp(nanoseconds: .max).advanced(by: .nanoseconds(1)).nanoseconds == .max)
        #expect(Timestamp(nanoseconds: .min).advanced(by: .nanoseconds(-1)).nanoseconds == .min)
        #expect(moment.advanced(by: .seconds(5)).since(moment) == .seconds(5))
    }
}

@Suite("A civil date")
struct CivilDateTests {
    @Test(
        "counts days as the calendar does",
        arguments: [
            ("1970-01-01", 0), ("1970-01-02", 1), ("1969-12-31", -1), ("2000-02-29", 11016),
            ("2000-03-01", 11017),
            ("2025-07-01", 20270), ("1600-02-29", -135_081), ("0001-01-01", -719_162),
            ("9999-12-31", 2_932_896),
        ])
    func days(text: String, days: Int) throws {
        #expect(try day(text).daysSince1970 == days)
        #expect(CivilDate(daysSince1970: days) == (try day(text)))
        #expect(try day(text).description == text)
    }

    @Test("comes back from its number of days, for four hundred years around the epoch")
    func everyDay() {
        var last = CivilDate(daysSince1970: -73_050 - 1)
        for number in -73_050...73_050 {
            let date = CivilDate(daysSince1970: number)
            #expect(date.daysSince1970 == number)
            #expect(last < date)
            last = date
        }
    }

    @Test(
        "does not exist in every month and year",
        arguments: [
            "2023-02-29", "1900-02-29", "2100-02-29", "2023-04-31", "2023-00-10", "2023-13-10", "2023-01-00",
            "2023-01-32", "0000-01-01", "23-01-01", "2023-1-01", "2023-01-1", "2023/01/01", "2023-01-01 ",
            "+023-01-01",
            "２０２３-01-01",
        ])
    func refused(text: String) {
        #expect(CivilDate(iso: text) == nil)
    }

    @Test("exists on 29 February of leap years", arguments: ["2024-02-29", "2000-02-29", "1600-02-29"])
    func leap(text: String) {
        #expect(CivilDate(iso: text) != nil)
    }
}

@Suite("A wall clock")
struct CivilTimeTests {
    @Test("in Viet Nam is seven hours ahead, across midnight and the turn of the year")
    func vietnam() throws {
        let moment = try #require(Timestamp(rfc3339: "2025-12-31T17:30:05.25Z"))
        let local = CivilTime(moment, offset: CivilTime.vietnamOffset)
        #expect(local.edxmlStamp == "2026/01/01 00:30:05")
        #expect(local.edxmlDate == "2026/01/01")
        #expect(local.compactStamp == "20260101003005")
        #expect(local.nanosecond == 250_000_000)
        #expect(local.timestamp(offset: CivilTime.vietnamOffset) == moment)
    }

    @Test("before 1970 rounds down, not towards zero")
    func beforeTheEpoch() {
        let time = CivilTime(Timestamp(nanoseconds: -1), offset: 0)
        #expect(time.edxmlStamp == "1969/12/31 23:59:59")
        #expect(time.nanosecond == 999_999_999)
        #expect(time.timestamp(offset: 0).nanoseconds == -1)
    }
}

@Suite("A month")
struct CivilMonthTests {
    @Test(
        "begins and ends by Viet Nam's clock",
        arguments: [
            ("2026-10-31T16:59:59.999Z", "2026-10"), ("2026-10-31T17:00:00Z", "2026-11"),
            ("2026-12-31T17:00:00Z", "2027-01"), ("2024-02-29T12:00:00Z", "2024-02"),
            ("1969-12-31T16:59:59Z", "1969-12"),
        ])
    func bounds(moment: String, month: String) throws {
        let found = CivilMonth(try #require(Timestamp(rfc3339: moment)))
        #expect(found.description == month)
        #expect(CivilMonth(iso: month) == found)
    }

    @Test("is not read from anything else", arguments: ["", "2026", "2026-13", "2026-00", "2026-1", "2026-10-01", "26-10"])
    func refused(text: String) {
        #expect(CivilMonth(iso: text) == nil)
    }

    @Test("comes after another as the calendar has it")
    func order() throws {
        let months = ["2025-12", "2026-01", "2026-02", "2026-12", "2027-01"].compactMap { CivilMonth(iso: $0) }
        #expect(months.count == 5 && months == months.shuffled().sorted())
    }
}
