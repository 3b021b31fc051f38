import Foundation
import HubJSON
import Testing

@Suite("The command line")
struct CommandLineTests {
    @Test(
        "has help for every command",
        arguments: [
            [], ["demo"], ["init"], ["serve"], ["config"], ["config", "check"], ["mock"], ["mock", "national"],
            ["mock", "systems"], ["send"], ["message"], ["message", "show"], ["replay"], ["load"], ["envelope"],
            ["envelope", "sign"], ["envelope", "verify"], ["landscape"], ["doctor"], ["schema"], ["schema", "read"],
        ])
    func help(command: [String]) throws {
        let result = try Program.run(command + ["--help"])
        #expect(result.code == 0 && result.output.contains("USAGE: lgsp") && result.complaint.isEmpty)
        #expect(result.output.contains("OVERVIEW"))
    }

    @Test(
        "ends with 2 when it is used wrongly, and says how it is used",
        arguments: [
            ["sevre"], ["init"], ["init", "x"], ["send"], ["demo", "--twice"], ["load", "--rate", "-1"],
            ["load", "--count", "many"], ["landscape", "x", "--first-port", "70000"], ["message", "show", "not-an-id"],
            ["send", "f", "--as", "NOT A NAME"], ["envelope", "sign", "f", "--key", "k", "--format", "pdf"],
            ["schema", "read"], ["schema", "read", "f", "--type", "dossier"],
        ])
    func usage(command: [String]) throws {
        let result = try Program.run(command)
        #expect(result.code == 2, "\(result.complaint)")
        #expect(result.complaint.contains("Usage:") && result.output.isEmpty)
    }

    @Test(
        "ends with 3 and a sentence in two languages when it cannot run",
        arguments: [
            ["serve", "--config", "/nowhere/hub.yaml"], ["doctor", "--config", "/nowhere/hub.yaml"],
            ["mock", "national", "--config", "/nowhere/national.yaml"],
            ["mock", "systems", "--config", "/nowhere/systems.yaml"], ["replay", "/nowhere/suite"],
            ["replay", "quickstart", "--landscape", "/nowhere/landscape.json"],
            ["envelope", "verify", "/nowhere/file"], ["schema", "read", "/nowhere/file"], ["init", "/proc/lgsp", "--province", "H44"],
        ])
    func unable(command: [String]) throws {
        let result = try Program.run(command)
        #expect(result.code == 3, "\(result.complaint)")
        #expect(result.complaint.hasPrefix("lgsp: ") && result.complaint.contains(/\[[a-z]+\.[a-z_]+\]/))
        #expect(result.complaint.contains("/nowhere/") || result.complaint.contains("/proc/"), "\(result.complaint)")
    }

    @Test("sends a message, shows what became of it, and says why one was refused")
    func send() async throws {
        let hub = try RunningHub()
        // A client of the command line reads the ports from the file.
        try await hub.start()
        try hub.folder.write(
            try hub.folder.text("hub/hub.yaml")
                .replacing("listen: { host: 127.0.0.1, port: 0 }", with: "listen: { host: 127.0.0.1, port: \(hub.port) }")
                .replacing("admin: { host: 127.0.0.1, port: 0 }", with: "admin: { host: 127.0.0.1, port: \(hub.adminPort) }"),
            "hub/hub.yaml")
        try hub.folder.write(String(decoding: try RunningHub.document(7), as: UTF8.self), "document.xml")
        let file = hub.folder.path + "/document.xml"
        let sent = try Program.run("send", file, "--as", "qlvb-so-tttt-h44", "--config", hub.config)
        #expect(sent.code == 0, "\(sent.output) \(sent.complaint)")
        let id = try #require(sent.output.firstMatch(of: /Accepted: ([0-9a-f-]{36})/)?.output.1)
        let shown = try Program.run("message", "show", String(id), "--config", hub.config)
        #expect(shown.code == 0 && shown.output.contains("edoc/document/1") && shown.output.contains("pending"))
        let json = try Program.run("message", "show", String(id), "--config", hub.config, "--json")
        #expect(json.json["sender"]?.string == "qlvb-so-tttt-h44")
        #expect(json.json["signature"]?["verdict"]?.string == "valid")

        let unsigned = try Program.run("send", file, "--as", "qlvb-so-tttt-h44", "--unsigned", "--config", hub.config)
        #expect(unsigned.code == 1 && unsigned.output.contains("envelope.signature_missing"))
        try Self.refusals(hub, file)
        let other = try Program.run("send", file, "--as", "qlvb-so-tc-h44", "--config", hub.config)
        #expect(other.code == 1 && other.output.contains("access.agency_not_own"))
        let none = try Program.run(
            "message", "show", "00000000-0000-7000-8000-000000000001", "--config", hub.config)
        #expect(none.code == 1)

        let doctor = try Program.run("doctor", "--config", hub.config, "--json")
        let findings = try #require(doctor.json.array)
        #expect(doctor.code == 0 && findings.allSatisfy { $0["verdict"]?.string != "ill" })
        #expect(findings.contains { $0["subject"]?.string == "hub" && $0["verdict"]?.string != "ill" })
        #expect(findings.contains { $0["subject"]?.string == "disk sync" })
        #expect(hub.stop() == 0)
        let away = try Program.run("send", file, "--as", "qlvb-so-tttt-h44", "--config", hub.config)
        #expect(away.code == 3 && away.complaint.contains("is it running?"))
    }

    /// What is printed of refusals that are about one place, or about the signature.
    private static func refusals(_ hub: RunningHub, _ file: String) throws {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        func send(_ changed: String, _ options: String...) throws -> Program.Result {
            #expect(changed != text)
            try hub.folder.write(changed, "changed.xml")
            return try Program.run(
                ["send", hub.folder.path + "/changed.xml", "--as", "qlvb-so-tttt-h44", "--config", hub.config] + options)
        }
        let end = try #require(text.firstMatch(of: /<\/[A-Za-z:]*edXMLHeader>/)?.output)
        let broken = try send(text.replacing(end, with: "</none>"), "--unsigned")
        #expect(broken.code == 1 && broken.output.contains("Refused: xml.malformed"), "\(broken.output)")
        for key in ["line", "column", "reason"] {
            #expect(broken.output.contains("\n  \(key): "), "\(broken.output)")
        }
        // One that signing stumbles over is not sent at all.
        let unsent = try send(text.replacing(end, with: "</none>"))
        #expect(unsent.code == 3 && unsent.complaint.contains("line: ") && unsent.complaint.contains("reason: "))
        let signature = "<Signature xmlns='urn:none'><SignatureValue>AA==</SignatureValue></Signature>"
        let foreign = try send(text.replacing(end, with: signature + end))
        #expect(foreign.code == 1 && foreign.output.contains("Refused: envelope.signature_malformed"), "\(foreign.output)")
        #expect(foreign.output.contains("\n  reason: The signature element is not in the namespace"), "\(foreign.output)")
        let unfit = try send(text.replacing(/<[A-Za-z:]*Subject>[^<]*<\/[A-Za-z:]*Subject>/, with: ""))
        #expect(unfit.code == 1 && unfit.output.contains("Refused: schema.payload_invalid"))
        let place = #/\n  [1-9][0-9]*:[1-9][0-9]* /edXML/[^\n]*: Phần tử [^\n]*\n      Element /#
        #expect(unfit.output.contains(place), "\(unfit.output)")
        #expect(!unfit.output.contains("\n  line: "))
    }
}
