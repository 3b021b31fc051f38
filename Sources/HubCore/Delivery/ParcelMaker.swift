public import HubModel

/// Makes what is delivered from what is stored.
public struct ParcelMaker: Sendable {
    /// Turns a payload into the form that the plan asks for, checks it, and seals it with the hub's key.
    public typealias Transform =
        @Sendable (_ payload: [UInt8], _ delivery: PendingDelivery) throws(HubError) -> (
            payload: [UInt8], contentType: String, signature: String
        )

    private let journal: any Journal
    private let transform: Transform

    public init(journal: any Journal, transform: @escaping Transform) {
        self.journal = journal
        self.transform = transform
    }

    /// Whether making a parcel that failed with `code` would fail again however often it was tried.
    static func isFinal(_ code: ErrorCode) -> Bool {
        switch code {
        case .journalDamaged, .mappingFailed, .schemaPayloadInvalid: true
        default: false
        }
    }

    /// The bytes that were signed by the sender, as they came, unless the plan names a mapping.
    ///
    /// - Throws: `journal.damaged`, `mapping.failed`, `schema.payload_invalid` (of our own mapping).
    func parcel(for delivery: PendingDelivery) async throws(HubError) -> Parcel {
        try self.parcel(for: delivery, try await self.journal.payload(of: delivery.id.message))
    }

    /// The same for several, each by itself.
    ///
    /// - Throws: What keeps the journal from answering at all.
    func parcels(for deliveries: [PendingDelivery]) async throws(HubError) -> [Result<Parcel, HubError>] {
        zip(deliveries, try await self.journal.payloads(of: deliveries.map(\.id.message))).map { delivery, payload in
            Result { () throws(HubError) in try self.parcel(for: delivery, try payload.get()) }
        }
    }

    private func parcel(for delivery: PendingDelivery, _ payload: [UInt8]) throws(HubError) -> Parcel {
        guard !delivery.plan.mapping.isEmpty else {
            return Parcel(
                delivery: delivery, payload: payload, contentType: delivery.contentType,
                signature: delivery.detachedSignature
            )
        }
        let made = try self.transform(payload, delivery)
        return Parcel(
            delivery: delivery, payload: made.payload, contentType: made.contentType, signature: made.signature
        )
    }
}
