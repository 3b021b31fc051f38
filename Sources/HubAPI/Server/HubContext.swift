internal import HTTPTypes
internal import HubModel
internal import Hummingbird
internal import Logging
internal import NIOCore

/// One request on its way through the servers of the hub.
struct HubContext: RequestContext {
    var coreContext: CoreRequestContextStorage

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
    }
}

/// Turns every error into a problem, so that no answer of the hub is without a code.
struct ProblemMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: HubContext, next: (Request, HubContext) async throws -> Response
    ) async throws -> Response {
        do {
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

    /// The whole body.
    ///
    /// - Throws: `intake.too_large` as soon as it is known, before the rest is read.
    func bytes(upTo limit: Int) async throws(HubError) -> [UInt8] {
        if let length = self.headers[.contentLength].flatMap(Int.init), length > limit {
            throw BodyBudget.tooLarge(limit)
        }
        do {
            let buffer = try await self.body.collect(upTo: limit)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw BodyBudget.tooLarge(limit)
        } catch {
            throw HubError(.apiRequestMalformed, "The body did not come to its end.", cause: error)
        }
    }

    /// The media type in lower case, without parameters.
    func mediaType() throws(HubError) -> String {
        let text = try self.single(.contentType) ?? ""
        return text.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    }

    func query(_ name: String) -> String? {
        self.uri.queryParameters[Substring(name)].map(String.init)
    }
}

extension HTTPField.Name {
    static let lgspService = Self("Lgsp-Service")!
    static let lgspRecipient = Self("Lgsp-Recipient")!
    static let lgspMessageID = Self("Lgsp-Message-Id")!
    static let lgspCorrelationID = Self("Lgsp-Correlation-Id")!
    static let lgspSignature = Self("Lgsp-Signature")!
}
