public import HubModel

/// What a request on the document axis says in its `XroadVnpt-*` headers.
///
/// A value to be signed and sent, or one that was received and verified; `AxisClaim` is what lies between.
public struct AxisHeaders: Hashable, Sendable {
    /// Who speaks: a system of the province, or a connection centre such as `00.44.W00`.
    public var systemID: String
    /// To the millisecond.
    public var timestamp: Timestamp
    /// The agency that sends.
    public var from: String?
    /// The agencies that are to receive, joined by `;` on the wire.
    public var to: [String]
    public var serviceType: String
    public var messageType: AxisMessageType?
    /// The packet that `getEdoc` and `updateStatus` speak of.
    public var docID: String?
    /// The new transport status in `updateStatus`.
    public var status: AxisTransportStatus?
    /// The SHA-256 of the body of `sendEdoc`.
    public var fileHash: Digest?

    public init(
        systemID: String,
        timestamp: Timestamp,
        from: String? = nil,
        to: [String] = [],
        serviceType: String = AxisHeaders.eDoc,
        messageType: AxisMessageType? = nil,
        docID: String? = nil,
        status: AxisTransportStatus? = nil,
        fileHash: Digest? = nil
    ) {
        self.systemID = systemID
        self.timestamp = timestamp
        self.from = from
        self.to = to
        self.serviceType = serviceType
        self.messageType = messageType
        self.docID = docID
        self.status = status
        self.fileHash = fileHash
    }

    /// The only service type in use.
    public static let eDoc = "eDoc"
    /// Between the agencies of `to`.
    static let separator: Character = ";"

    func value(of name: AxisHeaderName) -> String? {
        switch name {
        case .systemID: self.systemID
        case .timestamp: AxisStamp.text(self.timestamp)
        case .from: self.from
        case .to: self.to.isEmpty ? nil : self.to.joined(separator: String(Self.separator))
        case .serviceType: self.serviceType
        case .messageType: self.messageType?.rawValue
        case .docID: self.docID
        case .status: self.status?.rawValue
        case .fileHash: self.fileHash?.description
        }
    }
}
