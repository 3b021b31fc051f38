import HubModel

extension XMLSource {
    /// A start tag, or an attribute in one.
    struct Mark: Comparable {
        /// Which element of the document, from 0 in the order of start tags.
        let element: Int
        /// Which of its attributes, from 0 and without namespace declarations; `nil` for the tag itself.
        let attribute: Int?

        static func < (one: Mark, other: Mark) -> Bool {
            (one.element, one.attribute ?? -1) < (other.element, other.attribute ?? -1)
        }
    }

    /// Where marks stand in a document that was found to be well-formed.
    ///
    /// Goes through the text once and no further than it must, however many are asked for.
    ///
    /// - Parameter marks: In order.
    /// - Returns: As many places; `nil` for a mark that the document does not have.
    func places(of marks: [Mark]) -> [SourcePlace?] {
        var scan = TokenScan(bytes: self.bytes, offset: self.start)
        var walk = PlaceWalk(at: self.start)
        /// The start tag reached, and its number.
        var tag: Int?
        var number = -1
        return marks.map { mark in
            while number < mark.element {
                tag = scan.nextTag()
                number += 1
                guard tag != nil else { break }
            }
            guard number == mark.element, let start = tag else { return nil }
            guard let attribute = mark.attribute else { return walk.place(at: start, in: self.bytes.span) }
            return scan.attribute(attribute, ofTagAt: start).map { walk.place(at: $0, in: self.bytes.span) }
        }
    }
}

/// Lines and columns on the way through a text.
private struct PlaceWalk {
    private var offset: Int
    private var line = 1
    private var column = 1

    init(at start: Int) {
        self.offset = start
    }

    /// - Parameter target: Not before the one of the last call.
    mutating func place(at target: Int, in bytes: borrowing Span<UInt8>) -> SourcePlace {
        while self.offset < target {
            let byte = bytes[self.offset]
            if byte == UInt8(ascii: "\n") {
                self.line += 1
                self.column = 1
            } else if byte & 0xC0 != 0x80 {
                self.column += 1
            }
            self.offset += 1
        }
        return SourcePlace(line: self.line, column: self.column)
    }
}
