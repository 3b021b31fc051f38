import Foundation
import HubEnvelope

/// Tokens for a whole run, kept by SoftHSM in a temporary folder, with keys that `pkcs11-tool` made in them.
///
/// A module reads its configuration once in a process, and so does SoftHSM its list of tokens: everything is made before
/// the first key is loaded.
enum SoftHSM {
    static let pin = "8375-lgsp"

    private static let module = [
        "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    ].first { FileManager.default.fileExists(atPath: $0) }

    private static let folder = FileManager.default.temporaryDirectory.appending(path: "hub-softhsm-\(UUID().uuidString)")

    private static let missing: [String] = {
        func isInstalled(_ program: String) -> Bool {
            ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].contains {
                FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
            }
        }
        var missing = ["softhsm2-util", "pkcs11-tool", "openssl"].filter { !isInstalled($0) }
        if Self.module == nil { missing.append("libsofthsm2.so") }
        let engine = try? OpenSSLProgram.run(["engine", "pkcs11"], in: FileManager.default.temporaryDirectory)
        if engine?.isGood != true { missing.append("OpenSSL's engine pkcs11") }
        return missing
    }()

    static var comment: String { "not installed: " + Self.missing.joined(separator: ", ") }
    static var isInstalled: Bool { Self.missing.isEmpty || Peers.areRequired }

    /// The token `lgsp` with the keys `p256`, `p384`, `rsa`, and `secp256k1`, which is of no use here; `khoa` with `p256`,
    /// for wrong PINs; two that are called `doi`.
    private static let lab: Result<String, any Error> = Result {
        let folder = Self.folder
        atexit { try? FileManager.default.removeItem(at: SoftHSM.folder) }
        try FileManager.default.createDirectory(at: folder.appending(path: "tokens"), withIntermediateDirectories: true)
        let settings = folder.appending(path: "softhsm2.conf").path()
        try "directories.tokendir = \(folder.path())/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
            .write(toFile: settings, atomically: false, encoding: .utf8)
        setenv("SOFTHSM2_CONF", settings, 1)
        let module = Self.module ?? ""
        for token in ["lgsp", "khoa", "doi", "doi"] {
            try Self.run(
                "softhsm2-util", "--init-token", "--free", "--label", token, "--pin", Self.pin, "--so-pin", "12345678")
        }
        for (number, (token, label, kind)) in [
            ("lgsp", "p256", "EC:prime256v1"), ("lgsp", "rsa", "rsa:2048"), ("lgsp", "p384", "EC:secp384r1"),
            ("lgsp", "secp256k1", "EC:secp256k1"), ("khoa", "p256", "EC:prime256v1"),
        ].enumerated() {
            try Self.run(
                "pkcs11-tool", "--module", module, "--login", "--pin", Self.pin, "--token-label", token,
                "--keypairgen", "--key-type", kind, "--label", label, "--id", "0\(number + 1)")
        }
        return module
    }

    static func access(pin: String = Self.pin, way: TokenAccess.Way? = nil) throws -> TokenAccess {
        TokenAccess(module: try Self.lab.get(), pin: Array(pin.utf8), way: way)
    }

    static func key(_ name: String, in token: String = "lgsp") throws -> SigningKey {
        try TokenKey.load(TokenURI("pkcs11:token=\(token);object=\(name);type=private"), by: Self.access())
    }

    private static func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(arguments: arguments) }
    }

    struct Failure: Error {
        let arguments: [String]
    }
}
