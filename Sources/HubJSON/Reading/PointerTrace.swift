/// Goes through a text once more to find the JSON Pointer of an offset.
///
/// Only for error reports.
///
/// Needs no well-formed text: up to the first fault the parser has checked it, and what lies behind is not asked for.
struct PointerTrace {
    private enum Level {
        case array(index: Int)
        case object(key: String, isKeyNext: Bool)
    }

    /// Longer pointers are cut in error reports; only keys made to annoy get there.
    private static let longestPointer = 256

    private var levels: [Level] = []

    /// The innermost value that was being read at an offset.
    static func pointer(toOffset offset: Int, in bytes: Span<UInt8>) -> String {
        var trace = PointerTrace()
        var index = 0
        while index < min(offset, bytes.count) { trace.step(bytes, &index) }
        return JSONPointer.shortened(trace.pointer, to: Self.longestPointer)
    }

    private var pointer: String {
        var text = ""
        for level in self.levels {
            switch level {
            case .array(let index): text += "/\(index)"
            case .object(_, isKeyNext: true): break
            case .object(let key, isKeyNext: false): text += "/" + JSONPointer.escaped(key)
            }
        }
        return text
    }

    /// Takes one token.
    private mutating func step(_ bytes: Span<UInt8>, _ index: inout Int) {
        let byte = bytes[index]
        switch byte {
        case 0x20, 0x0a, 0x0d, 0x09, UInt8(ascii: ":"):
            index += 1
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            let isArray = byte == UInt8(ascii: "[")
            self.levels.append(isArray ? .array(index: 0) : .object(key: "", isKeyNext: true))
            index += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            _ = self.levels.popLast()
            index += 1
        case UInt8(ascii: ","):
            switch self.levels.popLast() {
            case .array(let position): self.levels.append(.array(index: position + 1))
            case .object: self.levels.append(.object(key: "", isKeyNext: true))
            case nil: break
            }
            index += 1
        case UInt8(ascii: "\""):
            self.stepOverText(bytes, &index)
        default:
            while index < bytes.count, !Self.endsWord(bytes[index]) { index += 1 }
        }
    }

    private mutating func stepOverText(_ bytes: Span<UInt8>, _ index: inout Int) {
        let start = index
        index += 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        index = min(index + 1, bytes.count)
        guard case .object(_, isKeyNext: true) = self.levels.last else { return }
        var parser = JSONParser(limits: JSONLimits())
        parser.index = start
        // A key that is itself the fault has no name yet.
        guard let key = try? parser.text(bytes) else { return }
        self.levels[self.levels.count - 1] = .object(key: key, isKeyNext: false)
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x0a, 0x0d, 0x09, UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "["),
            UInt8(ascii: "]"),
            UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\""):
            true
        default:
            false
        }
    }
}
