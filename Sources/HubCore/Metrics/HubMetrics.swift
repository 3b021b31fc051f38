package import HubModel
internal import Synchronization

/// What the hub counts, in the text format of Prometheus (exposition format 0.0.4).
///
/// Labels are codes, systems and destinations: sets that configuration bounds, never something a message says.
public final class HubMetrics: Sendable {
    /// A step of the intake whose time is taken.
    package enum Stage: String, Sendable, CaseIterable {
        case parse, verify, validate, route
    }

    private struct Timing {
        var count = 0
        var seconds = 0.0
        var buckets = [Int](repeating: 0, count: HubMetrics.bounds.count)
    }

    private struct Counts {
        var counters: [String: [String: Int]] = [:]
        var timings: [String: [String: Timing]] = [:]
    }

    private static let bounds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    private static let help: [String: String] = [
        "lgsp_submissions_total": "Messages handed in, by system and result (accepted or an error code).",
        "lgsp_refusals_total": "Refusals recorded, by error code.",
        "lgsp_deliveries_total": "Attempts to deliver, by destination and result.",
        "lgsp_lookups_total": "Synchronous requests, by service and result.",
        "lgsp_submission_seconds": "From the whole body read to the answer known.",
        "lgsp_stage_seconds": "Time in one step of the intake.",
        "lgsp_delivery_seconds": "Time of one attempt to deliver.",
        "lgsp_lookup_seconds": "Time of one synchronous request.",
    ]

    private let clock: any HubClock
    private let counts = Mutex(Counts())

    public init(clock: any HubClock) {
        self.clock = clock
    }

    package func stage<Value>(
        _ stage: Stage, _ body: () throws(HubError) -> Value
    ) throws(HubError) -> Value {
        let started = self.clock.uptime
        defer { self.time("lgsp_stage_seconds", "stage=\"\(stage.rawValue)\"", self.clock.uptime - started) }
        return try body()
    }

    func submitted(_ system: SystemID, code: ErrorCode?, took: Duration) {
        self.count("lgsp_submissions_total", "system=\"\(system)\",result=\"\(code?.rawValue ?? "accepted")\"")
        self.time("lgsp_submission_seconds", "", took)
    }

    func refused(_ code: ErrorCode) {
        self.count("lgsp_refusals_total", "code=\"\(code.rawValue)\"")
    }

    func attempted(_ destination: DestinationID, _ outcome: DeliveryOutcome, took: Duration) {
        let result =
            switch outcome {
            case .delivered: "delivered"
            case .refused(let code, _), .tryLater(let code, _, _): code.rawValue
            }
        self.count("lgsp_deliveries_total", "destination=\"\(destination)\",result=\"\(result)\"")
        if took > .zero { self.time("lgsp_delivery_seconds", "destination=\"\(destination)\"", took) }
    }

    func lookedUp(_ service: String, code: ErrorCode?, took: Duration) {
        self.count("lgsp_lookups_total", "service=\"\(service)\",result=\"\(code?.rawValue ?? "answered")\"")
        self.time("lgsp_lookup_seconds", "service=\"\(service)\"", took)
    }

    /// The text of a scrape, with `gauges` (name, help, value) that the caller read just now.
    public func exposition(gauges: [(name: String, help: String, labels: String, value: Double)]) -> String {
        let counts = self.counts.withLock { $0 }
        var text = ""
        for (name, series) in counts.counters.sorted(by: { $0.key < $1.key }) {
            text += Self.head(name, "counter")
            for (labels, value) in series.sorted(by: { $0.key < $1.key }) { text += "\(name){\(labels)} \(value)\n" }
        }
        for (name, series) in counts.timings.sorted(by: { $0.key < $1.key }) {
            text += Self.head(name, "histogram")
            for (labels, timing) in series.sorted(by: { $0.key < $1.key }) {
                let prefix = labels.isEmpty ? "" : labels + ","
                for (bound, count) in zip(Self.bounds, timing.buckets) {
                    text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(count)\n"
                }
                let braces = labels.isEmpty ? "" : "{\(labels)}"
                text += "\(name)_bucket{\(prefix)le=\"+Inf\"} \(timing.count)\n"
                text += "\(name)_sum\(braces) \(timing.seconds)\n\(name)_count\(braces) \(timing.count)\n"
            }
        }
        var named: Set<String> = []
        for gauge in gauges {
            if named.insert(gauge.name).inserted { text += "# HELP \(gauge.name) \(gauge.help)\n# TYPE \(gauge.name) gauge\n" }
            text += "\(gauge.name)\(gauge.labels.isEmpty ? "" : "{\(gauge.labels)}") \(gauge.value)\n"
        }
        return text
    }

    private static func head(_ name: String, _ type: String) -> String {
        "# HELP \(name) \(Self.help[name] ?? name)\n# TYPE \(name) \(type)\n"
    }

    private func count(_ name: String, _ labels: String) {
        self.counts.withLock { $0.counters[name, default: [:]][labels, default: 0] += 1 }
    }

    private func time(_ name: String, _ labels: String, _ duration: Duration) {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
        self.counts.withLock { counts in
            var timing = counts.timings[name, default: [:]][labels] ?? Timing()
            timing.count += 1
            timing.seconds += seconds
            for (index, bound) in Self.bounds.enumerated() where seconds <= bound { timing.buckets[index] += 1 }
            counts.timings[name, default: [:]][labels] = timing
        }
    }
}
