import Entry
import HubEnvelope
import HubModel
import World

/// CMS envelopes: signed with the content inside or beside, described, and encrypted.
///
/// Valid is only what was signed, and opened only what was sealed.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let envelope = input(start, count)
    signed(envelope, beside: nil)
    signed(envelope, beside: World.contents[1])
    let description = CMSSignature.inspect(envelope)
    require(CMSSignature.inspect(envelope) == description, "an envelope has one description")
    encrypted(envelope)
    return 0
}

@main
enum Target {
    static func main() { _ = lgsp_fuzz_main(CommandLine.argc, CommandLine.unsafeArgv) }
}

private func signed(_ envelope: [UInt8], beside content: [UInt8]?) {
    let (report, found) = CMSSignature.verify(envelope, content: content, key: registered)
    let again = CMSSignature.verify(envelope, content: content, key: registered)
    require(again.report == report && again.content == found, "an envelope has one verdict")
    require((report.verdict == .valid) == (report.code == nil), "a code says why it is not valid")
    require((report.verdict == .valid) == (report.key != nil), "a valid signature has a key")
    require((report.verdict == .valid) == (found != nil), "only a valid envelope gives its content")
    let unregistered = CMSSignature.verify(envelope, content: content) { _ in World.unused }
    require(unregistered.report.verdict != .valid, "another key signed nothing")
    guard let found else { return }
    require(World.contents.contains(found), "only what was signed is valid")
    require(CMSSignature.inspect(envelope).fault == nil, "a valid envelope has the form")
}

/// The key of the certificate if that is registered, and some registered key if there is no certificate.
private func registered(_ signer: CMSSigner) -> PublicKey? {
    guard let fingerprint = signer.fingerprint else { return World.publicKeys[0] }
    return World.key(fingerprint.description)
}

private func encrypted(_ envelope: [UInt8]) {
    do throws(HubError) {
        let content = try CMSEncryption.open(envelope, with: World.recipient, certificate: recipient)
        require(World.contents.contains(content), "only what was sealed is opened")
    } catch {
        require(
            [.envelopeEncryptionRefused, .envelopeDecryptionFailed].contains(error.code),
            "what cannot be opened is refused for its form or its content")
    }
}

private let recipient = must { try Certificate(der: World.file("world/recipient.der")) }
