import HubModel

/// What must hold between adapters.
struct AdapterCrossCheck {
    let drafts: [AdapterDraft]
    /// The services that somebody provides; `nil` while one may be provided where nothing can be read.
    let provided: Set<String>?

    /// - Parameter isComplete: Whether every adapter's file is YAML.
    init(_ drafts: [AdapterDraft], isComplete: Bool) {
        self.drafts = drafts
        let isKnown = isComplete && drafts.allSatisfy(\.namesAllServices)
        self.provided = isKnown ? Set(drafts.flatMap { $0.provides.map(\.service) }) : nil
    }

    func faults() -> [SettingsFault] {
        self.receiverFaults() + self.providerFaults()
            + (self.provided.map { self.missingUses($0) + self.missingSuccessors($0) } ?? [])
    }

    /// A message for an agency goes to one system, so two of them must not receive the same type for it.
    private func receiverFaults() -> [SettingsFault] {
        struct Receiving: Hashable {
            let agency: AgencyCode
            let message: MessageType
        }
        var first: [Receiving: String] = [:]
        var faults: [SettingsFault] = []
        for draft in self.drafts {
            for (agency, place) in draft.agencies {
                for message in draft.receives {
                    let receiving = Receiving(agency: agency, message: message)
                    guard let other = first.updateValue(draft.name, forKey: receiving), other != draft.name else { continue }
                    faults.append(
                        SettingsFault(
                            file: draft.file, place: place, message: "'\(other)' receives \(message) for \(agency) already."
                        )
                    )
                }
            }
        }
        return faults
    }

    private func providerFaults() -> [SettingsFault] {
        var first: [String: String] = [:]
        var faults: [SettingsFault] = []
        for draft in self.drafts {
            for entry in draft.provides {
                guard let other = first[entry.service] else {
                    first[entry.service] = draft.name
                    continue
                }
                faults.append(
                    SettingsFault(
                        file: draft.file, place: entry.place, message: "'\(other)' provides \(entry.service) already."
                    )
                )
            }
        }
        return faults
    }

    private func missingSuccessors(_ provided: Set<String>) -> [SettingsFault] {
        self.drafts.flatMap { draft in
            draft.provides.compactMap { entry in
                guard let successor = entry.successor, RuleReader.isServiceName(successor), !provided.contains(successor)
                else { return nil }
                return SettingsFault(
                    file: draft.file, place: entry.place,
                    message: "No adapter provides '\(successor)', the successor of this service.",
                    suggestion: SettingsReader.nearest(to: successor, among: provided.sorted())
                )
            }
        }
    }

    private func missingUses(_ provided: Set<String>) -> [SettingsFault] {
        self.drafts.flatMap { draft in
            draft.uses.filter { !provided.contains($0.service) }.map { use in
                SettingsFault(
                    file: draft.file, place: use.place, message: "No adapter provides '\(use.service)'.",
                    suggestion: SettingsReader.nearest(to: use.service, among: provided.sorted())
                )
            }
        }
    }
}
