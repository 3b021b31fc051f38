import HubAPI
import HubJSON
import HubModel
import HubTesting
import Synchronization
import Testing

@Suite("The health of a hub", .timeLimit(.minutes(5)))
struct HealthTests {
    private static let well = ReadinessCheck(name: "journal", isWell: true, isVital: true)
    private static let away = ReadinessCheck(
        name: "national", isWell: false, isVital: false, reason: "Không kết nối được. Messages for it wait."
    )
    private static let ill = ReadinessCheck(
        name: "journal", isWell: false, isVital: true, reason: "The journal cannot be written."
    )

    @Test("is life while it serves, at both doors and for anyone")
    func alive() async throws {
        try await HubBench.run({ $0.checks = { [Self.ill] } }) { bench in
            for caller in [bench.exchange, bench.admin] {
                let reply = try await caller.get("/livez")
                #expect(reply.status == 200)
                #expect(reply.header("Content-Type") == "application/json")
                #expect(try reply.json["status"]?.string == "alive")
            }
        }
    }

    @Test(
        "is readiness with each check and its reason, and 503 only when something vital is ill",
        arguments: [([well], true), ([well, away], true), ([ill], false), ([away, ill], false), ([], true)])
    func ready(checks: [ReadinessCheck], isReady: Bool) async throws {
        try await HubBench.run({ $0.checks = { checks } }) { bench in
            for caller in [bench.exchange, bench.admin] {
                let reply = try await caller.get("/readyz")
                #expect(reply.status == (isReady ? 200 : 503))
                #expect(try reply.json["ready"]?.bool == isReady)
                let told = try #require(try reply.json["checks"]?.array)
                #expect(told.map { $0["name"]?.string } == checks.map(\.name))
                #expect(told.map { $0["well"]?.bool } == checks.map(\.isWell))
                #expect(told.map { $0["vital"]?.bool } == checks.map(\.isVital))
                #expect(told.map { $0["reason"]?.string } == checks.map(\.reason))
            }
        }
    }

    @Test("is looked at anew each time")
    func anew() async throws {
        let isWell = Mutex(true)
        try await HubBench.run({ $0.checks = { [isWell.withLock { $0 } ? Self.well : Self.ill] } }) {
            bench async throws in
            #expect(try await bench.exchange.get("/readyz").status == 200)
            isWell.withLock { $0 = false }
            #expect(try await bench.exchange.get("/readyz").status == 503)
            isWell.withLock { $0 = true }
            #expect(try await bench.exchange.get("/readyz").status == 200)
        }
    }
}
