import Foundation
import HubEnvelope
import HubModel
import Testing

@Suite(
    "The openssl command line and this project agree",
    .enabled(if: OpenSSLProgram.isInstalled, Comment(rawValue: OpenSSLProgram.missing)))
struct TrustPeerTests {
    private static let time = "1893456000"

    @Test("on what a certificate may be used for")
    func purposes() throws {
        let lab = try TrustLab.shared.get()
        let cases: [(CertificateProfile, TrustPurpose, String)] = [
            (.tlsServer([.dns("lgsp.test"), .address("::1")]), .tlsServer, "sslserver"),
            (.tlsClient, .tlsClient, "sslclient"), (.timestamping, .timestamping, "timestampsign"),
            (.signing, .signing, "smimesign"),
        ]
        try TemporaryFolder.with { folder in
            try Self.write(lab, in: folder)
            for (profile, _, name) in cases {
                let leaf = try lab.leaf(profile)
                try OpenSSLProgram.write(leaf.pem, "leaf.pem", in: folder)
                for (_, purpose, asked) in cases {
                    let answer = try Self.verify(["-purpose", asked], in: folder)
                    let own = try lab.store(purpose).verify(leaf, at: TrustLab.now)
                    #expect(answer.isGood == own.isValid, "\(name) as \(asked): \(answer.text)")
                    #expect(answer.isGood == (name == asked))
                }
            }
        }
    }

    @Test(
        "on chains that are wrong", arguments: TrustConstraintTests.cases.filter { $0.purpose == .tlsServer })
    func constraints(wrong: WrongChain) throws {
        let (leaf, chain, root) = try wrong.make()
        try TemporaryFolder.with { folder in
            try OpenSSLProgram.write(root.pem, "root.pem", in: folder)
            try OpenSSLProgram.write(chain.flatMap(\.pem), "chain.pem", in: folder)
            try OpenSSLProgram.write(leaf.pem, "leaf.pem", in: folder)
            #expect(try !Self.verify(["-purpose", "sslserver"], in: folder).isGood)
        }
    }

    @Test("except where it asks documents for e-mail, and overlooks what it does not know beside timestamps")
    func differences() throws {
        let lab = try TrustLab.shared.get()
        var documents = CertificateProfile.signing
        documents.extendedKeyUsage = ["1.3.6.1.5.5.7.3.36"]
        var loose = CertificateProfile.timestamping
        loose.extendedKeyUsage += ["2.25.7"]
        let cases: [(CertificateProfile, TrustPurpose, String, Bool)] = [
            (documents, .signing, "smimesign", true), (loose, .timestamping, "timestampsign", false),
        ]
        try TemporaryFolder.with { folder in
            try Self.write(lab, in: folder)
            for (profile, purpose, asked, isValid) in cases {
                let leaf = try lab.leaf(profile)
                try OpenSSLProgram.write(leaf.pem, "leaf.pem", in: folder)
                #expect(try Self.verify(["-purpose", asked], in: folder).isGood != isValid)
                #expect(try lab.store(purpose).verify(leaf, at: TrustLab.now).isValid == isValid)
            }
        }
    }

    @Test("on no list that leaves something out: a delta is not read, an indirect one is none")
    func partialLists() throws {
        let root = try CertificateAuthority.root("r", key: TestKeys.key(.p256), validity: TrustLab.validity)
        let leaf = try root.issue(
            .signing, to: CertificateName("x"), key: TestKeys.key(.p384).publicKey,
            validity: TrustLab.validity)
        try TemporaryFolder.with { folder in
            try OpenSSLProgram.write(root.certificate.pem, "root.pem", in: folder)
            try OpenSSLProgram.write(try TestKeys.key(.p256).pem, "root.key", in: folder)
            try OpenSSLProgram.write([], "index.txt", in: folder)
            let settings = """
                [ca]
                default_ca = own
                [own]
                database = index.txt
                crlnumber = number
                default_md = sha256
                [whole]
                authorityKeyIdentifier = keyid:always
                [delta]
                authorityKeyIdentifier = keyid:always
                2.5.29.27 = critical,DER:02:01:01
                [indirect]
                authorityKeyIdentifier = keyid:always
                issuingDistributionPoint = critical,@place
                [place]
                indirectCRL = TRUE
                """
            try OpenSSLProgram.write(Array((settings + "\n").utf8), "ca.cnf", in: folder)
            func list(_ kind: String) throws -> [UInt8] {
                try OpenSSLProgram.write(Array("02\n".utf8), "number", in: folder)
                let answer = try OpenSSLProgram.run(
                    [
                        "ca", "-gencrl", "-config", "ca.cnf", "-cert", "root.pem", "-keyfile", "root.key",
                        "-crlexts", kind, "-crl_lastupdate", "20300101000000Z", "-crl_nextupdate",
                        "20310101000000Z", "-out", kind,
                    ], in: folder)
                #expect(answer.isGood, "\(answer.text)")
                return try OpenSSLProgram.read(kind, in: folder)
            }
            func refusal(_ lists: [RevocationList]) throws -> TrustRefusal? {
                try TrustStore(
                    purpose: .signing, anchors: [root.certificate], lists: lists,
                    settings: TrustLab.settings(.required)
                ).verify(leaf, at: TrustLab.now).refusal
            }
            #expect(try refusal([RevocationList(pem: list("whole"))]) == nil)
            #expect(try refusal([RevocationList(pem: list("indirect"))])?.reason == .revocationMissing)
            let delta = try list("delta")
            let error = #expect(throws: HubError.self) { try RevocationList(pem: delta) }
            #expect(error?.code == .trustRevocationUnknown)
        }
    }

    @Test("on what is revoked, and that a list is missing or outdated")
    func revocation() throws {
        let lab = try TrustLab.shared.get()
        let (leaf, revoked) = (try lab.leaf(), try lab.leaf(name: "bị thu hồi"))
        let lists = try lab.lists([(revoked, Revocation(date: TrustLab.now + -1, reason: .superseded))])
        try TemporaryFolder.with { folder in
            try Self.write(lab, in: folder)
            try OpenSSLProgram.write(lists.flatMap(\.pem), "lists.pem", in: folder)
            let store = try lab.store(lists: lists, revocation: .required)
            for certificate in [leaf, revoked] {
                try OpenSSLProgram.write(certificate.pem, "leaf.pem", in: folder)
                let checks = ["-crl_check_all", "-CRLfile", "lists.pem"]
                let answer = try Self.verify(checks, in: folder)
                #expect(answer.isGood == (certificate == leaf), "\(answer.text)")
                #expect(try store.verify(certificate, at: TrustLab.now).isValid == answer.isGood)
            }
            #expect(try !Self.verify(["-crl_check_all"], in: folder).isGood)
            try OpenSSLProgram.write(lists[1].pem, "list.pem", in: folder)
            let text = try OpenSSLProgram.run(
                ["crl", "-in", "list.pem", "-noout", "-text", "-CAfile", "chain.pem"], in: folder)
            #expect(text.isGood && text.text.contains("verify OK") && text.text.contains("Superseded"))
        }
    }

    @Test("on requests that are made here, and on those made there")
    func requests() throws {
        let lab = try TrustLab.shared.get()
        try TemporaryFolder.with { folder in
            for kind in KeyKind.allCases {
                let made = try CertificateRequest.make(
                    CertificateName("Sở Mẫu", organisation: "UBND tỉnh", country: "VN"),
                    key: TestKeys.key(kind))
                try OpenSSLProgram.write(made.pem, "request.pem", in: folder)
                let answer = try OpenSSLProgram.run(
                    ["req", "-in", "request.pem", "-verify", "-noout"], in: folder)
                #expect(answer.isGood && answer.text.contains("OK"), "\(answer.text)")
            }
            let theirs = try OpenSSLProgram.run(
                [
                    "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout",
                    "their.key", "-out", "their.csr", "-subj", "/O=So/CN=his",
                ], in: folder)
            #expect(theirs.isGood, "\(theirs.text)")
            let request = try CertificateRequest(pem: OpenSSLProgram.read("their.csr", in: folder))
            #expect(request.subject == "CN=his,O=So")
            let issued = try lab.authority.issue(.signing, for: request, validity: TrustLab.validity)
            #expect(issued.subject == "CN=his,O=So" && issued.spki == request.spki)
            #expect(try lab.store().verify(issued, at: TrustLab.now).isValid)
        }
    }

    @Test("on a root and a leaf that were made there")
    func theirChain() throws {
        let (root, leaf) = (
            try WeakChain.certificate(WeakChain.root), try WeakChain.certificate(WeakChain.strongLeaf)
        )
        try TemporaryFolder.with { folder in
            try OpenSSLProgram.write(root.pem, "root.pem", in: folder)
            try OpenSSLProgram.write(root.pem, "chain.pem", in: folder)
            try OpenSSLProgram.write(leaf.pem, "leaf.pem", in: folder)
            #expect(try Self.verify([], in: folder).isGood)
        }
        let store = try TrustStore(purpose: .signing, anchors: [root], settings: TrustLab.settings())
        #expect(try store.verify(leaf, at: TrustLab.now).isValid)
    }

    @Test("on OCSP responses of both kinds of responder")
    func responses() throws {
        let lab = try TrustLab.shared.get()
        let leaf = try lab.leaf()
        let responder = try lab.authority.issue(
            .ocspSigning, to: CertificateName("OCSP"), key: TestKeys.key(.p384).publicKey,
            validity: TrustLab.validity)
        try TemporaryFolder.with { folder in
            try Self.write(lab, in: folder)
            try OpenSSLProgram.write(leaf.pem, "leaf.pem", in: folder)
            try OpenSSLProgram.write(lab.authority.certificate.pem, "issuer.pem", in: folder)
            for signer in [nil, (responder, try TestKeys.key(.p384))] {
                let response = try lab.authority.statusResponse(
                    for: leaf, revocation: Revocation(date: TrustLab.now + -1, reason: .superseded),
                    thisUpdate: TrustLab.now, nextUpdate: TrustLab.now + 86_400, responder: signer)
                try OpenSSLProgram.write(response.der, "response.der", in: folder)
                let answer = try OpenSSLProgram.run(
                    [
                        "ocsp", "-respin", "response.der", "-issuer", "issuer.pem", "-sha256", "-cert",
                        "leaf.pem",
                        "-CAfile", "root.pem", "-verify_other", "issuer.pem", "-attime", Self.time,
                    ], in: folder)
                #expect(answer.text.contains("Response verify OK"), "\(answer.text)")
                // It compares the times of the response with its own clock, and says so before the status.
                #expect(
                    answer.text.contains("revoked") && answer.text.contains("superseded"), "\(answer.text)")
            }
        }
    }

    private static func write(_ lab: TrustLab, in folder: URL) throws {
        try OpenSSLProgram.write(lab.root.certificate.pem, "root.pem", in: folder)
        try OpenSSLProgram.write(
            lab.authority.certificate.pem + lab.root.certificate.pem, "chain.pem", in: folder)
    }

    private static func verify(_ more: [String], in folder: URL) throws -> OpenSSLProgram.Answer {
        try OpenSSLProgram.run(
            ["verify", "-x509_strict", "-auth_level", "2", "-attime", Self.time] + more
                + ["-CAfile", "root.pem", "-untrusted", "chain.pem", "leaf.pem"], in: folder)
    }
}
