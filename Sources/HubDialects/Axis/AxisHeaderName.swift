/// The headers of the axis by their logical names; on the wire each begins with `XroadVnpt-`.
enum AxisHeaderName: String, CaseIterable {
    case systemID = "systemid"
    case timestamp
    case from
    case to
    case serviceType = "servicetype"
    case messageType = "messagetype"
    case docID = "docId"
    case status
    case fileHash = "hash-file"

    /// As it stands in a request.
    var wire: String {
        switch self {
        case .systemID: "XroadVnpt-systemid"
        case .timestamp: "XroadVnpt-timestamp"
        case .from: "XroadVnpt-from"
        case .to: "XroadVnpt-to"
        case .serviceType: "XroadVnpt-servicetype"
        case .messageType: "XroadVnpt-messagetype"
        case .docID: "XroadVnpt-docId"
        case .status: "XroadVnpt-status"
        case .fileHash: "XroadVnpt-hash-file"
        }
    }

    /// Finds a header by its logical or its wire name, in any case: clients differ in which they sign.
    init?(signedName: String) {
        let lower = signedName.lowercased()
        guard
            let name = Self.allCases.first(where: {
                $0.rawValue.lowercased() == lower || $0.wire.lowercased() == lower
            })
        else { return nil }
        self = name
    }

    static let signedNames = "XroadVnpt-sign-header-key"
    static let signedText = "XroadVnpt-sign-header"
    static let code = "XroadVnpt-hash-header"
    static let version = "XroadVnpt-version"
}
