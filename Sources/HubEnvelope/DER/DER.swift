import HubModel

/// The distinguished encoding of ASN.1 (X.690), as far as a structure has to be looked over before anyone
/// takes it apart.
///
/// There is one way of writing each value in DER. A structure that passes here is therefore read alike by
/// everyone who reads it, and nothing can hide in a second way of writing a length.
enum DER {
    /// What an encoding may be at most.
    struct Limits {
        var depth = 32
        /// A certificate has about a hundred elements.
        var elements = 16_384
    }

    /// How an encoding fails to be DER.
    enum Fault: Error {
        case truncated
        case trailingBytes
        case indefiniteLength
        case lengthNotMinimal
        case lengthTooLong
        case tagNotAllowed
        case valueNotAllowed
        case tooDeep
        case tooMany
    }

    struct Header {
        let tag: UInt8
        let contentStart: Int
        let contentCount: Int
    }

    /// Looks over a whole encoding: one element, from the first byte to the last, with everything inside it.
    ///
    /// Goes through the elements without calling itself, so the depth of what comes from outside costs
    /// nothing.
    ///
    /// - Throws: the first fault.
    static func check(_ bytes: [UInt8], limits: Limits = Limits()) throws(Fault) {
        let outer = try Self.header(of: bytes[...])
        guard outer.contentStart + outer.contentCount == bytes.count else { throw .trailingBytes }
        var ends: [Int] = []
        var cursor = 0
        var count = 0
        repeat {
            let header = try Self.header(of: bytes[cursor..<(ends.last ?? bytes.count)])
            let end = header.contentStart + header.contentCount
            count += 1
            guard count <= limits.elements else { throw .tooMany }
            if header.tag & 0x20 != 0 {
                guard ends.count < limits.depth else { throw .tooDeep }
                ends.append(end)
                cursor = header.contentStart
            } else {
                try Self.checkValue(header.tag, bytes[header.contentStart..<end])
                cursor = end
            }
            while ends.last == cursor { ends.removeLast() }
        } while !ends.isEmpty
    }

    /// Reads tag and length of the first element (X.690, 8.1.2, 8.1.3 and 10.1).
    static func header(of bytes: ArraySlice<UInt8>) throws(Fault) -> Header {
        guard bytes.count >= 2 else { throw .truncated }
        let tag = bytes[bytes.startIndex]
        try Self.checkTag(tag)
        let first = Int(bytes[bytes.startIndex + 1])
        var start = bytes.startIndex + 2
        var count = first
        if first >= 0x80 {
            guard first != 0x80 else { throw .indefiniteLength }
            // Four bytes hold every length that fits into memory here.
            guard first <= 0x84 else { throw .lengthTooLong }
            let end = start + first - 0x80
            guard end <= bytes.endIndex else { throw .truncated }
            count = bytes[start..<end].reduce(0) { $0 << 8 | Int($1) }
            let needed = count < 0x80 ? 0 : (64 - count.leadingZeroBitCount + 7) / 8
            guard needed == first - 0x80 else { throw .lengthNotMinimal }
            start = end
        }
        guard count <= bytes.endIndex - start else { throw .truncated }
        return Header(tag: tag, contentStart: start, contentCount: count)
    }

    /// Tags of several bytes do not occur in what is read here, and the tag 0 ends indefinite lengths.
    ///
    /// Of the universal class only SEQUENCE and SET hold elements: a text in pieces is not DER (X.690, 10.2).
    private static func checkTag(_ tag: UInt8) throws(Fault) {
        guard tag & 0x1F != 0x1F, tag != 0 else { throw .tagNotAllowed }
        guard tag & 0xC0 == 0 else { return }
        let isConstructed = tag & 0x20 != 0
        let holdsElements = tag & 0x1F == 0x10 || tag & 0x1F == 0x11
        guard isConstructed == holdsElements else { throw .tagNotAllowed }
    }

    /// The values that could be written in more than one way (X.690, 8.3.2, 8.8, 8.19, 11.1 and 11.2).
    private static func checkValue(_ tag: UInt8, _ content: ArraySlice<UInt8>) throws(Fault) {
        let start = content.startIndex
        let isSound =
            switch tag {
            case DERTag.boolean: content.count == 1 && (content[start] == 0 || content[start] == 0xFF)
            case DERTag.integer where content.count > 1:
                !(content[start] == 0 && content[start + 1] < 0x80)
                    && !(content[start] == 0xFF && content[start + 1] >= 0x80)
            case DERTag.integer: !content.isEmpty
            case DERTag.bitString: Self.isBitString(content)
            case DERTag.null: content.isEmpty
            case DERTag.objectIdentifier: ObjectIdentifier(content: content) != nil
            default: true
            }
        guard isSound else { throw .valueNotAllowed }
    }

    /// How many bits of the last byte are unused, then the bytes; what is unused is zero (X.690, 11.2).
    private static func isBitString(_ content: ArraySlice<UInt8>) -> Bool {
        guard let unused = content.first, unused < 8 else { return false }
        guard let last = content.dropFirst().last else { return unused == 0 }
        return last & (1 << unused - 1) == 0
    }
}

extension DER.Fault {
    /// The fault in a sentence, for people.
    var reason: Bilingual {
        switch self {
        case .truncated:
            Bilingual(vi: "Dữ liệu DER bị cắt cụt.", en: "The DER ends too early.")
        case .trailingBytes:
            Bilingual(vi: "Có dữ liệu thừa sau cấu trúc DER.", en: "Something follows the DER.")
        case .indefiniteLength:
            Bilingual(
                vi: "Độ dài không xác định (BER) không được chấp nhận, chỉ nhận DER.",
                en: "There is an indefinite length (BER); only DER is accepted."
            )
        case .lengthNotMinimal:
            Bilingual(
                vi: "Một độ dài không được ghi ở dạng ngắn nhất của DER.",
                en: "A length is not written in the shortest way, as DER demands."
            )
        case .lengthTooLong:
            Bilingual(vi: "Một độ dài vượt mức cho phép.", en: "A length is beyond what is allowed.")
        case .tagNotAllowed:
            Bilingual(vi: "Có thẻ không hợp lệ trong DER.", en: "There is a tag that DER does not have here.")
        case .valueNotAllowed:
            Bilingual(
                vi: "Có giá trị không được ghi theo DER.", en: "There is a value that is not written as DER.")
        case .tooDeep:
            Bilingual(vi: "Cấu trúc DER lồng quá sâu.", en: "The DER is nested too deeply.")
        case .tooMany:
            Bilingual(vi: "Cấu trúc DER có quá nhiều phần tử.", en: "The DER has too many elements.")
        }
    }
}
