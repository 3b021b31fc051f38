import HubModel
import Testing

@testable import HubWorkload

@Suite("Reading ledgers")
struct LedgerReaderTests {
    static let sender = """
        {"at":"2026-01-02T03:04:05.000Z","event":"started"}
        {"at":"2026-01-02T03:04:05.100Z","event":"submit","key":"k1","label":"one","type":"edoc/document/1","digest":"d1","order":"D","recipients":["H44.11"]}
        {"at":"2026-01-02T03:04:05.150Z","event":"answered","key":"k1","http":200,"accepted":true,"id":"m1","took_ms":50}
        {"at":"2026-01-02T03:04:05.200Z","event":"submit","key":"k2","type":"edoc/document/1","digest":"d2","recipients":[]}
        {"at":"2026-01-02T03:04:05.250Z","event":"answered","key":"k2","http":200,"accepted":false,"code":"xml.malformed"}
        {"at":"2026-01-02T03:04:05.260Z","event":"lookup","service":"a/b/1","digest":"q","accepted":true}

        """

    @Test("joins a submission with its answer")
    func submissions() throws {
        var reader = LedgerReader()
        reader.addSystem("a", agencies: [], ndjson: Array(Self.sender.utf8))
        #expect(reader.faults == [])
        #expect(reader.ledgers.submissions.map(\.key) == ["k1", "k2"])
        let first = try #require(reader.ledgers.submissions.first)
        #expect(first.answer?.id == "m1")
        #expect(first.answer?.at.since(first.at) == .milliseconds(50))
        #expect(reader.ledgers.submissions[1].answer?.code == "xml.malformed")
        #expect(reader.ledgers.lookupsAsked == 1)
        #expect(reader.ledgers.lookupsAnswered == 1)
    }

    @Test("reads arrivals and keeps repeats apart")
    func arrivals() {
        var reader = LedgerReader()
        let lines = """
            {"at":"2026-01-02T03:04:05Z","event":"received","delivery":"m.0","to":"H44.11","type":"edoc/document/1","digest":"d"}
            {"at":"2026-01-02T03:04:06Z","event":"repeat","delivery":"m.0","to":"H44.11","type":"edoc/document/1","digest":"d"}

            """
        reader.addSystem("a", agencies: [], ndjson: Array(lines.utf8))
        #expect(reader.ledgers.arrivals.map(\.isRepeat) == [false, true])
        #expect(reader.ledgers.arrivals.map(\.delivery) == ["m.0", "m.0"])
    }

    @Test("reads messages with their deliveries, and refusals, of a hub")
    func hub() throws {
        var reader = LedgerReader()
        let lines = """
            {"id":"m1","sender":"a","type":"edoc/document/1","identity":"D","digest":"d1","accepted_at":"2026-01-02T03:04:05Z","deliveries":[{"ordinal":0,"destination":"mailbox:b","recipient":"H44.11","type":"edoc/document/1","phase":"dead-lettered","at":"2026-01-02T03:04:05Z","attempts":2,"code":"delivery.expired"}]}
            {"refused_at":"2026-01-02T03:04:05Z","sender":"a","code":"xml.malformed","digest":"d2"}

            """
        reader.addHub("H44", ndjson: Array(lines.utf8))
        #expect(reader.faults == [])
        #expect(reader.ledgers.messages.first?.deliveries.first?.phase == .deadLettered)
        #expect(
            reader.ledgers.refusals == [
                HubRefusal(hub: "H44", sender: "a", code: "xml.malformed", digest: "d2")
            ])
    }

    @Test("lets a last line be cut off, as a killed process leaves it")
    func tornTail() {
        var reader = LedgerReader()
        reader.addSystem("a", agencies: [], ndjson: Array((Self.sender + #"{"at":"2026-"#).utf8))
        #expect(reader.faults == [])
    }

    @Test(
        "names the line that it cannot read",
        arguments: [
            ("{", "a:1: not a JSON object"), ("{}", "a:1: no moment in 'at'"),
            (#"{"at":"2026-01-02T03:04:05Z","event":"submit"}"#, "a:1: a submission without key or digest"),
            (#"{"at":"2026-01-02T03:04:05Z","event":"answered","key":"x"}"#, "a:1: an answer to nothing"),
            (#"{"at":"2026-01-02T03:04:05Z","event":"received"}"#, "a:1: an arrival without digest"),
        ])
    func faults(line: String, fault: String) {
        var reader = LedgerReader()
        reader.addSystem("a", agencies: [], ndjson: Array((line + "\n").utf8))
        #expect(reader.faults == [fault])
    }

    @Test("does not guess at a phase it does not know")
    func unknownPhase() {
        var reader = LedgerReader()
        reader.addHub(
            "H44",
            ndjson: Array(
                #"{"id":"m","digest":"d","deliveries":[{"destination":"x","phase":"sleeping"}]}"#.utf8) + [10]
        )
        #expect(reader.faults == ["H44:1: a delivery without a destination or a known phase"])
    }
}
