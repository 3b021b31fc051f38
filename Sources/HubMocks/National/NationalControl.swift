import HubJSON
import HubModel

/// The testers' side of the platform: outages and faults to order, and the ledger to count from.
struct NationalControl: Sendable {
    let desk: NationalDesk
    let gate: OutageGate

    @Sendable func respond(_ request: PlatformRequest) async -> PlatformReply {
        do throws(HubError) {
            switch (request.method, request.path) {
            case ("GET", "/control/health"):
                return .json(await self.desk.health(isOpen: self.gate.isOpen))
            case ("GET", "/control/ledger"):
                return PlatformReply(contentType: "application/x-ndjson", body: await self.desk.ledgerText())
            case ("POST", "/control/outage"):
                return try await self.outage(request)
            case ("POST", "/control/expire-tokens"):
                return .json(["expired": .number(JSONNumber(try await self.desk.expireCredentials()))])
            case ("POST", "/control/fault"):
                try await self.desk.order(NationalFault(request.body))
                return .json(["ordered": true])
            default:
                throw HubError(.apiNotFound, "There is no such control.")
            }
        } catch {
            switch error.code {
            case .apiNotFound: return .failure(404, error)
            case .apiRequestMalformed: return .failure(400, error)
            default: return .failure(500, error)
            }
        }
    }

    private func outage(_ request: PlatformRequest) async throws(HubError) -> PlatformReply {
        guard let value = (try? JSONDocument.parse(request.body))?.value,
            let seconds = value["seconds"]?.double,
            seconds > 0, seconds <= 86_400
        else {
            throw HubError(.apiRequestMalformed, "An outage needs 'seconds', more than 0 and at most 86400.")
        }
        guard await self.gate.order(.milliseconds(Int64(seconds * 1000))) else {
            return PlatformReply(status: 409, body: JSONValue.object(["outage": "already"]).serialised())
        }
        return .json(["outage": "began"])
    }
}

extension NationalDesk {
    /// What the platform holds at the moment.
    func health(isOpen: Bool) -> JSONValue {
        let waiting = self.configuration.systems.map { system in
            (
                key: system.id,
                value: JSONValue.number(JSONNumber(self.state.inboxes[system.id]?.waiting.count ?? 0))
            )
        }
        let counts = NationalEvent.Kind.allCases.compactMap { kind in
            self.state.counts[kind].map { (key: kind.rawValue, value: JSONValue.number(JSONNumber($0))) }
        }
        return [
            "status": isOpen ? "up" : "down", "waiting": .object(JSONObject(waiting)),
            "planned": .number(JSONNumber(self.state.planned.count)), "events": .object(JSONObject(counts)),
        ]
    }
}
