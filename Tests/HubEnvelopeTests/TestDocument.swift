import HubEnvelope
import HubXML

/// edXML documents for signing, small and with invented people.
enum TestDocument {
    static let namespace = "http://www.mic.gov.vn/TBT/QCVN_102_2016"

    /// A document as the field writes them: the default namespace outside, the prefix inside.
    static let plain = Array(
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <edXML xmlns="\(Self.namespace)">
          <edXML:edXMLEnvelope xmlns:edXML="\(Self.namespace)">
            <edXML:edXMLHeader>
              <edXML:MessageHeader>
                <edXML:From><edXML:OrganId>H44.13</edXML:OrganId><edXML:OrganName>Sở Mẫu Mực</edXML:OrganName></edXML:From>
                <edXML:To><edXML:OrganId>H55.11</edXML:OrganId></edXML:To>
                <edXML:Subject>Về việc phối hợp &lt;số liệu&gt; &amp; báo cáo</edXML:Subject>
              </edXML:MessageHeader>
            </edXML:edXMLHeader>
            <edXML:edXMLBody><edXML:edXMLManifest version="1.0"/></edXML:edXMLBody>
          </edXML:edXMLEnvelope>
          <AttachmentEncoded><Attachment><ContentId>cid:1</ContentId></Attachment></AttachmentEncoded>
        </edXML>

        """.utf8
    )

    /// A document of random make: prefixes, layout, comments, sections and attributes that look like the end of the
    /// header.
    static func random(_ random: inout Random) -> [UInt8] {
        let prefix = ["", "edXML:", "e:", "ns0.x-1:"][random.below(4)]
        let declaration = prefix.isEmpty ? "xmlns" : "xmlns:" + prefix.dropLast()
        func space() -> String { ["", " ", "\n", "\n    ", "\t\r\n"][random.below(5)] }
        func decoy() -> String {
            [
                "", "<!-- </\(prefix)edXMLHeader> -->", "<?note </\(prefix)edXMLHeader> ?>", "<!---->",
                "<![CDATA[</\(prefix)edXMLHeader>]]>", "&#13;&#9;&amp;&#x1F600;",
            ][random.below(6)]
        }
        func element(_ name: String, _ content: String) -> String {
            let attribute = [
                "", " b=\"/edXMLHeader>\" a='\"/>'", " xml:lang=\"vi\"", " x:y='1' xmlns:x='urn:x'",
            ][random.below(4)]
            if content.isEmpty && random.below(2) == 0 { return "<\(prefix)\(name)\(attribute)\(space())/>" }
            return "<\(prefix)\(name)\(attribute)>\(content)</\(prefix)\(name)\(space())>"
        }
        let fields = (0..<random.below(6)).map { index in
            element("Field\(index)", decoy() + "Uỷ ban \(random.next() % 1000)" + decoy()) + space()
                + decoy().replacing("<![CDATA[</\(prefix)edXMLHeader>]]>", with: "")
        }
        let body = element("edXMLBody", "") + element("edXMLHeader", "trap")
        let root = ["edXML", "EdXML"][random.below(2)]
        let start =
            random.below(3) == 0
            ? "" : "<?xml version=\"1.0\" encoding=\"utf-8\"?>" + space().replacing("\t\r\n", with: "\r\n")
        return Array(
            """
            \(start)<\(prefix)\(root) \(declaration)="\(Self.namespace)">\(space())\(element("Other", element("edXMLEnvelope", "")))\
            <\(prefix)edXMLEnvelope \(["", " xmlns:unused='urn:u'"][random.below(2)])>\(space())<\(prefix)edXMLHeader>\(space())\
            \(element("MessageHeader", fields.joined()))\(decoy().replacing("<![CDATA[</\(prefix)edXMLHeader>]]>", with: ""))\(space())\
            </\(prefix)edXMLHeader\(space())>\(body)</\(prefix)edXMLEnvelope>\(space())</\(prefix)\(root)>\(["", "\n<!-- end -->", "<?end?>\n"][random.below(3)])
            """.utf8
        )
    }

    /// What a reader of the parsed document sees, without the signature.
    static func content(of document: XMLDocument) throws -> [UInt8] {
        let header = document.root.child("edXMLEnvelope")?.child("edXMLHeader")
        var bytes: [UInt8] = []
        try document.canonicalise(.exclusive, excluding: header?.child("Signature")) { bytes += Array($0) }
        return bytes
    }

    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// A generator that gives the same numbers for the same seed (SplitMix64).
struct Random: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(self.next() % UInt64(bound)) }
}
