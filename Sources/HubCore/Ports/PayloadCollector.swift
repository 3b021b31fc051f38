package import HubModel

/// Takes the bytes of a payload as they come: into memory, and into a file once they are too many for that.
package struct PayloadCollector {
    /// Makes a place for a payload of so many bytes, 0 when nobody knows.
    package typealias Reception = @Sendable (_ count: Int) async throws(HubError) -> any PayloadReception

    /// Bytes that are written at a time.
    private static let writeLength = 256 << 10

    /// How many bytes have come.
    package private(set) var count = 0
    private let large: Reception?
    private var bytes: [UInt8] = []
    private var reception: (any PayloadReception)?

    /// - Parameters:
    ///   - announced: How many are to come; `nil` when nobody said.
    ///   - large: Where they go when they are too many to be held; `nil` when they never are.
    /// - Throws: What `large` throws.
    package init(announced: Int?, large: Reception?) async throws(HubError) {
        self.large = large
        if let large, let announced, announced > Payload.longestWhole { self.reception = try await large(announced) }
        self.bytes.reserveCapacity(self.reception == nil ? min(announced ?? 0, Payload.longestWhole) : Self.writeLength)
    }

    /// - Throws: What the reception throws.
    package mutating func add(_ piece: some Collection<UInt8>) async throws(HubError) {
        self.count += piece.count
        self.bytes.append(contentsOf: piece)
        if let large = self.large, self.reception == nil, self.count > Payload.longestWhole {
            self.reception = try await large(0)
        }
        guard let reception = self.reception, self.bytes.count >= Self.writeLength else { return }
        try await reception.write(self.bytes)
        self.bytes.removeAll(keepingCapacity: self.bytes.count < 2 * Self.writeLength)
    }

    /// - Throws: What the reception throws.
    package mutating func finish() async throws(HubError) -> Payload {
        guard let reception = self.reception else { return .whole(self.bytes) }
        try await reception.write(self.bytes)
        return .large(try await reception.finish())
    }
}
