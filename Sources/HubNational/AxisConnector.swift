public import AsyncHTTPClient
public import HubCore
internal import HubDialects
internal import HubEnvelope
public import HubModel
internal import Logging
internal import NIOHTTP1
public import ServiceLifecycle

/// The hub as a client of the document axis: sends packets, and fetches those for the province.
public struct AxisConnector: Destination, Service {
    public let id = DestinationID.national("axis")
    private let configuration: NationalConfiguration.Axis
    private let platform: PlatformClient
    private let intake: Intake?
    private let adapter: Adapter
    private let clock: any HubClock
    private let state: ConnectionState
    private let logger = Logger(label: "hub.national.axis")

    /// - Parameters:
    ///   - adapter: The national platform's own: what it may send, and how that is identified.
    ///   - state: Told whether the platform answers.
    public init(
        _ configuration: NationalConfiguration, client: HTTPClient, adapter: Adapter, clock: any HubClock,
        state: ConnectionState
    ) {
        self.init(configuration, client: client, adapter: adapter, clock: clock, state: state, intake: nil)
    }

    /// The same with somewhere to put what is fetched; only then can `run` be used.
    public func receiving(into intake: Intake) -> AxisConnector {
        AxisConnector(
            configuration: self.configuration, platform: self.platform, intake: intake, adapter: self.adapter,
            clock: self.clock, state: self.state
        )
    }

    private init(
        _ configuration: NationalConfiguration, client: HTTPClient, adapter: Adapter, clock: any HubClock,
        state: ConnectionState, intake: Intake?
    ) {
        self.init(
            configuration: configuration.axis,
            platform: PlatformClient(
                client: client, timeout: configuration.timeout, replyLimit: configuration.replyLimit
            ),
            intake: intake, adapter: adapter, clock: clock, state: state
        )
    }

    private init(
        configuration: NationalConfiguration.Axis, platform: PlatformClient, intake: Intake?, adapter: Adapter,
        clock: any HubClock, state: ConnectionState
    ) {
        self.configuration = configuration
        self.platform = platform
        self.intake = intake
        self.adapter = adapter
        self.clock = clock
        self.state = state
    }

    // MARK: Sending

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
            let reply = try await self.call(.POST, AxisPath.sendEdoc, headers, body: parcel.payload)
            verdict = AxisReply.verdict(status: reply.status, body: reply.body)
        } catch {
            return .tryLater(error.code, answer: "\(error.summary)", after: nil)
        }
        switch verdict {
        case .accepted(let id): return .delivered(answer: id ?? "")
        case .alreadyExists: return .delivered(answer: "already there")
        case .refused(let fault): return .refused(fault.code, answer: "\(fault.theirCode) \(fault.text)")
        case .tryLater(let fault): return .tryLater(fault.code, answer: "\(fault.theirCode) \(fault.text)", after: nil)
        case .signInAgain: return .tryLater(.accessDenied, answer: "the platform wants to know us", after: nil)
        }
    }

    // MARK: Receiving

    /// Polls the inbox until graceful shutdown or cancellation.
    ///
    /// A packet is marked done only after its message is in the journal; the platform lists it again until then, and
    /// the hub recognises a repeat by its identity.
    public func run() async throws {
        guard let intake = self.intake else { return }
        var failures = 0
        var settledBefore: Set<String> = []
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do throws(HubError) {
                let settled = try await self.pollOnce(into: intake)
                failures = 0
                self.state.report(nil)
                // More may be waiting. What was settled and is listed again is no reason to hurry.
                let isNew = !settled.isSubset(of: settledBefore)
                settledBefore = settled
                if isNew { continue }
            } catch {
                failures += 1
                self.state.report(error)
            }
            let wait = min(self.configuration.poll * (1 << min(failures, 6)), max(self.configuration.poll, .seconds(2)))
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: wait) }
        }
    }

    /// A packet that cannot be taken at present stays in the inbox and does not hide those behind it.
    ///
    /// - Returns: The packets that left the inbox.
    /// - Throws: What concerns all packets, or kept every one of them in the inbox.
    private func pollOnce(into intake: Intake) async throws(HubError) -> Set<String> {
        let listed = try await self.ask(AxisPath.getReceivedEdocList, nil, nil).entries()
        var settled: Set<String> = []
        var fault: HubError?
        for entry in listed where !entry.status.isFinal {
            if Task.isCancelled { return settled }
            do throws(HubError) {
                try await self.take(entry, into: intake)
                settled.insert(entry.docID)
            } catch {
                switch error.code {
                case .deliveryUnavailable, .deliveryTimeout, .accessDenied, .journalClosed, .journalOverloaded,
                    .journalUnavailable:
                    throw error
                default:
                    fault = error
                    self.logger.warning(
                        "A packet from the national platform could not be taken and stays there.",
                        metadata: Self.metadata(error, entry)
                    )
                }
            }
        }
        if settled.isEmpty, let fault { throw fault }
        return settled
    }

    /// Fetches a packet, hands it in and settles it.
    ///
    /// - Throws: What keeps it in the inbox.
    private func take(_ entry: AxisInboxEntry, into intake: Intake) async throws(HubError) {
        let packet = try await self.ask(AxisPath.getEdoc, entry.docID, nil).document()
        let type: MessageType = entry.messageType == .status ? .edocStatus : .edocDocument
        let submission = Submission(
            sender: self.adapter, body: packet, contentType: "application/xml", type: type.description,
            correlation: entry.docID
        )
        do throws(HubError) {
            _ = try await intake.submit(submission)
        } catch {
            guard error.code.advice == .notWithThisMessage || error.code == .routeMissing else { throw error }
            // Fetching it again would end the same way; the refusal is recorded, and the sender learns of it.
            self.logger.warning(
                "A packet from the national platform was refused.", metadata: Self.metadata(error, entry)
            )
            _ = try await self.ask(AxisPath.updateStatus, entry.docID, .fail)
            return
        }
        _ = try await self.ask(AxisPath.updateStatus, entry.docID, .done)
    }

    private static func metadata(_ error: HubError, _ entry: AxisInboxEntry) -> Logger.Metadata {
        ["code": "\(error.code.rawValue)", "doc.id": "\(entry.docID.prefix(64))"]
    }

    private func ask(
        _ path: String, _ docID: String?, _ status: AxisTransportStatus?
    ) async throws(HubError) -> AxisReply {
        let headers = AxisHeaders(
            systemID: self.configuration.systemID, timestamp: self.clock.now, docID: docID, status: status
        )
        let reply = try await self.call(.POST, path, headers, body: nil)
        switch AxisReply.verdict(status: reply.status, body: reply.body) {
        case .accepted, .alreadyExists: return try AxisReply.parse(reply.body)
        case .refused(let fault), .tryLater(let fault): throw fault.error
        case .signInAgain: throw HubError(.accessDenied, "The national platform does not know this hub.")
        }
    }

    private func call(
        _ method: HTTPMethod, _ path: String, _ headers: AxisHeaders, body: [UInt8]?
    ) async throws(HubError) -> PlatformClient.Reply {
        var fields = try headers.signed(with: self.configuration.secret)
        fields.append(("User-Agent", AxisClient.userAgent))
        if body != nil { fields.append(("Content-Type", "application/octet-stream")) }
        return try await self.platform.send(method, self.configuration.url + path, headers: fields, body: body)
    }
}
