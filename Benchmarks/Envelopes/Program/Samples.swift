import HubEnvelope
import HubModel

/// What is signed and verified here.
struct Samples {
    /// Something that a benchmark rests on is not as it must be.
    struct Fault: Error { let reason: String }

    private static let place = "suites/province/document.xml"
    /// The text of an edXML document in which numbers and dates are missing.
    private let text: String

    init(repository: String) throws(Files.Fault) {
        self.text = String(decoding: try Files.read("\(repository)/\(Self.place)"), as: UTF8.self)
    }

    /// An edXML document without signature, which fits its schema.
    func document(_ number: Int) -> String {
        self.text.replacing("{{number}}", with: String(100_000 + number))
            .replacing("{{date}}", with: "2026/01/15").replacing("{{stamp}}", with: "2026/01/15 08:00:00")
    }

    /// A document with one attachment in Base64 inside, of about `size` bytes in all.
    func document(ofSize size: Int) throws(Fault) -> [UInt8] {
        let text = self.document(0)
        guard let end = text.range(of: "</edXML:edXMLEnvelope>") else {
            throw Fault(reason: "the sample has no envelope")
        }
        let head =
            text[..<end.lowerBound] + """
                <edXML:edXMLBody><edXML:edXMLManifest version="1.0"><edXML:Reference>
                <edXML:ContentId>1</edXML:ContentId><edXML:ContentType>pdf</edXML:ContentType>
                <edXML:AttachmentName>cong-van.pdf</edXML:AttachmentName><edXML:Description>Công văn</edXML:Description>
                </edXML:Reference></edXML:edXMLManifest></edXML:edXMLBody></edXML:edXMLEnvelope>
                <AttachmentEncoded><Attachment><ContentId>1</ContentId><AttachmentName>cong-van.pdf</AttachmentName>
                <ContentType>pdf</ContentType><ContentTransferEncoded>
                """
        let foot = "</ContentTransferEncoded></Attachment></AttachmentEncoded></edXML>\n"
        // Lines of 76, as most software writes them.
        let line = (0..<57).map { UInt8(truncatingIfNeeded: 37 &* $0 &+ 11) }
        let encoded = Array((Base64.text(line) + "\n").utf8)
        var bytes = Array(head.utf8)
        bytes.reserveCapacity(size + encoded.count)
        while bytes.count + encoded.count + foot.utf8.count <= size { bytes += encoded }
        return bytes + Array(foot.utf8)
    }

    static func certificate(of key: SigningKey) throws -> Certificate {
        try Certificate.selfSigned(key: key, commonName: "qlvb-so-tttt-h44", days: 365)
    }
}

extension String {
    /// The first place of a text.
    fileprivate func range(of text: String) -> Range<Index>? {
        self.ranges(of: text).first
    }
}
