import HubCore
import HubDialects
import HubEnvelope
import HubJSON
import HubModel
import HubNational
import HubTesting
import Testing

/// What the hub fetches from the document axis.
@Suite(.timeLimit(.minutes(1))) struct AxisReceivingTests {
    private static func document(_ number: Int = 412, subject: String = "Về việc thử") -> [UInt8] {
        EdocText.document(from: "000.00.11.H55", to: ["000.00.13.H44"], number: number, subject: subject)
    }

    @Test func `a packet in the inbox is journaled as it came and then marked as done`() async throws {
        try await PlatformBench.run { bench in
            let province = try Province(clock: bench.clock)
            let packet = Self.document()
            let docID = try await bench.sendFromH55(packet)
            try await province.whileConnected(to: bench) {
                let message = try #require(try await province.waitForMessages(1, bench.clock).first).message
                #expect(message.sender == province.adapter.system && message.agency == "000.00.11.H55")
                #expect(message.type == .edocDocument && message.correlation == docID)
                #expect(message.deliveries.first?.destination.description == "mailbox:qlvb-so-tttt-h44")
                #expect(try await province.journal.payload(of: message.id) == packet)
                try await bench.clock.pass { try await !bench.ledger("axis.done").isEmpty }
                #expect(try await bench.ledger("axis.done").map { $0["docId"]?.string } == [docID])
                #expect(try await bench.inbox(of: PlatformBench.h44).isEmpty)
            }
        }
    }

    @Test func `a status is journaled as a status`() async throws {
        try await PlatformBench.run { bench in
            let province = try Province(clock: bench.clock)
            try await bench.sendFromH55(EdocText.status(), type: .status)
            try await province.whileConnected(to: bench) {
                let stored = try await province.waitForMessages(1, bench.clock)
                #expect(stored.map(\.message.type) == [.edocStatus])
            }
        }
    }

    @Test func `packets are taken in the order of the inbox, each once, also those that come meanwhile`()
        async throws
    {
        try await PlatformBench.run { bench in
            let province = try Province(clock: bench.clock)
            for number in 1...5 { try await bench.sendFromH55(Self.document(number)) }
            try await province.whileConnected(to: bench) {
                _ = try await province.waitForMessages(5, bench.clock)
                for number in 6...8 { try await bench.sendFromH55(Self.document(number)) }
                let stored = try await province.waitForMessages(8, bench.clock)
                #expect(stored.map(\.message.digest) == (1...8).map { SHA256.hash(Self.document($0)) })
                try await bench.clock.pass { try await bench.inbox(of: PlatformBench.h44).isEmpty }
            }
            #expect(try await bench.ledger("axis.done").count == 8)
            #expect(await province.journal.totals().messages == 8)
        }
    }

    @Test func `a packet that was sent under two ids is one message`() async throws {
        try await PlatformBench.run { bench in
            let province = try Province(clock: bench.clock)
            for id in ["a", "b"] { try await bench.sendFromH55(Self.document(), id: id) }
            try await province.whileConnected(to: bench) {
                try await bench.clock.pass { try await bench.ledger("axis.done").count == 2 }
            }
            #expect(await province.journal.totals().messages == 1)
        }
    }

    @Test(
        arguments: [
            (
                EdocText.document(from: "000.00.11.H55", to: ["000.00.13.H44"], priority: -1),
                .schemaPayloadInvalid
            ),
            (EdocText.document(from: "000.00.11.H55", to: ["000.00.98.H44"]), .routeReceiverUnknown),
            (EdocText.document(from: "000.00.10.H44", to: ["000.00.13.H44"]), .accessAgencyNotOwn),
        ] as [([UInt8], ErrorCode)]
    )
    func `a packet that can never be taken is marked as failed and its refusal is recorded`(
        packet: [UInt8], code: ErrorCode
    ) async throws {
        try await PlatformBench.run { bench in
            let province = try Province(clock: bench.clock)
            let docID = try await bench.sendFromH55(packet)
            try await bench.sendFromH55(Self.document(900))
            try await province.whileConnected(to: bench) {
                let stored = try await province.waitForMessages(1, bench.clock)
                #expect(
                    stored.first?.message.digest == SHA256.hash(Self.document(900)), "those behind it go on")
                #expect(try await bench.ledger("axis.failed").map { $0["docId"]?.string } == [docID])
            }
            let refusals = await province.journal.refusals(before: nil, limit: 10).map(\.refusal)
            #expect(refusals.map(\.code) == [code] && refusals.first?.digest == SHA256.hash(packet))
            #expect(refusals.first?.sender == province.adapter.system.description)
        }
    }

    @Test func `another packet under an identity that was used is marked as failed`() async throws {
        try await PlatformBench.run { bench in
            let province = try Province(clock: bench.clock)
            for subject in ["Bản đầu", "Bản khác"] {
                try await bench.sendFromH55(Self.document(subject: subject))
            }
            try await province.whileConnected(to: bench) {
                try await bench.clock.pass { try await bench.inbox(of: PlatformBench.h44).isEmpty }
            }
            #expect(try await bench.ledger("axis.done").count == 1)
            #expect(try await bench.ledger("axis.failed").count == 1)
            #expect(await province.journal.totals().refusals == [.intakeIdentityConflict: 1])
        }
    }
}
