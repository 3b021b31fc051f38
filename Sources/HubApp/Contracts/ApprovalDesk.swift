internal import Foundation
internal import HubAPI
internal import HubCore
internal import HubEnvelope
internal import HubJSON
internal import HubModel

/// Keeps the approvals of a hub: in memory for those who call, in a file for the next start, each change as a record.
actor ApprovalDesk {
    let book: ApprovalBook
    private let file: String
    private let ring: ContractRing
    private let journal: any Journal
    private let clock: any HubClock

    /// - Throws: `configuration.invalid` for a file that is not one of approvals.
    init(file: String, ring: ContractRing, journal: any Journal, clock: any HubClock) throws(HubError) {
        self.file = file
        self.ring = ring
        self.journal = journal
        self.clock = clock
        self.book = ApprovalBook(try Self.load(file))
    }

    /// A system asks; what was decided before is asked anew unless it is approved.
    func ask(_ system: SystemID, _ service: String, _ purpose: String) async throws(HubError) -> JSONValue {
        if let entry = self.book.entry(system, service), entry.state == .approved || entry.state == .requested {
            return Self.json(entry)
        }
        let entry = ApprovalBook.Entry(
            system: system, service: service, state: .requested, purpose: purpose.prefix(bytes: 500), decidedBy: "",
            reason: "", at: self.clock.now
        )
        try await self.keep(entry, action: "subscription.request", actor: system.description, reason: entry.purpose)
        return Self.json(entry)
    }

    /// - Throws: `service.unknown`, `api.request_malformed` for a decision that there is nothing to decide about.
    func decide(
        _ decision: ApprovalOperations.Decision, _ system: SystemID, _ service: String, _ reason: String
    ) async throws(HubError) -> JSONValue {
        let details = [ErrorDetail("system", system), ErrorDetail("service", service)]
        guard self.ring.current.services[service] != nil else {
            throw HubError(.serviceUnknown, "No service with this name is offered here.", details: details)
        }
        guard self.ring.current.adapters[system] != nil else {
            throw HubError(.adapterUnknown, "There is no adapter of this name.", details: details)
        }
        // An operator may approve what nobody asked for by this way: by letter, for example.
        var entry =
            self.book.entry(system, service)
            ?? ApprovalBook.Entry(
                system: system, service: service, state: .requested, purpose: "", decidedBy: "", reason: "", at: self.clock.now
            )
        switch (decision, entry.state) {
        case (.approve, _): entry.state = .approved
        case (.reject, .requested): entry.state = .rejected
        case (.revoke, .approved): entry.state = .revoked
        case (.reject, _), (.revoke, _):
            throw HubError(
                .apiRequestMalformed, "There is nothing of that kind to be decided.",
                details: details + [ErrorDetail("state", entry.state.rawValue)]
            )
        }
        entry.decidedBy = "admin"
        entry.reason = reason.prefix(bytes: 500)
        entry.at = self.clock.now
        try await self.keep(entry, action: "subscription.\(decision.rawValue)", actor: "admin", reason: entry.reason)
        return Self.json(entry)
    }

    nonisolated var operations: ApprovalOperations {
        ApprovalOperations(
            list: { JSONValue.object(["subscriptions": .array(self.book.all.map(Self.json))]).serialised() },
            ask: { system, service, purpose async throws(HubError) in
                try await self.ask(system, service, purpose).serialised()
            },
            state: { system, service throws(HubError) in
                guard let entry = self.book.entry(system, service) else {
                    throw HubError(.apiNotFound, "The system has not asked for this service.")
                }
                return Self.json(entry).serialised()
            },
            decide: { decision, system, service, reason async throws(HubError) in
                try await self.decide(decision, system, service, reason).serialised()
            }
        )
    }

    /// The record first, then the file, then those who call: nobody is let in by what is not written down.
    private func keep(_ entry: ApprovalBook.Entry, action: String, actor: String, reason: String) async throws(HubError) {
        _ = try await self.journal.append(
            .operation(
                Operation(
                    at: entry.at, actor: actor, action: action, subject: "\(entry.system) \(entry.service)", reason: reason
                )
            ),
            payload: nil
        )
        let entries = self.book.all.filter { $0.system != entry.system || $0.service != entry.service } + [entry]
        let text = JSONValue.object(["format": "approvals-1", "subscriptions": .array(entries.map(Self.json))])
        try KeysDesk.overwrite(self.file, text.serialised(pretty: true))
        self.book.set(entry)
    }

    private static func json(_ entry: ApprovalBook.Entry) -> JSONValue {
        .object([
            "system": .string(entry.system.description), "service": .string(entry.service),
            "state": .string(entry.state.rawValue), "purpose": .string(entry.purpose),
            "decided_by": .string(entry.decidedBy), "reason": .string(entry.reason), "at": .string(entry.at.description),
        ])
    }

    private static func load(_ file: String) throws(HubError) -> [ApprovalBook.Entry] {
        guard FileManager.default.fileExists(atPath: file) else { return [] }
        let json = try JSONDocument.parse(try KeysDesk.read(file)).value
        var entries: [ApprovalBook.Entry] = []
        for item in json["subscriptions"]?.array ?? [] {
            guard let system = item["system"]?.string.flatMap(SystemID.init), let service = item["service"]?.string,
                let state = item["state"]?.string.flatMap(ApprovalBook.State.init),
                let at = item["at"]?.string.flatMap(Timestamp.init(rfc3339:))
            else { throw Self.unreadable(file) }
            entries.append(
                ApprovalBook.Entry(
                    system: system, service: service, state: state, purpose: item["purpose"]?.string ?? "",
                    decidedBy: item["decided_by"]?.string ?? "", reason: item["reason"]?.string ?? "", at: at
                )
            )
        }
        guard json["format"]?.string == "approvals-1" else { throw Self.unreadable(file) }
        return entries
    }

    private static func unreadable(_ file: String) -> HubError {
        HubError(.configurationInvalid, "The file of the approvals cannot be read.", details: [ErrorDetail("path", file)])
    }
}
