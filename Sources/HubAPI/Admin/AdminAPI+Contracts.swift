internal import HubCore
internal import HubJSON
internal import HubModel
internal import Hummingbird

extension AdminAPI {
    func addContractRoutes(to routes: RouteTable) {
        routes.get("/admin/v1/adapters") { request, _ in
            try self.authorise(request)
            return Response.json(bytes: try await self.contracts.list())
        }
        // Registering can be refused for files that are wrong, never half done.
        routes.post("/admin/v1/adapters") { request, _ in
            try self.authorise(request)
            let archive = try await request.bytes(upTo: self.contracts.archiveLimit, within: .seconds(60))
            return Response.json(bytes: try await self.contracts.register(archive, request.query("reason") ?? ""))
        }
        routes.on(.delete, "/admin/v1/adapters/:system") { request, context in
            try self.authorise(request)
            guard let system = context.parameters.get("system").flatMap(SystemID.init) else {
                throw HubError(.adapterUnknown, "That is not the name of a system.")
            }
            let leavesPending = request.query("pending") == "leave"
            return Response.json(
                bytes: try await self.contracts.retire(system, leavesPending, request.query("reason") ?? "")
            )
        }
        routes.post("/admin/v1/contracts/reload") { request, _ in
            try self.authorise(request)
            return Response.json(bytes: try await self.contracts.reload(KeyOperations.Wish(request).reason))
        }
        routes.get("/admin/v1/subscriptions") { request, _ in
            try self.authorise(request)
            return Response.json(bytes: self.approvals.list())
        }
        routes.post("/admin/v1/subscriptions/:decision") { request, context in
            try self.authorise(request)
            guard let decision = context.parameters.get("decision").flatMap(ApprovalOperations.Decision.init(rawValue:)) else {
                throw HubError(.apiNotFound, "A subscription is approved, rejected or revoked.")
            }
            let bytes = try await request.bytes(upTo: 8 << 10, within: .seconds(10))
            let wish = try JSONDocument.parse(bytes).value
            guard let system = wish["system"]?.string.flatMap(SystemID.init), let service = wish["service"]?.string,
                wish.object?.members.allSatisfy({ ["system", "service", "reason"].contains($0.key) }) ?? false
            else {
                throw HubError(.apiRequestMalformed, "Expected an object with the texts system, service and reason.")
            }
            return Response.json(
                bytes: try await self.approvals.decide(decision, system, service, wish["reason"]?.string ?? "")
            )
        }
    }
}
