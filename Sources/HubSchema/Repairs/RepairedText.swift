import HubXML

/// A document as it is read: written anew, one start tag a line, so that a line leads back to where its element came from.
struct RepairedText {
    private(set) var bytes: [UInt8] = []
    /// Where the elements come from, in order.
    ///
    /// The tag of the first one ends on line 2.
    private(set) var origins: [XMLElement] = []

    /// How far the text goes, to come back to.
    struct Mark {
        fileprivate let bytes: Int
        fileprivate let origins: Int
    }

    var mark: Mark { Mark(bytes: self.bytes.count, origins: self.origins.count) }

    mutating func goBack(to mark: Mark) {
        self.bytes.removeSubrange(mark.bytes...)
        self.origins.removeSubrange(mark.origins...)
    }

    /// Whether what was written from `start` on is what stands between two earlier marks.
    func repeats(from one: Mark, _ two: Mark, _ start: Mark) -> Bool {
        self.bytes[one.bytes..<two.bytes] == self.bytes[start.bytes...]
    }

    func origin(ofLine line: Int) -> XMLElement? {
        self.origins.indices.contains(line - 2) ? self.origins[line - 2] : nil
    }

    mutating func begin(_ name: String, from origin: XMLElement) {
        self.origins.append(origin)
        self.bytes.append(UInt8(ascii: "<"))
        self.bytes += name.utf8
    }

    mutating func attribute(_ name: String, _ value: String) {
        self.bytes.append(UInt8(ascii: " "))
        self.bytes += name.utf8
        self.bytes += "=\"".utf8
        self.bytes += XMLText.escaped(value).utf8
        self.bytes.append(UInt8(ascii: "\""))
    }

    mutating func endOfTag() {
        self.bytes += "\n>".utf8
    }

    /// Line ends in `text` become references, which keeps the lines what they are.
    mutating func text(_ text: String) {
        self.bytes += XMLText.escaped(text).utf8
    }

    /// Base64 without its white space, which means nothing in it.
    mutating func base64(_ text: String) {
        func isPart(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "/"),
                UInt8(ascii: "="):
                true
            default: false
            }
        }
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D }
        guard text.utf8.allSatisfy({ isPart($0) || isSpace($0) }) else { return self.text(text) }
        self.bytes.reserveCapacity(self.bytes.count + text.utf8.count)
        self.bytes += text.utf8.lazy.filter(isPart)
    }

    mutating func end(_ name: String) {
        self.bytes += "</".utf8
        self.bytes += name.utf8
        self.bytes.append(UInt8(ascii: ">"))
    }
}
