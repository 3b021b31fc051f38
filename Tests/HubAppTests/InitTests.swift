import Foundation
import HubJSON
import Testing

@Suite("lgsp init")
struct InitTests {
    @Test("makes a folder that config check finds well")
    func well() throws {
        let folder = TestFolder()
        let made = try Program.run("init", folder.path + "/hub", "--province", "H44", "--national", "http://127.0.0.1:9")
        #expect(made.code == 0 && made.output.contains(folder.path + "/hub/hub.yaml"))
        let check = try Program.run("config", "check", "--config", folder.path + "/hub/hub.yaml", "--json")
        #expect(check.code == 0 && check.json["well"]?.bool == true)
        #expect(check.json["adapters"]?.array?.compactMap(\.string).contains("qlvb-so-tttt-h44") == true)
        #expect((check.json["agencies"]?.int ?? 0) > 63)
    }

    @Test("lets nobody else read what is secret, and knows no default secrets")
    func secrets() throws {
        let folder = TestFolder()
        for name in ["a", "b"] {
            #expect(try Program.run("init", folder.path + "/" + name, "--province", "H44").code == 0)
        }
        for file in ["secrets.yaml", "keys/hub.pem", "systems/mot-cua-h44.key.pem"] {
            #expect(try folder.mode("a/" + file) == 0o600)
            #expect(try folder.text("a/" + file) != folder.text("b/" + file))
        }
        let values = { (name: String) in
            try folder.text(name + "/secrets.yaml").matches(of: /"([^"]+)"/).map { String($0.output.1) }
        }
        let (first, second) = (try values("a"), try values("b"))
        #expect(first.count > 5 && first.allSatisfy { $0.count >= 32 })
        #expect(Set(first).count == first.count && Set(first).isDisjoint(with: second))
    }

    @Test("touches no folder that holds something")
    func notEmpty() throws {
        let folder = TestFolder()
        try folder.write("mine", "note")
        let result = try Program.run("init", folder.path, "--province", "H44")
        #expect(result.code == 3 && result.complaint.contains(folder.path))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["note"])
    }

    @Test("refuses what is no province, or one it has nothing for", arguments: [("H4", 2), ("H44.13", 2), ("H01", 3)])
    func province(code: String, exit: Int32) throws {
        let folder = TestFolder()
        let result = try Program.run("init", folder.path + "/hub", "--province", code)
        #expect(result.code == exit && result.complaint.contains(code))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/hub/hub.yaml"))
    }

    @Test("makes RSA keys when asked")
    func rsa() throws {
        let folder = TestFolder()
        #expect(try Program.run("init", folder.path + "/hub", "--province", "H55", "--rsa").code == 0)
        #expect(try folder.text("hub/systems/qlvb-so-tc-h55.key.pem").count > 1500)
    }
}
