public import AsyncHTTPClient
public import HubCore
internal import HubDialects
internal import HubJSON
public import HubModel
internal import NIOHTTP1

/// The hub as a client of the national dossier portal (DOMAIN 3.1).
///
/// The portal's answer «đã tồn tại» to a dossier is not a failure: it is sent again as an update.
public struct DossierConnector: Destination {
    public let id = DestinationID.national("dossier")
    private let url: String
    private let platform: PlatformClient
    private let sessions: CredentialKeeper

    public init(_ configuration: NationalConfiguration, client: HTTPClient) {
        let platform = PlatformClient(
            client: client, timeout: configuration.timeout, replyLimit: configuration.replyLimit
        )
        let portal = configuration.dossier
        self.url = portal.url
        self.platform = platform
        self.sessions = CredentialKeeper { () async throws(HubError) in
            let query = "?\(DossierPath.destinationName)=\(DossierPath.nationalPortal)"
            let reply = try await platform.send(
                .POST, portal.url + DossierPath.login + query, headers: [("Content-Type", "application/json")],
                body: DossierLogin(username: portal.username, password: portal.password).encoded()
            )
            return try DossierLoginReply.session(status: reply.status, body: reply.body)
        }
    }

    public func deliver(_ parcel: Parcel) async -> DeliveryOutcome {
        do throws(HubError) {
            let packet = try DossierPacket.parse(parcel.payload.whole())
            var verdict = try await self.send(packet, isUpdating: nil).verdict
            if case .alreadyExists = verdict, packet.service == .sync {
                verdict = try await self.send(packet, isUpdating: true).verdict
                if case .accepted = verdict { return .delivered(answer: "đã tồn tại: cập nhật (updated)") }
            }
            switch verdict {
            case .accepted(let id): return .delivered(answer: id ?? "Thành công")
            case .alreadyExists: return .delivered(answer: "đã tồn tại")
            case .refused(let fault): return .refused(fault.code, answer: "\(fault.theirCode) \(fault.text)")
            case .tryLater(let fault):
                return .tryLater(fault.code, answer: "\(fault.theirCode) \(fault.text)", after: nil)
            case .signInAgain: return .tryLater(.accessDenied, answer: "the session is refused", after: nil)
            }
        } catch {
            switch error.code {
            case .apiRequestMalformed, .jsonMalformed, .jsonDuplicateKey, .jsonTooDeep:
                return .refused(error.code, answer: "\(error.summary)")
            default: return .tryLater(error.code, answer: "\(error.summary)", after: nil)
            }
        }
    }

    /// Asks a service of the portal and gives its reply as it came.
    func ask(_ packet: DossierPacket) async throws(HubError) -> ServiceReply {
        let (verdict, body) = try await self.send(packet, isUpdating: nil)
        switch verdict {
        case .accepted, .alreadyExists, .refused: return ServiceReply(body: body, contentType: "application/json")
        case .tryLater(let fault): throw fault.error
        case .signInAgain: throw HubError(.serviceUnavailable, "The dossier portal refuses the session of this hub.")
        }
    }

    /// A refused session is renewed once.
    private func send(
        _ packet: DossierPacket, isUpdating: Bool?
    ) async throws(HubError) -> (verdict: ReplyVerdict, body: [UInt8]) {
        var session = try await self.sessions.credential()
        for attempt in 0..<2 {
            let reply = try await self.platform.send(
                .POST, self.url + DossierPath.services,
                headers: [
                    ("Content-Type", "application/json"), ("Charset", "utf-8"),
                    (DossierPath.destinationName, DossierPath.nationalPortal),
                ],
                body: packet.prepared(session: session, isUpdating: isUpdating).encoded()
            )
            let verdict = DossierReply.verdict(status: reply.status, body: reply.body)
            guard case .signInAgain = verdict, attempt == 0 else { return (verdict, reply.body) }
            session = try await self.sessions.credential(insteadOf: session)
        }
        return (.signInAgain, [])
    }
}
