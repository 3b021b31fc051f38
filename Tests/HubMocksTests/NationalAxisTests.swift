import FoundationEssentials
import HubDialects
import HubEnvelope
import HubJSON
import HubMocks
import HubModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct NationalAxisTests {
    static let h44 = NationalBench.h44
    static let h55 = NationalBench.h55

    @Test func `a packet goes from sender to inbox to receiver and is gone when done`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                let body = NationalSamples.document()
                let reply = try await bench.send(body, to: ["000.00.11.H55", "H55.12"])
                let docID = try #require(reply.docID)
                #expect(reply.isOK && docID.utf8.count == 24)
                let entries = try await bench.list(Self.h55)
                #expect(entries.map(\.docID) == [docID] && entries.first?.to == ["000.00.11.H55", "H55.12"])
                #expect(entries.first?.status == .inbox && entries.first?.from == "000.00.13.H44")
                #expect(try await bench.list(Self.h44).isEmpty)
                #expect(try await bench.fetch(docID, Self.h55) == body)
                #expect(try await bench.mark(docID, .done, Self.h55).isOK)
                #expect(try await bench.list(Self.h55).isEmpty)
            }
        }
    }

    @Test func `a packet is listed again until it is done, in the order of sending`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                var sent: [String] = []
                for number in 1...3 {
                    let reply = try await bench.send(NationalSamples.document(number), to: ["H55.11"])
                    sent.append(try #require(reply.docID))
                }
                for _ in 1...2 {
                    _ = try await bench.fetch(sent[0], Self.h55)
                    let entries = try await bench.list(Self.h55)
                    #expect(entries.map(\.docID) == sent)
                    #expect(entries.map(\.status) == [.processing, .inbox, .inbox])
                }
                #expect(try await bench.mark(sent[1], .fail, Self.h55).isOK)
                #expect(try await bench.mark(sent[1], .fail, Self.h55).isOK, "a repeat after a lost reply")
                #expect(try await bench.list(Self.h55).map(\.docID) == [sent[0], sent[2]])
            }
        }
    }

    @Test func `a repeat under the sender's own id is one packet`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                let body = NationalSamples.document()
                let first = try await bench.send(body, to: ["H55.11"], id: "a.0")
                #expect(try await bench.send(body, to: ["H55.11"], id: "a.0") == first)
                #expect(try await bench.list(Self.h55).count == 1)
                let other = try await bench.send(body, to: ["H55.12"], id: "a.1")
                #expect(other.isOK && other.docID != first.docID)
            }
        }
    }

    @Test func `the list can be asked for one type`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                #expect(try await bench.send(NationalSamples.document(), to: ["H55.11"]).isOK)
                for (type, count) in [(AxisMessageType.edoc, 1), (.status, 0)] {
                    let reply = try await bench.axis(AxisPath.getReceivedEdocList, Self.h55) {
                        $0.messageType = type
                    }
                    #expect(try reply.entries().count == count)
                }
            }
        }
    }

    @Test(arguments: [
        (["H99.11"], AxisErrorCode.receiverUnknown), (["H55.11", "G13"], .receiverUnknown),
        (["?"], .receiverUnknown),
    ])
    func `a receiver that nobody knows is refused and nobody gets anything`(
        to: [String], code: AxisErrorCode
    ) async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                let reply = try await bench.send(NationalSamples.document(), to: to)
                #expect(!reply.isOK && reply.errorCode == code.rawValue)
                #expect(try await bench.list(Self.h55).isEmpty)
                let refused = try await bench.ledger().filter { $0["kind"] == "axis.refused" }
                #expect(refused.count == 1 && refused.first?["detail"] == "route.receiver_unknown")
            }
        }
    }

    @Test func `codes that a merger closed go to the successor's inbox`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench async throws in
                #expect(
                    try await bench.send(NationalSamples.document(), to: ["000.00.11.H03", "00.55.W00"]).isOK)
                #expect(try await bench.list(Self.h55).first?.to == ["000.00.11.H03", "00.55.W00"])
            }
        }
    }

    @Test func `what is not as it should be is refused with its code`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                func send(
                    _ body: [UInt8], secret: String? = nil, _ change: @escaping (inout AxisHeaders) -> Void
                ) async throws -> String {
                    try await bench.axis(AxisPath.sendEdoc, Self.h44, body: body, secret: secret) {
                        $0.from = "H44.13"
                        $0.to = ["H55.11"]
                        $0.messageType = .edoc
                        change(&$0)
                    }.errorCode
                }
                let body = NationalSamples.document()
                #expect(try await send(body, secret: "another") { _ in } == "15")
                #expect(try await send(body) { $0.systemID = "00.99.W00" } == "15")
                #expect(try await send(body) { $0.timestamp = Timestamp(seconds: 1_700_000_000) } == "15")
                #expect(try await send(body) { $0.from = "H55.11" } == "19")
                #expect(try await send(body) { $0.from = nil } == "19")
                #expect(try await send(body) { $0.fileHash = .zero } == "10")
                #expect(try await send(Array("<edXML".utf8)) { _ in } == "10")
                #expect(try await send(Array("<!DOCTYPE a><a/>".utf8)) { _ in } == "10")
                #expect(try await send(Array("<a/>".utf8)) { _ in } == "22")
                #expect(try await send(body) { $0.messageType = .status } == "22")
                let fetched = try await bench.axis(AxisPath.getEdoc, Self.h44) { $0.docID = "none" }
                #expect(fetched.errorCode == "10")
                let bare = try await bench.call("POST", bench.url + AxisPath.sendEdoc, [], body)
                #expect(try AxisReply.parse(bare.body).errorCode == "15")
                #expect(try await bench.list(Self.h55).isEmpty)
            }
        }
    }

    @Test func `one hub cannot fetch what waits for another`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                let docID = try #require(
                    try await bench.send(NationalSamples.document(), to: ["H55.11"]).docID)
                #expect(
                    try await bench.axis(AxisPath.getEdoc, Self.h44) { $0.docID = docID }.errorCode == "10")
                #expect(try await bench.mark(docID, .done, Self.h44).errorCode == "10")
                #expect(try await bench.list(Self.h55).count == 1)
            }
        }
    }

    @Test func `a ministry answers a document with 01, 03 and 06, in order`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                #expect(
                    try await bench.send(NationalSamples.document(to: ["000.00.00.G14"]), to: ["G14"]).isOK)
                let entries = try await bench.list(Self.h44, untilCount: 3)
                var codes: [String?] = []
                for entry in entries {
                    #expect(entry.messageType == .status && entry.to == ["000.00.13.H44"])
                    let message = try EdocMessage.parse(try await bench.fetch(entry.docID, Self.h44))
                    codes.append(message.statusCode)
                    #expect(message.from.id == "000.00.00.G14")
                    #expect(message.documentID == "000.00.13.H44,2026/03/02,412/STN")
                    #expect(message.responseFor.first?.code == "412/STN")
                }
                #expect(codes == ["01", "03", "06"])
            }
        }
    }

    @Test(arguments: [1, 2])
    func `a ministry agrees to a recall and to an update`(business: Int) async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                #expect(try await bench.send(NationalSamples.document(to: ["G14"]), to: ["G14"]).isOK)
                let change = NationalSamples.document(to: ["G14"], business: business)
                #expect(try await bench.send(change, to: ["G14"]).isOK)
                var codes: [String?] = []
                for entry in try await bench.list(Self.h44, untilCount: 4) {
                    codes.append(
                        try EdocMessage.parse(try await bench.fetch(entry.docID, Self.h44)).statusCode)
                }
                #expect(codes == ["01", "03", "06", "15"])
            }
        }
    }

    @Test func `a ministry agrees to a request to have a document back, and only to that`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                let document = try EdocMessage.parse(NationalSamples.document(to: ["G14"]))
                for code in [EdocStatusCode.arrived, .recallRequested] {
                    let status = EdocStatus(
                        code, from: document.from, to: document, at: NationalPlatform.wallClock()
                    ).encoded()
                    #expect(try await bench.send(status, to: ["G14"], type: .status).isOK)
                }
                let entry = try #require(try await bench.list(Self.h44, untilCount: 1).first)
                let answer = try EdocMessage.parse(try await bench.fetch(entry.docID, Self.h44))
                #expect(answer.statusCode == "15" && answer.responseFor == [document.reference])
            }
        }
    }

    @Test func `a ministry takes the same bytes once`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                let body = NationalSamples.document(to: ["G14"])
                for _ in 1...2 { #expect(try await bench.send(body, to: ["G14"]).isOK) }
                _ = try await bench.list(Self.h44, untilCount: 3)
                let kinds = try await bench.ledger().compactMap { $0["kind"]?.string }
                #expect(kinds.filter { $0 == "ministry.received" }.count == 1)
                #expect(kinds.filter { $0 == "ministry.repeated" }.count == 1)
                #expect(kinds.filter { $0 == "ministry.answered" }.count == 3)
            }
        }
    }

    @Test func `the ledger names what is needed to reconcile`() async throws {
        try await withFolder { folder in
            try await NationalBench.run(in: folder) { bench in
                let body = NationalSamples.document()
                let docID = try #require(try await bench.send(body, to: ["H55.11"], id: "m.0").docID)
                _ = try await bench.fetch(docID, Self.h55)
                _ = try await bench.mark(docID, .done, Self.h55)
                let lines = try await bench.ledger()
                let kinds = ["axis.accepted", "axis.queued", "axis.fetched", "axis.done"]
                #expect(lines.compactMap { $0["kind"]?.string } == kinds)
                let digest = JSONValue.string(SHA256.hash(body).description)
                #expect(
                    lines.allSatisfy {
                        $0["docId"]?.string == docID && $0["digest"] == digest && ($0["at"]?.int ?? 0) > 0
                    })
                let accepted = try #require(lines.first)
                #expect(accepted["from"] == "000.00.13.H44" && accepted["to"] == ["H55.11"])
                #expect(accepted["system"] == "00.44.W00" && accepted["messageType"] == "edoc")
                #expect(
                    accepted["documentId"] == "000.00.13.H44,2026/03/02,412/STN"
                        && accepted["businessType"] == 0)
                #expect(accepted["clientId"] == "m.0" && lines.last?["system"] == "00.55.W00")
            }
        }
    }
}
