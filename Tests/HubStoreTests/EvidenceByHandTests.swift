import Foundation
import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A pack of evidence without its payload, checked by hand")
struct EvidenceByHandTests {
    private static let hasOpenSSL = (try? run("command -v openssl od sha256sum >/dev/null", [:]).code) == 0

    private static func run(_ script: String, _ environment: [String: String]) throws -> (
        code: Int32, output: String
    ) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", script]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// The shell text of `docs/evidence.md`, as it stands there.
    private static func handChecks() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/evidence.md"), encoding: .utf8)
        let start = try #require(page.range(of: "```sh\n"))
        let end = try #require(page.range(of: "\n```", range: start.upperBound..<page.endIndex))
        return String(page[start.upperBound..<end.lowerBound])
    }

    @Test(
        "shows the removal as docs/evidence.md says, and is refused without its record",
        .enabled(if: hasOpenSSL, "needs openssl, od and sha256sum"))
    func removed() async throws {
        let months = try await ThreeMonths()
        _ = try await months.forget()
        let (hub, sender) = (try Fixture.key.get().publicKey, try SigningKey.generate(.p256).publicKey)
        let journal = try await months.open()
        let pack = try await EvidencePack(of: JournalSamples.id(1), from: journal) {
            $0 == .zero ? sender : hub
        }
        await journal.close()
        let folder = TestFolder()
        for file in try TarArchive.read(try pack.archive) {
            let path = URL(filePath: folder.path + "/" + file.name)
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(file.bytes).write(to: path)
        }
        try folder.write(hub.pem, "hub.pem")
        let script = try Self.handChecks()
        func check() throws -> (code: Int32, output: String) {
            try Self.run(
                "cd '\(folder.path)/evidence' && printf '%s' \"$CHECKS\" >../check.sh && sh ../check.sh",
                ["CHECKS": script, "HUB": folder.path + "/hub.pem"])
        }
        let good = try check()
        #expect(good.code == 0, "\(good.output)")
        #expect(good.output.contains("payload: removed, says records/3/record"))
        var record = try folder.bytes("evidence/records/3/record")
        record[record.count - 1] ^= 1
        try folder.write(record, "evidence/records/3/record")
        #expect(try check().code != 0, "a record that somebody changed")
        try folder.remove("evidence/records/3")
        #expect(try check().code != 0, "no record of a removal")
    }
}
