import HubDialects
import HubJSON
import HubMocks
import HubModel
import HubXML
import Synchronization
import Testing

/// A platform with a client that has a token for the gateway.
struct GatewayBench {
    let bench: NationalBench
    let token: String

    static func run<Value: Sendable>(
        in folder: String, clock: SettableClock = SettableClock(),
        change: (inout NationalPlatformConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (GatewayBench) async throws -> Value
    ) async throws -> Value {
        try await NationalBench.run(in: folder, now: { clock.now }, change: change) { bench in
            try await body(GatewayBench(bench: bench, token: NationalServicesTests.token(bench).accessToken))
        }
    }

    func post(_ path: String, _ body: JSONValue) async throws -> JSONValue {
        try await self.call("POST", path, body.serialised())
    }

    func get(_ path: String) async throws -> JSONValue { try await self.call("GET", path, []) }

    func raw(_ method: String, _ path: String, _ body: [UInt8]) async throws -> (status: Int, body: [UInt8]) {
        try await self.bench.call(method, self.bench.url + path, [GatewayCredential.bearer(self.token)], body)
    }

    /// Everything says what it has to say under HTTP 200.
    private func call(_ method: String, _ path: String, _ body: [UInt8]) async throws -> JSONValue {
        let reply = try await self.raw(method, path, body)
        #expect(reply.status == 200)
        return try JSONDocument.parse(reply.body).value
    }

    /// What the population database says of a number; `nil` for nobody.
    func citizen(_ number: String) async throws -> XMLElement? {
        let reply = try await self.post(
            GatewayPath.citizen,
            ["SoDinhDanh": .string(number), "MaCanBo": "C", "MaYeuCau": "Y"])
        let answer = try #require(CitizenAnswer(reply))
        return answer.isFound ? try XMLDocument.parse(Array(answer.message.utf8)).root.child("CongDan") : nil
    }

    func soap(_ path: String, _ namespace: String, _ name: String, _ members: KeyValuePairs<String, String>)
        async throws
        -> (status: Int, body: XMLElement)
    {
        let inner = members.map { "<q:\($0.key)>\($0.value)</q:\($0.key)>" }.joined()
        let text = """
            <soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:q="\(namespace)"><soap:Body>\
            <q:\(name)>\(inner)</q:\(name)></soap:Body></soap:Envelope>
            """
        let reply = try await self.raw("POST", path, Array(text.utf8))
        return (reply.status, try #require(try XMLDocument.parse(reply.body).root.child("Body")))
    }
}

/// A clock that stands until a test moves it.
final class SettableClock: Sendable {
    private let moment = Mutex(Timestamp(seconds: 1_791_165_600))

    var now: Timestamp { self.moment.withLock { $0 } }

    func pass(_ duration: Duration) { self.moment.withLock { $0 = $0.advanced(by: duration) } }
}
