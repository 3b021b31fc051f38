internal import HTTPTypes
internal import HubCore
internal import HubModel
internal import Hummingbird
internal import Logging
internal import NIOCore

/// One request on its way through the servers of the hub.
struct HubContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection of the caller.
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        self.channel = source.channel
        self.coreContext = .init(source: source)
    }
}

/// Turns every error into a problem, so that no answer of the hub is without a code.
struct ProblemMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: HubContext, next: (Request, HubContext) async throws -> Response
    ) async throws -> Response {
        let response = await self.answer(to: request, context: context, next: next)
        // A body behind the answer to HEAD would be read as the next answer.
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(
        to request: Request, context: HubContext, next: (Request, HubContext) async throws -> Response
    ) async -> Response {
        do {
            // The first Host has become the authority; one that is left is a second.
            guard request.headers[values: .host].isEmpty else {
                throw HubError(.apiHeaderRepeated, "A header stands twice.", details: [ErrorDetail("header", "host")])
            }
            return try await next(request, context)
        } catch let error as HubError {
            return Problem(error: error).response
        } catch let error as any HTTPResponseError {
            let code: ErrorCode =
                switch error.status {
                case .notFound: .apiNotFound
                case .methodNotAllowed: .apiMethodNotAllowed
                case .contentTooLarge: .intakeTooLarge
                default: .apiRequestMalformed
                }
            return Problem(error: HubError(code, "The request could not be served.", cause: error)).response
        } catch {
            context.logger.error("A request failed unexpectedly.", metadata: ["error": "\(error)"])
            return Problem(error: HubError(.internalFault, "The request failed inside the hub.", cause: error)).response
        }
    }
}

extension Request {
    /// The value of a header, which may stand only once.
    ///
    /// - Throws: `api.header_repeated`: two values would let two readers see two requests.
    func single(_ name: HTTPField.Name) throws(HubError) -> String? {
        let values = self.headers[values: name]
        guard values.count <= 1 else {
            throw HubError(
                .apiHeaderRepeated, "A header stands twice.", details: [ErrorDetail("header", name.canonicalName)]
            )
        }
        return values.first
    }

    /// The length of the body as it was announced, or `nil` when it was not.
    ///
    /// - Throws: `intake.too_large`, also for a number that cannot be counted with.
    func announcedLength(upTo limit: Int) throws(HubError) -> Int? {
        guard let text = self.headers[.contentLength] else { return nil }
        guard let length = Int(text), length <= limit else { throw BodyBudget.tooLarge(limit) }
        return length
    }

    /// The whole body.
    ///
    /// - Parameters:
    ///   - limit: Bytes.
    ///   - time: In which it must have come; one second more for every 64 KB of it.
    /// - Throws: `intake.too_large` as soon as it is known, before the rest is read; `intake.timeout`;
    ///   `api.request_malformed` for one that breaks off.
    func bytes(upTo limit: Int, within time: Duration) async throws(HubError) -> [UInt8] {
        try await self.payload(upTo: limit, within: time, large: nil).whole()
    }

    /// The whole body, in memory or, from `Payload.longestWhole` on, where `large` says.
    ///
    /// - Throws: As `bytes`, what the reception throws.
    func payload(
        upTo limit: Int, within time: Duration, large: PayloadCollector.Reception?
    ) async throws(HubError) -> Payload {
        let announced = try self.announcedLength(upTo: limit)
        let started = ContinuousClock.now
        var collector = try await PayloadCollector(announced: announced, large: large)
        // What the disk takes is not the sender's fault.
        var own = Duration.zero
        do {
            // A peer that sends nothing at all is cut off by the listener.
            for try await chunk in self.body {
                guard chunk.readableBytes <= limit - collector.count else { throw BodyBudget.tooLarge(limit) }
                let arrived = ContinuousClock.now
                try await collector.add(chunk.readableBytesView)
                own += arrived.duration(to: .now)
                guard started.duration(to: .now) - own <= time + .seconds(collector.count >> 16) else {
                    throw HubError(
                        .intakeTimeout, "The body comes too slowly.",
                        details: [ErrorDetail("bytes", collector.count), ErrorDetail("allowed", "\(time)")]
                    )
                }
            }
        } catch let error as HubError {
            throw error
        } catch {
            throw HubError(.apiRequestMalformed, "The body did not come to its end.", cause: error)
        }
        return try await collector.finish()
    }

    /// The media type in lower case, without parameters.
    func mediaType() throws(HubError) -> String {
        let text = try self.single(.contentType) ?? ""
        return text.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    }

    /// The media type, with parameters where they say how to read the body: `multipart/signed`.
    func contentType() throws(HubError) -> String {
        let name = try self.mediaType()
        guard name == "multipart/signed", let text = try self.single(.contentType), text.utf8.count <= 512 else {
            return name
        }
        return text
    }

    func query(_ name: String) -> String? {
        self.uri.queryParameters[Substring(name)].map(String.init)
    }

    /// - Throws: `api.request_malformed` for what is not a number of the range.
    func number(_ name: String, in range: ClosedRange<Int>) throws(HubError) -> Int? {
        guard let text = self.query(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw HubError(
                .apiRequestMalformed, "A query parameter is outside its range.",
                details: [ErrorDetail("parameter", name), ErrorDetail("allowed", "\(range.lowerBound)-\(range.upperBound)")]
            )
        }
        return number
    }
}

extension HTTPField.Name {
    static let host = Self("Host")!
    static let lgspService = Self("Lgsp-Service")!
    static let lgspRecipient = Self("Lgsp-Recipient")!
    static let lgspMessageID = Self("Lgsp-Message-Id")!
    static let lgspCorrelationID = Self("Lgsp-Correlation-Id")!
    static let lgspSignature = Self("Lgsp-Signature")!
}
