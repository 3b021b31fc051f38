public import HubModel
public import HubSchema

/// Finds the destinations of a message.
///
/// A receiver inside the province goes to the adapter that speaks for it, any other to the national platform;
/// systems that subscribed get their copy. One receiver that cannot be reached refuses the whole message: half a
/// distribution list is worse than an answer.
public struct Router: Sendable {
    public let directory: AgencyDirectory
    /// The province this hub serves.
    public let home: AgencyCode
    private let adapters: [Adapter]
    private let isConnected: Bool

    /// - Parameter isConnected: Whether there is a connection to the national platform.
    public init(directory: AgencyDirectory, home: AgencyCode, adapters: [Adapter], isConnected: Bool) {
        self.directory = directory
        self.home = home
        self.adapters = adapters
        self.isConnected = isConnected
    }

    /// - Parameters:
    ///   - named: A receiving agency that stands beside the payload, for types whose payload names none.
    ///   - day: On which codes and aliases are looked up.
    /// - Throws: `route.receiver_unknown`, `route.receiver_closed`, `route.missing`.
    public func route(
        _ document: Document, form: MessageForm, from sender: Adapter, named: String?, on day: CivilDate
    ) throws(HubError) -> [PlannedDelivery] {
        var plan: [PlannedDelivery] = []
        var seen: Set<PlannedDelivery> = []
        func add(_ delivery: PlannedDelivery) {
            if seen.insert(delivery).inserted { plan.append(delivery) }
        }
        if let service = form.goesTo {
            guard self.isConnected else { throw Self.unconnected }
            add(PlannedDelivery(destination: DestinationID(unchecked: service), recipient: "", type: form.type))
        } else {
            var recipients = form.recipients(in: document)
            if recipients.isEmpty, let named { recipients = [named] }
            // The national platform brings the whole list of receivers; those elsewhere are not ours to serve.
            let fromOutside = sender.speaks == .national
            for text in recipients {
                switch try self.destination(of: text, type: form.type, fromOutside: fromOutside, on: day) {
                case .inside(let destination):
                    // A system that speaks for two receivers gets the message once.
                    if !plan.contains(where: { $0.destination == destination }) {
                        add(PlannedDelivery(destination: destination, recipient: text, type: form.type))
                    }
                case .national:
                    add(PlannedDelivery(destination: .national("axis"), recipient: text, type: form.type))
                case .elsewhere: continue
                }
            }
        }
        guard !plan.isEmpty else {
            throw HubError(.routeReceiverUnknown, "The message has no receiver that this hub serves.")
        }
        guard plan.count < DeliveryPosition.limit / 2 else {
            throw HubError(
                .routeMissing, "The message has too many receivers.",
                details: [ErrorDetail("allowed", DeliveryPosition.limit / 2)]
            )
        }
        for delivery in self.copies(of: document, form: form) { add(delivery) }
        return plan
    }

    /// Whether every receiver can open what came in CMS: only the exchange API tells a receiver its media type.
    ///
    /// - Throws: `route.missing`, naming the first destination that cannot.
    func checkCarriage(of deliveries: [PlannedDelivery]) throws(HubError) {
        for delivery in deliveries where delivery.mapping.isEmpty {
            let adapter = delivery.destination.system.flatMap { system in self.adapters.first { $0.system == system } }
            guard adapter?.speaks == .exchange else {
                throw HubError(
                    .routeMissing, "A receiver is reached by a road that carries no CMS; send the document as it is.",
                    details: [ErrorDetail("destination", delivery.destination)]
                )
            }
        }
    }

    private enum Place {
        case inside(DestinationID)
        case national
        case elsewhere
    }

    private func destination(
        of text: String, type: MessageType, fromOutside: Bool, on day: CivilDate
    ) throws(HubError) -> Place {
        let detail = ErrorDetail("receiver", text.prefix(bytes: 40))
        let code: AgencyCode
        switch self.directory.resolve(text, on: day) {
        case .found(let found): code = found
        case .closed(_, let since):
            if fromOutside, self.isElsewhere(text, on: day) { return .elsewhere }
            throw HubError(
                .routeReceiverClosed, "The code of a receiver was closed and nobody took over.",
                details: [detail, ErrorDetail("closed-on", since)]
            )
        case .unknown:
            if fromOutside, self.isElsewhere(text, on: day) { return .elsewhere }
            throw HubError(.routeReceiverUnknown, "A receiver is not in the directory.", details: [detail])
        }
        guard self.directory.platform(of: code, on: day) == self.home else {
            if fromOutside { return .elsewhere }
            guard self.isConnected else { throw Self.unconnected }
            return .national
        }
        guard let (adapter, rule) = self.receiver(for: code, of: type) else {
            throw HubError(
                .routeMissing, "No system of the province receives this type of message for the agency.",
                details: [detail, ErrorDetail("type", type)]
            )
        }
        return .inside(Self.destination(of: rule.by, system: adapter.system))
    }

    /// Whether a code that is not known here belongs to another platform, so that it need not be.
    private func isElsewhere(_ text: String, on day: CivilDate) -> Bool {
        guard let code = AgencyCode(text) else { return true }
        return self.directory.platform(of: code, on: day) != self.home
    }

    /// The system that receives this type for an agency, or for the nearest one above it.
    private func receiver(for agency: AgencyCode, of type: MessageType) -> (Adapter, ReceiveRule)? {
        var code: AgencyCode? = agency
        while let current = code {
            for adapter in self.adapters where adapter.agencies.contains(current) {
                if let rule = adapter.receiveRule(for: type) { return (adapter, rule) }
            }
            code = current.parent
        }
        return nil
    }

    private func copies(of document: Document, form: MessageForm) -> [PlannedDelivery] {
        self.adapters.flatMap { adapter in
            adapter.subscribes
                .filter { rule in
                    rule.message == form.type
                        && rule.when.map { $0.holds(for: form.text(of: $0.field, in: document) ?? "") } ?? true
                }
                .map { rule in
                    PlannedDelivery(
                        destination: Self.destination(of: rule.by, system: adapter.system),
                        recipient: adapter.system.description,
                        mapping: adapter.system.description + "/" + rule.mapping, type: rule.target
                    )
                }
        }
    }

    private static func destination(of road: DeliveryRoad, system: SystemID) -> DestinationID {
        switch road {
        case .mailbox: .mailbox(system)
        case .http: .push(system)
        }
    }

    private static let unconnected = HubError(
        .routeMissing, "The receiver is reached through the national platform, and none is configured."
    )
}
