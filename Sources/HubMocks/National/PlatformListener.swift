import HTTPTypes
import HubHTTP
import HubModel
import Hummingbird
import NIOCore

/// One HTTP server of the platform on one address, for as long as its task runs.
struct PlatformListener: Sendable {
    let host: String
    let maxBody: Int
    let respond: @Sendable (PlatformRequest) async -> PlatformReply

    /// Listens until the task is cancelled or shut down gracefully; cancelling closes every connection.
    ///
    /// - Parameter ready: Called with the port once connections are accepted.
    func run(port: Int, ready: @escaping @Sendable (Int) async -> Void) async throws {
        let responder = CallbackResponder { (request: Request, _: BasicRequestContext) in
            await self.response(to: request)
        }
        try await HTTPListener(host: self.host, port: port, responder: responder).run(ready: ready)
    }

    private func response(to request: Request) async -> Response {
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: self.maxBody)
        } catch is NIOTooManyBytesError {
            return Response(status: .contentTooLarge)
        } catch {
            return Response(status: .badRequest)
        }
        let reply = await self.respond(
            PlatformRequest(
                method: request.method.rawValue, path: request.uri.path,
                queryItems: request.uri.queryParameters.map { (String($0.key), String($0.value)) },
                fields: request.headers, body: Array(body.readableBytesView)
            )
        )
        let status = HTTPResponse.Status(code: reply.status)
        let headers: HTTPFields = [.contentType: reply.contentType]
        guard reply.isCutOff else {
            return Response(
                status: status, headers: headers,
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
        }
        let half = ByteBuffer(bytes: reply.body.prefix(reply.body.count / 2))
        return Response(
            status: status, headers: headers,
            body: ResponseBody(contentLength: reply.body.count) { writer in
                try await writer.write(half)
                throw CutOff()
            }
        )
    }

    private struct CutOff: Error {}
}
