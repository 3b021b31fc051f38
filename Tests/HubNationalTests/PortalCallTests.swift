import HTTPTypes
import HubCore
import HubDialects
import HubJSON
import HubModel
import HubNational
import HubTesting
import Hummingbird
import Testing

/// Look-ups at the dossier portal that do not go well.
@Suite(.timeLimit(.minutes(1))) struct PortalCallTests {
    private static let request: JSONValue = [
        "service": "TraCuuHoSo", "madonvi": "000.00.00.H44", "MaHoSo": .string(DossierText.code(1)),
    ]

    private static func ask(
        _ respond: @escaping @Sendable (StandInServer.Received) async throws -> Response
    ) async throws -> Result<ServiceReply, HubError> {
        try await StandInServer.run(answering: { request in
            request.path == DossierPath.login
                ? .json(["error_code": 0, "session": "phiên"]) : try await respond(request)
        }) { server in
            try await GatewayCallTests.withServices(PlatformBench.national(at: server.url)) { services in
                do throws(HubError) {
                    return .success(
                        try await services.call(.dossierPortal(service: "TraCuuHoSo"), request: Self.request)
                    )
                } catch {
                    return .failure(error)
                }
            }
        }
    }

    @Test func `the portal's own no is an answer`() async throws {
        let no = #"{"error_code":"6","message":"Mã hồ sơ không có trên hệ thống","result":""}"#
        let reply = try await Self.ask { _ in .plain(200, no) }.get()
        #expect(String(decoding: reply.body, as: UTF8.self) == no)
    }

    @Test(
        arguments: [
            (
                200, #"{"error_code":"-1","message":"Phiên làm việc đã hết hạn"}"#,
                ErrorCode.serviceUnavailable
            ),
            (401, "", .serviceUnavailable), (500, "<html>500</html>", .serviceUnavailable),
            (200, "", .serviceFailed), (200, "<html>bảo trì</html>", .serviceFailed),
            (200, #"{"success":false,"message":"Yêu cầu bị gián đoạn. Vui lòng thử lại"}"#, .serviceFailed),
            (
                200, #"{"error_code":"99","message":"Hệ thống quá tải, vui lòng thử lại"}"#,
                .serviceUnavailable
            ),
        ]
    )
    func `no answer of the portal is told apart from a no`(status: Int, body: String, code: ErrorCode)
        async throws
    {
        guard case .failure(let error) = try await Self.ask({ _ in .plain(status, body) }) else {
            Issue.record("this was taken for an answer: \(body)")
            return
        }
        #expect(error.code == code)
    }

    @Test func `a session that ends is renewed for a look-up too`() async throws {
        try await PlatformBench.run { bench in
            let services = NationalServices(
                bench.national, portal: DossierConnector(bench.national, client: bench.client),
                client: bench.client
            )
            for _ in 1...2 {
                let call = ServiceCall.dossierPortal(service: "TraCuuHoSo")
                let reply = try await services.call(call, request: Self.request)
                #expect(try DossierReply.parse(reply.body).errorCode == "0")
                try await bench.order("expire-tokens")
            }
            #expect(try await bench.ledger("credential.given").count == 2)
        }
    }
}
