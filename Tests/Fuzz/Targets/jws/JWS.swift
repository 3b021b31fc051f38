import Entry
import HubEnvelope
import World

/// JSON web signatures.
///
/// A line break parts a detached signature from its payload; without one the input is a token. What begins with a
/// brace is JSON, all of it.
///
/// What is valid is a content that was signed, under a header that was signed with it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = input(start, count)
    if bytes.first == 0x7B {
        document(bytes)
        return 0
    }
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

private func document(_ bytes: [UInt8]) {
    func known(_ kid: String) -> [VerificationKey] { World.key(kid).map { [.publicKey($0)] } ?? [] }
    let every = JWS.verify(bytes, policy: .every, keys: known)
    let one = JWS.verify(bytes, policy: .oneKnown, keys: known)
    require(JWS.verify(bytes, policy: .every, keys: known) == every, "a JWS has one verdict")
    require(every.signatures == one.signatures, "a policy changes no signature")
    require(every.signatures.count <= JWS.mostSignatures, "more than so many are not read")
    for report in [every, one] {
        require(report.serialisation != .compact, "what begins with a brace is JSON")
        let isValid = report.overall.verdict == .valid
        require(isValid == (report.payload != nil), "only a valid JWS gives its payload")
        require(isValid == (report.overall.code == nil), "a code says why it is not valid")
        require(
            !isValid || report.signatures.contains { $0.report.verdict == .valid }, "some signature is valid")
        if let payload = report.payload {
            require(World.contents.contains(payload), "only what was signed is valid")
        }
    }
    require(every.payload == nil || one.payload != nil, "to ask for less is not to get less")
    let unregistered = JWS.verify(bytes, policy: .oneKnown) { _ in [.publicKey(World.unused)] }
    require(unregistered.payload == nil, "another key signed nothing")
    let secret = JWS.verify(bytes, policy: .oneKnown) { _ in World.secret.map { [.secret($0)] } ?? [] }
    require(secret.payload == nil, "no secret signed anything")
    let beside = JWS.verify(bytes, content: World.contents[0], policy: .every, keys: known)
    require(beside.payload == nil || every.payload == nil, "a payload is inside or beside")
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
