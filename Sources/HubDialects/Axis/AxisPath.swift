/// Where the document axis is spoken to (DOMAIN 1.6).
public enum AxisPath {
    public static let sendEdoc = "/XrdAdapter/adapter/sendEdoc"
    public static let getReceivedEdocList = "/XrdAdapter/adapter/getReceivedEdocList"
    public static let getEdoc = "/XrdAdapter/adapter/getEdoc"
    public static let updateStatus = "/XrdAdapter/adapter/updateStatus"
    public static let prefix = "/XrdAdapter/adapter/"
}

/// What a client of the axis calls itself.
public enum AxisClient {
    public static let version = "3.0.201608"
    public static let userAgent = "JAVASDKAgent/1.0.0 XRoad/VPCP"
}

/// What kind of packet is sent or asked for.
public enum AxisMessageType: String, CaseIterable, Sendable {
    case edoc
    case status

    /// Reads a name as platforms write it.
    ///
    /// Some name what a document does (DOMAIN 1.6); here that is read from the document itself.
    ///
    /// - Parameter name: `edoc`, `status`, `replacement`, `revocation` or `update`.
    public init?(named name: String) {
        switch name {
        case "status": self = .status
        case "edoc", "replacement", "revocation", "update": self = .edoc
        default: return nil
        }
    }
}

/// How far a packet has come on its way out of an inbox.
public enum AxisTransportStatus: String, CaseIterable, Sendable {
    case inbox
    case processing
    case done
    case fail

    /// What the list shows beside the status.
    public var explanation: String {
        switch self {
        case .inbox: "Chưa nhận"
        case .processing: "Đang nhận"
        case .done: "Đã nhận"
        case .fail: "Nhận không thành công"
        }
    }

    /// Whether the packet has left the inbox.
    public var isFinal: Bool { self == .done || self == .fail }
}
