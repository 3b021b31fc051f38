import HubModel
import HubTesting
import Testing

@testable import HubCore

@Suite("The metrics")
struct HubMetricsTests {
    @Test("are text that Prometheus reads: every series declared once, histograms cumulative")
    func exposition() throws {
        let metrics = HubMetrics(clock: SteppingClock())
        let system = try #require(SystemID("qlvb-so-tc-h44"))
        metrics.submitted(system, code: nil, took: .milliseconds(3))
        metrics.submitted(system, code: .schemaPayloadInvalid, took: .seconds(20))
        metrics.refused(.schemaPayloadInvalid)
        metrics.attempted(.mailbox(system), .delivered(answer: "\"\n"), took: .milliseconds(20))
        metrics.attempted(.national("axis"), .tryLater(.deliveryTimeout, answer: "", after: nil), took: .seconds(1))
        metrics.lookedUp("dan-cu/xac-thuc/1", code: nil, took: .microseconds(50))
        _ = try? metrics.stage(.parse) { () throws(HubError) in 1 }
        let text = metrics.exposition(gauges: [
            ("lgsp_pending", "Unfinished.", "destination=\"a\"", 3), ("lgsp_pending", "Unfinished.", "destination=\"b\"", 4),
            ("lgsp_well", "Well.", "", 1),
        ])
        #expect(text.hasSuffix("\n"))
        var declared: [String: String] = [:]
        let series = #/([a-z_]+)(\{[a-z_]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*\})? ([0-9.e+-]+)/#
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                #expect(declared.updateValue(String(words[3]), forKey: String(words[2])) == nil, "\(line)")
            } else if !line.hasPrefix("# HELP ") {
                let match = try #require(line.wholeMatch(of: series), "\(line)")
                let name = String(match.1)
                let base = ["_bucket", "_sum", "_count"].first { name.hasSuffix($0) && declared[name] == nil }
                    .map { String(name.dropLast($0.count)) } ?? name
                #expect(declared[base] != nil, "\(line)")
            }
        }
        #expect(text.contains(#"lgsp_submissions_total{system="qlvb-so-tc-h44",result="accepted"} 1"#))
        #expect(text.contains(#"lgsp_submission_seconds_bucket{le="0.0025"} 0"#))
        #expect(text.contains(#"lgsp_submission_seconds_bucket{le="0.005"} 1"#))
        #expect(text.contains(#"lgsp_submission_seconds_bucket{le="10.0"} 1"#))
        #expect(text.contains(#"lgsp_submission_seconds_bucket{le="+Inf"} 2"#))
        #expect(text.contains("lgsp_submission_seconds_count 2"))
    }
}
