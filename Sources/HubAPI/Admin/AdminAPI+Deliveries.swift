internal import HubCore
internal import HubJSON
internal import HubModel
internal import Hummingbird

extension AdminAPI {
    /// Who acts in the record: there is one token of operators.
    private static let actor = "admin"
    private static let bodyLimit = 1 << 20

    /// What waits, what was given up, and what operators do about it.
    func addDeliveryRoutes(to routes: RouteTable) {
        routes.get("/admin/v1/destinations") { request, _ in
            try self.authorise(request)
            let states = try await self.deliveries.destinations()
            return Response.json(.object(["destinations": .array(states.map(Self.json))]))
        }
        routes.post("/admin/v1/destinations/:destination/:action") { request, context in
            try self.authorise(request)
            guard let steering = context.parameters.get("action").flatMap(DeliveryDesk.Steering.init(rawValue:)) else {
                throw HubError(.apiNotFound, "A destination is paused, drained, resumed or retried.")
            }
            let destination = DestinationID(unchecked: context.parameters.get("destination") ?? "")
            let wish = try await Self.wish(request)
            try await self.deliveries.steer(
                steering, destination, actor: Self.actor, reason: wish["reason"]?.string ?? ""
            )
            let state = try await self.deliveries.destinations().first { $0.destination == destination }
            return Response.json(state.map(Self.json) ?? .object([:]))
        }
        routes.get("/admin/v1/deliveries") { request, _ in
            try self.authorise(request)
            let selection = try Self.selection { request.query($0) }
            if selection.phase == .pending, selection.destination == nil {
                throw HubError(.apiRequestMalformed, "Say of which destination: what is pending is kept by destination.")
            }
            let after = try request.number("after", in: 0...Int.max).map { DeliveryPosition(value: Int64($0)) }
            let limit = try request.number("limit", in: 1...1000) ?? 100
            let page = try await self.journal.deliveries(selection, after: after ?? .start, limit: limit)
            return Response.json(
                .object([
                    "deliveries": .array(page.deliveries.map(Self.json)),
                    "next": page.next.map { .init(integerLiteral: Int($0.value)) } ?? .null,
                ])
            )
        }
        routes.post("/admin/v1/deliveries/:action") { request, context in
            try self.authorise(request)
            let wish = try await Self.wish(request)
            let change: DeliveryDesk.Change
            switch context.parameters.get("action") {
            case "redrive": change = .redrive
            case "expire": change = .expire
            case "redirect":
                guard let to = wish["to"]?.string, !to.isEmpty else {
                    throw HubError(.apiRequestMalformed, "Say where to: a destination such as mailbox:SYSTEM.")
                }
                change = .redirect(DestinationID(unchecked: to))
            default: throw HubError(.apiNotFound, "Deliveries are redriven, expired or redirected.")
            }
            let outcome = try await self.deliveries.change(
                change, try Self.target(wish), actor: Self.actor, reason: wish["reason"]?.string ?? ""
            )
            return Response.json(
                .object([
                    "changed": .init(integerLiteral: outcome.changed), "skipped": .init(integerLiteral: outcome.skipped),
                ])
            )
        }
    }

    private static func wish(_ request: Request) async throws(HubError) -> JSONValue {
        let bytes = try await request.bytes(upTo: Self.bodyLimit, within: .seconds(10))
        guard !bytes.isEmpty else { return .object([:]) }
        let wish = try JSONDocument.parse(bytes).value
        let known = ["ids", "selection", "to", "reason"]
        guard let object = wish.object, object.members.allSatisfy({ known.contains($0.key) }) else {
            throw HubError(.apiRequestMalformed, "Expected an object with some of: ids, selection, to, reason.")
        }
        return wish
    }

    /// `ids` or `selection`, and never everything by leaving both out.
    private static func target(_ wish: JSONValue) throws(HubError) -> DeliveryDesk.Target {
        if let ids = wish["ids"]?.array {
            guard wish["selection"] == nil, !ids.isEmpty, ids.count <= 10_000 else {
                throw HubError(.apiRequestMalformed, "Give 1 to 10000 'ids', or a 'selection', not both.")
            }
            return .ids(
                try ids.map { item throws(HubError) in
                    guard let id = item.string.flatMap(DeliveryID.init) else {
                        throw HubError(.apiRequestMalformed, "An id of a delivery looks like MESSAGE.0.")
                    }
                    return id
                }
            )
        }
        guard let object = wish["selection"]?.object, object.members.allSatisfy({ Self.keys.contains($0.key) }) else {
            throw HubError(.apiRequestMalformed, "Give 'ids', or a 'selection' of some of: phase, destination, code, type, sender, from, until.")
        }
        let selection = try Self.selection { object[$0]?.string }
        guard selection.destination != nil || selection.phase == .deadLettered else {
            throw HubError(.apiRequestMalformed, "Say of which destination: what is pending is kept by destination.")
        }
        return .selection(selection)
    }

    private static let keys = ["phase", "destination", "code", "type", "sender", "from", "until"]

    /// - Throws: `api.request_malformed`, naming the first value that is none.
    private static func selection(_ text: (String) -> String?) throws(HubError) -> DeliverySelection {
        func parsed<Value>(_ key: String, _ parse: (String) -> Value?) throws(HubError) -> Value? {
            guard let text = text(key) else { return nil }
            guard let value = parse(text) else {
                throw HubError(
                    .apiRequestMalformed, "A value of the selection cannot be read.",
                    details: [ErrorDetail("key", key), ErrorDetail("value", text.prefix(bytes: 60))]
                )
            }
            return value
        }
        var selection = DeliverySelection(phase: try parsed("phase", DeliveryState.Phase.init(rawValue:)) ?? .deadLettered)
        selection.destination = text("destination").map(DestinationID.init(unchecked:))
        selection.code = try parsed("code", ErrorCode.init(rawValue:))
        selection.type = try parsed("type") { MessageType($0) }
        selection.sender = try parsed("sender") { SystemID($0) }
        selection.from = try parsed("from", Timestamp.init(rfc3339:))
        selection.until = try parsed("until", Timestamp.init(rfc3339:))
        return selection
    }

    private static func json(_ state: DeliveryDesk.DestinationState) -> JSONValue {
        var object: JSONObject = [
            "destination": .string(state.destination.description), "pending": .init(integerLiteral: state.pending),
            "state": .string(state.state), "here": .bool(state.isHere), "answers": .bool(!state.isBroken),
        ]
        if let poller = state.poller {
            object["poller"] = .object([
                "polled_at": poller.polledAt.map { .string($0.description) } ?? .null,
                "polls": .init(integerLiteral: poller.polls), "fetched": .init(integerLiteral: poller.fetched),
                "acknowledged": .init(integerLiteral: poller.acknowledged),
                "given_back": .init(integerLiteral: poller.givenBack), "extended": .init(integerLiteral: poller.extended),
                "shown_again": .init(integerLiteral: poller.shownAgain),
                "outstanding": .init(integerLiteral: poller.outstanding),
            ])
        }
        return .object(object)
    }

    private static func json(_ delivery: SelectedDelivery) -> JSONValue {
        let (message, state) = (delivery.message, delivery.state)
        return .object([
            "id": .string(delivery.id.description), "message": .string(message.id.description),
            "sender": .string(message.sender.description), "type": .string(message.type.description),
            "destination": .string(state.plan.destination.description), "recipient": .string(state.plan.recipient),
            "phase": .string(state.phase.rawValue), "attempts": .init(integerLiteral: state.attempts),
            "accepted_at": .string(message.receivedAt.description), "at": state.at.map { .string($0.description) } ?? .null,
            "code": state.code.map { .string($0.rawValue) } ?? .null, "answer": .string(state.answer),
        ])
    }
}
