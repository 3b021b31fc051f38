import HubDialects
import HubEnvelope
import HubJSON
import HubModel

/// The receiving half of a document system: it polls, registers what came, and answers with statuses.
struct DocumentInbox: Sendable {
    let configuration: SystemsConfiguration.System
    let ledger: SystemLedger
    let courier: AxisCourier
    let sender: Submitter
    let clock: any Clock<Duration>

    /// Polls and answers until it is cancelled.
    ///
    /// An unreachable hub is asked again at the next tick.
    func run() async throws {
        try self.followUp()
        while !Task.isCancelled {
            if !self.ledger.read(\.isPaused) {
                for type in AxisMessageType.allCases {
                    guard let entries = try? await self.courier.inbox(type) else { continue }
                    for entry in entries where !self.ledger.read(\.isPaused) { try await self.take(entry) }
                }
                try self.followUp()
            }
            try await self.clock.sleep(for: self.configuration.poll)
        }
    }

    /// Registers a packet, then tells the hub; a crash in between brings it back as a repeat.
    private func take(_ entry: AxisInboxEntry) async throws {
        guard let bytes = try? await self.courier.fetch(entry) else { return }
        let members = self.describe(bytes, entry)
        let digest = SHA256.hash(bytes)
        let to = members.first { $0.key == "to" }?.value.string ?? ""
        let isNew = try self.ledger.append("received", members) {
            !$0.hasReceived(delivery: entry.docID, to: to, digest: digest)
        }
        if !isNew { try self.ledger.append("repeat", members) }
        try? await self.courier.confirm(entry)
    }

    private func describe(_ bytes: [UInt8], _ entry: AxisInboxEntry) -> [(key: String, value: JSONValue)] {
        let facts = EdocFacts(bytes)
        let to = self.ownAgency(among: entry.to.isEmpty ? facts?.to ?? [] : entry.to)
        var members: [(key: String, value: JSONValue)] = [
            ("arrival", .string("\(entry.docID)")), ("delivery", .string(entry.docID)),
            ("type", .string(facts?.messageType ?? "")), ("digest", .string(SHA256.hash(bytes).description)),
            ("size", .init(integerLiteral: bytes.count)), ("to", .string(to)),
        ]
        guard let facts else { return members }
        members += [
            ("from", .string(facts.from)), ("order", .string(facts.document)),
            ("identity", .string(facts.identity)),
            ("code", .string(facts.code)), ("promulgated", .string(facts.promulgated)),
        ]
        if facts.isStatus { members.append(("status", .string(facts.statusCode))) }
        if !facts.isStatus { members.append(("business_type", .string(facts.businessType))) }
        if !self.statuses(for: facts).isEmpty { members.append(("follow_up", true)) }
        return members
    }

    /// The text under which one of our agencies was addressed.
    private func ownAgency(among texts: [String]) -> String {
        let own = texts.first { text in
            AgencyCode(text).map { code in self.configuration.agencies.contains { code.isWithin($0) } }
                ?? false
        }
        return own ?? self.configuration.agencies.first?.text ?? ""
    }

    private func statuses(for facts: EdocFacts) -> [String] {
        self.statuses(
            isStatus: facts.isStatus, statusCode: facts.statusCode, businessType: facts.businessType)
    }

    private func statuses(isStatus: Bool, statusCode: String, businessType: String) -> [String] {
        if isStatus { return statusCode == "13" ? self.configuration.answers.takeBack : [] }
        return switch businessType {
        case "1": self.configuration.answers.recall
        case "2", "3": self.configuration.answers.update
        default: self.configuration.answers.new
        }
    }

    /// Hands in the statuses for what was received.
    ///
    /// Their keys follow from the arrival, so a crash in the middle leaves out none and makes none twice.
    private func followUp() throws(HubError) {
        for arrival in self.ledger.read(\.unhandled) {
            func text(_ key: String) -> String { arrival[key]?.string ?? "" }
            let statuses = self.statuses(
                isStatus: arrival["status"] != nil, statusCode: text("status"),
                businessType: text("business_type")
            )
            for status in statuses {
                let date = text("promulgated")
                let message = EdocStatus(
                    from: EdocOrganisation(id: text("to"), name: self.configuration.name),
                    responseFor: EdocReference(
                        organID: text("from"), code: text("code"), date: date.isEmpty ? nil : date,
                        documentID: text("order")
                    ),
                    code: status,
                    description: EdocStatusCode(rawValue: status)?.title ?? "Trạng thái \(status)",
                    timestamp: CivilTime(self.ledger.now, offset: CivilTime.vietnamOffset)
                )
                try self.sender.submitStatus(
                    message, key: "status \(status) for \(text("arrival"))", label: "status \(status)"
                )
            }
            try self.ledger.append("handled", [("arrival", .string(text("arrival")))])
        }
    }
}
