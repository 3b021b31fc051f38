import HubJSON
import HubModel

/// One thing that happened on the platform: a line of its ledger.
///
/// The ledger is both the platform's memory (it is replayed at start) and what a reconciliation counts.
struct NationalEvent: Hashable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// A packet was taken from a sender.
        case axisAccepted = "axis.accepted"
        /// The same packet came again under the sender's id; nothing was done.
        case axisRepeated = "axis.repeated"
        case axisRefused = "axis.refused"
        /// A packet was put into an inbox.
        case axisQueued = "axis.queued"
        case axisFetched = "axis.fetched"
        case axisDone = "axis.done"
        case axisFailed = "axis.failed"
        /// A simulated ministry took a packet.
        case ministryReceived = "ministry.received"
        /// A simulated ministry got a packet that it had.
        case ministryRepeated = "ministry.repeated"
        /// A simulated ministry sent a status; `answers` names the packet it answers.
        case ministryAnswered = "ministry.answered"
        case dossierCreated = "dossier.created"
        case dossierUpdated = "dossier.updated"
        case dossierProgressed = "dossier.progressed"
        /// A step that the portal had; nothing was done.
        case dossierProgressRepeated = "dossier.progress_repeated"
        case dossierLookedUp = "dossier.looked_up"
        case dossierRefused = "dossier.refused"
        case gatewayLookedUp = "gateway.looked_up"
        /// A service behind the gateway took something; `detail` names the register, `dossier` the number.
        case gatewayTaken = "gateway.taken"
        case gatewayCancelled = "gateway.cancelled"
        case credentialGiven = "credential.given"
        case credentialsExpired = "credentials.expired"
        case credentialRefused = "credential.refused"
        case outageBegan = "outage.began"
        case outageEnded = "outage.ended"
        case faultOrdered = "fault.ordered"
        case faultServed = "fault.served"
    }

    var at: Timestamp
    var kind: Kind
    var docID: String?
    /// Of the body; for dossiers, of the record.
    var digest: Digest?
    /// Who sent, or whose inbox it is.
    var system: String?
    var from: String?
    var to: [String] = []
    var messageType: String?
    /// The id that the sender gave the packet.
    var clientID: String?
    var documentID: String?
    var businessType: Int?
    var statusCode: String?
    /// The packet that a status answers.
    var answers: String?
    /// How many statuses the ministry had sent about that packet, this one included.
    var step: Int?
    var dossier: String?
    /// A code, a path, a service: what the kind makes of it.
    var detail: String?

    init(_ kind: Kind, at: Timestamp) {
        self.at = at
        self.kind = kind
    }

    /// The same with more said about it.
    func with(_ change: (inout NationalEvent) -> Void) -> NationalEvent {
        var event = self
        change(&event)
        return event
    }
}

extension NationalEvent {
    /// One line with its end.
    func line() -> [UInt8] {
        var object: JSONObject = [
            "at": .number(JSONNumber(Int(self.at.nanoseconds))), "kind": .string(self.kind.rawValue),
        ]
        object["docId"] = self.docID.map { .string($0) }
        object["digest"] = self.digest.map { .string($0.description) }
        object["system"] = self.system.map { .string($0) }
        object["from"] = self.from.map { .string($0) }
        if !self.to.isEmpty { object["to"] = .array(self.to.map { .string($0) }) }
        object["messageType"] = self.messageType.map { .string($0) }
        object["clientId"] = self.clientID.map { .string($0) }
        object["documentId"] = self.documentID.map { .string($0) }
        object["businessType"] = self.businessType.map { .number(JSONNumber($0)) }
        object["statusCode"] = self.statusCode.map { .string($0) }
        object["answers"] = self.answers.map { .string($0) }
        object["step"] = self.step.map { .number(JSONNumber($0)) }
        object["dossier"] = self.dossier.map { .string($0) }
        object["detail"] = self.detail.map { .string($0) }
        return JSONValue.object(object).serialised() + [0x0A]
    }

    /// `nil` for a line that this program does not write.
    init?(line: [UInt8]) {
        guard let value = (try? JSONDocument.parse(line))?.value, let at = value["at"]?.int,
            let kind = value["kind"]?.string.flatMap(Kind.init(rawValue:))
        else { return nil }
        self.init(kind, at: Timestamp(nanoseconds: Int64(at)))
        self.docID = value["docId"]?.string
        self.digest = value["digest"]?.string.flatMap { Digest(hex: $0) }
        self.system = value["system"]?.string
        self.from = value["from"]?.string
        self.to = value["to"]?.array?.compactMap(\.string) ?? []
        self.messageType = value["messageType"]?.string
        self.clientID = value["clientId"]?.string
        self.documentID = value["documentId"]?.string
        self.businessType = value["businessType"]?.int
        self.statusCode = value["statusCode"]?.string
        self.answers = value["answers"]?.string
        self.step = value["step"]?.int
        self.dossier = value["dossier"]?.string
        self.detail = value["detail"]?.string
    }
}
