/// One element of DER (X.690, 8.1): a tag and the contents under it, both where they lie in the bytes that
/// were read.
struct DERElement {
    let tag: UInt8
    let content: ArraySlice<UInt8>
    /// Tag, length and contents.
    let whole: ArraySlice<UInt8>

    /// A reader of the elements inside.
    var reader: DERReader { DERReader(self.content) }

    /// The number, if it is one between 0 and 127: all that versions and lengths of salts need.
    var smallNumber: Int? {
        guard self.tag == DERTag.integer, self.content.count == 1, let byte = self.content.first, byte < 0x80
        else { return nil }
        return Int(byte)
    }

    var objectIdentifier: ObjectIdentifier? {
        self.tag == DERTag.objectIdentifier ? ObjectIdentifier(content: self.content) : nil
    }
}

/// The tags of the universal class that occur here (X.680, 8.4), and those that a structure numbers itself.
enum DERTag {
    static let boolean: UInt8 = 0x01
    static let integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03
    static let octetString: UInt8 = 0x04
    static let null: UInt8 = 0x05
    static let objectIdentifier: UInt8 = 0x06
    static let utcTime: UInt8 = 0x17
    static let generalizedTime: UInt8 = 0x18
    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31

    /// `[number]` around other elements.
    static func context(_ number: UInt8) -> UInt8 { 0xA0 | number }

    /// `[number]` in place of the tag of a value without elements.
    static func contextPrimitive(_ number: UInt8) -> UInt8 { 0x80 | number }
}

/// Reads elements one after another.
///
/// Nothing is copied.
struct DERReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        self.rest = bytes
    }

    var isAtEnd: Bool { self.rest.isEmpty }

    /// The next element, if it has this tag; otherwise nothing is read.
    mutating func next(_ tag: UInt8) -> DERElement? {
        self.rest.first == tag ? self.next() : nil
    }

    /// The next element, or `nil` at the end and where there is none in DER.
    mutating func next() -> DERElement? {
        guard let header = try? DER.header(of: self.rest) else { return nil }
        let end = header.contentStart + header.contentCount
        let element = DERElement(
            tag: header.tag, content: self.rest[header.contentStart..<end], whole: self.rest[..<end])
        self.rest = self.rest[end...]
        return element
    }

    /// All elements that are left.
    ///
    /// - Returns: `nil` if one has another tag than this, or there are more than `limit`.
    mutating func all(_ tag: UInt8, limit: Int) -> [DERElement]? {
        var elements: [DERElement] = []
        while !self.isAtEnd {
            guard elements.count < limit, let element = self.next(tag) else { return nil }
            elements.append(element)
        }
        return elements
    }
}
