internal import HubModel

/// A long part of a document that is nothing but base64.
struct LongRun {
    let range: Range<Int>
    /// Where the padding begins; the end when there is none.
    let padding: Int
    /// Characters of base64 in it.
    let characters: Int
    /// Line ends in it.
    let lines: Int

    /// What can be left out of it: a multiple of four characters of base64, without padding, that begins and ends with one
    /// of them. `nil` when that is not worth it.
    ///
    /// - Parameter kept: Bytes that stay at each end, at least.
    /// - Throws: What reading throws.
    func cut(
        in payload: any LargePayload, isXML: Bool, keeping kept: Int
    ) throws(HubError) -> (range: Range<Int>, lines: Int, lastLine: Int)? {
        let tailStart = min(self.range.upperBound - kept, self.padding)
        // Padding far from the end is no one value.
        guard tailStart - self.range.lowerBound > 2 * kept, self.range.upperBound - tailStart <= 4 * kept else { return nil }
        let head = try payload.read(2 * kept, at: self.range.lowerBound)
        let tail = try payload.read(self.range.upperBound - (tailStart - kept), at: tailStart - kept)
        let classes = LongRuns.classes(isXML: isXML)
        guard
            let first = head.indices.dropFirst(kept).first(where: { index in
                classes[Int(head[index])] == .character && head[index - 1] != LongRuns.backslash
            })
        else { return nil }
        let inHead = LongRuns.measure(head[..<first], classes)
        // From the end backwards, until what lies between is a multiple of four.
        for last in tail.indices.prefix(kept).dropFirst().reversed()
        where classes[Int(tail[last])] == .character && tail[last - 1] != LongRuns.backslash {
            let inTail = LongRuns.measure(tail[(last + 1)...], classes)
            guard (self.characters - inHead.characters - inTail.characters).isMultiple(of: 4) else { continue }
            let range = (self.range.lowerBound + first)..<(tailStart - kept + last + 1)
            let lines = self.lines - inHead.lines - inTail.lines
            return (range, lines, lines == 0 ? range.count : try Self.lastLine(of: range, in: payload))
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

    static let backslash = UInt8(ascii: "\\")

    private static let xml = Self.table(isXML: true)
    private static let json = Self.table(isXML: false)

    static func classes(isXML: Bool) -> [Class] { isXML ? Self.xml : Self.json }

    private static func table(isXML: Bool) -> [Class] {
        var table = [Class](repeating: .other, count: 256)
        for byte in UInt8(ascii: "A")...UInt8(ascii: "Z") { table[Int(byte)] = .character }
        for byte in UInt8(ascii: "a")...UInt8(ascii: "z") { table[Int(byte)] = .character }
        for byte in UInt8(ascii: "0")...UInt8(ascii: "9") { table[Int(byte)] = .character }
        for byte in [UInt8(ascii: "+"), UInt8(ascii: "/")] { table[Int(byte)] = .character }
        table[Int(UInt8(ascii: "="))] = .padding
        if isXML {
            for byte: UInt8 in [0x20, 0x09, 0x0A, 0x0D] { table[Int(byte)] = .space }
        } else {
            table[Int(Self.backslash)] = .backslash
        }
        return table
    }

    /// Characters of base64 and line ends in a part of a run. Behind a backslash `/` is a character, `n` and `r` are none.
    static func measure(_ bytes: ArraySlice<UInt8>, _ classes: [Class]) -> (characters: Int, lines: Int) {
        var (characters, lines) = (0, 0)
        var isEscaped = false
        for byte in bytes {
            let kind = classes[Int(byte)]
            if kind == .character, !isEscaped || byte == UInt8(ascii: "/") { characters += 1 }
            if byte == 0x0A { lines += 1 }
            isEscaped = kind == .backslash
        }
        return (characters, lines)
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
        private var characters = 0
        private var lines = 0
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
                case UInt8(ascii: "/"): self.characters += 1
                case UInt8(ascii: "n"), UInt8(ascii: "r"): break
                // Any other escape is no base64; the run ended before its backslash.
                default: self.end(at: self.offset - 1, before: LongRuns.backslash, next: self.offset + 1)
                }
                return
            }
            switch kind {
            case .character: self.characters += 1
            case .space: if byte == 0x0A { self.lines += 1 }
            case .padding: self.padding = self.padding ?? self.offset
            case .backslash: self.isEscaped = true
            case .other: self.end(at: self.offset, before: byte, next: self.offset + 1)
            }
        }

        private mutating func end(at end: Int, before byte: UInt8, next: Int) {
            // In XML only an element's text ends before a `<`. A value of an attribute would change in canonical XML.
            if end - self.start >= self.length, !self.isXML || byte == UInt8(ascii: "<") {
                self.runs.append(
                    LongRun(
                        range: self.start..<end, padding: self.padding ?? end, characters: self.characters, lines: self.lines
                    )
                )
            }
            self.start = next
            self.padding = nil
            self.characters = 0
            self.lines = 0
        }
    }
}
