internal import HubEnvelope
internal import HubModel
internal import HubXML

/// A large document without the insides of its long base64 values.
///
/// Nearly all of a large document is files in base64. Of each such value the beginning and the end stay, and a marker stands
/// for what is between them, which is nothing but characters of base64 and, in XML, white space. So the shortened document
/// is parsed, validated and routed like any other, and needs little memory. Digests and signatures are made over all bytes.
///
/// A value that is shortened is valid base64 exactly when the whole one is, since what is left out is a multiple of four
/// characters. Two are equal exactly when the whole ones are, since equal insides have equal markers. Whatever kind of white
/// space and escapes is left out stands in what stays too, so that a pattern meets it. Only its length is another one, so
/// schemas that bound a length above `boundLimit` are not asked.
struct ShortenedText {
    /// Above this a value is shortened.
    static let shortenFrom = 48 << 10
    /// Characters of base64 that stay at each end, at least.
    static let kept = 4 << 10
    /// No shortened value is shorter than this, in characters or in what they encode: a bound of a schema that is not above it
    /// is kept by the shortened value only if the whole one keeps it.
    static let boundLimit = 6 << 10

    /// The shortened document.
    let bytes: [UInt8]
    /// Where values were cut, in the order of the document.
    let cuts: [Cut]
    let payload: any LargePayload
    private let prefix: [UInt8]

    /// What was left out of one value.
    struct Cut: Sendable {
        /// In the whole document.
        let range: Range<Int>
        let digest: Digest
        /// Where its marker stands in the shortened one.
        let place: SourcePlace
        /// Line ends in it.
        let lines: Int
        /// Characters behind the last of them, or all of them when there is none.
        let lastLine: Int
    }

    /// - Parameters:
    ///   - limit: Bytes that may be left.
    ///   - secretLength: Bytes that make markers impossible to know; a multiple of three.
    /// - Throws: `intake.too_large` when more are left; what reading throws.
    init(
        _ payload: any LargePayload, isXML: Bool, limit: Int = Payload.longestWhole, shortenFrom: Int = Self.shortenFrom,
        kept: Int = Self.kept, secretLength: Int = 33
    ) throws(HubError) {
        self.payload = payload
        self.prefix = Array(Base64.text(SecureRandom.bytes(secretLength)).utf8)
        var bytes: [UInt8] = []
        var cuts: [Cut] = []
        var numbers: [Digest: Int] = [:]
        var place = SourcePlace(line: 1, column: 1)
        var end = 0
        func append(upTo next: Int) throws(HubError) {
            guard bytes.count + next - end <= limit else {
                throw Payload.tooLarge(
                    payload.count, "without its long values in base64 the document is still too large",
                    [ErrorDetail("left-bytes", bytes.count + next - end)]
                )
            }
            let piece = try payload.read(next - end, at: end)
            place = place.behind(piece)
            bytes += piece
            end = next
        }
        for run in try LongRuns.find(in: payload, isXML: isXML, from: shortenFrom) {
            // Before the run is looked at: a document of nothing but runs that cannot be cut ends here.
            try append(upTo: run.range.lowerBound)
            guard let cut = try run.cut(in: payload, isXML: isXML, keeping: kept) else { continue }
            try append(upTo: cut.range.lowerBound)
            var hasher = SHA256Hasher()
            try payload.forEachPiece(of: cut.range) { piece throws(HubError) in hasher.update(piece) }
            let digest = hasher.finish()
            let number = numbers[digest] ?? cuts.count
            numbers[digest] = number
            cuts.append(
                Cut(range: cut.range, digest: digest, place: place, lines: cut.lines, lastLine: cut.lastLine))
            let marker = LongValues.marker(number, prefix: self.prefix)
            place = place.behind(marker)
            bytes += marker
            end = cut.range.upperBound
        }
        try append(upTo: payload.count)
        self.bytes = bytes
        self.cuts = cuts
    }

    /// What the markers stand for.
    var longValues: LongValues {
        let (payload, cuts) = (self.payload, self.cuts)
        return LongValues(prefix: self.prefix, count: cuts.count) { number, sink throws(HubError) in
            // A line end of two characters is one in canonical XML. None is cut in two: a cut begins and ends with base64.
            var isBehindReturn = false
            try payload.forEachPiece(of: cuts[number].range) { piece throws(HubError) in
                guard isBehindReturn || piece.contains(0x0D) else { return sink(piece) }
                var text: [UInt8] = []
                text.reserveCapacity(piece.count)
                for byte in piece {
                    if byte == 0x0D { text.append(0x0A) } else if byte != 0x0A || !isBehindReturn { text.append(byte) }
                    isBehindReturn = byte == 0x0D
                }
                sink(text[...])
            }
        }
    }

    /// A part of a text: what stands in it, or what a marker stands for.
    enum Part {
        case text([UInt8])
        case cut(Cut)
    }

    /// A text of the document, taken apart at its markers.
    func parts(of text: String) -> [Part] {
        let bytes = Array(text.utf8)
        let length = LongValues.markerLength(prefix: self.prefix)
        var parts: [Part] = []
        var start = 0
        var offset = 0
        while offset + length <= bytes.count {
            guard bytes[offset] == self.prefix[0], bytes[offset...].starts(with: self.prefix),
                let number = LongValues.number(bytes[(offset + self.prefix.count)..<(offset + length)]),
                self.cuts.indices.contains(number)
            else {
                offset += 1
                continue
            }
            parts += [.text(Array(bytes[start..<offset])), .cut(self.cuts[number])]
            offset += length
            start = offset
        }
        return parts + [.text(Array(bytes[start...]))]
    }

    /// A text of the document in which markers are the digests of what they stand for, so that it is the same each time.
    func stable(_ text: String) -> String {
        guard text.utf8.count >= LongValues.markerLength(prefix: self.prefix) else { return text }
        var result: [UInt8] = []
        for part in self.parts(of: text) {
            switch part {
            case .text(let bytes): result += bytes
            case .cut(let cut): result += Array(cut.digest.description.utf8)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension ShortenedText {
    /// Where a place of the shortened document is in the whole one.
    func original(_ place: SourcePlace) -> SourcePlace {
        guard place.line > 0 else { return place }
        let markerLength = LongValues.markerLength(prefix: self.prefix)
        var lines = 0
        var columns = 0
        for cut in self.cuts {
            let behind = (line: cut.place.line, column: cut.place.column + markerLength)
            guard (behind.line, behind.column) <= (place.line, place.column) else { break }
            lines += cut.lines
            guard behind.line == place.line else { continue }
            // Where the rest of the line begins now, against where it begins in the shortened document.
            let start = cut.lines > 0 ? cut.lastLine + 1 : cut.place.column + columns + cut.lastLine
            columns = start - behind.column
        }
        return SourcePlace(line: place.line + lines, column: place.column + columns)
    }

    func original(_ violation: Violation) -> Violation {
        let place = self.original(SourcePlace(line: violation.line, column: violation.column))
        return Violation(
            line: place.line, column: place.column, path: violation.path, rule: violation.rule, message: violation.message
        )
    }

    /// The same error with places of the whole document.
    func original(_ error: HubError) -> HubError {
        guard let line = error.detail("line").flatMap(Int.init) else { return error }
        let place = self.original(SourcePlace(line: line, column: error.detail("column").flatMap(Int.init) ?? 0))
        return HubError(
            error.code, error.summary,
            details: error.details.map { detail in
                switch detail.key {
                case "line": ErrorDetail("line", place.line)
                case "column": ErrorDetail("column", place.column)
                default: detail
                }
            },
            violations: error.violations.map(self.original), cause: error.cause
        )
    }
}

extension SourcePlace {
    /// The place behind a text that begins here.
    fileprivate func behind(_ text: some Sequence<UInt8>) -> SourcePlace {
        var (line, column) = (self.line, self.column)
        for byte in text {
            if byte == 0x0A { (line, column) = (line + 1, 1) } else if byte & 0xC0 != 0x80 { column += 1 }
        }
        return SourcePlace(line: line, column: column)
    }
}
