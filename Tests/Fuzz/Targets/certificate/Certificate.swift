import Entry
import HubEnvelope
import HubModel
import World

/// Certificates, keys, certificate requests, revocation lists and OCSP responses, in DER and PEM.
///
/// Trusted is only a certificate that the authority of the seeds issued, and revoked only by what it said.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = input(start, count)
    keys(bytes)
    if let request = (try? CertificateRequest(der: bytes)) ?? (try? CertificateRequest(pem: bytes)) {
        let again = try? CertificateRequest(pem: request.pem)
        require(again == request, "a request in PEM is the request")
        require((try? PublicKey(der: request.spki)) != nil, "a request has a usable key")
    }
    if let certificate = (try? Certificate(der: bytes)) ?? (try? Certificate(pem: bytes)) {
        check(certificate)
    }
    if let list = (try? RevocationList(der: bytes)) ?? (try? RevocationList(pem: bytes)) {
        require((try? RevocationList(pem: list.pem))?.der == list.der, "a list in PEM is the list")
        status(list.der, lists: [list])
    }
    if let response = try? StatusResponse(der: bytes) {
        status(response.der, responses: [response])
    }
    return 0
}

@main
enum Target {
    static func main() { _ = lgsp_fuzz_main(CommandLine.argc, CommandLine.unsafeArgv) }
}

private func keys(_ bytes: [UInt8]) {
    for key in [try? PublicKey(der: bytes), try? PublicKey(pem: bytes)].compactMap(\.self) {
        let again = must { try PublicKey(pem: key.pem) }
        require(again == key && again.kind == key.kind && again.der == key.der, "a key in PEM is the key")
    }
    guard let all = try? PublicKey.all(pem: bytes) else { return }
    let first = try? PublicKey(pem: bytes)
    require(first == nil || all.first == first, "the first of all keys is the first")
}

private func check(_ certificate: Certificate) {
    let again = try? Certificate(pem: certificate.pem)
    require(again == certificate, "a certificate in PEM is the certificate")
    let verdict = must { try store.verify(certificate, at: World.now) }
    let second = must { try store.verify(certificate, at: World.now) }
    require(verdict == second, "a certificate has one verdict")
    guard case .valid = verdict else { return }
    require(holds(certificate.der, issued), "only what was issued is trusted")
}

/// What a list or a response says of a certificate that is good without it.
///
/// Some of it may be anything, as nobody signs it: the certificates in a response.
private func status(_ der: [UInt8], lists: [RevocationList] = [], responses: [StatusResponse] = []) {
    let store = must { try make(lists, responses) }
    let verdict = must { try store.verify(leaf, chain: [authority], at: World.now) }
    guard case .revoked(let revocation) = verdict.refusal?.reason else { return }
    require(holds(der, revoking), "only the issuer revokes")
    require(
        revocation.reason == .keyCompromise && revocation.date == World.now.advanced(by: .seconds(-60)),
        "a revocation is what the issuer said")
}

private func make(_ lists: [RevocationList], _ responses: [StatusResponse]) throws(HubError) -> TrustStore {
    try TrustStore(
        purpose: .signing, anchors: [root], intermediates: [authority], lists: lists, responses: responses,
        settings: TrustSettings(allowsTestAuthority: true), cacheCapacity: 0)
}

private let root = certificate("world/root.der")
private let authority = certificate("world/authority.der")
private let leaf = certificate("certificate/leaf.der")
private let store = must { try make([], []) }

private func certificate(_ path: String) -> Certificate { must { try Certificate(der: World.file(path)) } }

/// The signed parts of what the authorities signed.
private let issued = [inside(World.file("certificate/leaf.der"), [0])]
private let revoking = [
    inside(World.file("certificate/revoking.crl"), [0]),
    inside(World.file("certificate/revoking.ocsp"), [1, 0, 1, 0, 0]),
]

/// The element that a way down through elements of DER leads to; each number says how many to pass over.
private func inside(_ der: [UInt8], _ way: [Int]) -> ArraySlice<UInt8> {
    var element = der[...]
    for count in way {
        element = element.dropFirst(head(element))
        for _ in 0..<count { element = element.dropFirst(head(element) + length(element)) }
    }
    return element.prefix(head(element) + length(element))
}

private func head(_ der: ArraySlice<UInt8>) -> Int {
    let first = der[der.startIndex + 1]
    return first < 0x80 ? 2 : 2 + Int(first & 0x7F)
}

private func length(_ der: ArraySlice<UInt8>) -> Int {
    let octets = der.prefix(head(der)).dropFirst(2)
    return octets.isEmpty ? Int(der[der.startIndex + 1]) : octets.reduce(0) { $0 << 8 | Int($1) }
}

private func holds(_ der: [UInt8], _ parts: [ArraySlice<UInt8>]) -> Bool {
    parts.contains { part in
        der.indices.contains { der[$0...].starts(with: part) }
    }
}
