public import HubModel
package import HubSchema

/// Finds the destinations of a message.
///
/// A receiver inside the province goes to the adapter that speaks for it, any other to the national platform; rules of
/// the operator and subscriptions add copies, send elsewhere, split or refuse. One receiver that cannot be reached
/// refuses the whole message: half a distribution list is worse than an answer.
public struct Router: Sendable {
    public let directory: AgencyDirectory
    /// The province this hub serves.
    public let home: AgencyCode
    private let adapters: [Adapter]
    private let rules: [RoutingRule]
    private let isConnected: Bool

    /// - Parameter isConnected: Whether there is a connection to the national platform.
    package init(
        directory: AgencyDirectory, home: AgencyCode, adapters: [Adapter], rules: [RoutingRule] = [], isConnected: Bool
    ) {
        self.directory = directory
        self.home = home
        self.adapters = adapters
        self.rules = rules
        self.isConnected = isConnected
    }

    /// - Parameters:
    ///   - named: A receiving agency that stands beside the payload, for types whose payload names none.
    ///   - day: On which codes and aliases are looked up.
    ///   - trace: Is told why.
    /// - Throws: `route.receiver_unknown`, `route.receiver_closed`, `route.missing`, `route.refused`, `access.denied`
    ///   for a receiver that the sender may not write to.
    package func route(
        _ document: Document, form: MessageForm, from sender: Adapter, named: String?, on day: CivilDate,
        trace: RouteTrace? = nil
    ) throws(HubError) -> [PlannedDelivery] {
        let rules = try self.matching(document, form: form, sender: sender, on: day, trace)
        var plan = RoutePlan(isSplit: rules.contains { if case .split = $0.action { true } else { false } })
        if let service = form.goesTo {
            plan.add(try self.fixed(service, form, trace))
        } else {
            try self.addReceivers(
                of: document, form: form, from: sender, named: named, on: day, to: &plan,
                instead: rules.lazy.compactMap(\.redirection).first, trace
            )
        }
        guard !plan.deliveries.isEmpty else {
            throw HubError(.routeReceiverUnknown, "The message has no receiver that this hub serves.")
        }
        for rule in rules {
            guard case .copy(let system, let road, let target, let mapping) = rule.action else { continue }
            plan.add(
                PlannedDelivery(
                    destination: Self.destination(of: road, system: system), recipient: system.description,
                    mapping: mapping, type: target ?? form.type
                )
            )
        }
        self.addSubscriptions(of: document, form: form, to: &plan, trace)
        guard plan.deliveries.count < DeliveryPosition.limit else {
            throw HubError(
                .routeMissing, "The message has too many receivers.",
                details: [ErrorDetail("allowed", DeliveryPosition.limit - 1)]
            )
        }
        return plan.deliveries
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

    /// Whether no destination needs the message as a whole, which nobody holds of a large one. Mappings do as long as they
    /// leave out long values.
    ///
    /// - Throws: `intake.too_large`, naming the first destination that does.
    func checkPieces(of deliveries: [PlannedDelivery], size: Int) throws(HubError) {
        for delivery in deliveries {
            let destination = delivery.destination
            guard destination.system != nil || destination == .national("axis") else {
                throw Payload.tooLarge(
                    size, "a receiver needs the message as a whole",
                    [ErrorDetail("destination", destination)]
                )
            }
        }
    }

    static func destination(of road: DeliveryRoad, system: SystemID) -> DestinationID {
        switch road {
        case .mailbox: .mailbox(system)
        case .http, .transport: .push(system)
        }
    }
}

/// The deliveries of a message while they are found.
private struct RoutePlan {
    private(set) var deliveries: [PlannedDelivery] = []
    private var seen: Set<PlannedDelivery> = []
    private var served: Set<DestinationID> = []
    /// Whether a system that speaks for two receivers gets the message twice.
    let isSplit: Bool

    init(isSplit: Bool) {
        self.isSplit = isSplit
    }

    mutating func add(_ delivery: PlannedDelivery) {
        if self.seen.insert(delivery).inserted { self.deliveries.append(delivery) }
    }

    /// A system that speaks for two receivers gets the message once.
    mutating func addInside(_ delivery: PlannedDelivery) {
        if self.served.insert(delivery.destination).inserted || self.isSplit { self.add(delivery) }
    }
}

// MARK: Receivers

extension Router {
    private func fixed(_ service: String, _ form: MessageForm, _ trace: RouteTrace?) throws(HubError) -> PlannedDelivery {
        let destination = DestinationID(unchecked: service)
        if let system = destination.process {
            guard self.adapters.contains(where: { $0.system == system && $0.orchestrates.contains { $0.message == form.type } })
            else {
                throw HubError(
                    .routeMissing, "The process of this type of message is not here.",
                    details: [ErrorDetail("system", system), ErrorDetail("type", form.type)]
                )
            }
        } else if !self.isConnected {
            throw Self.unconnected
        }
        trace?.note(
            .receiver, service, holds: true, vi: "Loại thông điệp này đi đến một nơi cố định (goes-to trong form.yaml).",
            en: "This type of message goes to one place (goes-to of its form.yaml).", destination: destination
        )
        return PlannedDelivery(destination: destination, recipient: "", type: form.type)
    }

    private func addReceivers(
        of document: Document, form: MessageForm, from sender: Adapter, named: String?, on day: CivilDate,
        to plan: inout RoutePlan, instead: (system: SystemID, road: DeliveryRoad)?, _ trace: RouteTrace?
    ) throws(HubError) {
        var recipients = form.recipients(in: document)
        if recipients.isEmpty, let named { recipients = [named] }
        // The national platform brings the whole list of receivers; those elsewhere are not ours to serve.
        let fromOutside = sender.speaks == .national
        let allowed = sender.sendRule(for: form.type)?.receivers ?? .nobody
        for text in recipients {
            try self.checkMayAddress(text, allowed, on: day)
            let place = try self.destination(of: text, type: form.type, fromOutside: fromOutside, instead: instead, on: day)
            switch place {
            case .inside(let destination, let system):
                plan.addInside(PlannedDelivery(destination: destination, recipient: text, type: form.type))
                trace?.note(
                    .receiver, text, holds: true,
                    vi: instead == nil
                        ? "Đơn vị trong tỉnh; hệ thống \(system) nhận thay." : "Đơn vị trong tỉnh; quy tắc chuyển sang hệ thống \(system).",
                    en: instead == nil
                        ? "An agency of the province, for which \(system) receives."
                        : "An agency of the province; a rule sends it to \(system).",
                    destination: destination
                )
            case .national:
                plan.add(PlannedDelivery(destination: .national("axis"), recipient: text, type: form.type))
                trace?.note(
                    .receiver, text, holds: true, vi: "Đơn vị ngoài tỉnh; đi qua trục liên thông quốc gia.",
                    en: "An agency outside the province, through the national axis.", destination: .national("axis")
                )
            case .elsewhere:
                trace?.note(
                    .receiver, text, holds: false, vi: "Đơn vị của nền tảng khác; trục này không phục vụ.",
                    en: "An agency of another platform, not served here."
                )
            }
        }
    }

    /// - Throws: `access.denied` when the receiver is none of those that the sender may write to.
    private func checkMayAddress(_ text: String, _ allowed: ReceiverScope, on day: CivilDate) throws(HubError) {
        guard case .within(let agencies) = allowed else { return }
        if case .found(let code) = self.directory.resolve(text, on: day), allowed.contains(code) { return }
        throw HubError(
            .accessDenied, "The system may not send messages of this type to a receiver.",
            details: [
                ErrorDetail("receiver", text.prefix(bytes: 40)),
                ErrorDetail("allowed", agencies.map(\.text).joined(separator: ", ")),
            ]
        )
    }

    private enum Place {
        case inside(DestinationID, SystemID)
        case national
        case elsewhere
    }

    private func destination(
        of text: String, type: MessageType, fromOutside: Bool, instead: (system: SystemID, road: DeliveryRoad)?,
        on day: CivilDate
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
        if let (system, road) = instead { return .inside(Self.destination(of: road, system: system), system) }
        guard let (adapter, rule) = self.receiver(for: code, of: type) else {
            throw HubError(
                .routeMissing, "No system of the province receives this type of message for the agency.",
                details: [detail, ErrorDetail("type", type)]
            )
        }
        return .inside(Self.destination(of: rule.by, system: adapter.system), adapter.system)
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

    private static let unconnected = HubError(
        .routeMissing, "The receiver is reached through the national platform, and none is configured."
    )
}

// MARK: Rules and subscriptions

extension Router {
    /// The rules that hold, in their order, up to one that is the last.
    ///
    /// - Throws: `route.refused` when one of them says so.
    private func matching(
        _ document: Document, form: MessageForm, sender: Adapter, on day: CivilDate, _ trace: RouteTrace?
    ) throws(HubError) -> [RoutingRule] {
        guard !self.rules.isEmpty else { return [] }
        let agency = form.sender(in: document).flatMap { text -> AgencyCode? in
            if case .found(let code) = self.directory.resolve(text, on: day) { code } else { nil }
        }
        var matching: [RoutingRule] = []
        for rule in self.rules {
            if let mismatch = rule.mismatch(document, form: form, sender: agency) {
                trace?.note(.rule, rule.name, holds: false, vi: mismatch.reason.vi, en: mismatch.reason.en)
                continue
            }
            trace?.note(
                .rule, rule.name, holds: true, vi: "Quy tắc khớp (\(rule.action.name)): \(rule.title.vi).",
                en: "The rule holds (\(rule.action.name)): \(rule.title.en).",
                destination: rule.destination
            )
            if case .refuse(let reason) = rule.action {
                throw HubError(
                    .routeRefused, "A rule of the operator refuses messages like this.",
                    details: [ErrorDetail("rule", rule.name), ErrorDetail("reason", reason.en), ErrorDetail("reason_vi", reason.vi)]
                )
            }
            matching.append(rule)
            if rule.isLast { break }
        }
        return matching
    }

    private func addSubscriptions(of document: Document, form: MessageForm, to plan: inout RoutePlan, _ trace: RouteTrace?) {
        for adapter in self.adapters {
            for rule in adapter.subscribes where rule.message == form.type {
                let destination = Self.destination(of: rule.by, system: adapter.system)
                let holds = rule.when.map { $0.holds(for: form.text(of: $0.field, in: document) ?? "") } ?? true
                trace?.note(
                    .subscription, adapter.system.description, holds: holds,
                    vi: holds ? "Đăng ký nhận bản sao dạng \(rule.target)." : "Bộ lọc của đăng ký không khớp: \(rule.when?.field ?? "").",
                    en: holds ? "Subscribed to a copy as \(rule.target)." : "The filter of the subscription does not hold: \(rule.when?.field ?? "").",
                    destination: holds ? destination : nil
                )
                guard holds else { continue }
                plan.add(
                    PlannedDelivery(
                        destination: destination, recipient: adapter.system.description,
                        mapping: adapter.system.description + "/" + rule.mapping, type: rule.target
                    )
                )
            }
        }
    }
}

extension RoutingRule {
    fileprivate var redirection: (system: SystemID, road: DeliveryRoad)? {
        guard case .redirect(let system, let road) = self.action else { return nil }
        return (system, road)
    }

    fileprivate var destination: DestinationID? {
        switch self.action {
        case .copy(let system, let road, _, _), .redirect(let system, let road): Router.destination(of: road, system: system)
        case .split, .refuse: nil
        }
    }
}

extension RuleMismatch {
    fileprivate var reason: Bilingual {
        switch self {
        case .type: Bilingual(vi: "Quy tắc dành cho loại thông điệp khác.", en: "The rule is for another type of message.")
        case .sender: Bilingual(vi: "Quy tắc dành cho đơn vị gửi khác.", en: "The rule is for other senders.")
        case .condition(let condition):
            Bilingual(vi: "Điều kiện không khớp: \(condition.description)", en: "A condition does not hold: \(condition.description)")
        }
    }
}
