public import AsyncHTTPClient
public import HubCore
internal import HubDialects
internal import HubHTTP
public import HubModel
internal import NIOHTTP1

/// The hub as a client of the document axis.
public struct AxisConnector: Destination {
    public let id = DestinationID.national("axis")
    private let configuration: NationalConfiguration.Axis
    private let platform: PlatformClient
    private let clock: any HubClock

    public init(_ configuration: NationalConfiguration, client: HTTPClient, clock: any HubClock) {
        self.configuration = configuration.axis
        self.platform = PlatformClient(
            client: client, timeout: configuration.timeout, replyLimit: configuration.replyLimit
        )
        self.clock = clock
    }

    /// Brings what waits for the province into the hub.
    ///
    /// - Parameters:
    ///   - adapter: The national platform's own: what it may send, and how that is identified.
    ///   - state: Told whether the platform answers.
    public func inbox(for adapter: Adapter, into intake: Intake, state: ConnectionState) -> AxisInbox {
        AxisInbox(
            connector: self, poll: self.configuration.poll, intake: intake, adapter: adapter, clock: self.clock,
            state: state
        )
    }

    /// Sends one packet to one receiver. A packet that the platform has already counts as delivered: the reply to an
    /// earlier attempt was lost.
    public func deliver(_ parcel: Parcel) async -> DeliveryOutcome {
        let delivery = parcel.delivery
        let headers = AxisHeaders(
            systemID: self.configuration.systemID, timestamp: self.clock.now, from: delivery.agency,
            to: [delivery.plan.recipient], messageType: delivery.type == .edocStatus ? .status : .edoc,
            docID: delivery.id.description, fileHash: delivery.digest
        )
        let verdict: ReplyVerdict
        do throws(HubError) {
            let payload = parcel.payload
            let reply = try await self.call(
                .POST, AxisPath.sendEdoc, headers,
                body: HTTPCaller.Body(payload.inMemory, count: payload.count) { try payload.read($0, at: $1) }
            )
            verdict = AxisReply.verdict(status: reply.status, body: reply.body)
        } catch {
            return error.code.advice == .notWithThisMessage
                ? .refused(error.code, answer: "\(error.summary)")
                : .tryLater(error.code, answer: "\(error.summary)", after: nil)
        }
        switch verdict {
        case .accepted(let id): return .delivered(answer: id ?? "")
        case .alreadyExists: return .delivered(answer: "already there")
        case .refused(let fault): return .refused(fault.code, answer: "\(fault.theirCode) \(fault.text)")
        case .tryLater(let fault): return .tryLater(fault.code, answer: "\(fault.theirCode) \(fault.text)", after: nil)
        case .signInAgain: return .tryLater(.accessDenied, answer: "the platform wants to know us", after: nil)
        }
    }

    /// Asks about the inbox.
    ///
    /// - Throws: What the platform says, or what kept it from saying anything.
    func ask(
        _ path: String, _ docID: String?, _ status: AxisTransportStatus?
    ) async throws(HubError) -> AxisReply {
        let headers = AxisHeaders(
            systemID: self.configuration.systemID, timestamp: self.clock.now, docID: docID, status: status
        )
        let reply = try await self.call(.POST, path, headers, body: .none)
        switch AxisReply.verdict(status: reply.status, body: reply.body) {
        case .accepted, .alreadyExists: return try AxisReply.parse(reply.body)
        case .refused(let fault), .tryLater(let fault): throw fault.error
        case .signInAgain: throw HubError(.accessDenied, "The national platform does not know this hub.")
        }
    }

    private func call(
        _ method: HTTPMethod, _ path: String, _ headers: AxisHeaders, body: HTTPCaller.Body
    ) async throws(HubError) -> PlatformClient.Reply {
        var fields = try headers.signed(with: self.configuration.secret)
        fields.append(("User-Agent", AxisClient.userAgent))
        if case .none = body {} else { fields.append(("Content-Type", "application/octet-stream")) }
        return try await self.platform.send(method, self.configuration.url + path, headers: fields, sending: body)
    }
}
