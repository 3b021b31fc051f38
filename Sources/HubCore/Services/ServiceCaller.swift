internal import HubEnvelope
internal import HubJSON
internal import HubMapping
package import HubModel
package import HubSchema
internal import HubXML

/// What the hub knows about a call, for mappings.
package struct CallFacts: Sendable {
    let id: MessageID
    let at: Timestamp
    let type: MessageType
    /// The asking agency as the request writes it.
    let agency: String
    /// The same by the directory.
    let sender: String
    let digest: Digest
    /// The same for every attempt of one call, so that a provider can tell a repeat.
    let correlation: String

    package init(
        id: MessageID, at: Timestamp, type: MessageType, agency: String, sender: String, digest: Digest, correlation: String
    ) {
        self.id = id
        self.at = at
        self.type = type
        self.agency = agency
        self.sender = sender
        self.digest = digest
        self.correlation = correlation
    }

    /// Of a delivery: of the message that is mapped or that started a process.
    package init(_ delivery: PendingDelivery, correlation: String) {
        self.init(
            id: delivery.id.message, at: delivery.acceptedAt, type: delivery.type, agency: delivery.agency,
            sender: AgencyCode(delivery.agency)?.text ?? delivery.agency, digest: delivery.digest, correlation: correlation
        )
    }

    /// What stands for a call in the samples of adapters (docs/adapters.md).
    package static func sample(type: MessageType, agency: String, sender: String) -> CallFacts? {
        guard let id = MessageID("00000000-0000-7000-8000-000000000001"), let at = Timestamp(rfc3339: "2026-01-02T03:04:05.678Z")
        else { return nil }
        return CallFacts(
            id: id, at: at, type: type, agency: agency, sender: sender, digest: .zero, correlation: id.description
        )
    }

    package func context(secret: String?) -> [String: String] {
        var context = [
            MappingContext.id.rawValue: self.id.description, MappingContext.type.rawValue: self.type.description,
            MappingContext.time.rawValue: self.at.description, MappingContext.sender.rawValue: self.sender,
            MappingContext.digest.rawValue: self.digest.description, MappingContext.agency.rawValue: self.agency,
            MappingContext.requestID.rawValue: self.correlation,
        ]
        context[MappingContext.secret.rawValue] = secret
        return context
    }
}

/// Brings a request that was read to its provider in the provider's form, and the reply back in the caller's.
public struct ServiceCaller: Sendable {
    private let national: (any ServiceProvider)?
    private let local: (any ServiceProvider)?
    private let secrets: @Sendable (String) -> String?

    /// - Parameters:
    ///   - national: Answers through the national platform; `nil` for a province on its own.
    ///   - local: Calls systems of the province.
    ///   - secrets: What the deployment keeps for a service, for mappings that make checksums; `nil` for nothing.
    public init(
        national: (any ServiceProvider)?, local: (any ServiceProvider)? = nil,
        secrets: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.national = national
        self.local = local
        self.secrets = secrets
    }

    /// - Throws: `service.unavailable`, `service.failed`, `service.reply_unfit` (a reply of another form than the contract's: mostly a refusal),
    ///   `delivery.refused`, `mapping.failed`.
    package func call(
        _ offered: OfferedService, _ document: Document, _ facts: CallFacts, _ contracts: Contracts
    ) async throws(HubError) -> ServiceReply {
        let provider: (any ServiceProvider)? = if case .http = offered.service.call { self.local } else { self.national }
        guard let provider else {
            throw HubError(.serviceUnavailable, "No provider of this service is connected.")
        }
        let context = facts.context(secret: self.secrets(offered.service.service))
        let request = try Self.request(offered, document, context, contracts.schemas)
        let reply = try await provider.call(offered.service.call, request: request)
        return try Self.reply(offered, reply, context, contracts.schemas)
    }

    /// What the provider is sent.
    package static func request(
        _ offered: OfferedService, _ document: Document, _ context: [String: String], _ schemas: SchemaCatalogue
    ) throws(HubError) -> ServiceRequest {
        guard let mapping = offered.requestMapping else {
            switch document {
            case .json(let document): return .json(document.value)
            case .xml: throw HubError(.apiMediaTypeUnsupported, "The request of this service is application/json.")
            }
        }
        let made = try MappedForm(mapping, of: document, context: context, schemas: schemas)
        switch made.document {
        case .json(let document): return .json(document.value)
        case .xml: return .xml(made.bytes)
        }
    }

    /// What the caller gets.
    package static func reply(
        _ offered: OfferedService, _ reply: ServiceReply, _ context: [String: String], _ schemas: SchemaCatalogue
    ) throws(HubError) -> ServiceReply {
        guard let type = offered.service.reply else { return reply }
        let expected = try schemas.schema(for: offered.replyMapping?.source ?? type)
        let document: Document
        do throws(HubError) {
            document = expected.mediaType == .xml ? .xml(try XMLDocument.parse(reply.body)) : .json(try JSONDocument.parse(reply.body))
        } catch {
            throw HubError(
                .serviceFailed, "The provider's reply cannot be read.",
                details: [ErrorDetail("expected", expected.mediaType.rawValue), ErrorDetail("code", error.code.rawValue)],
                cause: error
            )
        }
        let violations = expected.violations(in: document, limit: 10)
        guard violations.isEmpty else {
            throw HubError(
                .serviceReplyUnfit, "The provider's reply does not fit its contract.",
                details: [ErrorDetail("type", expected.type)], violations: violations
            )
        }
        guard let mapping = offered.replyMapping else { return reply }
        do throws(HubError) {
            let made = try MappedForm(mapping, of: document, context: context, schemas: schemas)
            return ServiceReply(body: made.bytes, contentType: made.document.mediaType.rawValue)
        } catch {
            // What the mapping misses is missing in the reply: mostly it is a refusal in the provider's own words.
            throw HubError(
                .serviceReplyUnfit, "The provider's reply is not what its contract says.", details: error.details,
                violations: error.violations, cause: error
            )
        }
    }
}
