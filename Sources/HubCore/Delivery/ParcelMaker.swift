internal import HubEnvelope
public import HubModel

/// Makes what is delivered from what is stored.
public struct ParcelMaker: Sendable {
    /// Turns a payload, XML or JSON without envelopes, into the form that the plan asks for, checks it, and seals it with
    /// the hub's key.
    public typealias Transform =
        @Sendable (_ payload: [UInt8], _ isXML: Bool, _ delivery: PendingDelivery) throws(HubError) -> (
            payload: [UInt8], contentType: String, signature: String
        )

    private let journal: any Journal
    private let keys: KeyRing
    private let transform: Transform

    public init(journal: any Journal, keys: KeyRing, transform: @escaping Transform) {
        self.journal = journal
        self.keys = keys
        self.transform = transform
    }

    /// Whether making a parcel that failed with `code` would fail again however often it was tried.
    static func isFinal(_ code: ErrorCode) -> Bool {
        switch code {
        case .envelopeKeyUnusable, .journalDamaged, .mappingFailed, .messagePayloadForgotten, .schemaPayloadInvalid: true
        default: false
        }
    }

    /// The bytes that were signed by the sender, as they came, unless the plan names a mapping. What came encrypted is
    /// encrypted for the receiver, with the signed bytes in it as they came.
    ///
    /// - Throws: `journal.damaged`, `message.payload_forgotten`, `mapping.failed`, `schema.payload_invalid` (of our own
    ///   mapping), `envelope.key_unusable` for a receiver that nothing can be encrypted for.
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
        let isEncrypted = delivery.contentType == OpenedBody.encryptedType
        if delivery.plan.mapping.isEmpty, !isEncrypted {
            return Parcel(
                delivery: delivery, payload: payload, contentType: delivery.contentType,
                signature: delivery.detachedSignature
            )
        }
        let keys = self.keys.current
        var parcel: (payload: [UInt8], contentType: String, signature: String)
        if delivery.plan.mapping.isEmpty {
            parcel = (try OpenedBody.decrypted(payload, keys.confidential), delivery.contentType, "")
        } else {
            let opened = try OpenedBody.reopen(payload, type: delivery.contentType, keys: keys)
            parcel = try self.transform(opened.content, opened.isXML, delivery)
        }
        if isEncrypted {
            let recipient = try Self.recipient(delivery.plan.destination.system, keys.registry)
            parcel.payload = try CMSEncryption.seal(parcel.payload, for: [recipient])
            parcel.contentType = OpenedBody.encryptedType
        }
        return Parcel(
            delivery: delivery, payload: parcel.payload, contentType: parcel.contentType, signature: parcel.signature
        )
    }

    /// - Throws: `envelope.key_unusable`, naming the first receiver that nothing can be encrypted for.
    static func checkRecipients(of deliveries: [PlannedDelivery], keys: KeyRegistry) throws(HubError) {
        for delivery in deliveries { _ = try Self.recipient(delivery.destination.system, keys) }
    }

    /// The certificate of a system that content can be encrypted for.
    ///
    /// - Throws: `envelope.key_unusable` when none is registered.
    static func recipient(_ system: SystemID?, _ keys: KeyRegistry) throws(HubError) -> Certificate {
        guard let certificate = system.flatMap(keys.recipient) else {
            throw HubError(
                .envelopeKeyUnusable, "No certificate is registered for a receiver that content can be encrypted for.",
                details: [ErrorDetail("receiver", system?.description ?? "")]
            )
        }
        return certificate
    }
}
