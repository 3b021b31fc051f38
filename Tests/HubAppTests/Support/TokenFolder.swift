import Foundation
import Testing

/// A token of SoftHSM in a folder, with keys that `pkcs11-tool` made in it: `hub-1` (P-256), `hub-2` (RSA), `hub-3` (P-384).
struct TokenFolder {
    static let pin = "8375-lgsp"
    private static let installed = [
        "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
    ].first { FileManager.default.fileExists(atPath: $0) }

    /// In continuous integration a missing program is a failure, not a reason to skip.
    static let isInstalled: Bool = {
        if ProcessInfo.processInfo.environment["CI"] == "true" { return true }
        let programs = "command -v softhsm2-util pkcs11-tool && openssl engine pkcs11"
        return Self.installed != nil && (try? Program.shell("(\(programs)) >/dev/null 2>&1")) == 0
    }()

    let module = Self.installed ?? "libsofthsm2.so"
    /// What a shell does before it runs a program that uses the token.
    let setting: String

    init(in folder: TestFolder) throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/tokens", withIntermediateDirectories: true)
        try folder.write("directories.tokendir = \(folder.path)/tokens\nlog.level = ERROR\n", "softhsm2.conf")
        self.setting = "export SOFTHSM2_CONF='\(folder.path)/softhsm2.conf'"
        try self.run("softhsm2-util --init-token --free --label lgsp --pin \(Self.pin) --so-pin 12345678")
        for (number, kind) in [(1, "EC:prime256v1"), (2, "rsa:2048"), (3, "EC:secp384r1")] {
            try self.run(
                "pkcs11-tool --module \(self.module) --token-label lgsp --login --pin \(Self.pin) --keypairgen"
                    + " --key-type \(kind) --label hub-\(number) --id 0\(number)")
        }
    }

    private func run(_ line: String) throws {
        try #require(try Program.shell("\(self.setting); \(line) >/dev/null 2>&1") == 0, "\(line)")
    }
}
