import HubDialects
import HubEnvelope
import HubModel
import Testing

/// Headers as a server sees them: names in any case, each with all its values.
struct ReceivedHeaders {
    var list: [(name: String, value: String)]

    func lookup(_ name: String) -> [String] {
        self.list.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    mutating func replace(_ name: String, _ value: String?) {
        self.list.removeAll { $0.name == name }
        if let value { self.list.append((name, value)) }
    }
}

@Suite struct AxisHeadersTests {
    static let secret = Array("a secret that both sides know".utf8)
    static let now = CivilTime(
        date: CivilDate(iso: "2026-03-05")!, hour: 6, minute: 7, second: 8, nanosecond: 9_000_000
    ).timestamp(offset: CivilTime.vietnamOffset)
    static let body = Array("<edXML/>".utf8)
    static let full = AxisHeaders(
        systemID: "00.44.W00", timestamp: now, from: "000.00.13.H44", to: ["000.00.11.H55", "G14"],
        messageType: .edoc, docID: "doc-1", status: .done, fileHash: SHA256.hash(body)
    )

    func verified(_ headers: ReceivedHeaders, secret: [UInt8]? = Self.secret, now: Timestamp = Self.now)
        throws -> AxisHeaders
    {
        try AxisClaim(headers.lookup).verified(secret: secret, now: now, skew: .seconds(300))
    }

    func received(_ headers: AxisHeaders = Self.full) throws -> ReceivedHeaders {
        ReceivedHeaders(list: try headers.signed(with: Self.secret))
    }

    @Test func `what one side signs the other side reads`() throws {
        let headers = try self.received()
        #expect(try AxisClaim(headers.lookup).systemID == "00.44.W00")
        #expect(try self.verified(headers) == Self.full)
        let least = AxisHeaders(systemID: "qlvb-so-tttt-h44", timestamp: Self.now)
        #expect(try self.verified(self.received(least)) == least)
    }

    @Test func `the wire form is the one of the field`() throws {
        let headers = try self.received()
        #expect(headers.lookup("XroadVnpt-timestamp") == ["05032026T060708+0009"])
        #expect(headers.lookup("XroadVnpt-to") == ["000.00.11.H55;G14"])
        #expect(headers.lookup("XroadVnpt-servicetype") == ["eDoc"])
        #expect(headers.lookup("XroadVnpt-version") == ["3.0.201608"])
        let signed = try #require(headers.lookup("XroadVnpt-sign-header").first)
        let code = Hex.text(HMACSHA256.code(Array(signed.utf8), key: Self.secret))
        #expect(headers.lookup("XroadVnpt-hash-header") == [code])
    }

    @Test func `names in another case and signed under their wire names are understood`() throws {
        let text = #"{"XroadVnpt-systemid":"00.44.W00","XROADVNPT-TIMESTAMP":"05032026T060708+0009"}"#
        let headers = ReceivedHeaders(list: [
            ("xroadvnpt-systemid", "00.44.W00"), ("XROADVNPT-TIMESTAMP", "05032026T060708+0009"),
            ("xroadvnpt-sign-header-key", "XroadVnpt-systemid;XROADVNPT-TIMESTAMP"),
            ("xroadvnpt-sign-header", text),
            (
                "xroadvnpt-hash-header",
                Hex.text(HMACSHA256.code(Array(text.utf8), key: Self.secret)).uppercased()
            ),
        ])
        #expect(try self.verified(headers).systemID == "00.44.W00")
    }

    @Test(arguments: [
        "XroadVnpt-systemid", "XroadVnpt-to", "XroadVnpt-docId", "XroadVnpt-hash-header",
        "XroadVnpt-sign-header",
        "XroadVnpt-sign-header-key", "XroadVnpt-version",
    ])
    func `a header that occurs twice is refused, even with the same value`(name: String) throws {
        var headers = try self.received()
        headers.list.append((name.lowercased(), try #require(headers.lookup(name).first)))
        expectError(.apiHeaderRepeated) { _ = try self.verified(headers) }
    }

    @Test(arguments: [
        "XroadVnpt-hash-header", "XroadVnpt-sign-header", "XroadVnpt-sign-header-key", "XroadVnpt-systemid",
        "XroadVnpt-timestamp", "XroadVnpt-from", "XroadVnpt-to", "XroadVnpt-hash-file",
    ])
    func `taking a header away is noticed`(name: String) throws {
        var headers = try self.received()
        headers.replace(name, nil)
        expectError(.accessUnauthenticated) { _ = try self.verified(headers) }
    }

    @Test(arguments: [
        ("XroadVnpt-systemid", "00.55.W00"), ("XroadVnpt-from", "H44.11"), ("XroadVnpt-to", "G14"),
        ("XroadVnpt-messagetype", "status"), ("XroadVnpt-docId", "doc-2"), ("XroadVnpt-status", "fail"),
        ("XroadVnpt-timestamp", "05032026T060709+0009"), ("XroadVnpt-servicetype", "other"),
        ("XroadVnpt-hash-file", String(repeating: "0", count: 64)),
        ("XroadVnpt-hash-header", String(repeating: "0", count: 64)),
        ("XroadVnpt-hash-header", "not hexadecimal"),
        ("XroadVnpt-hash-header", ""), ("XroadVnpt-sign-header", "{}"), ("XroadVnpt-sign-header", "not json"),
        ("XroadVnpt-sign-header", #"{"systemid":"00.44.W00","systemid":"00.55.W00"}"#),
        ("XroadVnpt-sign-header-key", "systemid;timestamp"),
        ("XroadVnpt-sign-header-key", "systemid;systemid"),
        ("XroadVnpt-sign-header-key", ""),
    ])
    func `changing a header is noticed`(name: String, value: String) throws {
        var headers = try self.received()
        headers.replace(name, value)
        expectError(.accessUnauthenticated) { _ = try self.verified(headers) }
    }

    @Test func `adding a header that was not signed is noticed`() throws {
        var headers = try self.received(AxisHeaders(systemID: "00.44.W00", timestamp: Self.now))
        headers.list.append(("XroadVnpt-from", "000.00.11.H55"))
        expectError(.accessUnauthenticated) { _ = try self.verified(headers) }
    }

    @Test(arguments: [
        #"{"systemid":1,"timestamp":"05032026T060708+0009"}"#, #"["systemid"]"#, #""systemid""#, "null",
        #"{"systemid":"00.44.W00","XroadVnpt-systemid":"00.44.W00","timestamp":"05032026T060708+0009"}"#,
    ])
    func `well-signed nonsense is refused`(text: String) throws {
        let headers = ReceivedHeaders(list: [
            ("XroadVnpt-systemid", "00.44.W00"), ("XroadVnpt-timestamp", "05032026T060708+0009"),
            ("XroadVnpt-sign-header-key", "systemid;timestamp"), ("XroadVnpt-sign-header", text),
            ("XroadVnpt-hash-header", Hex.text(HMACSHA256.code(Array(text.utf8), key: Self.secret))),
        ])
        expectError(.accessUnauthenticated) { _ = try self.verified(headers) }
    }

    @Test func `another secret and an unknown system get the same answer`() throws {
        let headers = try self.received()
        let wrong = #expect(throws: HubError.self) {
            _ = try self.verified(headers, secret: Array("another".utf8))
        }
        let unknown = #expect(throws: HubError.self) { _ = try self.verified(headers, secret: nil) }
        #expect(wrong?.code == .accessUnauthenticated)
        #expect(wrong?.description == unknown?.description)
    }

    @Test func `an unknown system cannot sign with the key that stands in for none`() throws {
        let zeros = [UInt8](repeating: 0, count: 32)
        let headers = ReceivedHeaders(list: try Self.full.signed(with: zeros))
        expectError(.accessUnauthenticated) { _ = try self.verified(headers, secret: nil) }
    }

    @Test(arguments: [(-301, false), (-300, true), (0, true), (300, true), (301, false)])
    func `the clock may be off by so much and no more`(seconds: Int, isAccepted: Bool) throws {
        let headers = try self.received()
        let now = Self.now.advanced(by: .seconds(seconds))
        if isAccepted {
            #expect(try self.verified(headers, now: now) == Self.full)
        } else {
            expectError(.accessUnauthenticated) { _ = try self.verified(headers, now: now) }
        }
    }

    @Test(arguments: [
        "05032026T060708", "05032026T060708+07:00", "05032026T060708+1000", "31022026T060708+0000",
        "05032026T250708+0000", "05032026 060708+0000", "05032026T06070８+0", "", "05030000T060708+0000",
        "+5032026T060708+0009",
    ])
    func `a stamp in another form is refused`(stamp: String) throws {
        let text = #"{"systemid":"00.44.W00","timestamp":"\#(stamp)"}"#
        let headers = ReceivedHeaders(list: [
            ("XroadVnpt-systemid", "00.44.W00"), ("XroadVnpt-timestamp", stamp),
            ("XroadVnpt-sign-header-key", "systemid;timestamp"), ("XroadVnpt-sign-header", text),
            ("XroadVnpt-hash-header", Hex.text(HMACSHA256.code(Array(text.utf8), key: Self.secret))),
        ])
        expectError(.apiRequestMalformed) { _ = try self.verified(headers) }
    }

    @Test(arguments: ["Sở Tài chính", "a b", "line\nbreak", ""])
    func `what cannot stand in a header is not sent`(from: String) {
        let headers = AxisHeaders(systemID: "00.44.W00", timestamp: Self.now, from: from)
        expectError(.apiRequestMalformed) { _ = try headers.signed(with: Self.secret) }
    }

    @Test(arguments: [["H55.11;G14"], ["H55.11", ""]])
    func `a receiver that would become two or none is not sent`(to: [String]) {
        let headers = AxisHeaders(systemID: "00.44.W00", timestamp: Self.now, to: to)
        expectError(.apiRequestMalformed) { _ = try headers.signed(with: Self.secret) }
    }

    @Test func `the body must be the one whose digest was signed`() throws {
        try Self.full.check(body: Self.body)
        expectError(.envelopeHashMismatch) { try Self.full.check(body: Self.body + [0x20]) }
        let without = AxisHeaders(systemID: "00.44.W00", timestamp: Self.now)
        expectError(.envelopeHashMismatch) { try without.check(body: []) }
    }
}
