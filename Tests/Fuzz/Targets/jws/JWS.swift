import Entry
import HubEnvelope
import World

/// JSON web signatures.
///
/// A line break parts a detached signature from its payload; without one the input is a token.
///
/// What is valid is a content that was signed, under a header that was signed with it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = input(start, count)
    guard let end = bytes.firstIndex(of: 0x0A) else {
        compact(String(decoding: bytes, as: UTF8.self))
        return 0
    }
    detached(String(decoding: bytes[..<end], as: UTF8.self), Array(bytes[(end + 1)...]))
    return 0
}

@main
enum Target {
    static func main() { _ = lgsp_fuzz_main(CommandLine.argc, CommandLine.unsafeArgv) }
}

private func compact(_ token: String) {
    let (report, payload) = JWS.verifyCompact(token, key: World.key)
    let again = JWS.verifyCompact(token, key: World.key)
    require(again.report == report && again.payload == payload, "a token has one verdict")
    check(report, token)
    require((report.verdict == .valid) == (payload != nil), "only a valid token gives its payload")
    let typed = JWS.verifyCompact(token, type: "JWT", key: World.key).report
    require(typed.verdict != .valid || report.verdict == .valid, "to ask for more is not to get more")
    let unregistered = JWS.verifyCompact(token) { _ in World.unused }.report
    require(unregistered.verdict != .valid, "another key signed nothing")
    guard let payload else { return }
    require(World.contents.contains(payload), "only what was signed is valid")
}

private func detached(_ signature: String, _ payload: [UInt8]) {
    let report = JWS.verifyDetached(signature, payload: payload, key: World.key)
    require(
        JWS.verifyDetached(signature, payload: payload, key: World.key) == report,
        "a detached signature has one verdict")
    check(report, signature)
    let unregistered = JWS.verifyDetached(signature, payload: payload) { _ in World.unused }
    require(unregistered.verdict != .valid, "another key signed nothing")
    guard report.verdict == .valid else { return }
    require(World.contents.contains(payload), "only what was signed is valid")
}

private func check(_ report: SignatureReport, _ text: String) {
    require((report.verdict == .valid) == (report.code == nil), "a code says why it is not valid")
    require((report.verdict == .valid) == (report.key != nil), "a valid signature has a key")
    guard report.verdict == .valid else { return }
    let header = text.prefix { $0 != "." }
    require(headers.contains(String(header)), "only a header that was signed is valid")
}

/// The headers of the seeds.
private let headers = Set(
    String(decoding: World.file("jws.headers"), as: UTF8.self).split(separator: "\n").map(String.init))
