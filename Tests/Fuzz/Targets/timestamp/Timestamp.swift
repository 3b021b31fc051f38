import Entry
import HubEnvelope
import HubModel
import World

/// Answers of timestamp authorities, and tokens.
///
/// Valid is only a time that the authority of the seeds has said, over the digest it has said it of.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = input(start, count)
    token(bytes)
    if let inside = try? TimestampResponse.token(from: bytes) { token(inside) }
    return 0
}

@main
enum Target {
    static func main() { _ = lgsp_fuzz_main(CommandLine.argc, CommandLine.unsafeArgv) }
}

private func token(_ der: [UInt8]) {
    let verdict = verify(der, World.digest)
    require(verify(der, World.digest) == verdict, "a token has one verdict")
    require(verify(der, SHA256.hash("another")).facts == nil, "a token is over one digest")
    require(verify(der, World.digest, nonce: [1]).facts == nil, "a token answers one request")
    guard let facts = verdict.facts else { return }
    require(facts.time == World.now && facts.serial == [1, 2, 3], "only what was said is valid")
    require(facts.policy == TimestampAuthority.testPolicy, "the policy is that of the authority")
}

private func verify(_ der: [UInt8], _ digest: Digest, nonce: [UInt8]? = nil) -> TimestampVerdict {
    must {
        try TimestampToken.verify(
            der, digest: digest, nonce: nonce, trust: store, now: World.now.advanced(by: .seconds(60)))
    }
}

private let store = must {
    try TrustStore(
        purpose: .timestamping, anchors: [Certificate(der: World.file("world/root.der"))],
        settings: TrustSettings(allowsTestAuthority: true), cacheCapacity: 0)
}
