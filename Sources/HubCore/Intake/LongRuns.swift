internal import HubModel

/// A long part of a document that is nothing but base64.
struct LongRun {
    let range: Range<Int>
    /// Where the padding begins; the end when there is none.
    let padding: Int
    let content: LongRuns.Content

    /// What can be left out of it: a multiple of four characters of base64, without padding, that begins and ends with one
    /// of them. `nil` when that is not worth it, or would leave out something that stands in no other part of it.
    ///
    /// - Parameter kept: Characters of base64 that stay at each end, at least.
    /// - Throws: What reading throws.
    func cut(
        in payload: any LargePayload, isXML: Bool, keeping kept: Int
    ) throws(HubError) -> (range: Range<Int>, lines: Int, lastLine: Int)? {
        // Nobody writes a character of base64 with more bytes than this, white space included.
        let window = 4 * kept
        let tailEnd = self.range.upperBound
        // Padding far from the end is no one value.
        guard self.range.count > 3 * window, tailEnd - self.padding < kept else { return nil }
        let classes = LongRuns.classes(isXML: isXML)
        let head = try payload.read(window, at: self.range.lowerBound)
        guard let first = Self.first(in: head, keeping: kept, classes) else { return nil }
        let inHead = LongRuns.measure(head[..<first], classes)
        // White space and escapes of a kind that stands only where nobody looks would be unseen; so would be base64 that is
        // no base64 but a long number.
        let seen = inHead.kinds.union(inHead.pending)
        guard self.content.kinds.isSubset(of: seen), seen.contains(.letter) else { return nil }
        let tailStart = tailEnd - window
        let tail = try payload.read(window, at: tailStart)
        let between = self.content.characters - inHead.characters
        guard let last = Self.last(in: tail, keeping: kept, classes, before: self.padding - tailStart, { behind in
            (between - behind).isMultiple(of: 4)
        }) else { return nil }
        let inTail = LongRuns.measure(tail[(last + 1)...], classes)
        let range = (self.range.lowerBound + first)..<(tailStart + last + 1)
        let lines = self.content.lines - inHead.lines - inTail.lines
        return (range, lines, lines == 0 ? range.count : try Self.lastLine(of: range, in: payload))
    }

    /// The first character behind which enough stays.
    private static func first(in head: [UInt8], keeping kept: Int, _ classes: [LongRuns.Class]) -> Int? {
        var characters = 0
        var isEscaped = false
        for (index, byte) in head.enumerated() {
            let kind = classes[Int(byte)]
            if kind == .character, !isEscaped, characters >= kept { return index }
            if kind == .character, !isEscaped || byte == LongRuns.slash { characters += 1 }
            isEscaped = kind == .backslash
        }
        return nil
    }

    /// The last character before which may be left out: enough stays behind it, and as much as `fits`.
    private static func last(
        in tail: [UInt8], keeping kept: Int, _ classes: [LongRuns.Class], before end: Int, _ fits: (Int) -> Bool
    ) -> Int? {
        var behind = 0
        for index in tail.indices.dropFirst().reversed() {
            let byte = tail[index]
            guard classes[Int(byte)] == .character else { continue }
            let isEscaped = tail[index - 1] == LongRuns.backslash
            if !isEscaped, behind >= kept, index < end, fits(behind) { return index }
            if !isEscaped || byte == LongRuns.slash { behind += 1 }
        }
        return nil
    }

    /// Bytes behind the last line end of a range that has one.
    private static func lastLine(of range: Range<Int>, in payload: any LargePayload) throws(HubError) -> Int {
        var end = range.upperBound
        while end > range.lowerBound {
            let start = max(range.lowerBound, end - (64 << 10))
            let piece = try payload.read(end - start, at: start)
            if let found = piece.lastIndex(of: 0x0A) { return range.upperBound - (start + found + 1) }
            end = start
        }
        return range.count
    }
}

/// Finds the long runs of base64 in a document: in JSON within a text, in XML up to the end of an element's text.
enum LongRuns {
    enum Class: UInt8 {
        case other, character, padding, space, backslash
    }

    /// What stands in a run besides digits and the letters of hexadecimal numbers.
    struct Kinds: OptionSet, Sendable {
        let rawValue: UInt8

        static let letter = Kinds(rawValue: 1)
        static let space = Kinds(rawValue: 2)
        static let tab = Kinds(rawValue: 4)
        /// As a byte, or as an escape.
        static let lineFeed = Kinds(rawValue: 8)
        static let carriageReturn = Kinds(rawValue: 16)
        static let escapedSlash = Kinds(rawValue: 32)
    }

    struct Content: Sendable {
        var characters = 0
        var lines = 0
        /// What stands before some character of base64; what stands behind the last one is `pending`.
        var kinds: Kinds = []
        var pending: Kinds = []

        @inline(__always)
        mutating func add(_ byte: UInt8, _ kind: Class, isEscaped: Bool) {
            switch kind {
            case .character:
                if !isEscaped {
                    self.characters += 1
                    self.kinds.formUnion(self.pending)
                    self.pending = []
                    if byte > UInt8(ascii: "f") || byte > UInt8(ascii: "F") && byte < UInt8(ascii: "a") || byte < UInt8(ascii: "0") {
                        self.kinds.insert(.letter)
                    }
                } else if byte == LongRuns.slash {
                    self.characters += 1
                    self.kinds.insert(.escapedSlash)
                } else {
                    self.pending.insert(byte == UInt8(ascii: "n") ? .lineFeed : .carriageReturn)
                }
            case .space:
                switch byte {
                case 0x0A:
                    self.lines += 1
                    self.pending.insert(.lineFeed)
                case 0x0D: self.pending.insert(.carriageReturn)
                case 0x09: self.pending.insert(.tab)
                default: self.pending.insert(.space)
                }
            case .other, .padding, .backslash: break
            }
        }
    }

    static let backslash = UInt8(ascii: "\\")
    static let slash = UInt8(ascii: "/")

    private static let xml = Self.table(isXML: true)
    private static let json = Self.table(isXML: false)

    static func classes(isXML: Bool) -> [Class] { isXML ? Self.xml : Self.json }

    private static func table(isXML: Bool) -> [Class] {
        var table = [Class](repeating: .other, count: 256)
        for byte in UInt8(ascii: "A")...UInt8(ascii: "Z") { table[Int(byte)] = .character }
        for byte in UInt8(ascii: "a")...UInt8(ascii: "z") { table[Int(byte)] = .character }
        for byte in UInt8(ascii: "0")...UInt8(ascii: "9") { table[Int(byte)] = .character }
        for byte in [UInt8(ascii: "+"), Self.slash] { table[Int(byte)] = .character }
        table[Int(UInt8(ascii: "="))] = .padding
        if isXML {
            for byte: UInt8 in [0x20, 0x09, 0x0A, 0x0D] { table[Int(byte)] = .space }
        } else {
            table[Int(Self.backslash)] = .backslash
        }
        return table
    }

    /// What a part of a run holds. Behind a backslash `/` is a character, `n` and `r` are line ends.
    static func measure(_ bytes: ArraySlice<UInt8>, _ classes: [Class]) -> Content {
        var content = Content()
        var isEscaped = false
        for byte in bytes {
            let kind = classes[Int(byte)]
            content.add(byte, kind, isEscaped: isEscaped)
            isEscaped = kind == .backslash
        }
        return content
    }

    /// - Parameter length: Bytes from which on a run is long.
    /// - Throws: What reading throws.
    static func find(in payload: any LargePayload, isXML: Bool, from length: Int) throws(HubError) -> [LongRun] {
        var search = Search(isXML: isXML, length: length)
        try payload.forEachPiece(of: 0..<payload.count) { piece throws(HubError) in search.take(piece) }
        return search.runs
    }

    private struct Search {
        private(set) var runs: [LongRun] = []
        private let classes: [Class]
        private let isXML: Bool
        private let length: Int
        private var offset = 0
        private var start = 0
        private var padding: Int?
        private var content = Content()
        private var isEscaped = false

        init(isXML: Bool, length: Int) {
            self.classes = LongRuns.classes(isXML: isXML)
            self.isXML = isXML
            self.length = length
        }

        mutating func take(_ piece: ArraySlice<UInt8>) {
            for byte in piece {
                self.take(byte)
                self.offset += 1
            }
        }

        @inline(__always)
        private mutating func take(_ byte: UInt8) {
            let kind = self.classes[Int(byte)]
            if self.isEscaped {
                self.isEscaped = false
                switch byte {
                case LongRuns.slash, UInt8(ascii: "n"), UInt8(ascii: "r"): self.content.add(byte, kind, isEscaped: true)
                // Any other escape is no base64; the run ended before its backslash.
                default: self.end(at: self.offset - 1, before: LongRuns.backslash, next: self.offset + 1)
                }
                return
            }
            switch kind {
            case .character, .space: self.content.add(byte, kind, isEscaped: false)
            case .padding: self.padding = self.padding ?? self.offset
            case .backslash: self.isEscaped = true
            case .other: self.end(at: self.offset, before: byte, next: self.offset + 1)
            }
        }

        private mutating func end(at end: Int, before byte: UInt8, next: Int) {
            // In XML only an element's text ends before a `<`. A value of an attribute would change in canonical XML.
            if end - self.start >= self.length, !self.isXML || byte == UInt8(ascii: "<") {
                self.runs.append(LongRun(range: self.start..<end, padding: self.padding ?? end, content: self.content))
            }
            self.start = next
            self.padding = nil
            self.content = Content()
        }
    }
}
