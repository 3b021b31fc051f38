internal import Histogram
public import HubJSON

/// What a load run measured.
public struct LoadReport: Sendable {
    /// Documents handed in, whatever came of them.
    public let offered: Int
    public let accepted: Int
    /// By code, or `no-answer`.
    public let refused: [String: Int]
    /// Documents fetched and acknowledged, each counted once.
    public let delivered: Int
    /// Fetched a second time.
    public let repeated: Int
    /// From the first submission to the last acknowledgement.
    public let seconds: Double
    /// Milliseconds from the moment a document was due to be sent to its receipt.
    public let accept: Percentiles
    /// Milliseconds from the moment a document was due to be sent to its arrival at the receiver.
    public let transit: Percentiles

    /// Quantiles of a set of times.
    public struct Percentiles: Sendable {
        public let p50: Double
        public let p99: Double
        public let p999: Double
        public let max: Double

        /// - Parameter nanoseconds: Not negative. All figures are 0 when there are none.
        init(_ nanoseconds: [Int64]) {
            var histogram = Histogram<UInt64>(
                highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .three
            )
            for value in nanoseconds { histogram.record(UInt64(Swift.max(0, value) / 1000)) }
            func value(_ percentile: Double) -> Double {
                Double(histogram.valueAtPercentile(percentile)) / 1000
            }
            self.p50 = nanoseconds.isEmpty ? 0 : value(50)
            self.p99 = nanoseconds.isEmpty ? 0 : value(99)
            self.p999 = nanoseconds.isEmpty ? 0 : value(99.9)
            self.max = nanoseconds.isEmpty ? 0 : value(100)
        }

        var json: JSONValue {
            .object([
                "p50_ms": Self.number(self.p50), "p99_ms": Self.number(self.p99),
                "p999_ms": Self.number(self.p999), "max_ms": Self.number(self.max),
            ])
        }

        private static func number(_ value: Double) -> JSONValue {
            JSONNumber(text: Decimals.text(value, places: 3)).map { .number($0) } ?? .null
        }
    }

    public var json: JSONValue {
        var refused = JSONObject()
        for (code, count) in self.refused.sorted(by: { $0.key < $1.key }) {
            refused[code] = .init(integerLiteral: count)
        }
        func rate(_ count: Int) -> JSONValue {
            JSONNumber(text: Decimals.text(self.seconds > 0 ? Double(count) / self.seconds : 0, places: 1))
                .map { .number($0) } ?? .null
        }
        return .object([
            "offered": .init(integerLiteral: self.offered), "accepted": .init(integerLiteral: self.accepted),
            "refused": .object(refused), "delivered": .init(integerLiteral: self.delivered),
            "repeated": .init(integerLiteral: self.repeated),
            "lost": .init(integerLiteral: max(0, self.accepted - self.delivered)),
            "seconds": JSONNumber(text: Decimals.text(self.seconds, places: 3)).map { .number($0) } ?? .null,
            "accepted_per_second": rate(self.accepted), "delivered_per_second": rate(self.delivered),
            "accept": self.accept.json, "transit": self.transit.json,
        ])
    }
}
