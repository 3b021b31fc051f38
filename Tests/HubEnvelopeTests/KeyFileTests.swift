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
