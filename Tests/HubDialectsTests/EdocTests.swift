import HubDialects
import HubModel
import HubXML
import Testing

@Suite struct EdocTests {
    static let organisation = EdocOrganisation(id: "G14", name: "Bộ \"Thông tin\" & <Truyền thông>")
    static let reference = EdocReference(
        organID: "000.00.13.H44", code: "412/STTTT-CĐS", date: "2026/03/02",
        documentID: "000.00.13.H44,2026/03/02,412/STTTT-CĐS"
    )
    static let moment = CivilTime(date: CivilDate(iso: "2026-03-05")!, hour: 6, minute: 7, second: 8)

    /// A document in the shortest form that says everything the reader looks for.
    static func document(business: String, prefix: String = "edXML:") -> [UInt8] {
        Array(
            """
            <edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016">
            <P:edXMLEnvelope xmlns:P="http://www.mic.gov.vn/TBT/QCVN_102_2016"><P:edXMLHeader><P:MessageHeader>
            <P:From><P:OrganId> 000.00.13.H44
            </P:OrganId><P:OrganName>Sở TT&amp;TT</P:OrganName></P:From>
            <P:To><P:OrganId>H55.11</P:OrganId><P:OrganName>Sở TC</P:OrganName></P:To>
            <P:To><P:OrganId>G14</P:OrganId></P:To>
            <P:DocumentId>000.00.13.H44,2026/03/02,412/STTTT-CĐS</P:DocumentId>
            <P:Code><P:CodeNumber>412</P:CodeNumber><P:CodeNotation>STTTT-CĐS</P:CodeNotation></P:Code>
            <P:PromulgationInfo><P:PromulgationDate>2026/03/02</P:PromulgationDate></P:PromulgationInfo>
            <P:Subject>Về việc thử</P:Subject>
            <P:ResponseFor><P:OrganId>H55.11</P:OrganId><P:Code>1/X</P:Code><P:DocumentId>D</P:DocumentId></P:ResponseFor>
            </P:MessageHeader><P:TraceHeaderList>
            <P:TraceHeader><P:OrganId>A</P:OrganId><P:Timestamp>2026/03/02 01:02:03</P:Timestamp></P:TraceHeader>
            \(business)</P:TraceHeaderList></P:edXMLHeader></P:edXMLEnvelope></edXML>
            """.replacing("xmlns:P=", with: prefix == "edXML:" ? "xmlns:edXML=" : "xmlns:q=")
                .replacing("P:", with: prefix).utf8)
    }

    @Test(arguments: ["edXML:", ""])
    func `a document is read whatever its prefixes`(prefix: String) throws {
        let message = try EdocMessage.parse(Self.document(business: "", prefix: prefix))
        #expect(message.kind == .document(.new) && message.business == .new && message.statusCode == nil)
        #expect(message.from == EdocOrganisation(id: "000.00.13.H44", name: "Sở TT&TT"))
        #expect(message.to.map(\.id) == ["H55.11", "G14"])
        #expect(message.reference == Self.reference)
        #expect(message.subject == "Về việc thử" && message.timestamp == "2026/03/02 01:02:03")
        #expect(
            message.responseFor == [EdocReference(organID: "H55.11", code: "1/X", date: nil, documentID: "D")]
        )
    }

    @Test func `an update names the document and who comes and goes`() throws {
        let business = """
            <P:Bussiness><P:DocumentId>OLD</P:DocumentId><P:BussinessDocType>2</P:BussinessDocType>
            <P:BussinessDocumentInfo><P:ReceiverList>
            <P:Receiver><P:ReceiverType>0</P:ReceiverType><P:OrganId>H55.11</P:OrganId></P:Receiver>
            <P:Receiver><P:ReceiverType>1</P:ReceiverType><P:OrganId>H55.12</P:OrganId></P:Receiver>
            </P:ReceiverList></P:BussinessDocumentInfo></P:Bussiness>
            """
        let message = try EdocMessage.parse(Self.document(business: business))
        #expect(message.business == .update && message.subjectDocumentID == "OLD")
        #expect(
            message.receiverChanges == [
                EdocReceiverChange(organID: "H55.11", isAdded: false),
                EdocReceiverChange(organID: "H55.12", isAdded: true),
            ])
    }

    @Test(arguments: ["4", "-1", "x", "１"])
    func `a business type that does not exist is refused`(type: String) {
        let business = "<P:Bussiness><P:BussinessDocType>\(type)</P:BussinessDocType></P:Bussiness>"
        expectError(.intakeTypeUnknown) { _ = try EdocMessage.parse(Self.document(business: business)) }
    }

    @Test(arguments: EdocStatusCode.allCases)
    func `a status is read as it was written`(code: EdocStatusCode) throws {
        let staff = EdocStaff(
            department: "Văn thư", name: "Lý Thị Kiểm", mobile: "0900000001", email: "a@example.vn")
        let status = EdocStatus(
            from: Self.organisation, responseFor: Self.reference, code: code.rawValue,
            description: code.title,
            timestamp: Self.moment, staff: staff
        )
        let message = try EdocMessage.parse(status.encoded())
        #expect(message.kind == .status(code.rawValue) && message.statusCode == code.rawValue)
        #expect(message.from == Self.organisation && message.to.isEmpty)
        #expect(message.responseFor == [Self.reference] && message.documentID == Self.reference.documentID)
        #expect(message.subject == code.title && message.timestamp == "2026/03/05 06:07:08")
    }

    @Test func `a status answers the document it is made for`() throws {
        let document = try EdocMessage.parse(Self.document(business: ""))
        let status = EdocStatus(
            .accepted, from: Self.organisation, to: document, at: Self.moment.timestamp(offset: 25_200))
        #expect(try EdocMessage.parse(status.encoded()).responseFor == [document.reference])
        #expect(status.timestamp == Self.moment)
    }

    @Test(arguments: [
        "<a/>", "<edXML/>", "<edXML><edXMLEnvelope/></edXML>",
        "<edXML><edXMLEnvelope><edXMLHeader><MessageHeader/></edXMLHeader></edXMLEnvelope></edXML>",
        "<edXML><edXMLEnvelope><edXMLHeader><MessageHeader><From/><StatusCode>01</StatusCode></MessageHeader></edXMLHeader></edXMLEnvelope></edXML>",
    ])
    func `what is neither document nor status is refused`(text: String) {
        expectError(.intakeTypeUnknown) { _ = try EdocMessage.parse(Array(text.utf8)) }
    }

    @Test func `a status of the older libraries is read too`() throws {
        let text = """
            <EdXML><EdXMLEnvelope><EdXMLHeader><Status><From><OrganId>A</OrganId></From><ResponseFor>
            <DocumentId>D</DocumentId></ResponseFor><StatusCode>05</StatusCode></Status></EdXMLHeader></EdXMLEnvelope></EdXML>
            """
        let message = try EdocMessage.parse(Array(text.utf8))
        #expect(message.kind == .status("05") && message.documentID == "D")
    }
}
