import Foundation
import HubJSON
import HubModel
import Testing

@Suite("Evidence that somebody checks who was not there", .timeLimit(.minutes(5)))
struct EvidenceTests {
    private static func has(_ program: String) -> Bool {
        (try? Program.shell("command -v \(program) >/dev/null")) == 0
    }

    /// The shell text of `docs/evidence.md`, as it stands there.
    private static func handChecks() throws -> String {
        let page = try String(contentsOfFile: Program.repository + "/docs/evidence.md", encoding: .utf8)
        let start = try #require(page.range(of: "```sh\n"))
        let end = try #require(page.range(of: "\n```", range: start.upperBound..<page.endIndex))
        return String(page[start.upperBound..<end.lowerBound])
    }

    /// Ten documents at once, so that blocks have trees; gives the hub and their ids.
    private static func hub() async throws -> (hub: RunningHub, ids: [String]) {
        let hub = try RunningHub()
        try await hub.start()
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<10 {
                let document = try hub.signed(try RunningHub.document(number))
                group.addTask {
                    let answer = try await hub.send(document)
                    return try #require(answer.json["DocId"]?.string, "\(answer.text)")
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(hub.stop() == 0)
        return (hub, ids)
    }

    @Test("is written, checked, and says no as soon as anything is changed or the key is another")
    func pack() async throws {
        let (hub, ids) = try await Self.hub()
        let pack = hub.folder.path + "/e.tar"
        let key = hub.folder.path + "/hub/keys/hub.pub.pem"
        let export = try Program.run("evidence", "export", ids[3], "--config", hub.config, "--out", pack)
        #expect(export.code == 0, "\(export.complaint)")
        let verified = try Program.run("evidence", "verify", pack, "--trust", key)
        #expect(verified.code == 0, "\(verified.output)\(verified.complaint)")
        #expect(verified.output.contains("The evidence is valid") && verified.output.contains(ids[3]))
        let json = try Program.run("evidence", "verify", pack, "--trust", key, "--json")
        #expect(json.json["valid"]?.bool == true && json.json["hub"]?.string == "H44")

        let stranger = try Program.run(
            "evidence", "verify", pack, "--trust", hub.folder.path + "/hub/systems/qlvb-so-tttt-h44.pem")
        #expect(stranger.code == 1 && stranger.output.contains("✗ Khóa của trục được tin cậy"))
        #expect(try Program.run("evidence", "verify", pack).code == 2)

        var bytes = try #require(FileManager.default.contents(atPath: pack))
        let place = try #require(bytes.range(of: Data("<edXML".utf8)) ?? bytes.range(of: Data("<?xml".utf8)))
        bytes[place.upperBound + 40] ^= 0x01
        try bytes.write(to: URL(filePath: pack))
        #expect(try Program.run("evidence", "verify", pack, "--trust", key).code == 1)
        try Data("not a pack".utf8).write(to: URL(filePath: pack))
        #expect(try Program.run("evidence", "verify", pack, "--trust", key, "--json").json["valid"]?.bool == false)
        let none = try Program.run(
            "evidence", "export", "00000000-0000-7000-8000-000000000001", "--config", hub.config)
        #expect(none.code == 1)
    }

    @Test(
        "is checked by hand as docs/evidence.md says, and refused when a byte of it is another",
        .enabled(if: has("openssl") && has("tar"), "needs openssl and tar")
    )
    func byHand() async throws {
        let (hub, ids) = try await Self.hub()
        let script = try Self.handChecks()
        try hub.folder.write(script, "check.sh")
        let folder = hub.folder.path
        for id in ids.prefix(4) {
            let export = try Program.run("evidence", "export", id, "--config", hub.config, "--out", folder + "/e.tar")
            #expect(export.code == 0)
            #expect(try Program.shell("rm -rf evidence && tar xf e.tar && cd evidence && sha256sum -c --quiet SHA256SUMS", in: folder) == 0)
            let check = "cd evidence && HUB=\(folder)/hub/keys/hub.pub.pem sh ../check.sh >../check.log 2>&1"
            #expect(try Program.shell(check, in: folder) == 0, "\((try? hub.folder.text("check.log")) ?? "")")
            for file in ["payload", "records/1/record", "records/1/block", "records/1/block.sig"] {
                let change = "cp \(file) ../kept && printf 'x' | dd of=\(file) bs=1 seek=60 conv=notrunc status=none"
                #expect(try Program.shell("cd evidence && \(change)", in: folder) == 0)
                #expect(try Program.shell(check, in: folder) != 0, "\(file) was changed")
                #expect(try Program.shell("cp kept evidence/\(file)", in: folder) == 0)
            }
            #expect(try Program.shell(check, in: folder) == 0)
        }
    }

    @Test(
        "of a whole journal is audited, with and without the hub, and a change in the database is named",
        .enabled(if: has("sqlite3"), "needs sqlite3")
    )
    func audit() async throws {
        let (hub, ids) = try await Self.hub()
        let clean = try Program.run("evidence", "audit", "--config", hub.config, "--json")
        #expect(clean.code == 0, "\(clean.output)")
        #expect(clean.json["whole"]?.bool == true && clean.json["projection_compared"]?.bool == true)
        #expect((clean.json["records"]?.int ?? 0) >= ids.count)
        let database = hub.folder.path + "/hub/data/journal/projection.sqlite"
        #expect(try Program.shell("sqlite3 \(database) \"UPDATE deliveries SET state = 1\"") == 0)
        let edited = try Program.run("evidence", "audit", "--config", hub.config)
        #expect(edited.code == 1 && edited.output.contains("table deliveries differs from the blocks"))
        let copy = try Program.run(
            "evidence", "audit", "--journal", hub.folder.path + "/hub/data/journal", "--key",
            hub.folder.path + "/hub/keys/hub.pub.pem", "--no-projection")
        #expect(copy.code == 0, "\(copy.output)")
        #expect(try Program.run("evidence", "audit", "--journal", "/nowhere").code == 2)
    }
}
