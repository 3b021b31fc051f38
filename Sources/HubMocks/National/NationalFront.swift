import HubDialects
import HubModel

/// Hands each request to the part of the platform that its path belongs to.
struct NationalFront: Sendable {
    let desk: NationalDesk
    let timestamps: TimestampDesk

    @Sendable func respond(_ request: PlatformRequest) async -> PlatformReply {
        do throws(HubError) {
            let fault = try await self.desk.fault(for: request.path)
            if let fault, let reply = NationalFault.reply(fault) { return reply }
            var reply = try await self.answer(request)
            reply.isCutOff = fault == .cutOff
            return reply
        } catch {
            return .failure(500, error)
        }
    }

    private func answer(_ request: PlatformRequest) async throws(HubError) -> PlatformReply {
        switch (request.method, request.path) {
        case ("POST", DossierPath.login):
            do throws(HubError) {
                return .json(try await self.desk.login(request).encoded())
            } catch {
                guard error.code == .apiRequestMalformed else { throw error }
                return .json(DossierLoginReply(errorCode: "4", message: "Gói tin không hợp lệ").encoded())
            }
        case ("POST", DossierPath.services):
            return .json(try await self.desk.answer(dossier: request).encoded())
        case ("POST", GatewayPath.token):
            return try await self.desk.token(request)
        case (_, AxisPath.sendEdoc), (_, AxisPath.getReceivedEdocList), (_, AxisPath.getEdoc),
            (_, AxisPath.updateStatus):
            return .json(await self.desk.answer(axis: request).encoded())
        case ("POST", TimestampDesk.path):
            return try self.timestamps.answer(request)
        case ("GET", TimestampDesk.anchorPath):
            return self.timestamps.anchor
        case (_, let path) where GatewayService.isGateway(path):
            return try await self.desk.answer(gateway: request)
        default:
            return .fault(.notFound)
        }
    }
}
