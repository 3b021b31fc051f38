import Foundation
import HubModel
import HubXML
import Testing

@testable import HubEnvelope

@Suite("Keys in tokens", .enabled(if: SoftHSM.isInstalled, Comment(rawValue: SoftHSM.comment)), .serialized)
struct TokenKeyTests {
    static let content = Array("văn bản số 15/QĐ-UBND".utf8)

    @Test(
        "sign there with every algorithm of their kind, and anyone with the public half can tell",
        arguments: [
            ("p256", [SignatureAlgorithm.ecdsaSHA256]), ("p384", [.ecdsaSHA384]),
            ("rsa", [.rsaSHA256, .rsaSHA384, .rsaSHA512, .rsaPSSSHA256, .rsaPSSSHA384, .rsaPSSSHA512]),
        ])
    func sign(name: String, algorithms: [SignatureAlgorithm]) throws {
        let key = try SoftHSM.key(name)
        #expect(key.isInToken && key.kind.rawValue.hasPrefix(name))
        for algorithm in algorithms {
            let signature = try key.sign(Self.content, with: algorithm)
            #expect(try key.publicKey.verifies(signature, of: Self.content, with: algorithm))
            #expect(try !key.publicKey.verifies(signature, of: Self.content + [0], with: algorithm))
        }
    }

    @Test("make signatures that the openssl program verifies", arguments: ["p256", "rsa"])
    func peer(name: String) throws {
        let key = try SoftHSM.key(name)
        let signature = try #require(key.publicKey.standardForm(of: try key.sign(Self.content)))
        try TemporaryFolder.with { folder in
            try OpenSSLProgram.write(key.publicKey.pem, "public.pem", in: folder)
            try OpenSSLProgram.write(signature, "signature", in: folder)
            try OpenSSLProgram.write(Self.content, "content", in: folder)
            let answer = try OpenSSLProgram.run(
                ["dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "content"], in: folder)
            #expect(answer.isGood, "\(answer.text)")
        }
    }

    @Test("seal documents, JWS and CMS, and certificates of their own", arguments: ["p256", "rsa"])
    func envelopes(name: String) throws {
        let key = try SoftHSM.key(name)
        let certificate = try Certificate.selfSigned(key: key, commonName: "trục trong thẻ", days: 30)
        #expect(certificate.fingerprint == key.publicKey.fingerprint)
        let request = try CertificateRequest.make(CertificateName("hub", country: "VN"), key: key)
        #expect(try CertificateRequest(pem: request.pem).spki == key.publicKey.der)

        let document = try XMLSignature.sign(TestDocument.plain, with: key, certificate: certificate)
        #expect(XMLSignature.verify(try XMLDocument.parse(document), with: [key.publicKey]).verdict == .valid)
        let compact = try JWS.signCompact(Self.content, with: key, type: "JOSE")
        #expect(JWS.verifyCompact(compact) { _ in key.publicKey }.report.verdict == .valid)
        let cms = try CMSSignature.sign(Self.content, with: key, certificate: certificate, detached: false)
        #expect(CMSSignature.verify(cms, content: nil) { _ in key.publicKey }.report.verdict == .valid)
    }

    @Test("sign from several threads at once")
    func threads() async throws {
        let keys = [try SoftHSM.key("p256"), try SoftHSM.key("rsa")]
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for lane in 0..<8 {
                group.addTask {
                    let key = keys[lane % 2]
                    for number in 0..<40 {
                        let text = Array("\(lane) \(number)".utf8)
                        guard try key.publicKey.verifies(key.sign(text), of: text) else { return false }
                    }
                    return true
                }
            }
            for try await isGood in group { #expect(isGood) }
        }
    }

    @Test("never leave it")
    func closed() throws {
        let key = try SoftHSM.key("p256")
        for code in [
            #expect(throws: HubError.self) { try key.pem }?.code,
            #expect(throws: HubError.self) { try key.pem(passphrase: [0x41]) }?.code,
        ] { #expect(code == .envelopeKeyUnusable) }
    }

    @Test("are found by label, by id and by serial, and are loaded once")
    func names() throws {
        let key = try SoftHSM.key("p256")
        #expect(try SoftHSM.key("p256") === key)
        let access = try SoftHSM.access(way: .engine)
        #expect(try TokenKey.load(TokenURI("pkcs11:id=%01;token=lgsp"), by: access).publicKey == key.publicKey)
        #expect(try TokenKey.load(TokenURI("pkcs11:token=lgsp;id=%02"), by: access).kind == .rsa2048)
        let two = #expect(throws: HubError.self) { try TokenKey.load(TokenURI("pkcs11:token=doi;id=%01"), by: access) }
        #expect(two?.code == .configurationInvalid)
        #expect(two?.detail("serials")?.split(separator: ", ").count == 2)
    }

    @Test("that are not there are refused, and what is missing is said")
    func absent() throws {
        let access = try SoftHSM.access()
        for (uri, summary) in [
            ("pkcs11:token=lgsp;object=none", "There is no such private key in the token."),
            ("pkcs11:token=none;object=p256", "There is no such token."),
            ("pkcs11:token=lgsp;serial=none;object=p256", "There is no such token."),
        ] {
            let error = #expect(throws: HubError.self) { try TokenKey.load(TokenURI(uri), by: access) }
            #expect(error?.code == .configurationInvalid && error.map { "\($0.summary)" } == summary, "\(uri)")
            #expect(error?.detail("key") == (try TokenURI(uri)).description)
        }
        let curve = #expect(throws: HubError.self) { try SoftHSM.key("secp256k1") }
        #expect(curve?.code == .envelopeKeyUnusable)
        let other = #expect(throws: HubError.self) {
            try TokenKey.load(
                TokenURI("pkcs11:token=lgsp;object=p256"), by: TokenAccess(module: "/nowhere.so", pin: access.pin))
        }
        #expect(other?.code == .configurationInvalid && other?.detail("module") == "/nowhere.so")
    }

    @Test("are not for whoever has a wrong PIN, which is told to nobody and tried once")
    func wrongPIN() throws {
        let uri = try TokenURI("pkcs11:token=khoa;object=p256")
        // SoftHSM locks no token; what counts here is that all are the same refusal.
        for pin in ["0000-lgsp", "0000-lgsp", "0001-lgsp", "", "a\u{0}"] {
            let error = #expect(throws: HubError.self) { try TokenKey.load(uri, by: SoftHSM.access(pin: pin)) }
            #expect(error?.code == .configurationInvalid)
            #expect(error.map { "\($0.summary)" } == "The token does not take the PIN.")
            let everything = "\(String(describing: error)) \(String(describing: error?.cause))"
            #expect(pin.isEmpty || !everything.contains(pin))
        }
        #expect(try SoftHSM.key("p256", in: "khoa").kind == .p256)
        // The token is open now and would ask no more.
        #expect(throws: HubError.self) { try TokenKey.load(uri, by: SoftHSM.access(pin: "0002-lgsp")) }
    }

    @Test("ask for the provider where it is not installed, and are told so")
    func way() throws {
        let isInstalled = try OpenSSLProgram.run(
            ["list", "-providers", "-provider", "pkcs11"], in: FileManager.default.temporaryDirectory
        ).isGood
        guard !isInstalled else { return }
        let error = #expect(throws: HubError.self) {
            try TokenKey.load(TokenURI("pkcs11:token=lgsp;id=%03"), by: SoftHSM.access(way: .provider))
        }
        #expect(error?.code == .configurationInvalid && error?.detail("through") == "provider")
    }
}

@Suite("URIs of keys in tokens")
struct TokenURITests {
    @Test("are read in any order and written in one")
    func canonical() throws {
        let uri = try TokenURI("PKCS11:type=private;id=%01a;object=kh%C3%B3a%20m%E1%BB%9Bi;token=lgsp")
        #expect(uri.token == "lgsp" && uri.object == "khóa mới")
        #expect(uri.description == "pkcs11:token=lgsp;object=kh%C3%B3a%20m%E1%BB%9Bi;id=%01%61;type=private")
        #expect(try TokenURI(uri.description) == uri)
        #expect(TokenURI.isOne("pkcs11:x") && !TokenURI.isOne("keys/hub.pem"))
    }

    @Test(
        "are refused when they say too little, too much or a PIN, which is not repeated",
        arguments: [
            "pkcs11:", "pkcs11:token=a", "pkcs11:object=b", "keys/hub.pem", "pkcs11:token=a;object=b;object=c",
            "pkcs11:token=a;object=b;type=cert", "pkcs11:token=a;object=%4", "pkcs11:token=a;object=%+1",
            "pkcs11:token=a;object=", "pkcs11:token=a;object=b;", "pkcs11:token=a;object=b;slot-id=1",
            "pkcs11:token=a;object=b?pin-value=13579", "pkcs11:token=a;object=b;pin-value=13579",
            "pkcs11:token=a;object=b?module-path=/x.so", "pkcs11:token=a%00;object=b",
            "pkcs11:token=\(String(repeating: "a", count: 65));object=b",
        ])
    func refused(text: String) throws {
        let error = #expect(throws: HubError.self) { try TokenURI(text) }
        #expect(error?.code == .configurationInvalid)
        #expect(!"\(String(describing: error))".contains("13579"))
    }
}

@Suite("Keys from a store of OpenSSL's providers")
struct ProviderStoreTests {
    // Stands for the provider of tokens, which is asked in the same way and answers with a key like this one.
    @Test("are found under a URI with a PIN")
    func stored() throws {
        try TemporaryFolder.with { folder in
            let path = folder.appending(path: "hub.pem").path()
            let key = try TestKeys.key(.p256)
            try KeyFile.store(key, at: path, passphrase: Array("8375".utf8))
            let found = try #require(unsafe KeyHandle.stored("file:" + path, pin: Array("8375".utf8)))
            let handle = try unsafe KeyHandle.adopt(inToken: found)
            #expect(handle.kind == .p256 && handle.isInToken)
            #expect(try handle.publicDER() == key.publicKey.der)
            #expect(unsafe KeyHandle.stored("file:" + path, pin: Array("0000".utf8)) == nil)
            #expect(unsafe KeyHandle.stored("pkcs11:token=none;object=x", pin: Array("8375".utf8)) == nil)
            OpenSSLFailure.discard()
        }
    }
}
