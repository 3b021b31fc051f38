public import HubJSON
public import HubModel

/// One packet that waits in an inbox, as `getReceivedEdocList` shows it.
public struct AxisInboxEntry: Hashable, Sendable {
    public var docID: String
    public var messageType: AxisMessageType
    /// `yyyy/MM/dd HH:mm:ss` in Viet Nam's time.
    public var createdTime: String
    public var updatedTime: String
    public var from: String
    /// The receivers below this inbox.
    public var to: [String]
    public var status: AxisTransportStatus

    public init(
        docID: String, messageType: AxisMessageType, createdTime: String, updatedTime: String, from: String,
        to: [String], status: AxisTransportStatus
    ) {
        self.docID = docID
        self.messageType = messageType
        self.createdTime = createdTime
        self.updatedTime = updatedTime
        self.from = from
        self.to = to
        self.status = status
    }

    /// As the platform writes it.
    public var json: JSONValue {
        [
            "docId": .string(self.docID), "serviceType": .string(AxisHeaders.eDoc),
            "messageType": .string(self.messageType.rawValue), "created_time": .string(self.createdTime),
            "updated_time": .string(self.updatedTime), "from": .string(self.from),
            "to": .string(self.to.joined(separator: String(AxisHeaders.separator))),
            "status": .string(self.status.rawValue), "status_desc": .string(self.status.explanation),
        ]
    }

    /// Reads an entry.
    ///
    /// A status that is not known counts as `inbox`: the packet is in the list, so it waits.
    ///
    /// - Throws: `delivery.reply_unreadable` without an id or a type.
    public init(_ json: JSONValue) throws(HubError) {
        guard let docID = json["docId"]?.string, !docID.isEmpty,
            let type = json["messageType"]?.string.flatMap(AxisMessageType.init(named:))
        else { throw HubError(.deliveryReplyUnreadable, "An entry of the inbox has no id or no known type.") }
        let to = json["to"]?.string ?? ""
        self.init(
            docID: docID, messageType: type, createdTime: json["created_time"]?.string ?? "",
            updatedTime: json["updated_time"]?.string ?? "", from: json["from"]?.string ?? "",
            to: to.split(separator: AxisHeaders.separator).map(String.init),
            status: json["status"]?.string.flatMap(AxisTransportStatus.init(rawValue:)) ?? .inbox
        )
    }
}
