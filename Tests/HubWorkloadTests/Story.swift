import HubModel

@testable import HubWorkload

/// A made-up day: two provinces, the national platform, and what each wrote down.
///
/// Tests spoil one part of it.
struct Story {
    var ledgers = Ledgers()
    private var moment: Int64 = 1_000

    /// One document with its three receivers and their statuses, everything as it should be.
    init() {
        self.ledgers.agencies = [
            "qlvb-so-tttt-h44": Self.agencies("H44.13"), "qlvb-so-tc-h44": Self.agencies("H44.11"),
            "qlvb-so-tc-h55": Self.agencies("H55.11", "H55.12"), "ioc-h44": Self.agencies("H44.IOC"),
            "mot-cua-h44": Self.agencies("H44", "H44.14"),
        ]
        self.send(
            "document", from: "qlvb-so-tttt-h44", to: ["000.00.11.H55", "G14", "H44.11"], order: "D1",
            deliveries: [
                ("national:axis", "000.00.11.H55"), ("national:axis", "G14"),
                ("mailbox:qlvb-so-tc-h44", "H44.11"),
            ]
        )
        self.ledgers.messages.append(
            HubMessage(
                hub: "H55", id: "h55-document", sender: "national", type: "edoc/document/1",
                digest: "document",
                deliveries: [
                    .init(
                        ordinal: 0, destination: "mailbox:qlvb-so-tc-h55", recipient: "000.00.11.H55",
                        type: "edoc/document/1", phase: .delivered)
                ]
            )
        )
        self.arrive("document", at: "qlvb-so-tc-h55", to: "000.00.11.H55", delivery: "h55-document.0")
        self.arrive("document", at: Ledgers.national, to: "G14")
        self.arrive("document", at: "qlvb-so-tc-h44", to: "H44.11", delivery: "id-document.2")
        for status in ["01", "03", "06"] {
            self.send(
                "status-" + status, from: "qlvb-so-tc-h44", type: "edoc/status/1", to: ["H44.13"],
                order: "D1",
                deliveries: [("mailbox:qlvb-so-tttt-h44", "H44.13")]
            )
            self.arrive(
                "status-" + status, at: "qlvb-so-tttt-h44", to: "H44.13", delivery: "id-status-\(status).0",
                type: "edoc/status/1"
            )
        }
    }

    mutating func tick() -> Timestamp {
        self.moment += 10
        return Timestamp(nanoseconds: self.moment * 1_000_000)
    }

    /// A message that was accepted by hub H44, in the sender's ledger and the hub's.
    mutating func send(
        _ digest: String, from sender: String, type: String = "edoc/document/1", to recipients: [String],
        order: String, deliveries: [(destination: String, recipient: String)]
    ) {
        self.ledgers.submissions.append(
            Submission(
                sender: sender, key: digest, label: digest, type: type, digest: digest, order: order,
                recipients: recipients, at: self.tick(),
                answer: .init(at: self.tick(), accepted: true, id: "id-" + digest)
            )
        )
        self.ledgers.messages.append(
            HubMessage(
                hub: "H44", id: "id-" + digest, sender: sender, type: type, digest: digest,
                deliveries: deliveries.enumerated().map { ordinal, item in
                    .init(
                        ordinal: ordinal, destination: item.destination, recipient: item.recipient,
                        type: type,
                        phase: .delivered)
                }
            )
        )
    }

    mutating func arrive(
        _ digest: String, at receiver: String, to: String?, delivery: String? = nil, message: String? = nil,
        type: String = "edoc/document/1", isRepeat: Bool = false
    ) {
        self.ledgers.arrivals.append(
            Arrival(
                receiver: receiver, to: to, message: message, delivery: delivery, type: type, digest: digest,
                isRepeat: isRepeat, at: self.tick())
        )
    }

    /// A message that the hub refused, in both ledgers.
    mutating func refuse(_ digest: String, from sender: String, code: String, alsoAtTheHub: Bool = true) {
        self.ledgers.submissions.append(
            Submission(
                sender: sender, key: digest, type: "edoc/document/1", digest: digest, recipients: ["H44.99"],
                at: self.tick(), answer: .init(at: self.tick(), accepted: false, code: code)
            )
        )
        if alsoAtTheHub {
            self.ledgers.refusals.append(HubRefusal(hub: "H44", sender: sender, code: code, digest: digest))
        }
    }

    static func agencies(_ texts: String...) -> [AgencyCode] { texts.compactMap(AgencyCode.init) }
}
