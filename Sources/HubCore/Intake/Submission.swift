internal import HubEnvelope
public import HubModel

/// What someone hands in, before anything of it is believed but who they are.
public struct Submission: Sendable {
    /// The system that was recognised by its token, certificate or secret.
    public let sender: Adapter
    public let body: Payload
    /// Media type without parameters, lower case.
    public let contentType: String
    /// The message type as the sender names it; recognised from the content when it names none.
    public let type: String?
    /// The receiving agency as the sender names it, for types whose payload names none.
    public let recipient: String?
    /// The sender's own id of the message. Takes the place of the identity where the adapter identifies by content.
    public let messageID: String?
    public let correlation: String
    /// A detached JWS over the body.
    public let signature: String?

    public init(
        sender: Adapter, body: Payload, contentType: String, type: String? = nil, recipient: String? = nil,
        messageID: String? = nil, correlation: String = "", signature: String? = nil
    ) {
        self.sender = sender
        self.body = body
        self.contentType = contentType
        self.type = type
        self.recipient = recipient
        self.messageID = messageID
        self.correlation = correlation
        self.signature = signature
    }

    /// The same with a body in memory.
    public init(
        sender: Adapter, body: [UInt8], contentType: String, type: String? = nil, recipient: String? = nil,
        messageID: String? = nil, correlation: String = "", signature: String? = nil
    ) {
        self.init(
            sender: sender, body: .whole(body), contentType: contentType, type: type, recipient: recipient,
            messageID: messageID, correlation: correlation, signature: signature
        )
    }

    /// Whether a body of this media type may be large: nothing is around it that is opened as a whole.
    package static func mayBeLarge(_ contentType: String) -> Bool { OpenedBody.isXML(plain: contentType) != nil }

    /// SHA-256 of the body; of one in memory it is made anew each time.
    package var digest: Digest {
        switch self.body {
        case .whole(let bytes): SHA256.hash(bytes)
        case .large(let large): large.digest
        }
    }
}

/// What the sender is told.
public enum SubmissionResult: Sendable {
    case accepted(MessageID, Receipt, [Warning])
    /// It was accepted before; the first receipt again.
    case repeated(MessageID, Receipt)
}
