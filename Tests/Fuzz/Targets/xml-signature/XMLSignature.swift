import Entry
import HubEnvelope
import HubXML
import World

/// Signed XML: a signature of a registered key is valid on the documents that were signed, and on no other.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let document = try? XMLDocument.parse(input(start, count)) else { return 0 }
    let report = XMLSignature.verify(document, with: World.publicKeys)
    require(XMLSignature.verify(document, with: World.publicKeys) == report, "a document has one verdict")
    require((report.verdict == .valid) == (report.code == nil), "a code says why it is not valid")
    require((report.verdict == .valid) == (report.key != nil), "a valid signature has a key")
    require(XMLSignature.verify(document, with: []).verdict != .valid, "without keys nothing is valid")
    let others = [World.unused]
    require(XMLSignature.verify(document, with: others).verdict != .valid, "another key signed nothing")
    guard report.verdict == .valid else { return 0 }
    let signature = document.root.child("edXMLEnvelope")?.child("edXMLHeader")?.children.last
    require(signed.contains(canonical(document, without: signature)), "only what was signed is valid")
    require(World.publicKeys.contains { $0.fingerprint == report.key }, "the key is a registered one")
    return 0
}

@main
enum Target {
    static func main() { _ = lgsp_fuzz_main(CommandLine.argc, CommandLine.unsafeArgv) }
}

private let signed = Set(
    World.documents.map { document in
        canonical(must { try XMLDocument.parse(document) }, without: nil)
    }
)

private func canonical(_ document: XMLDocument, without excluded: XMLElement?) -> [UInt8] {
    var bytes: [UInt8] = []
    must { try document.canonicalise(.exclusive, excluding: excluded) { bytes += Array($0) } }
    return bytes
}
