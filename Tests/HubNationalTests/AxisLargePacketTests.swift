import HubCore
import HubDialects
import HubEnvelope
import HubModel
import HubTesting
import Hummingbird
import Testing

@testable import HubNational

/// Packets whose reply is too large to be held.
@Suite(.timeLimit(.minutes(2))) struct AxisLargePacketTests {
    /// No two pieces of it are alike.
    private static let value = Base64.text(
        (0..<(5 << 20)).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8 ^ $0 >> 16) })

    private static let packet = Array(
        String(decoding: EdocText.document(from: "000.00.11.H55", to: ["000.00.13.H44"]), as: UTF8.self)
            .replacing("JVBERi0xLjQK", with: value).utf8
    )

    @Test func `a large packet is journaled byte for byte as the platform has it`() async throws {
        try await PlatformBench.run { bench in
            try await DiskJournal.run(clock: bench.clock) { disk in
                let province = try Province(clock: bench.clock, disk: disk.journal)
                let docID = try await bench.sendFromH55(Self.packet)
                try await province.whileConnected(to: bench) {
                    try await bench.clock.pass { try await !bench.ledger("axis.done").isEmpty }
                }
                let message = try #require(try await disk.journal.messages(before: nil, limit: 2).first)
                    .message
                #expect(message.correlation == docID && message.type == .edocDocument)
                let digest = SHA256.hash(Self.packet)
                #expect(message.size == Self.packet.count && message.digest == digest)
                #expect(SHA256.hash(try await disk.journal.payload(of: message.id)) == digest)
                // Of the reply itself nothing is left.
                #expect(try await disk.spool(of: 1) == [digest])
            }
        }
    }

    /// A reply that brings no packet.
    struct Bad: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let code: ErrorCode
        var replyLimit = 256 << 20
        let reply: @Sendable () -> Response
    }

    private static func text(_ data: String, _ more: String = "") -> String {
        #"{"status":"OK","ErrorCode":"0","ErrorDesc":"","data":"\#(data)"\#(more)}"#
    }

    /// A little more than is held.
    private static let long = String(repeating: "VGjDtG5n", count: Payload.longestWhole / 8 + 1)

    static let bad: [Bad] = [
        Bad(testDescription: "its connection breaks", code: .deliveryUnavailable) {
            .half(200, Self.text(Self.long)) {}
        },
        Bad(testDescription: "it ends too early", code: .deliveryReplyUnreadable) {
            .plain(200, #"{"status":"OK","ErrorCode":"0","data":"\#(Self.long)"#)
        },
        Bad(
            testDescription: "it is longer than is read", code: .deliveryReplyUnreadable,
            replyLimit: Payload.longestWhole
        ) {
            .plain(200, Self.text(Self.long))
        },
        Bad(testDescription: "something in it is no base64", code: .deliveryReplyUnreadable) {
            .plain(200, Self.text(Self.long + "*" + Self.long.prefix(1000)))
        },
        Bad(testDescription: "what is long is not the packet", code: .deliveryReplyUnreadable) {
            .plain(200, Self.text("", #","extra":"\#(Self.long)""#))
        },
    ]

    @Test(arguments: Self.bad)
    func `a large reply without a packet is refused with its code and leaves nothing on the disk`(_ bad: Bad)
        async throws
    {
        let clock = ManualClock(start: PlatformBench.start)
        try await DiskJournal.run(clock: clock) { disk in
            let journal = disk.journal
            let error = try await StandInServer.run(answering: { _ in bad.reply() }) { server -> HubError? in
                try await withClient { client -> HubError? in
                    var national = PlatformBench.national(at: server.url)
                    national.replyLimit = bad.replyLimit
                    let connector = AxisConnector(national, client: client, clock: clock)
                    do throws(HubError) {
                        _ = try await connector.packet("7") { count async throws(HubError) in
                            try await journal.reception(of: count)
                        }
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            #expect(error?.code == bad.code)
            #expect(try await disk.spool(of: 0).isEmpty)
        }
    }
}
