import Foundation
import HubModel
import HubXML

enum Fixture {
    /// A document as systems send it: one namespace under two prefixes, an attachment, a signature's place.
    static let edoc = """
        <?xml version="1.0" encoding="UTF-8"?>
        <edXML xmlns="urn:example:edxml">
          <e:edXMLEnvelope xmlns:e="urn:example:edxml">
            <e:edXMLHeader>
              <e:MessageHeader>
                <e:From><e:OrganId>000.00.01.H03</e:OrganId><e:OrganName>Văn phòng Mẫu</e:OrganName></e:From>
                <e:To><e:OrganId>000.00.11.H55</e:OrganId></e:To>
                <e:To><e:OrganId>000.00.12.H55</e:OrganId><e:Note/></e:To>
                <e:Subject>Về việc &lt;thử&gt; &amp; <![CDATA[<kiểm>]]> tra</e:Subject>
              </e:MessageHeader>
              <e:TraceHeaderList id="trace-1" e:version='1.0'/>
              <Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo Id="s"/></Signature>
            </e:edXMLHeader>
          </e:edXMLEnvelope>
          <AttachmentEncoded><Attachment>aGVsbG8=</Attachment></AttachmentEncoded>
        </edXML>
        """

    static func parse(_ text: String, limits: XMLLimits = XMLLimits()) throws(HubError) -> XMLDocument {
        try XMLDocument.parse(Array(text.utf8), limits: limits)
    }

    /// The error that parsing ends with; `nil` if it succeeds.
    static func refusal(_ bytes: [UInt8], limits: XMLLimits = XMLLimits()) -> HubError? {
        do throws(HubError) {
            _ = try XMLDocument.parse(bytes, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    static func refusal(_ text: String, limits: XMLLimits = XMLLimits()) -> HubError? {
        self.refusal(Array(text.utf8), limits: limits)
    }

    static func utf16(_ text: String, bigEndian: Bool, mark: Bool = true) -> [UInt8] {
        ((mark ? [0xFEFF] : []) + Array(text.utf16)).flatMap { (unit: UInt16) -> [UInt8] in
            let high = UInt8(unit >> 8)
            let low = UInt8(unit & 0xFF)
            return bigEndian ? [high, low] : [low, high]
        }
    }
}

extension XMLDocument {
    /// The canonical form as one text.
    func canonical(
        _ method: Canonicalisation = .exclusive, of subtree: XMLElement? = nil,
        excluding excluded: XMLElement? = nil,
        inclusivePrefixes: [String] = []
    ) throws(HubError) -> String {
        var bytes: [UInt8] = []
        try self.canonicalise(method, of: subtree, excluding: excluded, inclusivePrefixes: inclusivePrefixes)
        { piece in
            bytes.append(contentsOf: piece)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A small generator whose sequence is fixed by its seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed &+ 0x9E37_79B9_7F4A_7C15
    }

    mutating func next() -> UInt64 {
        self.state ^= self.state << 13
        self.state ^= self.state >> 7
        self.state ^= self.state << 17
        return self.state &* 0x2545_F491_4F6C_DD1D
    }
}

/// Writes a random document without comments: few names, many namespaces, awkward text.
struct RandomDocument {
    private var random: SeededGenerator

    init(seed: UInt64) {
        self.random = SeededGenerator(seed: seed)
    }

    /// - Parameter mark: Stands once somewhere below the root, as an element of its own.
    mutating func text(mark: String = "") -> String {
        let child = self.element(depth: 4)
        return
            "<?xml version=\"1.0\"?>\n<?go now?><r xmlns=\"urn:0\" xmlns:a=\"urn:1\" xml:lang=\"vi\" a:x='1'>"
            + child + "<s>" + mark + "</s>" + self.element(depth: 3) + "</r>\n<?end?>"
    }

    private mutating func element(depth: Int) -> String {
        let prefix = ["", "a:"].randomElement(using: &self.random) ?? ""
        var start = "<" + prefix + "n"
        switch Int.random(in: 0..<6, using: &self.random) {
        case 0: start += " xmlns=\"\""
        case 1: start += " xmlns:a='urn:2'"
        case 2: start += " xmlns:b='urn:1' b:z=\"&#9;&quot;&lt;\""
        case 3: start += " xmlns='urn:0' y='x\u{0A}y' a='&gt;'"
        case 4: start += " xml:space='preserve' a:q='ă'"
        default: break
        }
        guard depth > 0 else { return start + "/>" }
        var content = ""
        for _ in 0..<Int.random(in: 0...3, using: &self.random) {
            let text = ["", " ", "đủ\r\n", "&#13;", "<![CDATA[a<b&]]>", "&gt;&amp;", "<?pi  x ?>"]
            content += text.randomElement(using: &self.random) ?? ""
            content += self.element(depth: depth - 1)
        }
        return start + ">" + content + "</" + prefix + "n>"
    }
}

/// A folder that disappears with the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("hubxml-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        self.path = url.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let url = URL(fileURLWithPath: self.path + "/" + name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: url)
        return url.path
    }
}
