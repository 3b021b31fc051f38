import HubModel

/// Lines and columns of byte offsets, found by going through the text again.
enum TextPlace {
    /// Lines end at LF; columns count code points from 1.
    static func place(of offset: Int, in bytes: Span<UInt8>) -> SourcePlace {
        var line = 1
        var lineStart = 0
        let end = min(offset, bytes.count)
        for index in 0..<end where bytes[index] == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        var column = 1
        for index in lineStart..<end where bytes[index] & 0xc0 != 0x80 { column += 1 }
        return SourcePlace(line: line, column: column)
    }

    /// The places of many offsets in one pass.
    ///
    /// The offsets may come in any order.
    static func places(of offsets: [Int], in bytes: Span<UInt8>) -> [Int: SourcePlace] {
        var places: [Int: SourcePlace] = [:]
        var line = 1
        var column = 1
        var index = 0
        for offset in offsets.sorted() {
            while index < min(offset, bytes.count) {
                if bytes[index] == UInt8(ascii: "\n") {
                    line += 1
                    column = 1
                } else if index + 1 < bytes.count, bytes[index + 1] & 0xc0 == 0x80 {
                    // The character goes on.
                } else {
                    column += 1
                }
                index += 1
            }
            places[offset] = SourcePlace(line: line, column: column)
        }
        return places
    }
}
