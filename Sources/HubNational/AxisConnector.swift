public import AsyncHTTPClient
public import HubCore
internal import HubDialects
internal import HubHTTP
internal import HubJSON
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
        return try Self.answer(reply.status, reply.body)
    }

    /// A packet of the inbox.
    ///
    /// - Parameter reception: Where it goes when it is too large to be held.
    /// - Throws: As `ask`; `delivery.reply_unreadable` when there is none in the reply.
    func packet(_ docID: String, into reception: @escaping PayloadCollector.Reception) async throws(HubError) -> Payload {
        let headers = AxisHeaders(
            systemID: self.configuration.systemID, timestamp: self.clock.now, docID: docID, status: nil
        )
        let reply = try await self.platform.fetch(
            .POST, self.configuration.url + AxisPath.getEdoc, headers: try self.fields(headers), into: reception
        )
        switch reply.body {
        case .whole(let bytes): return .whole(try Self.answer(reply.status, bytes).document())
        case .large(let large):
            let text = try Self.shortened(large)
            guard let value = try Self.answer(reply.status, text.bytes).data?.string, !value.isEmpty,
                let packet = try await text.decode(value, into: try await reception(large.count))
            else {
                throw HubError(
                    .deliveryReplyUnreadable, "The reply of the document axis has no packet in base64.")
            }
            return .large(packet)
        }
    }

    private static func shortened(_ reply: any LargePayload) throws(HubError) -> LargeJSON {
        do throws(HubError) {
            return try LargeJSON(reply)
        } catch where error.code == .intakeTooLarge {
            // Such as one that ends within its packet: a value without an end is none.
            throw HubError(
                .deliveryReplyUnreadable, "The reply of the document axis is long without a packet.",
                details: error.details, cause: error
            )
        }
    }

    private static func answer(_ status: Int, _ body: [UInt8]) throws(HubError) -> AxisReply {
        switch AxisReply.verdict(status: status, body: body) {
        case .accepted, .alreadyExists: return try AxisReply.parse(body)
        case .refused(let fault), .tryLater(let fault): throw fault.error
        case .signInAgain: throw HubError(.accessDenied, "The national platform does not know this hub.")
        }
    }

    private func fields(_ headers: AxisHeaders) throws(HubError) -> [(name: String, value: String)] {
        try headers.signed(with: self.configuration.secret) + [("User-Agent", AxisClient.userAgent)]
    }

    private func call(
        _ method: HTTPMethod, _ path: String, _ headers: AxisHeaders, body: HTTPCaller.Body
    ) async throws(HubError) -> PlatformClient.Reply {
        var fields = try self.fields(headers)
        if case .none = body {} else { fields.append(("Content-Type", "application/octet-stream")) }
        return try await self.platform.send(method, self.configuration.url + path, headers: fields, sending: body)
    }
}
