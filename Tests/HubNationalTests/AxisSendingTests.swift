import HubCore
import HubDialects
import HubEnvelope
import HubJSON
import HubModel
import HubNational
import HubTesting
import Testing

/// What the hub brings to the document axis, seen from the platform's side.
@Suite(.timeLimit(.minutes(1))) struct AxisSendingTests {
    private static func connector(
        _ bench: PlatformBench, change: (inout NationalConfiguration) -> Void = { _ in }
    ) throws -> AxisConnector {
        var national = bench.national
        change(&national)
        return AxisConnector(national, client: bench.client, clock: bench.clock)
    }

    @Test func `a packet that is sent is in the platform's ledger once, and its receiver gets every byte`()
        async throws
    {
        try await PlatformBench.run { bench in
            let parcel = Parcels.edoc()
            let outcome = try await Self.connector(bench).deliver(parcel)
            let accepted = try await bench.ledger("axis.accepted")
            let event = try #require(accepted.first)
            #expect(accepted.count == 1)
            #expect(event["system"] == "00.44.W00" && event["from"] == "000.00.13.H44")
            #expect(event["to"] == ["000.00.11.H55"] && event["messageType"] == "edoc")
            #expect(event["clientId"]?.string == parcel.delivery.id.description)
            let docID = try #require(event["docId"]?.string)
            #expect(outcome == .delivered(answer: docID), "the operator must see the platform's own id")
            #expect(try await bench.inbox(of: PlatformBench.h55).map(\.docID) == [docID])
            #expect(try await bench.fetch(docID, as: PlatformBench.h55) == parcel.payload.inMemory)
        }
    }

    @Test func `a status goes as a status`() async throws {
        try await PlatformBench.run { bench in
            let status = EdocText.status(from: "000.00.13.H44", to: "000.00.11.H55")
            let outcome = try await Self.connector(bench).deliver(Parcels.edoc(status, type: .edocStatus))
            #expect(outcome.verdict == .delivered)
            #expect(try await bench.inbox(of: PlatformBench.h55).map(\.messageType) == [.status])
        }
    }

    @Test func `the same delivery twice is one packet, delivered both times`() async throws {
        try await PlatformBench.run { bench in
            let connector = try Self.connector(bench)
            let first = await connector.deliver(Parcels.edoc())
            let second = await connector.deliver(Parcels.edoc())
            #expect(first.verdict == .delivered && second == first)
            #expect(try await bench.ledger("axis.accepted").count == 1)
            #expect(try await bench.ledger("axis.repeated").count == 1)
            #expect(try await bench.inbox(of: PlatformBench.h55).count == 1)
        }
    }

    @Test func `one message for two receivers is two packets`() async throws {
        try await PlatformBench.run { bench in
            let connector = try Self.connector(bench)
            for (number, receiver) in ["000.00.11.H55", "000.00.12.H55"].enumerated() {
                let outcome = await connector.deliver(Parcels.edoc(number: number, to: receiver))
                #expect(outcome.verdict == .delivered)
            }
            #expect(
                try await bench.inbox(of: PlatformBench.h55).map(\.to) == [
                    ["000.00.11.H55"], ["000.00.12.H55"],
                ]
            )
        }
    }

    @Test func `a packet whose answer was lost is not there twice when it is sent again`() async throws {
        try await PlatformBench.run { bench in
            try await bench.order(fault: "cut-off", at: AxisPath.sendEdoc)
            let connector = try Self.connector(bench)
            let lost = await connector.deliver(Parcels.edoc())
            guard case .tryLater = lost else {
                Issue.record("a reply that breaks off was taken for \(lost)")
                return
            }
            #expect(await connector.deliver(Parcels.edoc()).verdict == .delivered)
            #expect(try await bench.ledger("axis.accepted").count == 1)
        }
    }

    @Test(
        arguments: [
            ("000.00.13.H44", "000.00.11.Z99", ErrorCode.routeReceiverUnknown, "18"),
            ("000.00.13.H10", "000.00.11.H55", .accessAgencyNotOwn, "19"),
        ]
    )
    func `a packet that the platform will never take is refused with its code`(
        from: String, to: String, code: ErrorCode, theirs: String
    ) async throws {
        try await PlatformBench.run { bench in
            let outcome = try await Self.connector(bench).deliver(Parcels.edoc(from: from, to: to))
            #expect(outcome.verdict == .refused(code))
            #expect(outcome.answer.hasPrefix(theirs + " "))
            #expect(try await bench.ledger("axis.accepted").isEmpty)
        }
    }

    @Test func `a packet that is no edXML is refused`() async throws {
        try await PlatformBench.run { bench in
            let outcome = try await Self.connector(bench).deliver(Parcels.edoc(Array("<khac/>".utf8)))
            #expect(outcome.verdict == .refused(.schemaPayloadInvalid))
        }
    }

    @Test func `with a wrong secret packets wait until it is mended`() async throws {
        try await PlatformBench.run { bench in
            let stranger = try Self.connector(bench) { $0.axis.secret = Array("sai".utf8) }
            #expect(await stranger.deliver(Parcels.edoc()).verdict == .tryLater(.accessDenied))
            #expect(try await bench.ledger("axis.refused").count == 1)
            #expect(try await Self.connector(bench).deliver(Parcels.edoc()).verdict == .delivered)
        }
    }

    @Test(arguments: ["", "000.00.11.H55 ", "Sở Tài chính", "000.00.11.H55;000.00.12.H55"])
    func `a receiver that cannot be written in a header is refused at once`(receiver: String) async throws {
        try await PlatformBench.run { bench in
            let outcome = try await Self.connector(bench).deliver(Parcels.edoc(to: receiver))
            #expect(outcome.verdict == .refused(.apiRequestMalformed), "trying again would end the same way")
        }
    }
}
