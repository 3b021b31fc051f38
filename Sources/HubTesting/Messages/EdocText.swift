/// Documents and statuses of the document axis as text, small and valid, for tests to send and to spoil.
public enum EdocText {
    /// A new document. Its identity follows from `from` and `number`.
    ///
    /// - Parameters:
    ///   - to: The codes of the receivers as the message is to write them.
    ///   - priority: 0 … 4.
    public static func document(
        from: String = "000.00.13.H44", to: [String] = ["000.00.11.H55"], number: Int = 412,
        subject: String = "Về việc phối hợp cung cấp số liệu", priority: Int = 1
    ) -> [UInt8] {
        let receivers = to.map { "      <edXML:To>\(Self.organisation($0))</edXML:To>\n" }.joined()
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <edXML xmlns="\(Self.namespace)">
              <edXML:edXMLEnvelope xmlns:edXML="\(Self.namespace)">
                <edXML:edXMLHeader>
                  <edXML:MessageHeader>
                    <edXML:From>\(Self.organisation(from))</edXML:From>
            \(receivers)        <edXML:DocumentId>\(from),2024/03/15,\(number)/STTTT-VP</edXML:DocumentId>
                    <edXML:Code>
                      <edXML:CodeNumber>\(number)</edXML:CodeNumber>
                      <edXML:CodeNotation>STTTT-VP</edXML:CodeNotation>
                    </edXML:Code>
                    <edXML:PromulgationInfo>
                      <edXML:Place>Phú Thọ</edXML:Place>
                      <edXML:PromulgationDate>2024/03/15</edXML:PromulgationDate>
                    </edXML:PromulgationInfo>
                    <edXML:DocumentType>
                      <edXML:Type>2</edXML:Type>
                      <edXML:TypeDetail>18</edXML:TypeDetail>
                      <edXML:TypeName>Công văn</edXML:TypeName>
                    </edXML:DocumentType>
                    <edXML:Subject>\(subject)</edXML:Subject>
                    <edXML:Content/>
                    <edXML:SignerInfo>
                      <edXML:Competence>KT.</edXML:Competence>
                      <edXML:Position>Phó Giám đốc</edXML:Position>
                      <edXML:FullName>Nông Văn Mẫu</edXML:FullName>
                    </edXML:SignerInfo>
                    <edXML:DueDate/>
                    <edXML:OtherInfo>
                      <edXML:Priority>\(priority)</edXML:Priority>
                      <edXML:PageAmount>2</edXML:PageAmount>
                    </edXML:OtherInfo>
                    <edXML:SteeringType>1</edXML:SteeringType>
                    <edXML:ToPlaces><edXML:Place>Như trên</edXML:Place></edXML:ToPlaces>
                  </edXML:MessageHeader>
                  <edXML:TraceHeaderList id="trace-1" version="1.0">
                    <edXML:TraceHeader>
                      <edXML:OrganId>\(from)</edXML:OrganId>
                      <edXML:Timestamp>2024/03/15 09:12:44</edXML:Timestamp>
                    </edXML:TraceHeader>
                    <edXML:Bussiness>
                      <edXML:BussinessDocType>0</edXML:BussinessDocType>
                      <edXML:BussinessDocReason>Văn bản điện tử mới</edXML:BussinessDocReason>
                      <edXML:Paper>0</edXML:Paper>
                      <edXML:StaffInfo>
                        <edXML:Department>Văn phòng Sở</edXML:Department>
                        <edXML:Staff>Hoàng Thị Thử</edXML:Staff>
                        <edXML:Mobile>0900000000</edXML:Mobile>
                        <edXML:Email>vanthu@example.gov.vn</edXML:Email>
                      </edXML:StaffInfo>
                    </edXML:Bussiness>
                  </edXML:TraceHeaderList>
                </edXML:edXMLHeader>
                <edXML:edXMLBody>
                  <edXML:edXMLManifest version="1.0">
                    <edXML:Reference>
                      <edXML:ContentId>cid:1</edXML:ContentId>
                      <edXML:ContentType>application/pdf</edXML:ContentType>
                      <edXML:Description>Công văn</edXML:Description>
                      <edXML:AttachmentName>cong-van.pdf</edXML:AttachmentName>
                    </edXML:Reference>
                  </edXML:edXMLManifest>
                </edXML:edXMLBody>
              </edXML:edXMLEnvelope>
              <AttachmentEncoded>
                <Attachment>
                  <ContentId>cid:1</ContentId>
                  <AttachmentName>cong-van.pdf</AttachmentName>
                  <Description>Công văn</Description>
                  <ContentType>application/pdf</ContentType>
                  <edXML:ContentTransferEncoded xmlns:edXML="\(Self.namespace)">JVBERi0xLjQK</edXML:ContentTransferEncoded>
                </Attachment>
              </AttachmentEncoded>
            </edXML>

            """
        return Array(text.utf8)
    }

    /// The status `code` of a document: `from` tells `to`, who sent it.
    public static func status(
        from: String = "000.00.11.H55", to: String = "000.00.13.H44", number: Int = 412, code: String = "01",
        at: String = "2024/03/15 09:20:00"
    ) -> [UInt8] {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <edXML xmlns="\(Self.namespace)">
              <edXML:edXMLEnvelope xmlns:edXML="\(Self.namespace)">
                <edXML:edXMLHeader>
                  <edXML:MessageHeader>
                    <edXML:From>\(Self.organisation(from))</edXML:From>
                    <edXML:ResponseFor>
                      <edXML:OrganId>\(to)</edXML:OrganId>
                      <edXML:Code>\(number)/STTTT-VP</edXML:Code>
                      <edXML:PromulgationDate>2024/03/15</edXML:PromulgationDate>
                      <edXML:DocumentId>\(to),2024/03/15,\(number)/STTTT-VP</edXML:DocumentId>
                    </edXML:ResponseFor>
                    <edXML:StatusCode>\(code)</edXML:StatusCode>
                    <edXML:Description>Đã đến</edXML:Description>
                    <edXML:Timestamp>\(at)</edXML:Timestamp>
                  </edXML:MessageHeader>
                </edXML:edXMLHeader>
              </edXML:edXMLEnvelope>
            </edXML>

            """
        return Array(text.utf8)
    }

    private static let namespace = "http://www.mic.gov.vn/TBT/QCVN_102_2016"

    private static func organisation(_ code: String) -> String {
        "<edXML:OrganId>\(code)</edXML:OrganId><edXML:OrganizationInCharge>UBND tỉnh</edXML:OrganizationInCharge>"
            + "<edXML:OrganName>Cơ quan \(code)</edXML:OrganName><edXML:OrganAdd/><edXML:Email/><edXML:Telephone/>"
            + "<edXML:Fax/><edXML:Website/>"
    }
}
