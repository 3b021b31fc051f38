/// An agency as a message names it.
public struct EdocOrganisation: Hashable, Sendable {
    /// In whichever code format the sender writes.
    public var id: String
    public var name: String
    public var inCharge: String?

    public init(id: String, name: String, inCharge: String? = nil) {
        self.id = id
        self.name = name
        self.inCharge = inCharge
    }
}

/// Which document a message answers.
public struct EdocReference: Hashable, Sendable {
    /// The agency that sent that document.
    public var organID: String
    /// Number and symbol, such as `412/VP-TH`.
    public var code: String
    /// `yyyy/MM/dd`.
    public var date: String?
    public var documentID: String

    public init(organID: String, code: String, date: String?, documentID: String) {
        self.organID = organID
        self.code = code
        self.date = date
        self.documentID = documentID
    }
}

/// What a message does to the document it is about (`BussinessDocType`).
public enum EdocBusiness: Int, CaseIterable, Sendable {
    case new = 0
    case recall = 1
    case update = 2
    case replacement = 3
}

/// One change in the receivers of a document that was sent before.
public struct EdocReceiverChange: Hashable, Sendable {
    public var organID: String
    /// Added, as against removed.
    public var isAdded: Bool

    public init(organID: String, isAdded: Bool) {
        self.organID = organID
        self.isAdded = isAdded
    }
}

/// The status codes in use (DOMAIN 1.4).
///
/// Others may come; they are kept as text.
public enum EdocStatusCode: String, CaseIterable, Sendable {
    case arrived = "01"
    case refused = "02"
    case accepted = "03"
    case assigned = "04"
    case inProgress = "05"
    case completed = "06"
    case recallRequested = "13"
    case changeAccepted = "15"
    case changeRefused = "16"

    /// The Vietnamese words for it, as statuses carry them in `Description`.
    public var title: String {
        switch self {
        case .arrived: "Đã đến"
        case .refused: "Từ chối tiếp nhận"
        case .accepted: "Đã tiếp nhận"
        case .assigned: "Phân công"
        case .inProgress: "Đang xử lý"
        case .completed: "Hoàn thành"
        case .recallRequested: "Lấy lại"
        case .changeAccepted: "Đồng ý lấy lại / cập nhật"
        case .changeRefused: "Từ chối lấy lại / cập nhật"
        }
    }
}
