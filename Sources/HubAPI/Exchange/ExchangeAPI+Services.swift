internal import HubCore
internal import HubEnvelope
internal import HTTPTypes
internal import HubJSON
internal import HubModel
internal import Hummingbird

extension ExchangeAPI {
    func addServiceRoutes(to routes: RouteTable) {
        routes.get("/v1/services") { request, _ in try await self.services(request) }
        routes.get("/v1/services/:domain/:name/:version") { request, context in
            try await self.service(request, context)
        }
        routes.post("/v1/services/:domain/:name/:version") { request, context in
            try await self.call(request, context)
        }
        routes.get("/v1/services/:domain/:name/:version/subscription") { request, context in
            let adapter = try self.caller(request)
            return .json(bytes: try self.approvals.state(adapter.system, try self.offered(context, for: adapter).service.service))
        }
        routes.post("/v1/services/:domain/:name/:version/subscription") { request, context in
            let adapter = try self.caller(request)
            let name = try self.offered(context, for: adapter).service.service
            guard adapter.uses.contains(name) else {
                throw HubError(
                    .accessDenied, "The adapter of the system does not name this service under 'uses'.",
                    details: [ErrorDetail("system", adapter.system), ErrorDetail("service", name)]
                )
            }
            let body = try await request.bytes(upTo: 8 << 10, within: .seconds(10))
            guard let purpose = try JSONDocument.parse(body).value["purpose"]?.string, !purpose.isEmpty else {
                throw HubError(.apiRequestMalformed, "Expected an object whose purpose is a text.")
            }
            return .json(bytes: try await self.approvals.ask(adapter.system, name, purpose), status: .accepted)
        }
    }

    private var today: CivilDate { CivilTime(self.now(), offset: CivilTime.vietnamOffset).date }

    private func isVisible(_ offered: OfferedService, to adapter: Adapter) -> Bool {
        offered.service.terms.state != .draft || adapter.system == offered.provider.system
            || adapter.uses.contains(offered.service.service)
    }

    private func offered(_ context: HubContext, for adapter: Adapter) throws(HubError) -> OfferedService {
        guard let offered = self.contracts.current.services[Self.name(context)], self.isVisible(offered, to: adapter) else {
            throw HubError(.serviceUnknown, "No service with this name is offered here.")
        }
        return offered
    }

    private static func name(_ context: HubContext) -> String {
        ["domain", "name", "version"].compactMap { context.parameters.get($0) }.joined(separator: "/")
    }

    private func describe(_ offered: OfferedService, to adapter: Adapter, isWhole: Bool) -> JSONValue {
        let name = offered.service.service
        let entry = self.book.entry(adapter.system, name)
        let isAllowed =
            adapter.uses.contains(name) && (!offered.service.terms.needsApproval || entry?.state == .approved)
        return ServiceDescription(offered: offered, contracts: self.contracts.current, day: self.today)
            .json(isAllowed: isAllowed, subscription: entry?.state, isWhole: isWhole)
    }

    private func services(_ request: Request) async throws(HubError) -> Response {
        let adapter = try self.caller(request)
        let offered = self.contracts.current.services.values
            .filter { self.isVisible($0, to: adapter) }.sorted { $0.service.service < $1.service.service }
        return .json(.object(["services": .array(offered.map { self.describe($0, to: adapter, isWhole: false) })]))
    }

    /// The contract of one service; with `format=openapi` as OpenAPI.
    private func service(_ request: Request, _ context: HubContext) async throws(HubError) -> Response {
        let adapter = try self.caller(request)
        let offered = try self.offered(context, for: adapter)
        switch request.query("format") {
        case nil: return .json(self.describe(offered, to: adapter, isWhole: true))
        case "openapi":
            let host = request.head.authority.flatMap { authority in
                authority.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 } ? authority : nil
            }
            return .json(
                ServiceDescription(offered: offered, contracts: self.contracts.current, day: self.today)
                    .openAPI(server: "http://" + (host ?? "localhost"))
            )
        case .some:
            throw HubError(.apiRequestMalformed, "A contract is given as JSON, or with format=openapi.")
        }
    }

    private func call(_ request: Request, _ context: HubContext) async throws(HubError) -> Response {
        let name = Self.name(context)
        return try await self.withSubmission(from: request) { submission async throws(HubError) in
            do throws(HubError) {
                let answer = try await self.desk.call(name, submission)
                var response = Response(
                    status: .ok,
                    headers: [
                        .contentType: answer.reply.contentType, .lgspMessageID: answer.id.description,
                        .lgspSignature: try JWS.signDetached(answer.reply.body, with: self.keys.current.own),
                    ],
                    body: .init(byteBuffer: ByteBuffer(bytes: answer.reply.body))
                )
                Self.warn(of: answer.terms, in: &response)
                return response
            } catch {
                await self.intake.recordRefusal(
                    sender: submission.sender.system.description, type: name,
                    digest: submission.digest, size: submission.body.count, error: error
                )
                throw error
            }
        }
    }

    /// `Sunset` (RFC 8594) of a service that ends, and `Link` to the one after it.
    private static func warn(of terms: ServiceTerms, in response: inout Response) {
        guard terms.state == .deprecated else { return }
        if let until = terms.until {
            let end = CivilTime(date: until, hour: 23, minute: 59, second: 59).timestamp(offset: CivilTime.vietnamOffset)
            response.headers[.sunset] = HTTPDateText.text(end)
        }
        if let successor = terms.successor {
            response.headers[.link] = "</v1/services/\(successor)>; rel=\"successor-version\""
        }
    }
}

extension HTTPField.Name {
    fileprivate static let sunset = Self("Sunset")!
    fileprivate static let link = Self("Link")!
}

/// Dates of HTTP headers (RFC 9110 section 5.6.7).
enum HTTPDateText {
    static func text(_ moment: Timestamp) -> String {
        let civil = CivilTime(moment, offset: 0)
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        let sinceEpoch = Int((moment.nanoseconds - (moment.nanoseconds < 0 ? 86_399_999_999_999 : 0)) / 86_400_000_000_000)
        let day = days[((sinceEpoch % 7) + 7) % 7]
        let date = civil.date
        return "\(day), \(two(date.day)) \(months[date.month - 1]) \(date.year) "
            + "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) GMT"
    }
}
