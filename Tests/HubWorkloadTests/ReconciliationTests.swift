import HubModel
import Testing

@testable import HubWorkload

@Suite("Laying the ledgers side by side")
struct ReconciliationTests {
    @Test("finds nothing wrong where nothing is")
    func sound() {
        let result = Reconciliation(Story().ledgers)
        #expect(result.submitted == 4)
        #expect(result.accepted == 4)
        #expect(result.refused.isEmpty)
        #expect(result.delivered == 6)
        #expect(result.disagreements == [])
        #expect(result.isSound)
    }

    @Test("counts refusals by their code")
    func refusals() {
        var story = Story()
        story.refuse("a", from: "qlvb-so-tttt-h44", code: "xml.doctype_forbidden")
        story.refuse("b", from: "qlvb-so-tttt-h44", code: "route.receiver_unknown")
        story.refuse("c", from: "qlvb-so-tc-h44", code: "route.receiver_unknown")
        let result = Reconciliation(story.ledgers)
        #expect(result.refused == ["xml.doctype_forbidden": 1, "route.receiver_unknown": 2])
        #expect(result.submitted == 7)
        #expect(result.isSound)
    }

    @Test("calls a message lost that was accepted and reached one receiver too few")
    func lost() {
        var story = Story()
        story.ledgers.arrivals.removeAll { $0.receiver == "qlvb-so-tc-h55" }
        let result = Reconciliation(story.ledgers)
        #expect(result.lost == ["qlvb-so-tttt-h44 document → 000.00.11.H55"])
        #expect(result.delivered == 5)
        #expect(!result.isSound)
    }

    @Test("calls a message lost that no ledger but the sender's knows")
    func vanished() {
        var story = Story()
        story.ledgers.messages.removeAll { $0.digest == "status-06" }
        story.ledgers.arrivals.removeAll { $0.digest == "status-06" }
        let result = Reconciliation(story.ledgers)
        #expect(result.lost == ["qlvb-so-tc-h44 status-06 → H44.13"])
        #expect(
            result.disagreements == ["qlvb-so-tc-h44 status-06: accepted for the sender, unknown to the hubs"]
        )
    }

    @Test("does not take the hub's word for a delivery")
    func claimedDelivery() {
        var story = Story()
        story.ledgers.arrivals.removeAll { $0.receiver == "qlvb-so-tc-h44" }
        let result = Reconciliation(story.ledgers)
        #expect(result.lost == ["qlvb-so-tttt-h44 document → H44.11"])
        #expect(
            result.disagreements == ["H44 id-document.2: delivered for the hub, unknown to qlvb-so-tc-h44"])
    }

    @Test(
        "tells what is still on the way, and what was given up, from what is lost",
        arguments: [(HubMessage.Phase.pending, 1, 0), (.deadLettered, 0, 1)])
    func unfinished(phase: HubMessage.Phase, pending: Int, deadLettered: Int) throws {
        var story = Story()
        story.ledgers.arrivals.removeAll { $0.receiver == "qlvb-so-tc-h44" }
        let place = try #require(story.ledgers.messages.firstIndex { $0.id == "id-document" })
        story.ledgers.messages[place].deliveries[2].phase = phase
        let result = Reconciliation(story.ledgers)
        #expect(result.pending.count == pending)
        #expect(result.deadLettered.count == deadLettered)
        #expect(result.lost.isEmpty)
        #expect(result.disagreements.isEmpty)
        #expect(result.isSound == (pending == 0))
    }

    @Test("knows what the national platform still holds")
    func heldByNational() {
        var story = Story()
        story.ledgers.arrivals.removeAll { $0.receiver == Ledgers.national }
        story.ledgers.heldByNational = ["document"]
        let result = Reconciliation(story.ledgers)
        #expect(result.pending == ["qlvb-so-tttt-h44 document → G14"])
        #expect(result.lost.isEmpty)
    }

    @Test(
        "calls an arrival duplicated that a receiver took for new a second time, and not a repeat it recognised"
    )
    func duplicated() {
        var story = Story()
        story.arrive(
            "document", at: "qlvb-so-tc-h44", to: "H44.11", delivery: "id-document.2", isRepeat: true)
        #expect(Reconciliation(story.ledgers).duplicated.isEmpty)
        #expect(Reconciliation(story.ledgers).repeated == 1)
        #expect(Reconciliation(story.ledgers).isSound)
        story.arrive("document", at: "qlvb-so-tc-h44", to: "H44.11", delivery: "another.0")
        let result = Reconciliation(story.ledgers)
        #expect(result.duplicated == ["qlvb-so-tc-h44: edoc/document/1 another.0"])
        #expect(!result.isSound)
    }

    @Test("calls a delivery duplicated that came twice with different bytes")
    func duplicatedDelivery() {
        var story = Story()
        story.arrive("document", at: "ioc-h44", to: nil, delivery: "x.0", message: "id-document")
        story.arrive("other", at: "ioc-h44", to: nil, delivery: "x.0", message: "id-document")
        #expect(Reconciliation(story.ledgers).duplicated.count == 1)
    }

    @Test("lets two agencies of one system each have their copy")
    func twoAgencies() {
        var story = Story()
        story.send(
            "both", from: "qlvb-so-tttt-h44", to: ["H55.11", "H55.12"], order: "D2",
            deliveries: [("national:axis", "H55.11"), ("national:axis", "H55.12")])
        story.arrive("both", at: "qlvb-so-tc-h55", to: "H55.11", delivery: "y.0")
        #expect(Reconciliation(story.ledgers).lost == ["qlvb-so-tttt-h44 both → H55.12"])
        story.arrive("both", at: "qlvb-so-tc-h55", to: "H55.12", delivery: "y.1")
        #expect(Reconciliation(story.ledgers).isSound)
    }

    @Test("sees a status that overtook an earlier one of the same document")
    func outOfOrder() throws {
        var story = Story()
        let first = try #require(story.ledgers.arrivals.firstIndex { $0.digest == "status-01" })
        let second = try #require(story.ledgers.arrivals.firstIndex { $0.digest == "status-03" })
        story.ledgers.arrivals.swapAt(first, second)
        let result = Reconciliation(story.ledgers)
        #expect(
            result.outOfOrder == ["qlvb-so-tttt-h44: qlvb-so-tc-h44 status-01 after qlvb-so-tc-h44 status-03"]
        )
        #expect(!result.isSound)
    }

    @Test("asks for order within one document only")
    func ordersAreSeparate() {
        var story = Story()
        for (digest, order) in [("first", "D2"), ("second", "D3")] {
            story.send(
                digest, from: "qlvb-so-tttt-h44", to: ["H44.11"], order: order,
                deliveries: [("mailbox:qlvb-so-tc-h44", "H44.11")])
        }
        story.arrive("second", at: "qlvb-so-tc-h44", to: "H44.11", delivery: "id-second.0")
        story.arrive("first", at: "qlvb-so-tc-h44", to: "H44.11", delivery: "id-first.0")
        #expect(Reconciliation(story.ledgers).isSound)
    }

    @Test("expects a subscriber's copies, which no sender names")
    func copies() throws {
        var story = Story()
        let place = try #require(story.ledgers.messages.firstIndex { $0.id == "id-document" })
        story.ledgers.messages[place].deliveries.append(
            .init(
                ordinal: 3, destination: "push:ioc-h44", recipient: "ioc-h44", type: "indicator/event/1",
                phase: .delivered))
        let missing = Reconciliation(story.ledgers)
        #expect(missing.lost == ["H44 id-document.3 indicator/event/1 → push:ioc-h44"])
        story.arrive(
            "indicator", at: "ioc-h44", to: nil, delivery: "id-document.3", message: "id-document",
            type: "indicator/event/1")
        let complete = Reconciliation(story.ledgers)
        #expect(complete.isSound)
        #expect(complete.delivered == 7)
    }

    @Test("names what a hub accepted though no sender knows of it")
    func unknownToSenders() {
        var story = Story()
        story.ledgers.messages.append(
            HubMessage(
                hub: "H44", id: "stray", sender: "ghost", type: "edoc/document/1", digest: "stray",
                deliveries: []))
        #expect(
            Reconciliation(story.ledgers).disagreements == [
                "H44 stray edoc/document/1 from ghost: accepted by the hub, not so in any sender's ledger"
            ])
    }

    @Test("names an arrival that nobody sent")
    func sentByNobody() {
        var story = Story()
        story.arrive("stray", at: "qlvb-so-tc-h44", to: "H44.11")
        #expect(
            Reconciliation(story.ledgers).disagreements == [
                "qlvb-so-tc-h44: edoc/document/1 stray arrived, sent by nobody"
            ])
    }

    @Test("names refusals that the hubs did not record")
    func unrecordedRefusal() {
        var story = Story()
        story.refuse("a", from: "qlvb-so-tttt-h44", code: "intake.too_large", alsoAtTheHub: false)
        #expect(
            Reconciliation(story.ledgers).disagreements == [
                "intake.too_large: refused 1 times for the senders, 0 times in the hubs' ledgers"
            ])
    }

    @Test("is not satisfied while a sender waits for an answer")
    func unanswered() {
        var story = Story()
        story.ledgers.submissions[0].answer = nil
        let result = Reconciliation(story.ledgers)
        #expect(result.unanswered == 1)
        #expect(!result.isSound)
    }

    @Test("measures from the sender's line to the receiver's")
    func transits() {
        let result = Reconciliation(Story().ledgers)
        #expect(result.transits.count == 6)
        #expect(result.transit(at: 0.5) == .milliseconds(20))
        #expect(result.transit(at: 0.99) == .milliseconds(40))
        #expect(Reconciliation(Ledgers()).transit(at: 0.5) == nil)
    }
}
