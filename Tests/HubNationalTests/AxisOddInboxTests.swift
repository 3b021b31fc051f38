import HTTPTypes
import HubCore
import HubDialects
import HubEnvelope
import HubJSON
import HubModel
import HubNational
import HubTesting
import Hummingbird
import Testing

/// Inboxes that the mock platform does not have.
@Suite(.timeLimit(.minutes(1))) struct AxisOddInboxTests {
    /// What getEdoc and updateStatus say about a packet; anything not named is a yes.
    struct Inbox: Sendable {
        var packets: [String: [UInt8]] = [:]
        var order: [String] = []
        var fetching: [String: String] = [:]
        var marking: [String: String] = [:]
    }

    private static func document(_ number: Int) -> [UInt8] {
        EdocText.document(from: "000.00.11.H55", to: ["000.00.13.H44"], number: number)
    }

    private static func inbox(_ ids: String...) -> Inbox {
        var inbox = Inbox(order: ids)
        for (number, id) in ids.enumerated() { inbox.packets[id] = Self.document(number) }
        return inbox
    }

    /// Runs the hub against an inbox that always lists the same.
    private static func receive(
        _ inbox: Inbox,
        _ body: @escaping @Sendable (ManualClock, Province, StandInServer) async throws -> Void
    ) async throws {
        try await StandInServer.run(answering: { request in
            let docID = request.header("XroadVnpt-docId").first ?? ""
            return switch request.path {
            case AxisPath.getReceivedEdocList: Self.reply(.list(inbox.order.map(Self.entry)))
            case AxisPath.getEdoc:
                inbox.fetching[docID].map { .plain(200, $0) }
                    ?? Self.reply(.document(inbox.packets[docID] ?? [], docID: docID))
            default: inbox.marking[docID].map { .plain(200, $0) } ?? Self.reply(.ok(docID: docID))
            }
        }) { server in
            try await PlatformBench.run { bench in
                let province = try Province(clock: bench.clock)
                try await province.whileConnected(to: PlatformBench.national(at: server.url), of: bench) {
                    try await body(bench.clock, province, server)
                }
            }
        }
    }

    private static func entry(_ docID: String) -> AxisInboxEntry {
        AxisInboxEntry(
            docID: docID, messageType: .edoc, createdTime: "2025/10/09 08:00:00",
            updatedTime: "2025/10/09 08:00:00",
            from: "000.00.11.H55", to: ["000.00.13.H44"], status: .inbox
        )
    }

    private static func reply(_ reply: AxisReply) -> Response {
        .plain(200, String(decoding: reply.encoded(), as: UTF8.self))
    }

    @Test
    func `a packet that the platform goes on listing is journaled once and not asked for without a pause`()
        async throws
    {
        try await Self.receive(Self.inbox("d0")) { clock, province, server in
            try await clock.untilAsleep()
            #expect(await province.journal.totals().messages == 1)
            #expect(server.count(AxisPath.getEdoc) < 5, "the platform must not be hammered")
        }
    }

    @Test(
        arguments: [
            #"{"status":"FAIL","ErrorCode":"10","ErrorDesc":"Tệp không hợp lệ"}"#,
            #"{"status":"FAIL","ErrorCode":"20","ErrorDesc":"Lỗi hệ thống"}"#,
            #"{"status":"OK","ErrorCode":"0","data":"không phải base64"}"#, "<html>lỗi</html>", "",
        ]
    )
    func `a packet that cannot be fetched does not hold up those behind it`(answer: String) async throws {
        var inbox = Self.inbox("d0", "d1")
        inbox.fetching["d0"] = answer
        try await Self.receive(inbox) { clock, province, _ in
            let stored = try await province.waitForMessages(1, clock)
            #expect(stored.map(\.message.digest) == [SHA256.hash(Self.document(1))])
        }
    }

    @Test func `a packet that cannot be marked does not hold up those behind it`() async throws {
        var inbox = Self.inbox("d0", "d1")
        inbox.marking["d0"] = #"{"status":"FAIL","ErrorCode":"20","ErrorDesc":"Lỗi hệ thống"}"#
        try await Self.receive(inbox) { clock, province, _ in
            let stored = try await province.waitForMessages(2, clock)
            #expect(stored.count == 2)
        }
    }

    @Test(arguments: ["mã lạ", "d 0"])
    func `a packet whose id cannot be written in a header does not hold up those behind it`(
        docID: String
    ) async throws {
        try await Self.receive(Self.inbox(docID, "d1")) { clock, province, _ in
            let stored = try await province.waitForMessages(1, clock)
            #expect(stored.map(\.message.digest) == [SHA256.hash(Self.document(1))])
        }
    }

    @Test(arguments: [#"{"docId":"x","messageType":"thư lạ"}"#, #"{"messageType":"edoc"}"#])
    func `an entry that cannot be read does not hold up the others`(entry: String) async throws {
        let known = String(decoding: Self.entry("d1").json.serialised(), as: UTF8.self)
        let list = #"{"status":"OK","ErrorCode":"0","data":[\#(entry),\#(known)]}"#
        let packet = Self.document(1)
        try await StandInServer.run(answering: { request in
            switch request.path {
            case AxisPath.getReceivedEdocList: .plain(200, list)
            case AxisPath.getEdoc: Self.reply(.document(packet, docID: "d1"))
            default: Self.reply(.ok(docID: "d1"))
            }
        }) { server in
            try await PlatformBench.run { bench in
                let province = try Province(clock: bench.clock)
                try await province.whileConnected(to: PlatformBench.national(at: server.url), of: bench) {
                    let stored = try await province.waitForMessages(1, bench.clock)
                    #expect(stored.map(\.message.digest) == [SHA256.hash(packet)])
                }
            }
        }
    }
}
