import HTTPTypes
import HubCore
import HubDialects
import HubJSON
import HubMocks
import HubModel
import HubNational
import HubTesting
import Hummingbird
import Testing

/// Errors and answers are shown to operators and written into logs and journal.
@Suite(.timeLimit(.minutes(1))) struct CredentialSecrecyTests {
    /// How the platform fails; each fails the sign-in as well as the call.
    enum Failure: String, CaseIterable {
        case absent, denied, html, silent, cutOff, wrongCode, redirect
    }

    private static func secrets() -> [String] {
        let gateway = "gateway-key-44:" + PlatformBench.gatewaySecret
        return [
            PlatformBench.password, PlatformBench.gatewaySecret, PlatformBench.h44.secret, "phiên-bí-mật",
            "token-secret",
            Base64.text(Array(gateway.utf8)),
        ]
    }

    private static func answer(
        _ failure: Failure, signingIn: Bool
    ) -> @Sendable (StandInServer.Received) async throws -> Response {
        { request in
            if signingIn {
                if request.path == DossierPath.login {
                    return .json(["error_code": 0, "session": "phiên-bí-mật"])
                }
                if request.path == GatewayPath.token {
                    return .json(["access_token": "token-secret", "expires_in": 3600])
                }
            }
            switch failure {
            case .absent, .denied: return .plain(401, #"{"error_code":"1","message":"Sai mật khẩu"}"#)
            case .html: return .plain(500, "<html>500</html>")
            case .silent:
                await untilCancelled()
                return .plain(200)
            case .cutOff: return .half(200, "{") {}
            case .wrongCode:

                return .json([
                    "error_code": "77", "message": "Vui lòng thử lại", "status": "FAIL", "success": false,
                ])
            case .redirect: return .plain(302, headers: [.location: "/khac"])
            }
        }
    }

    @Test(arguments: Failure.allCases, [true, false])
    func `no error and no answer shows what the hub signs in with`(failure: Failure, signingIn: Bool)
        async throws
    {
        let port = try ClosedPort()
        try await StandInServer.run(answering: Self.answer(failure, signingIn: signingIn)) { server in
            var national = PlatformBench.national(at: failure == .absent ? port.url : server.url)
            if failure == .silent { national.timeout = .milliseconds(300) }
            let texts = try await Self.texts(national)
            #expect(texts.count == 5, "every call must have failed")
            for text in texts {
                for secret in Self.secrets() { #expect(!text.contains(secret)) }
            }
        }
    }

    /// Everything that is said when nothing works.
    private static func texts(_ national: NationalConfiguration) async throws -> [String] {
        let clock = ManualClock(start: PlatformBench.start)
        let province = try Province(clock: clock)
        return try await withClient { client in
            let axis = AxisConnector(national, client: client, clock: clock)
            let portal = DossierConnector(national, client: client)
            let services = NationalServices(national, portal: portal, client: client)
            var texts: [String] = []
            for outcome in [await axis.deliver(Parcels.edoc()), await portal.deliver(Parcels.dossier())] {
                if case .delivered = outcome { continue }
                texts.append(String(reflecting: outcome))
            }
            try await within(.seconds(20)) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await axis.inbox(
                            for: province.adapter, into: province.intake, state: province.state
                        ).run()
                    }
                    while province.state.current == nil {
                        try await ContinuousClock().sleep(for: .milliseconds(2))
                    }
                    group.cancelAll()
                }
            }
            if let error = province.state.current { texts.append(Self.everything(about: error)) }
            for call in [GatewayCallTests.citizen, .dossierPortal(service: "TraCuuHoSo")] {
                do throws(HubError) {
                    _ = try await services.call(call, request: ["service": "TraCuuHoSo", "MaHoSo": "x"])
                } catch {
                    texts.append(Self.everything(about: error))
                }
            }
            return texts
        }
    }

    /// What anybody could print of an error, with its causes.
    private static func everything(about error: HubError) -> String {
        var text = ""
        dump(error, to: &text)
        return text + "\(error)" + String(reflecting: error)
    }
}
