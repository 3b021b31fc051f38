import Foundation
import HubEnvelope

/// The independent judge of XML signatures: the `xmlsec1` of Debian, where it is installed.
enum Xmlsec {
    static let missing = "xmlsec1 is not installed, so nobody else can judge"
    private static let program = ["/usr/bin/xmlsec1", "/usr/local/bin/xmlsec1", "/opt/homebrew/bin/xmlsec1"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    static var isInstalled: Bool { Self.program != nil || Peers.areRequired }

    /// Whether it finds the signature sound with this key.
    ///
    /// - Parameters:
    ///   - attachments: what it finds under `cid:` and their names.
    ///   - options: more arguments.
    static func verifies(
        _ document: [UInt8], key: PublicKey, attachments: [String: [UInt8]] = [:], options: [String] = []
    ) throws -> Bool {
        try Self.inFolder { folder in
            try Self.write(key.pem, "key.pem", in: folder)
            let mapping = try Self.mapping(attachments, in: folder)
            return try Self.verify(
                document, ["--pubkey-pem", folder.appending(path: "key.pem").path()] + mapping + options,
                in: folder)
        }
    }

    /// The same with the key in a certificate.
    static func verifies(_ document: [UInt8], certificate: Certificate) throws -> Bool {
        try Self.inFolder { folder in
            try Self.write(certificate.pem, "cert.pem", in: folder)
            return try Self.verify(
                document, ["--pubkey-cert-pem", folder.appending(path: "cert.pem").path()], in: folder
            )
        }
    }

    /// Fills in the empty values of a signature.
    ///
    /// A certificate is what it may show of the key.
    static func sign(
        _ template: [UInt8], key: SigningKey, certificate: Certificate? = nil,
        attachments: [String: [UInt8]] = [:]
    ) throws -> [UInt8] {
        try Self.inFolder { folder in
            try Self.write(try key.pem, "key.pem", in: folder)
            var keyFiles = folder.appending(path: "key.pem").path()
            if let certificate {
                try Self.write(certificate.pem, "cert.pem", in: folder)
                keyFiles += "," + folder.appending(path: "cert.pem").path()
            }
            try Self.write(template, "template.xml", in: folder)
            let output = folder.appending(path: "signed.xml")
            let mapping = try Self.mapping(attachments, in: folder)
            let status = try Self.run(
                ["--sign", "--privkey-pem:key", keyFiles, "--output", output.path()] + mapping
                    + [folder.appending(path: "template.xml").path()])
            guard status == 0 else { throw CocoaError(.executableLoad) }
            return [UInt8](try Data(contentsOf: output))
        }
    }

    private static func mapping(_ attachments: [String: [UInt8]], in folder: URL) throws -> [String] {
        var arguments: [String] = []
        for (index, (name, bytes)) in attachments.enumerated() {
            try Self.write(bytes, "attachment-\(index)", in: folder)
            arguments += [
                "--url-map:cid:\(name)", folder.appending(path: "attachment-\(index)").path(),
            ]
        }
        return arguments
    }

    private static func verify(_ document: [UInt8], _ key: [String], in folder: URL) throws -> Bool {
        try Self.write(document, "document.xml", in: folder)
        return try Self.run(["--verify"] + key + [folder.appending(path: "document.xml").path()]) == 0
    }

    private static func run(_ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = Self.program.map { URL(filePath: $0) }
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    private static func write(_ bytes: [UInt8], _ name: String, in folder: URL) throws {
        try Data(bytes).write(to: folder.appending(path: name))
    }

    private static func inFolder<Value>(_ body: (URL) throws -> Value) throws -> Value {
        try TemporaryFolder.with(body)
    }
}

enum TemporaryFolder {
    static func with<Value>(_ body: (URL) throws -> Value) throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "hub-envelope-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }
}
