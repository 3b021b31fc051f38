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
        if delivery.size > Payload.longestWhole, let parcel = try await self.largeParcel(for: delivery) { return parcel }
        return try self.parcel(for: delivery, try await self.journal.payload(of: delivery.id.message))
    }

    /// The same for several, each by itself.
    ///
    /// - Throws: What keeps the journal from answering at all.
    func parcels(for deliveries: [PendingDelivery]) async throws(HubError) -> [Result<Parcel, HubError>] {
        let held = deliveries.filter { $0.size <= Payload.longestWhole }
        var payloads = held.isEmpty ? [] : try await self.journal.payloads(of: held.map(\.id.message))
        payloads.reverse()
        var parcels: [Result<Parcel, HubError>] = []
        parcels.reserveCapacity(deliveries.count)
        for delivery in deliveries {
            do throws(HubError) {
                if delivery.size > Payload.longestWhole {
                    parcels.append(.success(try await self.parcel(for: delivery)))
                } else if let payload = payloads.popLast() {
                    parcels.append(.success(try self.parcel(for: delivery, try payload.get())))
                } else {
                    throw HubError(.internalFault, "The journal did not answer for a message.")
                }
            } catch {
                parcels.append(.failure(error))
            }
        }
        return parcels
    }

    /// A parcel whose payload is too large to be held meanwhile; `nil` for what is in an envelope, which is opened whole.
    private func largeParcel(for delivery: PendingDelivery) async throws(HubError) -> Parcel? {
        guard delivery.contentType != OpenedBody.encryptedType else { return nil }
        if delivery.plan.mapping.isEmpty {
            return Parcel(
                delivery: delivery, payload: .large(try await self.journal.largePayload(of: delivery.id.message)),
                contentType: delivery.contentType, signature: delivery.detachedSignature
            )
        }
        guard let isXML = OpenedBody.isXML(plain: delivery.contentType) else { return nil }
        let payload = try await self.journal.largePayload(of: delivery.id.message)
        let mapped = try self.mapped(payload, isXML: isXML, markedBy: 33, delivery)
        // With other markers, of another length, the same must come out: then nothing in it was made of a long value.
        guard try self.mapped(payload, isXML: isXML, markedBy: 36, delivery).payload == mapped.payload else {
            throw HubError(
                .mappingFailed, "The mapping takes a long value of a large message, which is more than is mapped.",
                details: [ErrorDetail("mapping", delivery.plan.mapping), ErrorDetail("bytes", delivery.size)]
            )
        }
        return Parcel(
            delivery: delivery, payload: .whole(mapped.payload), contentType: mapped.contentType,
            signature: mapped.signature
        )
    }

    private func mapped(
        _ payload: any LargePayload, isXML: Bool, markedBy length: Int, _ delivery: PendingDelivery
    ) throws(HubError) -> (payload: [UInt8], contentType: String, signature: String) {
        let text: ShortenedText
        do throws(HubError) {
            text = try ShortenedText(payload, isXML: isXML, secretLength: length)
        } catch  where error.code == .intakeTooLarge {
            throw HubError(
                .mappingFailed, "The message is larger than is mapped.", details: error.details, cause: error)
        }
        return try self.transform(text.bytes, isXML, delivery)
    }

    private func parcel(for delivery: PendingDelivery, _ payload: [UInt8]) throws(HubError) -> Parcel {
        let isEncrypted = delivery.contentType == OpenedBody.encryptedType
        if delivery.plan.mapping.isEmpty, !isEncrypted {
            return Parcel(
                delivery: delivery, payload: .whole(payload), contentType: delivery.contentType,
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
            delivery: delivery, payload: .whole(parcel.payload), contentType: parcel.contentType,
            signature: parcel.signature
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
