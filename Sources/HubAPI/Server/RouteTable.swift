internal import HTTPTypes
internal import HubModel
internal import Hummingbird

/// The addresses of a listener. What is asked of one with a method that it does not have is told which it has
/// (RFC 9110, section 15.5.6), instead of that nothing is there.
final class RouteTable {
    typealias Handler = @Sendable (Request, HubContext) async throws -> Response

    private let router = Hummingbird.Router(context: HubContext.self)
    private var methods: [String: [HTTPRequest.Method]] = [:]
    private static let all: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]

    init() {
        self.router.add(middleware: ProblemMiddleware())
    }

    func get(_ path: String, _ handler: @escaping Handler) { self.on(.get, path, handler) }

    func post(_ path: String, _ handler: @escaping Handler) { self.on(.post, path, handler) }

    func on(_ method: HTTPRequest.Method, _ path: String, _ handler: @escaping Handler) {
        self.methods[path, default: []].append(method)
        self.router.on(RouterPath(path), method: method, use: handler)
    }

    /// All routes, with refusals in the gaps.
    func responder() -> some HTTPResponder<HubContext> {
        for (path, allowed) in self.methods {
            let names = allowed.map(\.rawValue).sorted().joined(separator: ", ")
            for method in Self.all where !allowed.contains(method) {
                self.router.on(RouterPath(path), method: method) { _, _ -> Response in
                    let error = HubError(
                        .apiMethodNotAllowed, "This address is asked with another method.",
                        details: [ErrorDetail("allowed", names)]
                    )
                    var response = Problem(error: error).response
                    response.headers[.allow] = names
                    return response
                }
            }
        }
        return self.router.buildResponder()
    }
}
