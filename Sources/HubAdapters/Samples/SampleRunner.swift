import HubCore
import HubJSON
import HubMapping
import HubModel
import HubSchema
import HubXML

/// Takes a sample along the road of a message as far as that is decided by files: form, schema, sender, identity,
/// mapping.
///
/// Signatures are left out, since keys belong to a deployment.
struct SampleRunner {
    let adapter: Adapter
    let catalogue: AdapterCatalogue
    let schemas: SchemaCatalogue
    /// Who is meant by the code of an agency in a message.
    let resolve: (String) -> AgencyCode?

    /// What stands for the secret of a service.
    static let secret = "bi-mat-mau"

    /// - Returns: What the subscription's mapping made, and the mapping, or `nil` when there is none for this message.
    /// - Throws: The refusal that the hub would give.
    func run(
        _ bytes: [UInt8], as type: MessageType, mapping path: String?
    ) throws(HubError) -> (made: ServiceRequest, mapping: String)? {
        let (document, form) = try self.read(bytes, as: type)
        let sender = form.sender(in: document).flatMap(self.resolve)
        if let rule = self.adapter.sendRule(for: type) {
            try self.checkSender(sender, form, document)
            try self.checkIdentity(rule, form, document)
        }
        return try self.mapped(document, form, sender, mapping: path)
    }

    /// Parses a payload, asks its form, and holds it against its schema.
    func read(_ bytes: [UInt8], as type: MessageType) throws(HubError) -> (Document, MessageForm) {
        guard let form = self.catalogue.forms[type] else {
            throw HubError(.schemaUnknown, "There is no form for this message type.")
        }
        let original = try self.document(bytes, form)
        guard self.adapter.sendRule(for: type)?.profile == .tolerant else {
            guard form.recognises(original) else { throw Self.notRecognised }
            try Self.refuse(try self.schemas.schema(for: type).violations(in: original, limit: 100))
            return (original, form)
        }
        let reading = try self.schemas.schema(for: type).tolerantReading(of: original, limit: 100)
        guard form.recognises(original) || form.recognises(reading.document) else { throw Self.notRecognised }
        try Self.refuse(reading.violations)
        return (reading.document, form)
    }

    private static let notRecognised = HubError(
        .intakeTypeUnknown, "The form of the message type does not recognise the message."
    )

    private func document(_ bytes: [UInt8], _ form: MessageForm) throws(HubError) -> Document {
        switch form.mediaType {
        case .xml: .xml(try XMLDocument.parse(bytes))
        case .json: .json(try JSONDocument.parse(bytes))
        }
    }

    private static func refuse(_ violations: [Violation]) throws(HubError) {
        guard violations.isEmpty else {
            throw HubError(
                .schemaPayloadInvalid, "The payload does not match the schema of its message type.",
                violations: violations
            )
        }
    }

    /// The national platform brings messages of all agencies, any other system those of its own.
    private func checkSender(_ sender: AgencyCode?, _ form: MessageForm, _ document: Document)
        throws(HubError)
    {
        let isOwn =
            sender.map { self.adapter.speaks == .national || self.adapter.agencies.contains($0) } ?? false
        guard isOwn else {
            throw HubError(
                .accessAgencyNotOwn,
                "The agency that the message names as its sender is not one of this system.",
                details: [
                    ErrorDetail("path", form.sender.description),
                    ErrorDetail("agency", form.sender(in: document) ?? ""),
                ]
            )
        }
    }

    private func checkIdentity(
        _ rule: SendRule, _ form: MessageForm, _ document: Document
    ) throws(HubError) {
        if rule.identifiesByContent { return }
        guard rule.identity.contains(where: { !(form.text(of: $0, in: document) ?? "").isEmpty }) else {
            throw HubError(
                .intakeIdentityMissing, "The message has none of the fields of its identity.",
                details: [ErrorDetail("fields", rule.identity.joined(separator: ", "))]
            )
        }
    }

    /// What a mapping knows of the call or the message that an example stands for.
    func context(of example: ValidExample, secret: String?) -> [String: String] {
        let agency = self.catalogue.forms[example.type]?.sender(in: example.document) ?? ""
        let facts = CallFacts.sample(type: example.type, agency: agency, sender: self.resolve(agency)?.text ?? agency)
        return facts?.context(secret: secret) ?? [:]
    }

    private func mapped(
        _ document: Document, _ form: MessageForm, _ sender: AgencyCode?, mapping path: String?
    ) throws(HubError) -> (made: ServiceRequest, mapping: String)? {
        let rule = self.adapter.subscribes.first { rule in
            guard rule.message == form.type, path == nil || rule.mapping == path else { return false }
            return rule.when.map { $0.holds(for: form.text(of: $0.field, in: document) ?? "") } ?? true
        }
        guard let rule, let mapping = self.catalogue.mapping(of: rule, for: self.adapter.system) else {
            return nil
        }
        let written = form.sender(in: document) ?? ""
        let facts = CallFacts.sample(type: form.type, agency: written, sender: sender?.text ?? written)
        let made = try MappedForm(mapping, of: document, context: facts?.context(secret: nil) ?? [:], schemas: self.schemas)
        switch made.document {
        case .json(let document): return (.json(document.value), rule.mapping)
        case .xml: return (.xml(made.bytes), rule.mapping)
        }
    }
}
