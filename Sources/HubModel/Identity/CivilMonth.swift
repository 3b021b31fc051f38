/// A month of the Gregorian calendar, as the field counts it: by Viet Nam's clock.
public struct CivilMonth: Hashable, Sendable, Comparable {
    public let year: Int
    /// 1 … 12.
    public let month: Int

    /// The month in which a clock in Viet Nam shows this moment.
    public init(_ timestamp: Timestamp) {
        let date = CivilTime(timestamp, offset: CivilTime.vietnamOffset).date
        self.year = date.year
        self.month = date.month
    }

    /// Reads `YYYY-MM`.
    public init?(iso text: some StringProtocol) {
        guard let first = CivilDate(iso: String(text) + "-01") else { return nil }
        self.year = first.year
        self.month = first.month
    }

    public static func < (left: CivilMonth, right: CivilMonth) -> Bool {
        (left.year, left.month) < (right.year, right.month)
    }
}

extension CivilMonth: CustomStringConvertible {
    /// `YYYY-MM`.
    public var description: String { "\(padded(self.year, to: 4))-\(padded(self.month, to: 2))" }
}
