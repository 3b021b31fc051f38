import Foundation
import HubEnvelope
import HubModel
import Testing

@Suite("Key files")
struct KeyFileTests {
    @Test("A stored key is loaded again, and only its owner can read the file")
    func roundTrip() throws {
        try TemporaryFolder.with { folder in
            let path = folder.appending(path: "hub.key").path()
            let key = try TestKeys.key(.p256)
            try KeyFile.store(key, at: path)
            #expect(
                try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            #expect(try KeyFile.load(path).publicKey == key.publicKey)
        }
    }

    @Test(
        "A file that others may read is refused with its path and mode",
        arguments: [0o640, 0o604, 0o660, 0o601, 0o644])
    func openMode(mode: Int) throws {
        try TemporaryFolder.with { folder in
            let path = folder.appending(path: "hub.key").path()
            try KeyFile.store(TestKeys.key(.p256), at: path)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let error = #expect(throws: HubError.self) { try KeyFile.load(path) }
            #expect(error?.code == .configurationInvalid && error?.detail("path") == path)
            #expect(error?.detail("mode") == "0" + String(mode, radix: 8))
        }
    }

    @Test("An encrypted key needs its passphrase and nothing else", arguments: [KeyKind.p256, .rsa2048, .ed25519])
    func encrypted(kind: KeyKind) throws {
        try TemporaryFolder.with { folder in
            let path = folder.appending(path: "hub.key").path()
            let key = try TestKeys.key(kind)
            let passphrase = Array("mật khẩu dài".utf8)
            try KeyFile.store(key, at: path, passphrase: passphrase)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"))
            // Its mode does not matter: without the passphrase it is of no use.
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            #expect(try KeyFile.load(path, passphrase: passphrase).publicKey == key.publicKey)
            let wrong = #expect(throws: HubError.self) { try KeyFile.load(path, passphrase: Array("khác".utf8)) }
            #expect(wrong?.code == .envelopeKeyUnusable && wrong?.detail("path") == path)
            let missing = #expect(throws: HubError.self) { try KeyFile.load(path) }
            #expect(missing?.code == .configurationInvalid && missing?.detail("path") == path)
            // Every byte counts, up to the padding of the last block.
            var bytes = Array(text.utf8)
            bytes[100] = bytes[100] == 0x41 ? 0x42 : 0x41
            #expect(throws: HubError.self) { try SigningKey(pem: bytes, passphrase: passphrase) }
        }
    }

    @Test(
        "OpenSSL reads what was encrypted here, and the other way round",
        .enabled(if: OpenSSLProgram.isInstalled, Comment(rawValue: OpenSSLProgram.missing))
    )
    func encryptedPeer() throws {
        try TemporaryFolder.with { folder in
            let (ours, theirs) = (folder.appending(path: "a").path(), folder.appending(path: "b").path())
            let key = try TestKeys.key(.p384)
            try KeyFile.store(key, at: ours, passphrase: Array("một hai".utf8))
            let read = try OpenSSLProgram.run(
                ["pkey", "-in", ours, "-passin", "pass:một hai", "-pubout"], in: folder)
            #expect(Array(read.text.utf8) == key.publicKey.pem)
            for method in [["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256"], ["-scrypt"]] {
                let made = try OpenSSLProgram.run(
                    ["pkcs8", "-topk8", "-in", ours, "-passin", "pass:một hai", "-out", theirs, "-passout", "pass:x y"]
                        + method, in: folder)
                #expect(made.isGood, "\(made.text)")
                #expect(try KeyFile.load(theirs, passphrase: Array("x y".utf8)).publicKey == key.publicKey)
            }
        }
    }

    @Test("A passphrase is the first line of a file that only its owner may read")
    func passphrase() throws {
        try TemporaryFolder.with { folder in
            let path = folder.appending(path: "pass").path()
            try KeyFile.create(path, contents: Array("mở cửa\nkhác\n".utf8))
            #expect(try KeyFile.passphrase(path) == Array("mở cửa".utf8))
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
            #expect(throws: HubError.self) { try KeyFile.passphrase(path) }
            let empty = folder.appending(path: "empty").path()
            try KeyFile.create(empty, contents: [0x0A, 0x41])
            #expect(throws: HubError.self) { try KeyFile.passphrase(empty) }
        }
    }

    @Test("An existing file is never overwritten")
    func noOverwriting() throws {
        try TemporaryFolder.with { folder in
            let path = folder.appending(path: "hub.key").path()
            try KeyFile.create(path, contents: [1, 2, 3])
            let error = #expect(throws: HubError.self) { try KeyFile.store(TestKeys.key(.p256), at: path) }
            #expect(error?.code == .configurationInvalid)
            #expect(try KeyFile.contents(of: path) == [1, 2, 3])
        }
    }

    @Test("What is missing, a folder, too long or no key is refused with its path")
    func unreadable() throws {
        try TemporaryFolder.with { folder in
            let missing = folder.appending(path: "none").path()
            #expect(throws: HubError.self) { try KeyFile.load(missing) }
            #expect(throws: HubError.self) { try KeyFile.load(folder.path()) }
            let long = folder.appending(path: "long").path()
            try KeyFile.create(long, contents: [UInt8](repeating: 0x41, count: 70_000))
            #expect(throws: HubError.self) { try KeyFile.load(long) }
            let text = folder.appending(path: "text").path()
            try KeyFile.create(text, contents: Array("not a key".utf8))
            let error = #expect(throws: HubError.self) { try KeyFile.load(text) }
            #expect(error?.code == .envelopeKeyUnusable && error?.detail("path") == text)
        }
    }
}
