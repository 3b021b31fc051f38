import HubDialects
import HubEnvelope
import HubJSON
import HubModel

/// What a system is asked to send.
struct SubmitRequest: Sendable {
    /// Who signs.
    enum Signer: Sendable, Hashable {
        case own
        case none
        /// Another system of the folder, for a signature that is good and not the sender's.
        case other(SystemID)
    }

    /// The caller's name for this one message: asking again with the same key gives the same answer.
    var key: String
    var label: String
    var type: String
    var body: [UInt8]
    var contentType: String
    var signer: Signer
    var breaksSignature: Bool
    /// Sent as given: not signed, not read.
    var isRaw: Bool
    /// For the ledger and the axis' `to`, when they are not to be read from the body.
    var recipients: [String]?
    var order: String?
}

/// A system's keys: its own, and those of its neighbours, with which it can sign what it should not.
struct SigningKeys: Sendable {
    /// A key and its certificate.
    struct Pair: Sendable {
        var key: SigningKey
        var certificate: Certificate?
    }

    let own: Pair
    let all: [SystemID: Pair]

    /// - Throws: `configuration.invalid` for a system that is not in the folder.
    func pair(for signer: SubmitRequest.Signer) throws(HubError) -> Pair? {
        switch signer {
        case .none: return nil
        case .own: return self.own
        case .other(let system):
            guard let pair = self.all[system] else {
                throw HubError(
                    .configurationInvalid, "There is no key of this system here.",
                    details: [ErrorDetail("system", system)]
                )
            }
            return pair
        }
    }
}

/// Signs messages and puts them into the ledger, from where the outbox takes them.
struct Submitter: Sendable {
    let configuration: SystemsConfiguration.System
    let ledger: SystemLedger
    let keys: SigningKeys

    /// Hands a message in.
    ///
    /// Nothing happens when the key is known already.
    ///
    /// - Throws: `configuration.invalid` for an unknown signer, `journal.unavailable`, and what signing throws for
    /// a body that cannot be signed.
    func submit(_ request: SubmitRequest) throws(HubError) {
        guard self.ledger.read({ $0.outgoing[request.key] == nil }) else { return }
        var body = request.body
        var signature = ""
        let isXML =
            request.contentType.hasPrefix("application/xml") || request.contentType.hasPrefix("text/xml")
        if !request.isRaw, let pair = try self.keys.pair(for: request.signer) {
            if isXML {
                body = try XMLSignature.sign(body, with: pair.key, certificate: pair.certificate)
                if request.breaksSignature { body = Damage.signatureValue(in: body) }
            } else {
                signature = try JWS.signDetached(body, with: pair.key)
                if request.breaksSignature { signature = Damage.compact(signature) }
            }
        }
        let facts = isXML && !request.isRaw ? EdocFacts(body) : nil
        let dossier = isXML || request.isRaw ? nil : DossierFacts(body)
        let type = request.type.isEmpty ? facts?.messageType ?? "" : request.type
        let recipients = request.recipients ?? facts?.to ?? dossier?.recipients ?? []
        let digest = try self.ledger.keep(body)
        var members: [(key: String, value: JSONValue)] = [
            ("key", .string(request.key)), ("label", .string(request.label)), ("type", .string(type)),
            ("content_type", .string(request.contentType)), ("digest", .string(digest.description)),
            ("size", .init(integerLiteral: body.count)),
            ("order", .string(request.order ?? facts?.document ?? dossier?.name ?? "")),
            ("from", .string(facts?.from ?? dossier?.unit ?? self.configuration.agencies.first?.text ?? "")),
            ("recipients", .array(recipients.map { .string($0) })),
        ]
        if let facts { members.append(("identity", .string(facts.identity))) }
        if let dossier {
            members.append(("records", .array(dossier.records.map { .string($0.description) })))
        }
        if !signature.isEmpty { members.append(("signature", .string(signature))) }
        if request.isRaw { members.append(("raw", true)) }
        if let facts, facts.isStatus { members.append(("status", .string(facts.statusCode))) }
        try self.ledger.append("submit", members) { $0.outgoing[request.key] == nil }
    }

    /// Hands in a status of our own making.
    ///
    /// Two statuses with the same code about one document, as after an update and a recall, differ only in their
    /// stamps, which know no parts of a second: the later one gets the next second that is free.
    ///
    /// - Throws: As `submit(_:)`.
    func submitStatus(_ status: EdocStatus, key: String, label: String) throws(HubError) {
        guard self.ledger.read({ $0.outgoing[key] == nil }) else { return }
        var status = status
        while let identity = EdocFacts(status.encoded())?.identity,
            self.ledger.read({ $0.identities.contains(identity) })
        {
            let next = status.timestamp.timestamp(offset: 0).advanced(by: .seconds(1))
            status.timestamp = CivilTime(next, offset: 0)
        }
        try self.submit(
            SubmitRequest(
                key: key, label: label, type: "edoc/status/1", body: status.encoded(),
                contentType: "application/xml",
                signer: .own, breaksSignature: false, isRaw: false
            )
        )
    }
}

/// Ways to spoil a signature so that it still looks like one.
enum Damage {
    /// Exchanges a letter in the middle of `SignatureValue`.
    static func signatureValue(in bytes: [UInt8]) -> [UInt8] {
        let tag = Array("SignatureValue>".utf8)
        guard let start = Self.place(of: tag, in: bytes) else { return bytes }
        var bytes = bytes
        Self.exchange(at: start + tag.count + 20, in: &bytes)
        return bytes
    }

    /// Exchanges a letter in the last part of a compact JWS.
    static func compact(_ signature: String) -> String {
        var bytes = Array(signature.utf8)
        guard let dot = bytes.lastIndex(of: 0x2E) else { return signature }
        Self.exchange(at: dot + 20, in: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func exchange(at start: Int, in bytes: inout [UInt8]) {
        // Base64 may be broken into lines; the next letter will do.
        guard let place = bytes[min(start, bytes.count)...].firstIndex(where: { (0x41...0x5A).contains($0) })
        else {
            return
        }
        bytes[place] = bytes[place] == 0x41 ? 0x42 : 0x41
    }

    private static func place(of part: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= part.count else { return nil }
        return (0...(bytes.count - part.count)).first {
            bytes[$0] == part[0] && bytes[$0...].starts(with: part)
        }
    }
}
