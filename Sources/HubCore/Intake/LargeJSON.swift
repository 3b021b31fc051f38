internal import HubEnvelope
internal import HubJSON
package import HubModel

/// A large JSON text from which one long value in base64 is wanted, such as a packet of the national platform.
package struct LargeJSON {
    private let text: ShortenedText

    /// The text with its long values shortened.
    package var bytes: [UInt8] { self.text.bytes }

    /// - Throws: `intake.too_large` when it is large without its long values too; what reading throws.
    package init(_ payload: any LargePayload) throws(HubError) {
        self.text = try ShortenedText(payload, isXML: false)
    }

    /// Puts what a text encodes into a place of its own.
    ///
    /// - Parameter value: A text of the shortened document, or the whole one if it was not shortened.
    /// - Returns: `nil` when the whole text is no base64.
    /// - Throws: What reading and the reception throw.
    package func decode(_ value: String, into reception: any PayloadReception) async throws(HubError) -> (any LargePayload)? {
        var decoder = Base64Pieces()
        for part in self.text.parts(of: value) {
            switch part {
            case .text(let bytes):
                guard let piece = decoder.take(bytes[...], isEscaped: false) else { return nil }
                try await reception.write(piece)
            case .cut(let cut):
                var offset = cut.range.lowerBound
                while offset < cut.range.upperBound {
                    let bytes = try self.text.payload.read(min(Payload.pieceLength, cut.range.upperBound - offset), at: offset)
                    offset += bytes.count
                    guard let piece = decoder.take(bytes[...], isEscaped: true) else { return nil }
                    try await reception.write(piece)
                }
            }
        }
        guard let last = decoder.finish() else { return nil }
        try await reception.write(last)
        return try await reception.finish()
    }
}

/// Decodes base64 that comes in pieces, with white space between.
private struct Base64Pieces {
    private var left: [UInt8] = []
    private var isBehindBackslash = false

    /// - Parameter isEscaped: Whether the bytes are as JSON writes them.
    /// - Returns: What is complete; `nil` when there is something else than base64.
    mutating func take(_ bytes: ArraySlice<UInt8>, isEscaped: Bool) -> [UInt8]? {
        for byte in bytes {
            if self.isBehindBackslash {
                self.isBehindBackslash = false
                if byte == UInt8(ascii: "/") { self.left.append(byte) }
                continue
            }
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: break
            case LongRuns.backslash where isEscaped: self.isBehindBackslash = true
            default: self.left.append(byte)
            }
        }
        // Only the end may have padding, so it waits for what comes behind.
        let whole = max(0, self.left.count - 4) / 4 * 4
        guard !self.left[..<whole].contains(UInt8(ascii: "=")) else { return nil }
        defer { self.left.removeFirst(whole) }
        return Base64.bytes(String(decoding: self.left[..<whole], as: UTF8.self))
    }

    mutating func finish() -> [UInt8]? { Base64.bytes(String(decoding: self.left, as: UTF8.self)) }
}
