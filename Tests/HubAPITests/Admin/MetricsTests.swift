import HubAPI
import HubCore
import HubModel
import HubTesting
import Testing

@Suite("The metrics of a hub", .timeLimit(.minutes(5)))
struct MetricsTests {
    private func scrape(_ bench: HubBench) async throws -> PrometheusText {
        let reply = try await bench.admin.get("/metrics")
        #expect(reply.status == 200)
        #expect(reply.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
        return try PrometheusText(reply.text)
    }

    @Test("can be read when nothing has happened yet")
    func empty() async throws {
        try await HubBench.run { bench async throws in
            #expect(try await self.scrape(bench).series.isEmpty)
        }
    }

    @Test("count what was handed in, refused, delivered and looked up, each series once")
    func counts() async throws {
        let provider = FakeProvider(
            .success(ServiceReply(body: Array("{}".utf8), contentType: "application/json")))
        try await HubBench.run({ $0.provider = provider }) { bench in
            for number in 1...3 { _ = try await bench.submit(DossierText.sync(number)) }
            _ = try await bench.submit(DossierText.sync(1))
            _ = try await bench.submit(Array("{".utf8))
            _ = try await bench.exchange.post("/v1/messages")
            let id = try await bench.accept(EdocText.document(to: ["000.00.11.H44"]))
            let poller = HubBench.bearer(try await bench.token(of: HubBench.finance))
            _ = try await bench.exchange.post("/v1/mailbox/\(id).0/ack", [poller])
            let question = DossierText.citizen()
            let headers = try bench.headers(of: question, token: try await bench.token())
            _ = try await bench.exchange.post("/v1/services/dan-cu/xac-thuc/1", headers, question)
            let metrics = try await self.scrape(bench)
            #expect(
                metrics.values("lgsp_submissions_total") == [
                    #"lgsp_submissions_total{system="mot-cua-h44",result="accepted"}"#: 4,
                    #"lgsp_submissions_total{system="mot-cua-h44",result="json.malformed"}"#: 1,
                    #"lgsp_submissions_total{system="qlvb-so-tttt-h44",result="accepted"}"#: 1,
                ]
            )
            #expect(
                metrics.values("lgsp_refusals_total") == [
                    #"lgsp_refusals_total{code="access.unauthenticated"}"#: 1,
                    #"lgsp_refusals_total{code="json.malformed"}"#: 1,
                ]
            )
            #expect(
                metrics.values("lgsp_deliveries_total") == [
                    #"lgsp_deliveries_total{destination="mailbox:qlvb-so-tc-h44",result="delivered"}"#: 1
                ]
            )
            #expect(
                metrics.values("lgsp_lookups_total") == [
                    #"lgsp_lookups_total{service="dan-cu/xac-thuc/1",result="answered"}"#: 1
                ]
            )
            #expect(metrics.types["lgsp_submissions_total"] == "counter")
            #expect(metrics.types["lgsp_stage_seconds"] == "histogram")
        }
    }

    @Test("have histograms whose buckets grow up to the count")
    func histograms() async throws {
        try await HubBench.run { bench in
            for number in 1...3 { _ = try await bench.submit(DossierText.sync(number)) }
            let metrics = try await self.scrape(bench)
            #expect(metrics.series["lgsp_submission_seconds_count"] == 3)
            let stages = metrics.values("lgsp_stage_seconds_count").keys.sorted()
            #expect(
                stages
                    == ["parse", "route", "validate", "verify"].map {
                        #"lgsp_stage_seconds_count{stage="\#($0)"}"#
                    }
            )
            let buckets = metrics.values("lgsp_submission_seconds_bucket").map { series, count in
                (
                    bound: Double(
                        (series.split(separator: "\"").dropFirst().first ?? "").replacing("+Inf", with: "inf")
                    ) ?? -1,
                    count: count
                )
            }
            let counts = buckets.sorted { $0.bound < $1.bound }.map(\.count)
            #expect(counts == counts.sorted())
            #expect(counts.last == 3)
            #expect(metrics.series["lgsp_submission_seconds_sum"] != nil)
        }
    }

    @Test("hold the gauges of the hub, those of one name under one head")
    func gauges() async throws {
        let gauges: [HubSettings.Gauge] = [
            ("lgsp_pending", "Unfinished deliveries.", #"destination="mailbox:a""#, 2),
            ("lgsp_pending", "Unfinished deliveries.", #"destination="push:b""#, 1_234_567_890_123),
            ("lgsp_journal_well", "1 while the journal takes records.", "", 1),
        ]
        try await HubBench.run({ $0.gauges = { gauges } }) { bench in
            _ = try await bench.submit(DossierText.sync())
            let metrics = try await self.scrape(bench)
            #expect(
                metrics.values("lgsp_pending") == [
                    #"lgsp_pending{destination="mailbox:a"}"#: 2,
                    #"lgsp_pending{destination="push:b"}"#: 1_234_567_890_123,
                ]
            )
            #expect(metrics.series["lgsp_journal_well"] == 1)
            #expect(metrics.types["lgsp_pending"] == "gauge")
        }
    }

    @Test("have no label with what a message says")
    func labels() async throws {
        try await HubBench.run { bench in
            let odd = #"a"b{c}\d"#
            _ = try await bench.submit(DossierText.sync(), [("Lgsp-Service", odd)])
            _ = try await bench.exchange.post(
                "/oauth2/token", [HubBench.basic(odd)], Array("grant_type=client_credentials".utf8))
            let token = HubBench.bearer(try await bench.token())
            _ = try await bench.exchange.post("/v1/services/a/b%22/1", [token])
            let reply = try await bench.admin.get("/metrics")
            _ = try PrometheusText(reply.text)
            #expect(!reply.text.contains("{c}"))
            #expect(!reply.text.contains("%22"))
        }
    }
}
