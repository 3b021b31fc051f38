public import HubModel
import HubXML

/// A status message to be written (DOMAIN 1.4).
public struct EdocStatus: Hashable, Sendable {
    public var from: EdocOrganisation
    /// The document whose status this is.
    public var responseFor: EdocReference
    /// Two digits.
    public var code: String
    public var description: String
    public var timestamp: CivilTime
    /// The clerk's office and name; left out when `nil`.
    public var staff: EdocStaff?

    public init(
        from: EdocOrganisation, responseFor: EdocReference, code: String, description: String,
        timestamp: CivilTime,
        staff: EdocStaff? = nil
    ) {
        self.from = from
        self.responseFor = responseFor
        self.code = code
        self.description = description
        self.timestamp = timestamp
        self.staff = staff
    }

    /// A status with the usual words for its code.
    public init(
        _ code: EdocStatusCode, from: EdocOrganisation, to document: EdocMessage, at moment: Timestamp,
        staff: EdocStaff? = nil
    ) {
        self.init(
            from: from, responseFor: document.reference, code: code.rawValue, description: code.title,
            timestamp: CivilTime(moment, offset: CivilTime.vietnamOffset), staff: staff
        )
    }

    /// The message as edXML, in the order of elements that the real builders use, unsigned.
    public func encoded() -> [UInt8] {
        var text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016">
              <edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">
                <edXML:edXMLHeader>
                  <edXML:MessageHeader>
                    <edXML:From>

            """
        func add(_ name: String, _ value: String, indent: Int) {
            text += String(repeating: " ", count: indent)
            text += "<edXML:\(name)>\(XMLText.escaped(value))</edXML:\(name)>\n"
        }
        func mark(_ line: String) { text += "        \(line)\n" }
        add("OrganId", self.from.id, indent: 10)
        if let inCharge = self.from.inCharge { add("OrganizationInCharge", inCharge, indent: 10) }
        add("OrganName", self.from.name, indent: 10)
        mark("</edXML:From>")
        mark("<edXML:ResponseFor>")
        add("OrganId", self.responseFor.organID, indent: 10)
        add("Code", self.responseFor.code, indent: 10)
        if let date = self.responseFor.date { add("PromulgationDate", date, indent: 10) }
        add("DocumentId", self.responseFor.documentID, indent: 10)
        mark("</edXML:ResponseFor>")
        if let staff {
            mark("<edXML:StaffInfo>")
            add("Department", staff.department, indent: 10)
            add("Staff", staff.name, indent: 10)
            add("Mobile", staff.mobile, indent: 10)
            add("Email", staff.email, indent: 10)
            mark("</edXML:StaffInfo>")
        }
        add("StatusCode", self.code, indent: 8)
        add("Description", self.description, indent: 8)
        add("Timestamp", self.timestamp.edxmlStamp, indent: 8)
        text += """
                  </edXML:MessageHeader>
                </edXML:edXMLHeader>
              </edXML:edXMLEnvelope>
            </edXML>

            """
        return Array(text.utf8)
    }
}

/// Who in the receiving agency handled a document.
public struct EdocStaff: Hashable, Sendable {
    public var department: String
    public var name: String
    public var mobile: String
    public var email: String

    public init(department: String, name: String, mobile: String, email: String) {
        self.department = department
        self.name = name
        self.mobile = mobile
        self.email = email
    }
}
