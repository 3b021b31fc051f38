import HubModel

/// What must hold between adapters.
struct AdapterCrossCheck {
    let drafts: [AdapterDraft]
    /// Whether every adapter could be read. Otherwise a service may seem to have no provider.
    let isComplete: Bool

    func faults() -> [SettingsFault] {
        self.receiverFaults() + self.providerFaults() + (self.isComplete ? self.useFaults() : [])
    }

    /// A message for an agency goes to one system, so two of them must not receive the same type for it.
    private func receiverFaults() -> [SettingsFault] {
        struct Receiving: Hashable {
            let agency: AgencyCode
            let message: MessageType
        }
        var first: [Receiving: SystemID] = [:]
        var faults: [SettingsFault] = []
        for draft in self.drafts {
            for agency in draft.adapter.agencies {
                for rule in draft.adapter.receives {
                    let receiving = Receiving(agency: agency, message: rule.message)
                    guard let other = first.updateValue(draft.adapter.system, forKey: receiving) else {
                        continue
                    }
                    faults.append(
                        SettingsFault(
                            file: draft.file, place: draft.agencyPlaces[agency] ?? draft.systemPlace,
                            message: "'\(other)' receives \(rule.message) for \(agency) already."
                        )
                    )
                }
            }
        }
        return faults
    }

    private func providerFaults() -> [SettingsFault] {
        var first: [String: SystemID] = [:]
        var faults: [SettingsFault] = []
        for draft in self.drafts {
            for (service, place) in draft.providePlaces {
                if let other = first[service] {
                    faults.append(
                        SettingsFault(
                            file: draft.file, place: place, message: "'\(other)' provides \(service) already."
                        )
                    )
                } else {
                    first[service] = draft.adapter.system
                }
            }
        }
        return faults
    }

    private func useFaults() -> [SettingsFault] {
        let provided = Set(self.drafts.flatMap { $0.providePlaces.map(\.service) })
        return self.missingUses(provided) + self.missingSuccessors(provided)
    }

    private func missingSuccessors(_ provided: Set<String>) -> [SettingsFault] {
        self.drafts.flatMap { draft in
            draft.adapter.provides.compactMap { service in
                guard let successor = service.terms.successor, !provided.contains(successor) else { return nil }
                return SettingsFault(
                    file: draft.file,
                    place: draft.providePlaces.first { $0.service == service.service }?.place ?? draft.systemPlace,
                    message: "No adapter provides '\(successor)', the successor of this service.",
                    suggestion: SettingsReader.nearest(to: successor, among: provided.sorted())
                )
            }
        }
    }

    private func missingUses(_ provided: Set<String>) -> [SettingsFault] {
        return self.drafts.flatMap { draft in
            draft.usePlaces.filter { !provided.contains($0.service) }.map { use in
                SettingsFault(
                    file: draft.file, place: use.place, message: "No adapter provides '\(use.service)'.",
                    suggestion: SettingsReader.nearest(to: use.service, among: provided.sorted())
                )
            }
        }
    }
}
