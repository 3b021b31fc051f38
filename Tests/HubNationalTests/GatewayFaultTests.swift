import HTTPTypes
import HubCore
import HubDialects
import HubJSON
import HubModel
import HubNational
import HubTesting
import Hummingbird
import Testing

/// What a caller is told when the gateway or the service behind it does not answer as it should.
@Suite(.timeLimit(.minutes(1))) struct GatewayFaultTests {
    /// Calls a service that answers like this, and gives what is thrown.
    private static func expectRefusal(
        _ respond: @escaping @Sendable () -> Response,
        change: @escaping @Sendable (inout NationalConfiguration) -> Void = { _ in },
        _ check: @escaping @Sendable (HubError) -> Void
    ) async throws {
        try await GatewayCallTests.withStandIn({ _ in respond() }, change: change) { services, server in
            let error = await #expect(throws: HubError.self) {
                try await within(.seconds(10)) {
                    try await services.call(GatewayCallTests.citizen, request: [:])
                }
            }
            if let error { check(error) }
            #expect(server.count(GatewayPath.citizen) == 1, "the hub tries a call once")
        }
    }

    @Test(
        arguments: [
            (429, #"{"fault":{"code":900800,"message":"Message throttled out"}}"#, "900800"),
            (500, #"{"fault":{"code":101505,"message":"Send timeout"}}"#, "101505"),
            (
                403,
                String(
                    decoding: GatewayFault(code: "900908", message: "Resource forbidden").xml(), as: UTF8.self
                ),
                "900908"
            ),
            (200, #"{"fault":{"code":"303001","message":"Address suspended"}}"#, "303001"),
            (429, "", "http.429"), (404, "", "http.404"), (500, "<html>500</html>", "http.500"),
            (502, "<html><body>Bad Gateway</body></html>", "http.502"), (503, "", "http.503"),
            (504, "", "http.504"),
            (408, "", "http.408"), (302, "", "http.302"),
            (
                200, #"{"success":false,"message":"Yêu cầu bị gián đoạn. Vui lòng thử lại","errorCode":7}"#,
                "7"
            ),
        ]
    )
    func `a gateway that cannot answer now is unavailable, with its own code for the operator`(
        status: Int, body: String, theirs: String
    ) async throws {
        try await Self.expectRefusal({ .plain(status, body) }) { error in
            #expect(error.code == .serviceUnavailable)
            #expect(error.detail("platform_code") == theirs)
        }
    }

    @Test(arguments: [413, 415, 422])
    func `a request that the service will never take has failed`(status: Int) async throws {
        try await Self.expectRefusal({ .plain(status, "") }) { error in
            #expect(error.code == .serviceFailed && error.detail("platform_code") == "http.\(status)")
        }
    }

    @Test func `an empty answer is none`() async throws {
        try await Self.expectRefusal({ .plain(200) }) { #expect($0.code == .serviceFailed) }
    }

    @Test func `an answer that breaks off is none`() async throws {
        try await Self.expectRefusal({ .half(200, #"{"error_code":"0""#) {} }) { error in
            #expect(error.code == .serviceUnavailable)
        }
    }

    @Test func `an answer that is longer than is read is none`() async throws {
        let long = #"{"x":"\#(String(repeating: "x", count: 2000))"}"#
        try await Self.expectRefusal({ .plain(200, long) }, change: { $0.replyLimit = 2000 }) { error in
            #expect(error.code == .serviceFailed)
        }
    }

    @Test func `a service that never answers is given up after the time limit`() async throws {
        try await GatewayCallTests.withStandIn(
            { _ in
                await untilCancelled()
                return .plain(200)
            }, change: { $0.timeout = .milliseconds(200) }
        ) { services, _ in
            let error = await #expect(throws: HubError.self) {
                try await within(.seconds(20)) {
                    try await services.call(GatewayCallTests.citizen, request: [:])
                }
            }
            #expect(error?.code == .serviceUnavailable)
            #expect((error?.cause as? HubError)?.code == .deliveryTimeout, "the operator must see why")
        }
    }

    @Test(arguments: [GatewayPath.token, GatewayPath.citizen])
    func `a platform that stops in the middle of its answer is given up after the time limit`(
        path: String
    ) async throws {
        try await StandInServer.run(answering: { request in
            request.path == path
                ? .half(200, #"{"error_code":"0""#) { await untilCancelled() }
                : .json(["access_token": "token", "expires_in": 3600])
        }) { server in
            // On a busy machine the shortest limit may be over before the service is asked.
            for limit in [Duration.milliseconds(300), .seconds(1), .seconds(3), .seconds(9)]
            where server.count(path) == 0 {
                var national = PlatformBench.national(at: server.url)
                national.timeout = limit
                let error = await #expect(throws: HubError.self) {
                    try await within(.seconds(30)) { [national] in
                        try await GatewayCallTests.withServices(national) { services in
                            try await services.call(GatewayCallTests.citizen, request: [:])
                        }
                    }
                }
                #expect(error?.code == .serviceUnavailable)
            }
            #expect(server.count(path) >= 1, "it must have been asked at all")
        }
    }

    @Test func `a platform that is not there is unavailable`() async throws {
        let port = try ClosedPort()
        try await GatewayCallTests.withServices(PlatformBench.national(at: port.url)) { services in
            for call in [GatewayCallTests.citizen, .dossierPortal(service: "TraCuuHoSo")] {
                let error = await #expect(throws: HubError.self) {
                    try await services.call(call, request: ["service": "TraCuuHoSo"])
                }
                #expect(error?.code == .serviceUnavailable)
            }
        }
    }

    @Test(
        arguments: [
            ("text", ErrorCode.serviceUnavailable), ("empty", .serviceFailed), ("error", .serviceUnavailable),
        ]
    )
    func `faults that are ordered at the mock platform reach the caller and pass`(
        kind: String, code: ErrorCode
    ) async throws {
        try await PlatformBench.run { bench in
            let services = NationalServices(
                bench.national, portal: DossierConnector(bench.national, client: bench.client),
                client: bench.client
            )
            try await bench.order(fault: kind, at: GatewayPath.enterprise)
            let error = await #expect(throws: HubError.self) {
                try await services.call(GatewayCallTests.enterprise, request: ["msdn": "2600123456"])
            }
            #expect(error?.code == code)
            _ = try await services.call(GatewayCallTests.enterprise, request: ["msdn": "2600123456"])
        }
    }
}
