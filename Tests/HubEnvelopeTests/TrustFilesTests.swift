import Foundation
import HubEnvelope
import HubModel
import Testing

/// A file in a store that is not what it should be.
struct TrustFileFault: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let file: String
    let code: ErrorCode
    var blamed = ""
    let contents: @Sendable () throws -> [UInt8]

    static let all = [
        TrustFileFault(
            testDescription: "no root", file: "anchors/root.txt", code: .configurationInvalid,
            blamed: "/anchors",
            contents: { [] }),
        TrustFileFault(
            testDescription: "text", file: "anchors/b.pem", code: .configurationInvalid,
            blamed: "anchors/b.pem",
            contents: { Array("hello".utf8) }),
        TrustFileFault(
            testDescription: "an empty file", file: "crl/b.crl", code: .configurationInvalid,
            blamed: "crl/b.crl",
            contents: { [] }),
        TrustFileFault(
            testDescription: "a block without its end", file: "anchors/b.pem", code: .configurationInvalid,
            blamed: "anchors/b.pem",
            contents: { Array(try TrustLab.shared.get().root.certificate.pem.dropLast(10)) }),
        TrustFileFault(
            testDescription: "damaged DER", file: "intermediates/b.der", code: .envelopeKeyUnusable,
            blamed: "intermediates/b.der",
            contents: { Array(try TrustLab.shared.get().root.certificate.der.dropLast()) }),
        TrustFileFault(
            testDescription: "a certificate among the lists", file: "crl/b.pem", code: .configurationInvalid,
            blamed: "crl/b.pem", contents: { try TrustLab.shared.get().root.certificate.pem }),
        TrustFileFault(
            testDescription: "a weak list", file: "crl/b.pem", code: .trustWeak, blamed: "crl/b.pem",
            contents: { Array(WeakChain.sha1List.utf8) }),
        TrustFileFault(
            testDescription: "no OCSP response", file: "ocsp/b.ors", code: .trustRevocationUnknown,
            blamed: "ocsp/b.ors", contents: { [0x30, 0x03, 0x0A, 0x01, 0x06] }),
        TrustFileFault(
            testDescription: "an intermediate among the roots", file: "anchors/b.pem",
            code: .configurationInvalid,
            contents: { try TrustLab.shared.get().authority.certificate.pem }),
    ]
}

@Suite("A trust store in files")
struct TrustFilesTests {
    @Test("is read from a folder, PEM and DER, several blocks to a file")
    func folder() throws {
        let lab = try TrustLab.shared.get()
        let (leaf, revoked) = (try lab.leaf(), try lab.leaf())
        let lists = try lab.lists([(revoked, Revocation(date: TrustLab.now + -1, reason: .superseded))])
        try TemporaryFolder.with { folder in
            let other = try TrustLab().root.certificate
            try Self.write(
                Array("a comment\n".utf8) + lab.root.certificate.pem + other.pem, "anchors/a.pem", folder)
            try Self.write(Array("not read".utf8), "anchors/README.txt", folder)
            try Self.write(lab.authority.certificate.der, "intermediates/b.cer", folder)
            try Self.write(lists[0].pem, "crl/root.pem", folder)
            try Self.write(lists[1].der, "crl/authority.crl", folder)
            let response = try lab.authority.statusResponse(
                for: leaf, thisUpdate: TrustLab.now, nextUpdate: TrustLab.now + 10)
            try Self.write(response.der, "ocsp/leaf.ors", folder)
            let store = try TrustStore.load(
                folder.path(), purpose: .signing, settings: TrustLab.settings(.required))
            #expect(store.anchors == [lab.root.certificate, other])
            #expect(try store.verify(leaf, at: TrustLab.now).until == TrustLab.now + 10)
            #expect(try store.verify(revoked, at: TrustLab.now).refusal?.code == .trustRevoked)
        }
    }

    @Test("needs no more than a root")
    func rootOnly() throws {
        let lab = try TrustLab.shared.get()
        try TemporaryFolder.with { folder in
            try Self.write(lab.root.certificate.pem, "anchors/root.crt", folder)
            let store = try TrustStore.load(folder.path(), purpose: .signing, settings: TrustLab.settings())
            #expect(
                try store.verify(lab.leaf(), chain: [lab.authority.certificate], at: TrustLab.now).isValid)
            #expect(try TrustFiles.certificates(folder.path() + "/anchors/root.crt").count == 1)
        }
    }

    @Test("that is faulty is refused with the name of the file", arguments: TrustFileFault.all)
    func faults(fault: TrustFileFault) throws {
        let lab = try TrustLab.shared.get()
        try TemporaryFolder.with { folder in
            if !fault.file.hasPrefix("anchors/root") {
                try Self.write(lab.root.certificate.pem, "anchors/root.pem", folder)
            }
            try Self.write(try fault.contents(), fault.file, folder)
            let error = #expect(throws: HubError.self) {
                try TrustStore.load(folder.path(), purpose: .signing, settings: TrustLab.settings())
            }
            #expect(error?.code == fault.code)
            #expect(error?.detail("path")?.hasSuffix(fault.blamed) == true)
        }
    }

    @Test("that is not there is refused with its path")
    func missing() throws {
        let error = #expect(throws: HubError.self) {
            try TrustStore.load("/nonexistent", purpose: .signing)
        }
        #expect(error?.code == .configurationInvalid && error?.detail("path") == "/nonexistent/anchors")
    }

    private static func write(_ bytes: [UInt8], _ name: String, _ folder: URL) throws {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }
}
