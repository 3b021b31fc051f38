import Entry
import HubEnvelope
import HubModel
import World

/// A media type on the first line, and a body of that type: what is taken from the body stands in it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = input(start, count)
    let line = bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
    let text = String(decoding: bytes[..<line], as: UTF8.self)
    guard let type = MIMEType(text) else { return 0 }
    require(type.name == type.name.lowercased() && type.name.utf8.count { $0 == 0x2F } == 1, "a type has one slash")
    require(type.parameters.keys.allSatisfy { $0 == $0.lowercased() && !$0.isEmpty }, "parameters have names")
    require(MIMEType(text) == type, "the same text is the same type")
    let body = Array(bytes[min(line + 1, bytes.count)...])
    guard let parts = try? MultipartSigned(body, type: type) else { return 0 }
    require(holds(body, parts.entity), "what was signed stands in the body")
    let isPlain = holds(parts.entity, parts.content)
    require(isPlain || parts.content.count < parts.entity.count, "the content is in what was signed")
    let boundary = Array(("\n--" + (type.parameters["boundary"] ?? "")).utf8)
    require(!holds(parts.entity, boundary), "no delimiter is inside what was signed")
    return 0
}

@main
enum Target {
    static func main() { _ = lgsp_fuzz_main(CommandLine.argc, CommandLine.unsafeArgv) }
}

private func holds(_ whole: [UInt8], _ part: [UInt8]) -> Bool {
    guard let first = part.first else { return true }
    guard whole.count >= part.count else { return false }
    return (0...(whole.count - part.count)).contains { start in
        whole[start] == first && whole[start..<start + part.count].elementsEqual(part)
    }
}
