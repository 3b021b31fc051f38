import HubDialects
import HubModel

/// What the platform knows, all of it the result of the events so far.
struct NationalState: Sendable {
    struct Packet: Sendable {
        let digest: Digest
        let system: String
        let from: String
        let messageType: AxisMessageType
        let acceptedAt: Timestamp
    }

    struct InboxEntry: Sendable {
        let to: [String]
        var status: AxisTransportStatus
        var updatedAt: Timestamp
    }

    /// What waits for one connection centre, oldest first.
    struct Inbox: Sendable {
        private var order: [String] = []
        private var entries: [String: InboxEntry] = [:]

        var waiting: [(docID: String, entry: InboxEntry)] {
            self.order.compactMap { docID in self.entries[docID].map { (docID, $0) } }
        }

        subscript(docID: String) -> InboxEntry? { self.entries[docID] }

        mutating func put(_ docID: String, _ entry: InboxEntry) {
            if self.entries.updateValue(entry, forKey: docID) == nil { self.order.append(docID) }
        }

        mutating func mark(_ docID: String, _ status: AxisTransportStatus, at moment: Timestamp) {
            self.entries[docID]?.status = status
            self.entries[docID]?.updatedAt = moment
        }

        mutating func take(_ docID: String) {
            self.entries[docID] = nil
            if self.order.count > 2 * self.entries.count + 64 {
                self.order.removeAll { self.entries[$0] == nil }
            }
        }
    }

    /// A status that a ministry will send.
    struct PlannedStatus: Sendable {
        let ministry: AgencyCode
        /// The packet it answers.
        let answers: String
        /// From 1.
        let step: Int
        let code: String
        let due: Timestamp
    }

    struct Dossier: Sendable {
        let unit: String
        var digest: Digest
        var updates = 0
        /// The digests of its steps.
        var progress: [Digest] = []
    }

    /// What a sender's own id of a packet stands for, so that a repeat is recognised.
    struct Sending: Hashable, Sendable {
        let system: String
        let clientID: String
        let digest: Digest
    }

    /// What a ministry recognises as the same packet.
    struct Receipt: Hashable, Sendable {
        let ministry: String
        let digest: Digest
    }

    private(set) var packets: [String: Packet] = [:]
    private(set) var inboxes: [String: Inbox] = [:]
    private(set) var sendings: [Sending: String] = [:]
    private(set) var received: Set<Receipt> = []
    private(set) var planned: [PlannedStatus] = []
    private(set) var dossiers: [String: Dossier] = [:]
    /// What the services behind the gateway have taken.
    private(set) var records = GatewayRecords()
    private(set) var counts: [NationalEvent.Kind: Int] = [:]
    private var lastDue: [String: Timestamp] = [:]
    private let ministries: [AgencyCode: NationalPlatformConfiguration.Ministry]

    init(ministries: [NationalPlatformConfiguration.Ministry]) {
        self.ministries = Dictionary(
            ministries.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Takes an event in, new or replayed.
    mutating func apply(_ event: NationalEvent) {
        self.counts[event.kind, default: 0] += 1
        switch event.kind {
        case .axisAccepted: self.accept(event)
        case .axisQueued:
            guard let docID = event.docID, let system = event.system else { return }
            self.inboxes[system, default: Inbox()].put(
                docID, InboxEntry(to: event.to, status: .inbox, updatedAt: event.at)
            )
        case .axisFetched:
            guard let docID = event.docID, let system = event.system else { return }
            self.inboxes[system]?.mark(docID, .processing, at: event.at)
        case .axisDone, .axisFailed:
            guard let docID = event.docID, let system = event.system else { return }
            self.inboxes[system]?.take(docID)
        case .ministryReceived: self.plan(event)
        case .ministryAnswered:
            self.planned.removeAll {
                $0.answers == event.answers && $0.ministry.text == event.system && $0.step == event.step
            }
        case .dossierCreated:
            guard let name = event.dossier, let digest = event.digest else { return }
            self.dossiers[name] = Dossier(unit: event.from ?? "", digest: digest)
        case .dossierUpdated:
            guard let name = event.dossier, let digest = event.digest else { return }
            self.dossiers[name]?.digest = digest
            self.dossiers[name]?.updates += 1
        case .dossierProgressed:
            guard let name = event.dossier, let digest = event.digest else { return }
            self.dossiers[name]?.progress.append(digest)
        case .gatewayTaken, .gatewayCancelled: self.records.apply(event)
        case .axisRepeated, .axisRefused, .ministryRepeated, .dossierProgressRepeated, .dossierLookedUp,
            .dossierRefused, .gatewayLookedUp, .credentialGiven, .credentialsExpired, .credentialRefused,
            .outageBegan, .outageEnded, .faultOrdered, .faultServed:
            break
        }
    }

    private mutating func accept(_ event: NationalEvent) {
        guard let docID = event.docID, let digest = event.digest, let system = event.system,
            let type = event.messageType.flatMap(AxisMessageType.init(rawValue:))
        else { return }
        self.packets[docID] = Packet(
            digest: digest, system: system, from: event.from ?? "", messageType: type, acceptedAt: event.at
        )
        if let clientID = event.clientID {
            self.sendings[Sending(system: system, clientID: clientID, digest: digest)] = docID
        }
    }

    /// Lines up what a ministry will say about a packet, behind what it still has to say about the same document.
    private mutating func plan(_ event: NationalEvent) {
        guard let docID = event.docID, let digest = event.digest,
            let code = event.system.flatMap({ AgencyCode($0) }), let ministry = self.ministries[code]
        else { return }
        self.received.insert(Receipt(ministry: code.text, digest: digest))
        let steps: [NationalPlatformConfiguration.Ministry.Step] =
            switch (event.businessType, event.statusCode) {
            case (EdocBusiness.recall.rawValue, _), (EdocBusiness.update.rawValue, _),
                (_, EdocStatusCode.recallRequested.rawValue):
                ministry.changeStatuses
            case (_, nil): ministry.statuses
            default: []
            }
        let chain = "\(code)|\(event.documentID ?? docID)"
        var due = max(event.at, self.lastDue[chain] ?? event.at)
        for (index, step) in steps.enumerated() {
            due = due.advanced(by: step.after)
            self.planned.append(
                PlannedStatus(ministry: code, answers: docID, step: index + 1, code: step.code, due: due)
            )
        }
        self.lastDue[chain] = due
        // What is due at the same moment stays in its order.
        self.planned = self.planned.enumerated()
            .sorted { ($0.element.due, $0.offset) < ($1.element.due, $1.offset) }
            .map(\.element)
    }
}
